"""The rule language: reading a text, what it means, and the two engines it is written for.

It knows nothing of catalogues and frames: who names a fact or a parameter tells it what kind that is.
"""
