"""The numbers inside the feature dictionary's definitions, handed in so that none stands in Python.

Values are read by the caller from `policies/parameters/fact_definitions.yaml`:

    FactDefinitions.from_mapping(mapping: Mapping[str, Any]) -> FactDefinitions
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from zhaoren.errors import ZhaorenError


@dataclass(frozen=True)
class FactDefinitions:
    """What words such as 'child', 'elder', 'severe' and 'the last 12 months' mean on the run's date."""

    adult_from_years: int
    elder_from_years: int
    severe_grades: tuple[int, ...]
    severe_mental_grades: tuple[int, ...]
    mental_type_codes: tuple[str, ...]
    burden_window_months: int
    burden_history_months: int
    relief_window_months: int
    parent_custody_days: int

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> FactDefinitions:
        """Read a YAML mapping; a missing or an unknown key is an error naming it."""
        known = {field.name for field in fields(cls)}
        wrong = sorted(known.symmetric_difference(mapping))
        if wrong:
            raise ZhaorenError(
                "the fact definitions do not fit: " + ", ".join(wrong),
                where="policies/parameters/fact_definitions.yaml",
                why="each definition must stand there exactly once",
                todo="add the missing keys, remove the unknown ones",
            )
        return cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in mapping.items()})
