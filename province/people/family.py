"""The shapes families come in and the seats people take in them."""

from __future__ import annotations

# Seats in a household. A seat is the relation to the first head; BABY is filled by a later birth.
HEAD, SPOUSE, CHILD_A, CHILD_B, CHILD_C, FATHER, MOTHER, GRAND_A, GRAND_B, IN_LAW, BABY = range(11)
SEATS = 11

# Family shapes: share of households, then how likely each seat is taken
# (head, spouse, three children, head's father and mother, two grandchildren, child's spouse).
SHAPES = [
    ("elder_alone", 0.205, (1, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
    ("elder_couple", 0.140, (1, 1, 0, 0, 0, 0, 0, 0, 0, 0)),
    ("nuclear", 0.125, (1, 1, 1, 0.50, 0.10, 0, 0, 0, 0, 0)),
    ("single_parent", 0.080, (1, 0.35, 1, 0.34, 0.05, 0, 0, 0, 0, 0)),
    ("three_generations", 0.085, (1, 1, 1, 0.48, 0.08, 0.55, 0.80, 0, 0, 0)),
    ("skipped_generation", 0.060, (1, 0.62, 1, 0, 0, 0, 0, 1, 0.45, 0.70)),
    ("lone_adult", 0.090, (1, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
    ("grown_child_at_home", 0.125, (1, 0.45, 1, 0, 0, 0, 0, 0, 0, 0)),
    ("parents_of_grown", 0.080, (1, 1, 1, 0.45, 0, 0, 0, 0, 0, 0)),
]
ALONE, COUPLE, NUCLEAR, SINGLE, THREE, SKIPPED, LONE, GROWN, PARENTS = range(9)
