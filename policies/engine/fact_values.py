"""Values of a frame of facts as their facts' types: exactly, or refused by column and row. Nothing is cut.

typed(values, fact_type, column) -> Series      the values as the type
beyond(values, fact_type) -> Series             which of them are no amount of anything, and taken as unknown
ids(values, column) -> Series                   an id or place code as text
refuse_unlike(rows, key, columns)               facts of one household that differ from member to member
refuse_doubtful_ids(rows, columns, unique)      ids that are missing, or occur twice
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from data_contracts.registry.column_types import DTYPES
from zhaoren.errors import ZhaorenError

EXACT = 2**53  # whole numbers beyond it have neighbours that a float cannot tell from them
# No household has a thousand billion yuan: a typing mistake, which spoils its own row and no other.
MOST = {"yuan": 10**15, "number": 10**15, "integer": 10**18}
CENT = 2  # decimals that money and numbers keep
_WIDE = pl.Decimal(38, 12)
# What is left of a sum of floats, such as 0.1 + 0.2, is no third decimal.
_NOISE = 1e-9
WHERE = "the frame of facts"
_TODO = "Correct it; leave unknown cells empty."
_WORDS = {"true": True, "1": True, "false": False, "0": False}
_KINDS = {
    pl.Int64: "whole numbers", pl.Decimal: "numbers", pl.Boolean: "true or false", pl.Date: "days",
    pl.String: "texts",
}  # fmt: skip


def typed(values: pl.Series, fact_type: str, column: str) -> pl.Series:
    """The values as the fact's type. Whole numbers given as floats are whole; a flag may be 0 or 1."""
    dtype = DTYPES[fact_type]
    if values.dtype == pl.Null:
        return values.cast(dtype)
    if values.dtype.is_nested() or values.dtype in (pl.Binary, pl.Object):
        raise _other_type(values, dtype, column)
    if fact_type == "text" and (values.dtype == pl.Boolean or values.dtype.is_temporal()):
        raise _other_type(values, dtype, column)  # a text true or 2026-01-05 is no code of anything
    if values.dtype.is_float():
        _refuse(values, values.is_nan() | values.is_infinite(), column, "is no number (NaN or infinite)")
    values = values.set(beyond(values, fact_type), None)
    if fact_type == "text":
        return ids(values, column)
    if fact_type == "boolean":
        return _flags(values, column)
    if values.dtype == pl.Boolean:
        raise _other_type(values, dtype, column)
    if fact_type == "integer" and (values.dtype.is_float() or values.dtype.is_decimal()):
        _refuse(values, values.cast(pl.Float64).abs() > EXACT, column, "is too large to be exact as a float")
        _refuse(values, values.cast(pl.Float64) % 1 != 0, column, "is no whole number")
    if fact_type in ("yuan", "number"):
        return _cents(values, dtype, column)
    return _cast(values, dtype, column)


def beyond(values: pl.Series, fact_type: str) -> pl.Series:
    """Which values are so large that they are unknown; an id read as a float is refused instead (`typed`)."""
    most = MOST.get(fact_type)
    if most is None or values.dtype == pl.Boolean or (fact_type == "integer" and values.dtype.is_float()):
        return pl.repeat(False, len(values), eager=True)
    numbers = values.cast(pl.Float64, strict=False) if _holds_numbers(values) else None
    if numbers is None:
        return pl.repeat(False, len(values), eager=True)
    return ((numbers.abs() >= most) & numbers.is_finite()).fill_null(False)


def _holds_numbers(values: pl.Series) -> bool:
    return values.dtype.is_numeric() or values.dtype.is_decimal() or values.dtype == pl.String


def ids(values: pl.Series, column: str) -> pl.Series:
    """Ids, codes and texts as text. A float is none: 445224202300017001.0 may have been another number."""
    if values.dtype.is_float():
        _refuse(values, values.is_not_null(), column, "is a float: digits may be lost, and 001 would be 1.0")
    texts = _cast(values, pl.String(), column)
    if column.endswith("_id"):
        lost = texts.str.contains(r"^[0-9]+(?:[.][0-9]+)?[eE][+]?[0-9]+$|^[0-9]+[.]0+$")
        _refuse(texts, lost, column, "is a number that a spreadsheet rewrote: digits of the id are lost")
        _refuse(texts, texts.str.strip_chars() == "", column, "is blank")
    return texts


