"""A model from outcomes: fitted, compared with the rules, kept in a registry, and used to score.

Fits with scikit-learn; writes below the model folder it is given.
"""
