"""From the rows behind a report's numbers to places: sums and medians by level, and small counts hidden."""
