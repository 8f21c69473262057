"""Who lives in a block and what changes about them from month to month; the random draws of the start."""
