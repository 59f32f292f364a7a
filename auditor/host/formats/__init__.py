"""Pure readers of what vendor tools print: `parse(text)` gives rows, nothing is run or opened here."""
