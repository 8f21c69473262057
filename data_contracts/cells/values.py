"""How a cell's text becomes a value: what is read as is, what is repaired, what is damaged.

Each way of reading has a fast expression for well-formed text, run over the whole column, and a slow
path run only over the distinct texts the fast one left over (a few per cent). The slow path says what
was repaired (`repairs`) or why there is no value (`error`, a key of messages.ERRORS).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from data_contracts.cells import plain_types
from data_contracts.cells.characters import QUOTES, ZERO_WIDTH, tidy
from data_contracts.cells.damage import BLANKS, NOT_A_NAME, ODD, damage, is_blank
from data_contracts.cells.dates import fast_date
from data_contracts.cells.id_numbers import only_valid
from data_contracts.cells.readers import MONEY, READERS, in_yuan

DTYPES: Mapping[str, pl.DataType] = {
    "cn_id": pl.String(), "name": pl.String(), "text": pl.String(), "code": pl.String(), "bool": pl.Boolean(),
    "date": pl.Date(), "month": pl.Date(), "yuan": MONEY, "int": pl.Int64(), **plain_types.DTYPES,
}  # fmt: skip
WIDE = r"[！-～　]"
# What a text must not hold to be taken as it is.
ODD_TEXT = r"^[\s'’‘`＇\"]|\s$|[\t\r\n\u00a0\u3000０-９Ａ-Ｚａ-ｚ\p{Co}]|" + ZERO_WIDTH + "|" + ODD
ODD_NAME = ODD_TEXT + r"|\s|[‧•・･∙⋅●．.?？]|" + NOT_A_NAME


@dataclass(frozen=True)
class Parsed:
    """A column read: typed `values` (null where blank or damaged), sparse `errors` and `repairs`.

    errors: (index UInt32, error); repairs: (index UInt32, kind). `index` is the position in the column.
    """

    values: pl.Series
    errors: pl.DataFrame
    repairs: pl.DataFrame


_NO_ERRORS = pl.DataFrame(schema={"index": pl.UInt32, "error": pl.String})
_NO_REPAIRS = pl.DataFrame(schema={"index": pl.UInt32, "kind": pl.String})


def fast(
    column: pl.Expr,
    reads_as: str,
    labels: Mapping[str, str] | None = None,
    unit: str = "yuan",
    *,
    is_number: bool = False,
) -> pl.Expr:
    """The typed value where the text is written exactly as agreed, else null. Blank text is null."""
    if reads_as in plain_types.DTYPES:
        return plain_types.fast(column, reads_as)
    if reads_as == "date":
        return fast_date(column, "%Y-%m-%d")
    if reads_as == "month":
        well_formed = column.str.len_bytes() == 7
        return fast_date(pl.when(well_formed).then(column + "-01"), "%Y-%m-%d")
    if reads_as == "yuan":
        # At most two decimals: more would be rounded silently.
        exact = column.str.contains(r"^-?[0-9]{1,14}(\.[0-9]{1,2})?$")
        return in_yuan(pl.when(exact).then(column), unit)
    if reads_as == "int":
        return column.cast(pl.Int64, strict=False)
    if reads_as == "bool":
        return column.replace_strict(["是", "否"], [True, False], default=None, return_dtype=pl.Boolean)
    if reads_as == "code":
        table = labels or {}
        return column.replace_strict(list(table), list(table.values()), default=None, return_dtype=pl.String)
    if reads_as == "cn_id":
        return column.map_batches(only_valid, return_dtype=pl.String)
    odd_form = ODD_NAME if reads_as == "name" else f"{ODD_TEXT}|{WIDE}" if is_number else ODD_TEXT
    odd = column.str.contains(odd_form) | column.is_in(BLANKS)
    return pl.when(~odd).then(column)


def slow(
    texts: pl.Series,
    reads_as: str,
    labels: Mapping[str, str] | None = None,
    unit: str = "yuan",
    *,
    is_number: bool = False,
) -> pl.DataFrame:
    """Read odd texts: columns text, value, error (null when fine or blank), repairs (list of kinds).

    `is_number`: the text is a number that identifies or keys something; a rounded one is damage.
    """
    frame = (
        texts.alias("text").to_frame().with_columns(tidy=tidy(pl.col("text"), reads_as, is_number=is_number))
    )
    blank = is_blank(pl.col("tidy"))
    if reads_as == "code":  # a code table may give “无” a meaning of its own
        blank &= ~pl.col("tidy").is_in(list(labels or {}))
    frame = frame.with_columns(blank=blank, tidy=pl.when(~blank).then(pl.col("tidy")))
    frame = frame.with_columns(damage=damage(pl.col("tidy"), reads_as, is_number))
    frame = READERS[reads_as](frame, labels or {}, unit)
    frame = frame.with_columns(
        value=pl.when(pl.col("damage").is_null()).then(pl.col("value")), error=pl.coalesce("damage", "error")
    )
    kinds = pl.concat_list([*_common_repairs(reads_as, is_number), pl.col("kind")]).list.drop_nulls()
    damaged = pl.col("error").is_not_null()
    return frame.select(
        "text",
        "value",
        "error",
        repairs=pl.when(~damaged).then(kinds).otherwise(pl.lit([], pl.List(pl.String))),
    )


def refused(answers: pl.DataFrame, texts: pl.Series, error: str) -> pl.DataFrame:
    """The slow path's answers with no value, and this error, for these texts."""
    lost = pl.col("text").is_in(texts.unique().implode())
    nothing = pl.lit([], pl.List(pl.String))
    return answers.with_columns(
        value=pl.when(~lost).then("value"),
        error=pl.when(lost).then(pl.lit(error)).otherwise("error"),
        repairs=pl.when(lost).then(nothing).otherwise("repairs"),
    )


