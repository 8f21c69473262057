"""Hypothesis: the same examples on every normal run, new ones on every long run.

A normal run must say the same thing twice about the same code; looking for what nobody has met yet is the
work of `make test-long`. Whatever that finds is kept as an @example beside its test.
"""

from hypothesis import settings

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("new", deadline=None, print_blob=True)
settings.load_profile("same")
