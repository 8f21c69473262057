"""A table's rows: in which order they are tried, and what each asks of its keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from tests.spec.evaluator import arithmetic

Entry = Mapping[str, Any]
SEASON = "season"


def rows_in_order(table: Entry) -> list[Entry]:
    """The longest place first; else as they are written."""
    place = next((key["fact"] for key in table["keys"] if key["by"] == "place"), None)
    return sorted(table["rows"], key=lambda row: -max(map(len, _listed(row.get(place, "")))))


def row_tests(table: Entry, row: Entry, as_of: date, fact: Callable[[str], Any]) -> Iterator[bool | None]:
    """Of every key that the row states, whether it fits: None where nobody knows the fact."""
    for key in table["keys"]:
        name = key.get("fact", SEASON)
        if name in row:
            known = as_of if key["by"] == SEASON else fact(name)
            yield None if known is None else _fits(known, row[name], key["by"])


def _fits(known: Any, stated: Any, by: str) -> bool:
    if by == "place":
        return any(known.startswith(code) for code in _listed(stated))
    if by == SEASON:
        return _in_season(known, stated)
    if by == "range":
        return _in_range(known, stated)
    return any(_same(known, arithmetic.value(one)) for one in _listed(stated))


def _listed(stated: Any) -> list[Any]:
    return stated if isinstance(stated, list) else [stated]


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
