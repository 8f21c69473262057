"""The learned ranking: labels from verified need, training that looks only back, one honest comparison.

Order: features < evaluation < ranking. polars, numpy and scikit-learn; no database, no clock.
"""
