"""Who a person without a usable ID number is: candidate pairs, thresholds, clerical review, master ids.

Identifiers pass through as columns and are never kept; only the identity boundary hands them in.
"""
