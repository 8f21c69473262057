"""Single cells: how a text is read as a value, and what an ID number means. Knows nothing of contracts."""
