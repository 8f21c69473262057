"""How good a ranking, or the identity resolution, was: hits at equal capacity, audits by group, recall.

Compares columns of numbers; knows no model.
"""
