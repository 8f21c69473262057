"""Mutations of columns and of the header that names them."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.generative.mutants.sheet import Sheet


def _by_column(sheet: Sheet, order: list[int]) -> None:
    """The sheet's columns in this order; places beyond a short row are blank."""
    sheet.header = [sheet.header[at] for at in order]
    for row in sheet.rows:
        row.cells = [row.cells[at] if at < len(row.cells) else "" for at in order] if row.cells else []


def _drop_required(sheet: Sheet, rng: Random) -> None:
    _drop(sheet, rng, [c.header for c in sheet.contract.columns if c.required])


def _drop_optional(sheet: Sheet, rng: Random) -> None:
    _drop(sheet, rng, [c.header for c in sheet.contract.columns if not c.required])


def _drop(sheet: Sheet, rng: Random, headers: list[str]) -> None:
    here = [at for at, header in enumerate(sheet.header) if header in headers]
    if here and len(sheet.header) > 2:
        gone = rng.choice(here)
        _by_column(sheet, [at for at in range(len(sheet.header)) if at != gone])
        sheet.touch_all()


def _twice(sheet: Sheet, rng: Random) -> None:
    """A column twice: the same again, or blank, or another's values under the same header."""
    at = rng.randrange(len(sheet.header))
    order = list(range(len(sheet.header)))
    order.insert(rng.randint(0, len(order)), at)
    _by_column(sheet, order)
    sheet.touch_all()


def _rename(sheet: Sheet, rng: Random) -> None:
    """A header drifts: decorated, shortened, in another script, broken over lines, or a stranger's."""
    at = rng.randrange(len(sheet.header))
    old = sheet.header[at]
    sheet.header[at] = rng.choice(
        (f" {old} ", f"*{old}", f"{old}（必填）", old[:-1], f"{old}\n", "\n".join(old), f"{old}_1",
        "Unnamed: 3", "序号",
         f"\ufeff{old}", f'"{old}"', old[::-1], f"{old}:", "甲" * 5000, "\x00", "=1+1", "1", "None",
         "_extra", "row_no",
         "column_0", "index", "text", "_mask", "_at", "number", sheet.contract.columns[0].name)
    )  # fmt: skip
    sheet.touch_all()


def _reorder(sheet: Sheet, rng: Random) -> None:
    order = list(range(len(sheet.header)))
    rng.shuffle(order)
    _by_column(sheet, order)


def _blank_header(sheet: Sheet, rng: Random) -> None:
    for at in rng.sample(range(len(sheet.header)), rng.choice((1, 2))):
        sheet.header[at] = rng.choice(("", " ", "\u3000", "\u200b"))
    sheet.touch_all()


def _empty_columns(sheet: Sheet, rng: Random) -> None:
    """Hundreds of empty columns, to the right or to the left, with or without “Unnamed” headers."""
    many = rng.choice((1, 5, 500))
    names = [rng.choice(("", f"Unnamed: {at}")) for at in range(many)]
    left = rng.random() < 0.3
    sheet.header = names + sheet.header if left else sheet.header + names
    for row in sheet.rows:
        full = row.cells + [""] * (len(sheet.header) - many - len(row.cells))
        row.cells = [""] * many + row.cells if left else full + [""] * many


def _extra_column(sheet: Sheet, rng: Random) -> None:
    """A column nobody agreed on, filled."""
    at = rng.randint(0, len(sheet.header))
    sheet.header.insert(at, rng.choice(("备注", "序号", "row_no", "_extra", "联系电话2", sheet.header[0])))
    for number, row in enumerate(sheet.rows):
        if row.cells:
            row.cells.insert(at, str(number))
    sheet.touch_all()


def _no_header(sheet: Sheet, rng: Random) -> None:
    """The header is gone, or stands at the end."""
    sheet.header = rng.choice(([""] * len(sheet.header), [str(at) for at in range(len(sheet.header))]))
    sheet.touch_all()


def _transposed(sheet: Sheet, rng: Random) -> None:
    """The table lies on its side."""
    rows = [row for row in sheet.rows if len(row.cells) == len(sheet.header)]
    if not rows:
        return
    lines = [[name, *(row.cells[at] for row in rows)] for at, name in enumerate(sheet.header)]
    sheet.header, sheet.sure = [str(cell) for cell in lines[0]], False
    sheet.rows = [type(rows[0])(line, None, True) for line in lines[1:]]


COLUMNS: dict[str, Callable[[Sheet, Random], None]] = {
    "column.drop_required": _drop_required, "column.drop_optional": _drop_optional, "column.twice": _twice,
    "column.rename": _rename, "column.reorder": _reorder, "column.blank_header": _blank_header,
    "column.empty": _empty_columns, "column.extra": _extra_column, "column.no_header": _no_header,
    "column.transposed": _transposed,
}  # fmt: skip
