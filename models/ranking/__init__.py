"""A model from outcomes: fitted, compared with the rules, kept in a registry, and asked for scores.

Fits with scikit-learn; writes below a model folder it is handed.
"""
