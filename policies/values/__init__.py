"""What the names in a rule stand for on a day: facts, definitions, parameters row by row, members."""
