"""Single cells: how a text is read as a value, and what an ID number says. Knows nothing of contracts."""
