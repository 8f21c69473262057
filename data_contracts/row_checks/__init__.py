"""Rules about single rows: every cell typed, every row checked, chunk by chunk. Polars only."""
