"""The reports of a month: their numbers for every place, and the documents; no number is typed anywhere."""
