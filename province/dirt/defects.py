"""How each planted defect looks: an expression over a text column, null where the defect does not fit."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from data_contracts.contract.code_tables import CodeTable
from province.departments.layout import wide

ID_REPAIRED = ["id_fullwidth", "id_lower_x", "id_space", "id_apostrophe", "id_zero_width", "id_15_digit"]
ID_REFUSED = ["id_checksum", "id_digit", "id_transposed", "id_scientific", "id_float", "id_missing"]
ID_OF_OTHER = "id_of_other"  # somebody else's number: refused where it repeats an earlier row's key
DATE_REPAIRED = ["date_dotted", "date_compact", "date_chinese", "date_serial", "date_with_time"]
OTHER_REPAIRED = ["amount_thousands", "amount_fullwidth", "code_alias", "name_middle_dot"]

_OTHER_CHECK = dict(zip("0123456789X", "45678901233", strict=True))
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = dict(enumerate("10X98765432"))
_SERIAL_ZERO = pl.date(1899, 12, 30)  # day 0 of spreadsheet dates
_CENTURY = 6  # 19 or 20 stands here: two unequal digits
_SURELY_A_SERIAL = 10_000  # smaller numbers could be read as something else

Make = Callable[[pl.Expr], pl.Expr]


def aliases(table: CodeTable) -> dict[str, list[str]]:
    """Other ways of writing each label, by label."""
    return {value.zh: list(value.aliases) for value in table.values if value.aliases}


def alias(v: pl.Expr, luck: pl.Expr, names: dict[str, list[str]]) -> pl.Expr:
    """One of a label's other ways of writing, drawn by `luck` in 0..1."""
    longest = max((len(n) for n in names.values()), default=0)
    choice = pl.lit(None, dtype=pl.String)
    for turn in range(longest):
        written = v.replace_strict(
            {k: n[turn % len(n)] for k, n in names.items()}, default=None, return_dtype=pl.String
        )
        choice = pl.when((luck * longest).floor() == turn).then(written).otherwise(choice)
    return choice


def digit_off(v: pl.Expr, luck: pl.Expr) -> pl.Expr:
    """A number with one of its first seventeen digits mistyped; the check digit then never fits."""
    at = (luck * 17).floor().cast(pl.Int64)
    digit = v.str.slice(at, 1).cast(pl.Int64, strict=False)
    other = (digit + 1 + (luck * 17_000).floor().cast(pl.Int64) % 9) % 10
    return pl.concat_str(v.str.slice(0, at), other.cast(pl.String), v.str.slice(at + 1))


def transposed(v: pl.Expr, luck: pl.Expr) -> pl.Expr:
    """A number with two unequal neighbours swapped: by `luck`, else in the century of birth."""
    drawn = (luck * 17).floor().cast(pl.Int64)
    at = pl.when(v.str.slice(drawn, 1) != v.str.slice(drawn + 1, 1)).then(drawn).otherwise(_CENTURY)
    one, other = v.str.slice(at, 1), v.str.slice(at + 1, 1)
    return pl.concat_str(v.str.slice(0, at), other, one, v.str.slice(at + 2))


def middle_dot(v: pl.Expr, luck: pl.Expr) -> pl.Expr:
    """A name's middle dot typed as one of its look-alikes."""
    one, two, three = (v.str.replace_all("·", dot, literal=True) for dot in "•‧・")
    drawn = pl.when(luck < 0.34).then(one).when(luck < 0.67).then(two).otherwise(three)
    return _where(v.str.contains("·", literal=True), drawn)


def _where(fits: pl.Expr, text: pl.Expr) -> pl.Expr:
    return pl.when(fits).then(text)


def _short(v: pl.Expr, start: int) -> pl.Expr:
    """A two-digit month or day without its leading zero."""
    return v.str.slice(start, 2).str.strip_chars_start("0")


def _amount(v: pl.Expr) -> pl.Expr:
    return v.cast(pl.Float64, strict=False)


