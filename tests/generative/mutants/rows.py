"""Mutations of whole rows and of what stands around them."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.generative.mutants.sheet import Row, Sheet


def _shuffle(sheet: Sheet, rng: Random) -> None:
    rng.shuffle(sheet.rows)


def _drop(sheet: Sheet, rng: Random) -> None:
    kept = rng.choice((0, 1, len(sheet.rows) // 2, len(sheet.rows) - 1))
    sheet.rows = [
        row
        for at, row in enumerate(sheet.rows)
        if at in set(rng.sample(range(len(sheet.rows)), max(kept, 0)))
    ]


def _repeat(sheet: Sheet, rng: Random) -> None:
    for row in rng.sample(sheet.rows, min(len(sheet.rows), rng.choice((1, 5, 40)))):
        again = Row(list(row.cells), None, True)
        sheet.rows.insert(rng.randint(sheet.rows.index(row) + 1, len(sheet.rows)), again)


def _blank(sheet: Sheet, rng: Random) -> None:
    """Blank rows of several kinds in between, at the top or at the end."""
    width = len(sheet.header)
    for _ in range(rng.choice((1, 3, 30))):
        cells = rng.choice(
            ([""] * width, [" "] * width, [], ["\u3000", "\t"], ["\u200b"], [""] * (width + 30))
        )
        sheet.rows.insert(rng.randint(0, len(sheet.rows)), Row(list(cells), None, True))


def _blank_tail(sheet: Sheet, rng: Random) -> None:
    sheet.rows += [Row([""] * len(sheet.header), None, True) for _ in range(rng.choice((1, 2000)))]


def _totals(sheet: Sheet, rng: Random) -> None:
    width = len(sheet.header)
    line = rng.choice(
        (["合计", "", "40"], ["", "小计：40"], ["制表人：", "某科", "审核："], ["共 40 人"], ["注：本表保密"])
    )
    at = rng.choice((0, len(sheet.rows), len(sheet.rows) // 2))
    sheet.rows.insert(at, Row((line + [""] * width)[:width], None, True))


def _header_again(sheet: Sheet, rng: Random) -> None:
    for _ in range(rng.choice((1, 3))):
        sheet.rows.insert(rng.randint(0, len(sheet.rows)), Row(list(sheet.header), None, True))


def _ragged(sheet: Sheet, rng: Random) -> None:
    """Rows too short or too long, by one cell or by hundreds."""
    for row in rng.sample(sheet.rows, min(len(sheet.rows), rng.choice((1, 3, 20)))):
        row.touched = True
        if rng.random() < 0.5:
            row.cells = row.cells[: rng.randint(0, len(row.cells))]
        else:
            row.cells = row.cells + [rng.choice(("", "x", "备注", "1"))] * rng.choice((1, 2, 3, 4, 9, 300))


def _shifted(sheet: Sheet, rng: Random) -> None:
    """Some rows moved a cell to the right or left."""
    for row in rng.sample(sheet.rows, min(len(sheet.rows), rng.choice((1, 10)))):
        row.cells, row.touched = rng.choice((["", *row.cells], row.cells[1:])), True


def _titles(sheet: Sheet, rng: Random) -> None:
    """Rows above the header: a title, a unit, a half-header, blank ones; or too many."""
    lines = ([f"{sheet.contract.title_zh}"], ["填报单位：某局", "", "单位：元"], [""], [sheet.header[0]],
             ["", "", "2025年8月"],
             ["基本信息", "", "", "待遇信息"], ['"机密"'])  # fmt: skip
    many = rng.choice((1, 2, 5, 19, 25))
    sheet.titles = [list(rng.choice(lines)) for _ in range(many)] + sheet.titles


def _glued(sheet: Sheet, rng: Random) -> None:
    """Two rows in one line, or one row in two."""
    if len(sheet.rows) > 2:
        at = rng.randrange(len(sheet.rows) - 1)
        one = sheet.rows[at]
        one.touched = True
        if rng.random() < 0.5:
            one.cells = one.cells + sheet.rows.pop(at + 1).cells
        else:
            cut = rng.randint(1, max(1, len(one.cells) - 1))
            sheet.rows.insert(at + 1, Row(one.cells[cut:], None, True))
            one.cells = one.cells[:cut]


ROWS: dict[str, Callable[[Sheet, Random], None]] = {
    "row.shuffle": _shuffle, "row.drop": _drop, "row.repeat": _repeat, "row.blank": _blank,
    "row.blank_tail": _blank_tail, "row.totals": _totals, "row.header_again": _header_again,
    "row.ragged": _ragged, "row.shifted": _shifted, "row.titles": _titles, "row.glued": _glued,
}  # fmt: skip
