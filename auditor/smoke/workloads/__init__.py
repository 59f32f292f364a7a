"""One workload a file, run by the audited interpreter (Python >= 3.8); nothing here imports `auditor`."""
