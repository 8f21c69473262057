"""A part of the month's report: what the lists found of all need, estimated from lines drawn at random."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from exchange.reports.page import Cell, Part, Table
from exchange.words import words

DUEL_QUERY = "duel"
QUERY = "random_lines"  # the name of the query of lines with their chances, among those of the metrics


@dataclass(frozen=True)
class Duel:
    """A quarter's families that stations named themselves, beside as many of their lists; null: too few."""

    quarter: date
    listed: float | None
    nominated: float | None
    difference: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Missed:
    """The year's lists so far. Shares from 0 to 1; null where they cannot be told, `reason` says why.

    held, low, high: of all need, the part the lists hold by their order; naive: the same with every random
    line counted alike. confirmed: of the lines by the order, those in need. answered: of all lines.
    """

    held: float | None
    low: float | None
    high: float | None
    naive: float | None
    confirmed: float | None
    answered: float | None
    reason: str | None
    duel: tuple[Duel, ...] = ()


def missed_part(found: Missed) -> Part:
    """The estimate with its interval, or that there is none and why; the naive figure beside it."""
    text = words("monthly")["missed"]
    rows = [
        [Cell(text["held"]), Cell(_held(found), QUERY)],
        [Cell(text["naive"]), Cell(_percent(found.naive), QUERY)],
        [Cell(text["confirmed"]), Cell(_percent(found.confirmed), QUERY)],
        [Cell(text["answered"]), Cell(_percent(found.answered), QUERY)],
    ]
    tables = [Table(text["headings"], rows, 1)]
    if found.duel:
        tables.append(Table(text["duel_headings"], [_duel(row) for row in found.duel], 1))
    return Part(text["title"], text["lead"], "", tables)


def _duel(row: Duel) -> list[Cell]:
    text = words("monthly")
    quarter = text["quarter"].format(year=row.quarter.year, number=(row.quarter.month + 2) // 3)
    if row.difference is None or row.low is None or row.high is None:
        said = [text["missed"]["duel_untold"]] * 3
    else:
        points = {
            k: f"{v * 100:+.0f}" for k, v in (("by", row.difference), ("low", row.low), ("high", row.high))
        }
        said = [_percent(row.listed), _percent(row.nominated), text["missed"]["duel"].format(**points)]
    return [Cell(quarter), *(Cell(one, DUEL_QUERY) for one in said)]


def _held(found: Missed) -> str:
    text = words("monthly")["missed"]
    if found.low is None or found.high is None:
        return str(text["untold"].format(why=text["why"][found.reason]))
    limits = {"low": _percent(found.low), "high": _percent(found.high)}
    if found.held is None:
        return str(text["limits"].format(why=text["why"][found.reason], **limits))
    return str(text["estimate"].format(held=_percent(found.held), **limits))


def _percent(share: float | None) -> str:
    return str(words("monthly")["nothing"]) if share is None else f"{share:.0%}"
