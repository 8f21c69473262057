"""What forms, lists and reports may ask of people."""
