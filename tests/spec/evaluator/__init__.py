"""A slow evaluator of the rule language, row by row, written from words.yaml and ADR 20 alone.
It knows nothing of the product, so that polars and DuckDB are held against a third opinion."""