def _float_damaged(v: pl.Expr) -> pl.Expr:
    """What a spreadsheet leaves of an 18-digit number: the nearest double, if its check then fails."""
    near = v.cast(pl.Int64, strict=False).cast(pl.Float64).cast(pl.Int64).cast(pl.String)
    total = pl.sum_horizontal(
        near.str.slice(i, 1).cast(pl.Int64, strict=False) * w for i, w in enumerate(_WEIGHTS)
    )
    check = (total % 11).replace_strict(_CHECKS, default=None, return_dtype=pl.String)
    return _where(near.str.slice(17, 1) != check, near)


def _serial(v: pl.Expr) -> pl.Expr:
    days = (v.str.to_date("%Y-%m-%d", strict=False) - _SERIAL_ZERO).dt.total_days()
    return _where(days > _SURELY_A_SERIAL, days.cast(pl.String))


def _thousands(v: pl.Expr) -> pl.Expr:
    shape = r"^(\d+)(\d{3}\.\d+)$"
    parted = v.str.extract(shape, 1) + pl.lit(",") + v.str.extract(shape, 2)
    return _where(_amount(v).is_between(1000, 999_999), parted)


KINDS: dict[str, Make] = {
    "id_fullwidth": wide,
    "id_lower_x": lambda v: _where(v.str.ends_with("X"), v.str.slice(0, 17) + pl.lit("x")),
    "id_space": lambda v: (
        v.str.slice(0, 6) + pl.lit(" ") + v.str.slice(6, 8) + pl.lit(" ") + v.str.slice(14, 4)
    ),
    "id_apostrophe": lambda v: pl.lit("'") + v,
    "id_zero_width": lambda v: v.str.slice(0, 6) + pl.lit("\u200b") + v.str.slice(6, 12),
    "id_15_digit": lambda v: _where(v.str.slice(6, 2) == "19", v.str.slice(0, 6) + v.str.slice(8, 9)),
    "id_checksum": lambda v: (
        v.str.slice(0, 17) + v.str.slice(17, 1).replace_strict(_OTHER_CHECK, default=None)
    ),
    "id_scientific": lambda v: v.str.slice(0, 1) + pl.lit(".") + v.str.slice(1, 5) + pl.lit("E+17"),
    "id_float": _float_damaged,
    "id_missing": lambda v: _where(v.is_not_null(), pl.lit("")),
    "date_dotted": lambda v: v.str.slice(0, 4) + pl.lit(".") + _short(v, 5) + pl.lit(".") + _short(v, 8),
    "date_compact": lambda v: v.str.replace_all("-", "", literal=True),
    "date_chinese": lambda v: pl.concat_str(
        v.str.slice(0, 4), pl.lit("年"), _short(v, 5), pl.lit("月"), _short(v, 8), pl.lit("日")
    ),
    "date_serial": _serial,
    "date_with_time": lambda v: v + pl.lit(" 00:00:00.0"),
    "date_zero": lambda v: _where(v.is_not_null(), pl.lit("0000-00-00")),
    "date_bad": lambda v: v.str.slice(0, 4) + pl.lit("-02-30"),
    "amount_thousands": _thousands,
    "amount_fullwidth": lambda v: _where(_amount(v) >= 0, wide(v)),
    "amount_negative": lambda v: _where(_amount(v) > 0, pl.lit("-") + v),
    "amount_text": lambda v: _where(v.is_not_null(), pl.lit("无")),
    "code_unknown": lambda v: _where(v.is_not_null(), pl.lit("待核实")),
}
DRAWN_KINDS: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "id_digit": digit_off,
    "id_transposed": transposed,
    "name_middle_dot": middle_dot,
}
MONTH_KINDS: dict[str, Make] = {
    "date_compact": KINDS["date_compact"],
    "date_chinese": lambda v: pl.concat_str(v.str.slice(0, 4), pl.lit("年"), _short(v, 5), pl.lit("月")),
    "date_zero": lambda v: _where(v.is_not_null(), pl.lit("0000-00")),
    "date_bad": lambda v: v.str.slice(0, 4) + pl.lit("-13"),
}
