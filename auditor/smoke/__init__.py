"""Runs short workloads in the audited interpreter, one child process a framework."""
