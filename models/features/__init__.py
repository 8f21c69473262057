"""What a ranking may look at and what it learns from: features, labels, groups, splits in time.

Pure polars; knows no model.
"""
