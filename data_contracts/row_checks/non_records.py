"""Which rows are no records at all: totals, signatures, repeated headers."""

from __future__ import annotations

import polars as pl

from data_contracts.contract.model import Contract

# How a totals line or a footer begins: total, tabulated by, reviewed by, printed on, note, page n. It is only
# looked for in rows that are refused anyway, so that nobody's name costs them their row.
NO_RECORD = (
    r"^[\s（(]*(合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|本页|以下空白|制\s*表|填\s*表|填\s*报|审\s*核|复\s*核|审\s*批人|经\s*办|"
    r"负\s*责\s*人|单位负责人|打\s*印|导\s*出|备\s*注|说\s*明|注\s*[:：]|第\s*[0-9]+\s*页|共\s*[0-9]+\s*[条行页户人])"
)


def not_records(text: pl.DataFrame, refused: pl.Series, contract: Contract) -> pl.Series:
    """True for refused rows that are totals, footers or a header again.

    A row with something like an ID number in its key is a person's row, whatever else it holds.
    """
    nothing = pl.repeat(False, text.height, dtype=pl.Boolean, eager=True)
    if not refused.any():
        return nothing
    cells = [column for column in contract.columns if column.name in text.columns]
    few = text.with_row_index("_at").filter(refused)
    names = [column.name for column in cells]
    # Its first filled cell begins so, or a later one while the row is mostly empty.
    opening = pl.coalesce(names).str.contains(NO_RECORD).fill_null(False)
    somewhere = pl.any_horizontal(pl.col(name).str.contains(NO_RECORD).fill_null(False) for name in names)
    empty = pl.sum_horizontal(pl.col(name).is_null().cast(pl.Int32) for name in names) * 2 > len(names)
    headers = pl.sum_horizontal((pl.col(c.name) == c.header).fill_null(False).cast(pl.Int32) for c in cells)
    keyless = pl.all_horizontal(~_looks_like_id(contract, text), pl.lit(True))
    found = few.filter(((opening | (somewhere & empty)) & keyless) | (headers * 2 > len(names)))
    return nothing.scatter(found["_at"], True) if found.height else nothing


def _looks_like_id(contract: Contract, text: pl.DataFrame) -> pl.Expr:
    """Whether the row holds something like an ID number where the key needs one."""
    names = [n for n in contract.key if n in text.columns and contract.column(n).reads_as == "cn_id"]
    if not names:
        return pl.lit(False)
    return pl.any_horizontal(pl.col(name).str.contains(r"[0-9０-９]{6}").fill_null(False) for name in names)