def parse(texts: pl.Series, quick: pl.Series, slow_frame: pl.DataFrame) -> Parsed:
    """Put the slow path's answers into the places the fast path left empty."""
    places = left_over(texts, quick).arg_true()
    left = pl.DataFrame({"index": places, "text": texts.gather(places)})
    left = left.join(slow_frame, on="text", how="left", maintain_order="left")
    values = quick.scatter(left["index"], left["value"]) if left.height else quick
    # Mostly there is nothing to tell, and a frame of nothing costs as much as one of a thousand rows.
    has_errors = left["error"].null_count() < left.height
    errors = left.filter(pl.col("error").is_not_null()).select("index", "error") if has_errors else _NO_ERRORS
    repairs = left.select("index", kind="repairs").explode("kind").filter(pl.col("kind").is_not_null())
    return Parsed(values, errors, repairs)


def untouched(quick: pl.Series) -> Parsed:
    """A column the fast path read completely."""
    return Parsed(quick, _NO_ERRORS, _NO_REPAIRS)


def left_over(texts: pl.Series, quick: pl.Series) -> pl.Series:
    """Where there is text and the fast path gave no value."""
    return texts.is_not_null() & quick.is_null()


def _common_repairs(reads_as: str, is_number: bool) -> list[pl.Expr]:
    text = pl.col("text")
    wide = r"[０-９Ａ-Ｚａ-ｚ]" if reads_as in ("name", "text") and not is_number else WIDE
    space = r"^\s|\s$|\u00a0|\u3000" if reads_as == "text" else r"\s"
    found = {
        "zero_width": text.str.contains(ZERO_WIDTH),
        "apostrophe": text.str.contains(QUOTES),
        "fullwidth": text.str.contains(wide),
        "space": text.str.contains(space) & (reads_as not in ("date", "month")),
        "rare_character": text.str.contains(r"\p{Co}"),
        "blank_word": pl.col("blank") & (text != ""),
    }
    return [pl.when(expr).then(pl.lit(kind)) for kind, expr in found.items()]
