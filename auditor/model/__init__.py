"""Frozen values that travel through the program: no I/O, no logic beyond their own meaning."""