def refuse_unlike(rows: pl.DataFrame, key: str, columns: Sequence[str]) -> None:
    """Raise ZhaorenError where rows of one key differ in a column: which of them is true, nobody can tell."""
    for column in columns:
        unlike = rows.select(pl.col(column).n_unique().over(key) > 1).to_series()
        _refuse(rows[column], unlike, column, f"differs from another row of the same {key}")


def refuse_doubtful_ids(rows: pl.DataFrame, columns: Sequence[str], unique: str) -> None:
    """Raise ZhaorenError where an id is missing, or `unique` occurs twice: answers of rows would be mixed."""
    for column in columns:
        _refuse(rows[column], rows[column].is_null(), column, "is empty: every row needs one, or none has it")
    _refuse(rows[unique], ~rows[unique].is_first_distinct(), unique, "occurs in an earlier row")


def _flags(values: pl.Series, column: str) -> pl.Series:
    if values.dtype.is_numeric():
        _refuse(values, (values != 0) & (values != 1), column, "is neither true nor false, 1 nor 0")
        return values == 1
    if values.dtype == pl.String:
        lower = values.str.to_lowercase()
        _refuse(values, ~lower.is_in(list(_WORDS)), column, "is neither true nor false, 1 nor 0")
        return lower.replace_strict(_WORDS, default=None, return_dtype=pl.Boolean)
    return _cast(values, pl.Boolean(), column)


def _cents(values: pl.Series, dtype: pl.DataType, column: str) -> pl.Series:
    """Exactly two decimals."""
    if values.dtype.is_float():
        scale = values.abs().clip(lower_bound=1)
        off = (values - values.round(CENT)).abs() > _NOISE * scale
        _refuse(values, off, column, "has more than two decimals")
        return _cast(values.round(CENT), dtype, column)
    wide = _cast(values, _WIDE, column)
    exact = _cast(values, dtype, column)
    _refuse(values, wide != exact.cast(_WIDE), column, "has more than two decimals")
    return exact


def _cast(values: pl.Series, dtype: pl.DataType | type[pl.DataType], column: str) -> pl.Series:
    try:
        return values.cast(dtype)
    except pl.exceptions.PolarsError:
        if values.dtype == pl.String:
            lost = values.cast(dtype, strict=False).is_null() & values.is_not_null()
            _refuse(values, lost, column, f"cannot be read as one of the {_kind(dtype)} of this fact")
        raise _other_type(values, dtype, column) from None


def _other_type(values: pl.Series, dtype: pl.DataType | type[pl.DataType], column: str) -> ZhaorenError:
    return ZhaorenError(
        f"“{column}” holds values of another type.", WHERE,
        f"It holds {_kind(values.dtype)} and should hold {_kind(dtype)}.", _TODO,
    )  # fmt: skip


def _kind(dtype: pl.DataType | type[pl.DataType]) -> str:
    """A type in words; no library's name of it reaches a person."""
    if dtype.is_float():
        return "numbers with a floating point"
    if dtype.is_integer():
        return "whole numbers"
    return next(
        (word for kind, word in _KINDS.items() if dtype == kind), "values of a kind that facts never are"
    )


def _refuse(values: pl.Series, wrong: pl.Series, column: str, why: str) -> None:
    """Raise ZhaorenError naming the column and the first rows that are wrong, never their values."""
    rows = wrong.fill_null(False).arg_true()
    if rows.is_empty():
        return
    first = ", ".join(str(row + 1) for row in rows.head(5).to_list())
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
    raise ZhaorenError(
        f"“{column}” holds values that cannot be taken as they are.", f"{WHERE}, row {first}{more}",
        f"The value {why}; {column} is given as {_kind(values.dtype)}.", _TODO,
    )  # fmt: skip
