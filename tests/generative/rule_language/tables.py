"""Random tables without overlaps: keys are split one after another, and some of the leaves are left out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from tests.generative.rule_language.vocabulary import TEXTS, TOWNS, Scope

Key = tuple[str, str, str]  # fact, by, kind
Cell = dict[str, Any]
Cells = list[Cell]
YEAR_DAYS = (date(2024, 2, 29), date(2026, 3, 15), date(2026, 3, 16), date(2026, 1, 1))
MAX_ROWS = 8
WHOLE = ("i", "j", "hi")  # facts of whole numbers, which a key may equal


def table(draw: Random, scope: Scope, amount: Callable[[], Any]) -> dict[str, Any]:
    """A table over one to three keys, `by: place` last, for only there may one row lie within another."""
    possible = {key[0]: key for key in draw.sample(_keys(scope), 3)}  # one of a name
    named = list(possible.values())[: draw.randint(1, 3)]
    named = sorted(named, key=lambda key: key[1] == "place")
    keys = [{"by": by} if by == "season" else {"fact": name, "by": by} for name, by, _ in named]
    rows: Cells = [{}]
    for key in named:
        rows = [cell for row in rows for cell in _split(draw, row, key)][:MAX_ROWS]
    if len(rows) > 1:
        rows = [row for row in rows if draw.random() < 0.7] or rows[:1]
    rows = [row | {"value": amount()} for row in rows]
    _add_further(draw, scope, rows)
    everything = not rows[0].keys() - {"value", "further"}
    return {"keys": keys, "rows": rows} | ({} if everything else {"otherwise": _otherwise(draw, amount)})


def _keys(scope: Scope) -> list[Key]:
    """Every possible key, the household's facts without their prefix."""
    plain = {kind: [name.removeprefix("household_") for name in names] for kind, names in scope.facts.items()}
    plain["text"].remove("town_code")
    by_value = [(name, "value", kind) for kind in ("text", "boolean") for name in plain[kind]]
    whole = [(name, "value", "number") for name in WHOLE if name in plain["number"]]
    by_range = [(name, "range", "number") for name in plain["number"]]
    return [*by_range, *by_value, *whole, ("town_code", "place", "text"), ("season", "season", "date")]


def _otherwise(draw: Random, amount: Callable[[], Any]) -> Any:
    return amount() if draw.random() < 0.5 else "unknown"


def _split(draw: Random, row: Cell, key: Key) -> Cells:
    """The row as it is, or one row for each part of the key."""
    if draw.randint(0, 3) == 0:
        return [row]
    name, by, kind = key
    return [row | ({name: cell} if cell is not None else {}) for cell in _cells(draw, by, kind)]


def _cells(draw: Random, by: str, kind: str) -> list[Any]:
    if by == "place":
        places = sorted({town[:size] for town in TOWNS for size in (2, 4, 6, 9)})
        found: list[Any] = draw.sample(places, draw.randint(1, 4))
        return [*found, *([None] * draw.randint(0, 1))]  # everywhere else
    if by == "season":
        return draw.choice(_SEASONS)
    if by == "range":
        return _ranges(draw)
    if kind == "number":
        return draw.choice([[0, 1], [[1, 2], 3], [[0, 2]]])
    if kind == "boolean":
        return draw.choice([[True, False], [True], [False]])
    texts: list[Any] = draw.sample(TEXTS, len(TEXTS))
    return [[texts[0], texts[1]], texts[2], texts[3]] if draw.random() < 0.5 else [texts[0], texts[1]]


_SEASONS: list[list[dict[str, str]]] = [
    [{"from": "11-01", "to": "03-15"}, {"from": "03-16", "to": "10-31"}],
    [{"from": "03-01", "to": "02-28"}],
    [{"from": "01-01", "to": "03-14"}, {"from": "03-15", "to": "03-15"}],
    [{"from": "02-29", "to": "02-29"}],
]


def _ranges(draw: Random) -> list[dict[str, Any]]:
    """Neighbouring ranges; the point between two belongs to one of them, or to none."""
    points = draw.sample(range(-2, 24), draw.randint(1, 3))
    cuts = [Decimal(point * 50) / 4 if point % 3 else point * 10 for point in points]
    cuts = sorted(set(cuts))
    found: list[dict[str, Any]] = [{}]
    for cut in cuts:
        end, start = draw.choice([("below", "from"), ("to", "above"), ("below", "above")])
        found[-1][end] = cut
        found.append({start: cut})
    return found


def _add_further(draw: Random, scope: Scope, rows: Cells) -> None:
    of = "i" if scope.entity == "person" else "hi"
    if draw.randint(0, 2) == 0 and not isinstance(rows[0]["value"], str | bool):
        further = {"of": of, "beyond": draw.randint(0, 4), "add": draw.randint(-20, 300)}
        rows[draw.randint(0, len(rows) - 1)]["further"] = further
