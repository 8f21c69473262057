"""From facts to the text a department would type: Chinese labels, dates, yuan or ten-thousand yuan."""

from __future__ import annotations

import polars as pl

from data_contracts.contract.code_tables import CodeTable
from data_contracts.contract.model import Column, Contract

# File name extension, encoding and rows above the header, by extract.
FORMATS: dict[str, tuple[str, str, int]] = {
    "population": ("csv", "gb18030", 0),
    "enrolment": ("parquet", "", 0),
    "settlement": ("csv", "utf-8-sig", 0),
    "benefit_roll": ("csv", "utf-8", 0),
    "child_welfare": ("xlsx", "title", 1),
    "elder_care": ("csv", "gb18030", 0),
    "temporary_relief": ("xlsx", "", 0),
    "cremation_marriage": ("csv", "utf-8", 0),
    "major_illness": ("csv", "gb18030", 0),
    "unemployment": ("csv", "utf-8-sig", 0),
    "pension_insurance": ("csv", "utf-8", 0),
    "student_aid": ("csv", "utf-8", 0),
    "disability_card": ("csv", "utf-8-sig", 0),
    "poverty_watch": ("csv", "gb18030", 0),
    "housing_security": ("xlsx", "", 0),
    "disaster": ("xlsx", "title", 1),
    "custody": ("xlsx", "dates", 0),
    "worker_hardship": ("xlsx", "dates", 0),
}
WITH_TITLE, WITH_DATES = "title", "dates"
_NARROW, _WIDE = list("0123456789X."), list("０１２３４５６７８９Ｘ．")


def wide(text: pl.Expr) -> pl.Expr:
    """Digits, X and dots typed full-width."""
    return text.str.replace_many(_NARROW, _WIDE)


def _money(name: str, unit: str | None) -> pl.Expr:
    """Fen to yuan with two places, or to ten-thousand yuan with four, as text."""
    places = 1_000_000 if unit == "wan_yuan" else 100
    width = 6 if unit == "wan_yuan" else 2
    value = pl.col(name).cast(pl.Int64)
    size = value.abs()
    sign = pl.when(value < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    rest = (size % places).cast(pl.String).str.zfill(width).str.head(4 if unit == "wan_yuan" else 2)
    return sign + (size // places).cast(pl.String) + pl.lit(".") + rest


def _text(column: Column, codes: dict[str, CodeTable], carried: set[str]) -> pl.Expr:
    name = column.name
    if name not in carried and not column.required:
        return pl.lit(None, dtype=pl.String)
    if column.reads_as == "yuan":
        return _money(name, column.unit)
    if column.reads_as == "date":
        return pl.col(name).dt.strftime("%Y-%m-%d")
    if column.reads_as == "month":
        return pl.col(name).dt.strftime("%Y-%m")
    if column.reads_as == "bool":
        return pl.when(pl.col(name)).then(pl.lit("是")).when(~pl.col(name)).then(pl.lit("否"))
    if column.reads_as == "code" and column.codes:
        labels = {c.code: c.zh for c in codes[column.codes].values}
        return pl.col(name).replace_strict(labels, return_dtype=pl.String)
    return pl.col(name).cast(pl.String)


def to_text(facts: pl.DataFrame, contract: Contract, codes: dict[str, CodeTable]) -> pl.DataFrame:
    """One text column per contract column, in contract order, under its property name; null stays null.

    Money comes in as whole fen, dates and months as Date, codes as codes; an optional column that the facts
    lack stays empty.
    """
    carried = set(facts.columns)
    return facts.select(_text(c, codes, carried).alias(c.name) for c in contract.columns)
