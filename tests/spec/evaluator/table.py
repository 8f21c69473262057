"""A table's value: rows that fit the known keys, then whether a key that nobody knows would still choose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from tests.spec.evaluator import arithmetic

Entry = Mapping[str, Any]
SEASON = "season"


def looked_up(table: Entry, as_of: date, fact: Callable[[str], Any]) -> Any:
    """What the table gives where its keys are those facts; None where that is unknown."""
    keys = {key.get("fact", SEASON): key["by"] for key in table["keys"]}
    known = {name: as_of if by == SEASON else fact(name) for name, by in keys.items()}
    left = [row for row in table["rows"] if all(_fits(row, keys, name, known[name]) for name in keys)]
    if any(known[name] is None and name in row for row in left for name in keys):
        return None
    for name, by in keys.items():
        if by == "place":
            left = _innermost(left, name)
    if not left:
        otherwise = table.get("otherwise", "unknown")
        return None if otherwise == "unknown" else arithmetic.value(otherwise)
    assert len(left) == 1, f"{len(left)} rows for {known}"
    return _with_further(left[0], fact)


def _innermost(rows: list[Entry], name: str) -> list[Entry]:
    """The rows of the longest place."""
    longest = max((len(row.get(name, "")) for row in rows), default=0)
    return [row for row in rows if len(row.get(name, "")) == longest]


def _fits(row: Entry, keys: Mapping[str, str], name: str, known: Any) -> bool:
    """Whether a row may hold: a key that it does not state, or that nobody knows, rules nothing out."""
    if name not in row or known is None:
        return True
    stated, by = row[name], keys[name]
    if by == "place":
        return bool(known.startswith(stated))
    if by == SEASON:
        return _in_season(known, stated)
    if by == "range":
        return _in_range(known, stated)
    of_these = stated if isinstance(stated, list) else [stated]
    return any(_same(known, arithmetic.value(one)) for one in of_these)


def _same(one: Any, other: Any) -> bool:
    """Equal, and of one kind: yes is not 1."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _in_range(known: Any, stated: Entry) -> bool:
    bound = {side: arithmetic.value(limit) for side, limit in stated.items()}
    return (
        ("from" not in bound or known >= bound["from"])
        and ("above" not in bound or known > bound["above"])
        and ("to" not in bound or known <= bound["to"])
        and ("below" not in bound or known < bound["below"])
    )


def _in_season(day: date, stated: Entry) -> bool:
    """Both days included; one that begins later in the year than it ends runs over New Year."""
    at, first, last = f"{day:%m-%d}", stated["from"], stated["to"]
    return bool(first <= at <= last if first <= last else at >= first or at <= last)


def _with_further(row: Entry, fact: Callable[[str], Any]) -> Any:
    """The row's value, and so much more for each unit beyond."""
    amount = arithmetic.value(row["value"])
    if "further" not in row:
        return amount
    further = {name: arithmetic.value(row["further"][name]) for name in ("beyond", "add")}
    of = fact(row["further"]["of"])
    if of is None or amount is None:
        return None
    more = arithmetic.result(max(Fraction(0), of - further["beyond"]) * further["add"])
    return None if more is None else arithmetic.result(amount + more)
