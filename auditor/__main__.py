"""`python -m auditor` is the command `fwaudit`."""

from auditor.cli.main import entry

if __name__ == "__main__":
    entry()
