"""Speed as ratios within one run; started by `make bench`, never a timed test."""
