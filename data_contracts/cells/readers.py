"""The slow readers: how an odd text of each kind is read, what was repaired in it, or why it has no value.

Each takes a frame with text and tidy (without stray characters, null where blank), a code table's labels and
the unit of money, and adds value, error (a key of messages.ERRORS) and kind (of repair).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

import polars as pl

from data_contracts.cells import plain_types
from data_contracts.cells.dates import read_date, read_month
from data_contracts.cells.id_numbers import read_id

MONEY = pl.Decimal(18, 2)
TRUE_WORDS = ("是", "1", "Y", "YES", "TRUE", "T", "√", "有")
FALSE_WORDS = ("否", "0", "N", "NO", "FALSE", "F", "×", "X", "不是")


def in_yuan(number: pl.Expr, unit: str) -> pl.Expr:
    """A number's text in the department's unit as exact yuan."""
    if unit == "wan_yuan":
        return (number.cast(pl.Decimal(22, 6), strict=False) * 10000).cast(MONEY, strict=False)
    return number.cast(MONEY, strict=False)


def _read_text(frame: pl.DataFrame, labels: Mapping[str, str], unit: str) -> pl.DataFrame:
    dotted = pl.col("text").str.contains(r"[‧•・･∙⋅●．.]") & pl.col("tidy").str.contains("·", literal=True)
    kind = pl.when(dotted).then(pl.lit("middle_dot"))
    return frame.with_columns(value=pl.col("tidy"), error=pl.lit(None, pl.String), kind=kind)


def _read_code(frame: pl.DataFrame, labels: Mapping[str, str], unit: str) -> pl.DataFrame:
    folded = {_fold(label): labels[label] for label in reversed(list(labels))}
    known = pl.col("tidy").str.to_uppercase().str.replace_all(" ", "", literal=True)
    value = known.replace_strict(list(folded), list(folded.values()), default=None, return_dtype=pl.String)
    error = pl.when(value.is_null() & pl.col("tidy").is_not_null()).then(pl.lit("code_unknown"))
    written = pl.col("tidy").is_in(list(labels)) | pl.col("text").is_in(list(labels))
    kind = pl.when(value.is_not_null() & written).then(pl.lit("code_alias"))
    return frame.with_columns(value=value, error=error, kind=kind)


def _fold(label: str) -> str:
    return unicodedata.normalize("NFKC", label).upper().replace(" ", "")


def _read_bool(frame: pl.DataFrame, labels: Mapping[str, str], unit: str) -> pl.DataFrame:
    upper = pl.col("tidy").str.to_uppercase()
    value = pl.when(upper.is_in(TRUE_WORDS)).then(True).when(upper.is_in(FALSE_WORDS)).then(False)
    error = pl.when(value.is_null() & upper.is_not_null()).then(pl.lit("bool_unknown"))
    kind = pl.when(value.is_not_null()).then(pl.lit("word_form"))
    return frame.with_columns(value=value, error=error, kind=kind)


def _read_number(frame: pl.DataFrame, labels: Mapping[str, str], unit: str) -> pl.DataFrame:
    grouped = pl.col("tidy").str.contains(r"^[+-]?[0-9]{1,3}(,[0-9]{3})+(\.|$|元)")
    worded = pl.col("tidy").str.contains(r"^[¥￥]|元$")
    bare = pl.col("tidy").str.replace(r"^[¥￥]", "").str.replace(r"元$", "").str.strip_chars()
    bare = pl.when(grouped).then(bare.str.replace_all(",", "", literal=True)).otherwise(bare)
    kind = pl.when(grouped).then(pl.lit("thousands")).when(worded).then(pl.lit("unit_word"))
    return frame.with_columns(bare=bare, kind=kind)


def _read_yuan(frame: pl.DataFrame, labels: Mapping[str, str], unit: str) -> pl.DataFrame:
    places = 6 if unit == "wan_yuan" else 2
    bare = pl.col("bare")
    shaped = bare.str.contains(r"^[+-]?([0-9]{1,14}(\.[0-9]*)?|\.[0-9]+)$")
    # A spreadsheet writes 0.1+0.2 as 0.30000000000000004: that tail is noise, 12.345 is not.
    noise = bare.str.extract(r"(\.[0-9]+)$").str.len_chars() > 9
    trailing = bare.str.contains(rf"^[+-]?[0-9]*\.[0-9]{{0,{places}}}0*$") | ~bare.str.contains(r"\.")
    rounded = bare.cast(pl.Float64, strict=False).round(places).cast(pl.Decimal(22, places), strict=False)
    exact = pl.when(noise).then(rounded.cast(pl.String)).when(trailing).then(bare)
    value = in_yuan(pl.when(shaped).then(exact), unit)
    bad_form = pl.when(~shaped).then(pl.lit("number_unknown_form")).otherwise(pl.lit("number_decimals"))
    error = pl.when(value.is_null() & bare.is_not_null()).then(bad_form)
    kind = pl.coalesce("kind", pl.when(noise & value.is_not_null()).then(pl.lit("float_noise")))
    return _read_number(frame, labels, unit).with_columns(value=value, error=error, kind=kind)


def _read_int(frame: pl.DataFrame, labels: Mapping[str, str], unit: str) -> pl.DataFrame:
    bare = pl.col("bare")
    whole = bare.str.replace(r"\.0+$", "").cast(pl.Int64, strict=False)
    fraction = bare.str.contains(r"^[+-]?[0-9]+\.[0-9]+$")
    wrong = pl.when(fraction).then(pl.lit("number_not_whole")).otherwise(pl.lit("number_unknown_form"))
    error = pl.when(whole.is_null() & bare.is_not_null()).then(wrong)
    return _read_number(frame, labels, unit).with_columns(value=whole, error=error)


def _read_id(frame: pl.DataFrame, labels: Mapping[str, str], unit: str) -> pl.DataFrame:
    return read_id(frame)


READERS = {
    "text": _read_text, "name": _read_text, "code": _read_code, "bool": _read_bool, "yuan": _read_yuan,
    "int": _read_int, "date": read_date, "month": read_month, "cn_id": _read_id,
    **plain_types.READERS,
}  # fmt: skip
