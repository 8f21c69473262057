"""The made-up province: people, life events, the departments' imperfect view of them, and the truth.

    make_province(persons, months, seed, out, dirt=0.02, start=date(2025, 8, 1), progress=None) -> None

Nothing of the pipeline imports this room; it stands in for the departments (docs/province.md).
"""

from province.make import make_province

__all__ = ["make_province"]
