"""Which rows are no records (totals, signatures, repeated headers), repeats, or contradict a key."""

from __future__ import annotations

import polars as pl

from zhaoren.data_contracts.contract import Contract

# How a totals line or a footer begins. Only looked for in rows that are refused anyway.
NO_RECORD = (
    r"^[\s（(]*(合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|本页|以下空白|制\s*表|填\s*表|填\s*报|审\s*核|复\s*核|审\s*批人|经\s*办|"
    r"负\s*责\s*人|单位负责人|打\s*印|导\s*出|备\s*注|说\s*明|注\s*[:：]|第\s*[0-9]+\s*页|共\s*[0-9]+\s*[条行页户人])"
)


def not_records(text: pl.DataFrame, refused: pl.Series, contract: Contract) -> pl.Series:
    """True for refused rows that are totals, footers or a header again.

    A row with something like an ID number in its key is a person's row, whatever else it says.
    """
    cells = [column for column in contract.columns if column.name in text.columns]
    few = text.with_row_index("_at").filter(refused)
    names = [column.name for column in cells]
    # Its first filled cell says so, or a later one while the row is mostly empty.
    opening = pl.coalesce(names).str.contains(NO_RECORD).fill_null(False)
    somewhere = pl.any_horizontal(pl.col(name).str.contains(NO_RECORD).fill_null(False) for name in names)
    empty = pl.sum_horizontal(pl.col(name).is_null().cast(pl.Int32) for name in names) * 2 > len(names)
    headers = pl.sum_horizontal((pl.col(c.name) == c.header).fill_null(False).cast(pl.Int32) for c in cells)
    keyless = pl.all_horizontal(~_looks_like_id(contract, text), pl.lit(True))
    found = few.filter(((opening | (somewhere & empty)) & keyless) | (headers * 2 > len(names)))
    mask = pl.repeat(False, text.height, dtype=pl.Boolean, eager=True)
    return mask.scatter(found["_at"], True) if found.height else mask


def _looks_like_id(contract: Contract, text: pl.DataFrame) -> pl.Expr:
    """Whether the row holds something like an ID number where the key asks for one."""
    names = [n for n in contract.key if n in text.columns and contract.column(n).reads_as == "cn_id"]
    if not names:
        return pl.lit(False)
    return pl.any_horizontal(pl.col(name).str.contains(r"[0-9０-９]{6}").fill_null(False) for name in names)


def conflicts_and_duplicates(
    frame: pl.DataFrame, candidate: pl.Series, contract: Contract
) -> tuple[pl.Series, pl.Series]:
    """(conflict, duplicate) over all rows: a later row with the key of an earlier candidate.

    Equal to the first of its key in every column: a duplicate. Otherwise a conflict. Rows that are not
    candidates (refused already) are neither.
    """
    content = [column.name for column in contract.columns]
    key = list(contract.key) or content
    keys = frame.select(*key, pl.row_index("_at")).filter(candidate)
    first = keys.select(
        pl.struct(key).is_first_distinct() if len(key) > 1 else pl.col(key[0]).is_first_distinct()
    )
    again = keys.filter(~first.to_series())
    nothing = pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
    if again.is_empty():
        return nothing, nothing
    kept = keys.filter(first.to_series()).join(again.select(key), on=key, how="semi", nulls_equal=True)
    rows = frame.select(*content, pl.row_index("_at"))
    repeats, originals = rows[again["_at"]], rows[kept["_at"]]
    same = repeats.join(originals, on=content, how="semi", nulls_equal=True)["_at"]
    differing = again.filter(~pl.col("_at").is_in(same.implode()))["_at"]
    return _at(nothing, differing), _at(nothing, same)


def _at(nothing: pl.Series, places: pl.Series) -> pl.Series:
    return nothing.clone().scatter(places, True) if places.len() else nothing
