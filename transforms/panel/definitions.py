"""The numbers inside the feature dictionary's definitions, handed in so that none stands in Python.

    FactDefinitions.from_mapping(values: Mapping[str, int | str | list], golden) -> FactDefinitions

`values` are those of the parameter group `fact_definitions` in force on the run's date, by parameter name;
lists are comma text ("1,2") or lists. `golden` says whom to believe about a person (group `identity`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from transforms.golden_record.rules import GoldenRules
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
    golden: GoldenRules

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], golden: GoldenRules) -> FactDefinitions:
        """Read the parameter values; a missing or an unknown name is a ZhaorenError saying which."""
        known = {field.name for field in fields(cls)} - {"golden"}
        wrong = sorted(known.symmetric_difference(values))
        if wrong:
            raise ZhaorenError(
                "the fact definitions do not fit: " + ", ".join(wrong),
                where="policies/parameters/fact_definitions.yaml",
                why="each definition must stand there exactly once",
                todo="add the missing names, remove the unknown ones",
            )
        codes = tuple(_parts(values["mental_type_codes"]))
        grades = {n: tuple(map(int, _parts(values[n]))) for n in ("severe_grades", "severe_mental_grades")}
        return cls(**{**values, **grades, "mental_type_codes": codes, "golden": golden})


def _parts(listed: Any) -> list[str]:
    return [str(p) for p in listed] if isinstance(listed, list | tuple) else str(listed).split(",")
