"""What the data team and departments read of a run: report and score cards; counts only, of no person."""
