"""Small tools: days between, three-valued membership, sums that stay unknown, facts beside their people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
import yaml

from zhaoren.rooms import room

NULLABLE = {"bool": "boolean", "int64": "Int64"}


class Parameters:
    """The dated values of policies/parameters, as they are on a day: `p("alerts.disaster_days")`."""

    def __init__(self, as_of: date) -> None:
        self.as_of = as_of
        self.groups: dict[str, dict[str, Any]] = {}
        for path in sorted((room("policies") / "parameters").glob("*.yaml")):
            group = yaml.safe_load(path.read_text(encoding="utf-8"))
            self.groups[group["group"]] = {one["name"]: one["values"] for one in group["parameters"]}

    def __call__(self, name: str) -> Any:
        """The value in force on the day; where it differs by a fact, fact value -> value."""
        value = self._entry(name)
        return value["cases"]["of"] if "cases" in value else value["value"]

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of a value that is a table."""
        found: list[dict[str, Any]] = self._entry(name)["table"]["rows"]
        return found

    def _entry(self, name: str) -> dict[str, Any]:
        group, _, own = name.partition(".")
        begun = [value for value in self.groups[group][own] if value["valid_from"] <= self.as_of]
        found: dict[str, Any] = max(begun, key=lambda value: value["valid_from"])
        return found


def days(later: Any, earlier: Any) -> pd.Series:
    """Whole days between; NA where either is unknown."""
    found: pd.Series = (later - earlier).dt.days.astype("Int64")
    return found


def years(birth: pd.Series, on: Any) -> pd.Series:
    """Completed years; whoever was born on 29 February has a birthday on 1 March in a common year."""
    on = on if isinstance(on, pd.Series) else pd.Series(on, index=birth.index)
    early = (on.dt.month * 100 + on.dt.day) < (birth.dt.month * 100 + birth.dt.day)
    found = (on.dt.year - birth.dt.year - early).astype("Int64")
    return found.mask(birth.isna() | on.isna())


def among(values: pd.Series, listed: Sequence[Any]) -> pd.Series:
    """Whether a value is one of the listed; NA of NA."""
    found: pd.Series = values.isin(listed).astype("boolean")
    return found.mask(values.isna())


def equals(values: pd.Series, code: str) -> pd.Series:
    """Whether a text is the code; NA of NA."""
    return among(values, [code])


def month_of(day: pd.Series) -> pd.Series:
    """The first of the day's month."""
    found: pd.Series = day - pd.to_timedelta(day.dt.day - 1, unit="D")
    return found


def strict_sum(values: pd.Series, by: pd.Series) -> pd.Series:
    """Sums per group; NA where any summand is: a missing amount is not zero."""
    groups = values.groupby(by)
    sums = groups.sum().astype("Int64")
    return sums.mask(groups.count() < groups.size())


def beside(
    index: pd.Index, rows: pd.DataFrame | None, key: str, absent: Mapping[str, Any], doubt: Any = ()
) -> pd.DataFrame:
    """Facts of those listed beside everybody: `absent` for the others, NA for them while in doubt.

    rows None: never delivered, hence NA for everybody. doubt: who was on the roll before and is not now.
    """
    if rows is None:
        return pd.DataFrame({name: pd.Series(pd.NA, index=index, dtype="object") for name in absent})
    # Without a nullable type, a fact that somebody lacks would become a column of Python objects.
    kinds = {name: NULLABLE[rows[name].dtype.name] for name in absent if rows[name].dtype.name in NULLABLE}
    facts = rows.set_index(key)[list(absent)].astype(kinds).reindex(index)
    missing = ~index.isin(rows[key]) & ~index.isin(doubt)
    for name, value in absent.items():
        if value is not None:
            facts[name] = facts[name].mask(missing, value)
    return facts
