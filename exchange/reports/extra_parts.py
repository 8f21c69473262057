"""Parts of the month's report of their own: second looks, and the half-year beside a published one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from exchange.reports.page import Cell, Part, Table
from exchange.words import words
from policies.casework.reports import Published

QUERY = "second_looks"  # the name of the query of second looks, among those of the metrics


@dataclass(frozen=True, kw_only=True)
class SecondLooks:
    """What second looks say of the visits of the year so far.

    matrix: (reported need, found need) -> looks. visits: by whether need was reported. need, low, high: the
    corrected number of families in need; null where looks are too few (`needed` of each kind).
    """

    matrix: Mapping[tuple[bool, bool], int]
    visits: Mapping[bool, float]
    need: float | None
    low: float | None
    high: float | None
    needed: int


def second_looks_part(found: SecondLooks, is_inside: bool) -> Part:
    """The confusion matrix (in the county only) and the corrected estimate, or that it cannot be told."""
    text = words("monthly")["second_looks"]
    tables = []
    if is_inside:
        rows = [
            [
                Cell(zh),
                *(_count(found.matrix[kind, true]) for true in (True, False)),
                _count(found.visits[kind]),
            ]
            for kind, zh in ((True, text["need"]), (False, text["none"]))
        ]
        tables.append(Table(text["matrix_headings"], rows, 1))
    if found.need is None or found.low is None or found.high is None:
        estimate = Cell(text["too_few"].format(needed=found.needed), QUERY)
    else:
        said = text["estimate"].format(need=found.need, low=found.low, high=found.high)
        estimate = Cell(said, QUERY, found.need)
    tables.append(Table(text["headings"], [[Cell(text["corrected"]), estimate]], 1))
    return Part(text["title"], text["lead"], "", tables)


def _count(number: float) -> Cell:
    return Cell(f"{number:,.0f}", QUERY, float(round(number)))


@dataclass(frozen=True)
class AppraisalLine:
    """One item of the self-appraisal. points: null where a person fills it in; basis: (metric, number)."""

    module_zh: str
    item_zh: str
    most: int
    points: int | None
    basis: tuple[tuple[str, float], ...]


def appraisal_part(lines: Sequence[AppraisalLine], metrics: Mapping[str, Mapping[str, Any]]) -> Part:
    """The station's thousand points as far as data fill them; the rest is left to the station."""
    text = words("monthly")["appraisal"]
    rows = [_appraised(line, metrics) for line in lines]
    told = [line for line in lines if line.points is not None]
    points = sum(line.points or 0 for line in told)
    lead = text["lead"].format(
        points=points, most=sum(line.most for line in told), total=sum(line.most for line in lines)
    )
    return Part(text["title"], lead, "", [Table(text["headings"], rows, 2)])


def _appraised(line: AppraisalLine, metrics: Mapping[str, Mapping[str, Any]]) -> list[Cell]:
    first = line.basis[0][0] if line.basis else ""
    basis = " ÷ ".join(f"{metrics[name]['zh']}{number:,.0f}" for name, number in line.basis)
    own = words("monthly")["appraisal"]["by_station"] if line.points is None else f"{line.points}"
    points = Cell(own, first, None if line.points is None else float(line.points))
    return [
        Cell(line.module_zh),
        Cell(line.item_zh),
        Cell(f"{line.most}", "", float(line.most)),
        points,
        Cell(basis, first),
    ]


def half_year_part(
    published: Published, cell: Callable[[str], Cell], metrics: Mapping[str, Mapping[str, Any]], month: date
) -> Part:
    """Our half-year so far beside somebody else's published one, and what that one does not say."""
    text = words("monthly")["half_year"]
    first = 1 if month.month < 7 else 7
    span = text["span"].format(year=month.year, first=first, last=month.month)
    rows = []
    for name in (*published.figures, *published.unpublished):
        theirs = published.figures.get(name)
        shown = Cell(f"{theirs:,}", "", float(theirs)) if theirs is not None else Cell(text["unpublished"])
        rows.append([Cell(f"{metrics[name]['zh']}（{metrics[name]['unit']}）"), shown, cell(name)])
    rows.append(
        [Cell(text["share"]), _share(*(_theirs(published, n) for n in _SHARE)), _share(*map(cell, _SHARE))]
    )
    lead = text["lead"].format(source=published.source.document, note=published.source.note or "")
    return Part(text["title"], lead, "", [Table([text["item"], published.zh, span], rows, 1)])


_SHARE = ("visited", "issued")


def _theirs(published: Published, name: str) -> Cell:
    number = published.figures.get(name)
    return Cell("", "", None if number is None else float(number))


def _share(over: Cell, under: Cell) -> Cell:
    if over.number is None or not under.number:
        return Cell(words("monthly")["nothing"])
    return Cell(f"{over.number / under.number:.0%}", over.metric)
