"""The text report's sections, one module each with `write(page, report)`."""
