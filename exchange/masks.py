"""Masks for what leaves on paper, and the last look before it does.

A list carries 张* and 138****1234, a case number instead of an ID number, and no diagnosis,
psychiatric label, crime or score.
"""

from __future__ import annotations

import re

import polars as pl

from exchange.words import words
from zhaoren.errors import ZhaorenError

_LONG_NUMBER = r"\d{14,}[Xx]?"  # ID numbers (15, 18), bank cards (16 to 19)
_PHONE = r"(^|\D)(1[3-9]\d)[- ]?\d{4}[- ]?(\d{4})(\D|$)"
_MASKED_PHONE = r"^$|^[\d+() -]*\*+\d{0,4}$"
_COVERED = "［已遮盖］"


def mask_name(name: pl.Expr) -> pl.Expr:
    """张三丰 becomes 张*; null stays null."""
    trimmed = name.str.strip_chars()
    return pl.when(trimmed.str.len_chars() > 0).then(pl.concat_str(trimmed.str.slice(0, 1), pl.lit("*")))


def mask_phone(phone: pl.Expr) -> pl.Expr:
    """13812341234 becomes 138****1234, a landline keeps its last 4 digits; null stays null."""
    digits = phone.str.replace_all(r"\D", "")
    mobile = digits.str.extract(r"(1[3-9]\d{9})$")
    tail = pl.concat_str(pl.lit("****"), digits.str.slice(-4))
    shown = pl.concat_str(mobile.str.slice(0, 3), pl.lit("****"), mobile.str.slice(-4))
    return pl.when(digits.str.len_chars() >= 7).then(pl.coalesce(shown, tail))


def cover(text: pl.Expr) -> pl.Expr:
    """Free text (what a worker once wrote) with numbers of people and barred words covered."""
    covered = text.str.replace_all(_LONG_NUMBER, _COVERED)
    for _ in range(2):  # two phones that share a separator need a second pass
        covered = covered.str.replace_all(_PHONE, "${1}${2}****${3}${4}")
    return covered.str.replace_all(_barred_pattern(), _COVERED)


def refuse_leaks(rows: pl.DataFrame, text_columns: list[str]) -> None:
    """Stop a list that would show what it must not.

    `rows`: one row per line of a list: its number there, `seq`, head_name_masked and, if any, phone_masked.
    Raises ZhaorenError naming column, line and kind, never the value.
    """
    for column in text_columns:
        for kind, pattern in _leak_patterns():
            _refuse(rows, column, pl.col(column).str.contains(pattern), kind)
    _refuse(rows, "head_name_masked", ~pl.col("head_name_masked").str.contains(r"^$|\*"), "name")
    if "phone_masked" in rows.columns:
        _refuse(rows, "phone_masked", ~pl.col("phone_masked").str.contains(_MASKED_PHONE), "phone")


def _refuse(rows: pl.DataFrame, column: str, is_leak: pl.Expr, kind: str) -> None:
    hits = rows.select(pl.col("seq").filter(is_leak.fill_null(False))).to_series()
    if hits.is_empty():
        return
    raise ZhaorenError(
        f"A list would show what it must not ({kind})",
        where=f"column {column}, line {hits[0]}" + (f" and {len(hits) - 1} more" * (len(hits) > 1)),
        why=_reasons().get(kind, "it identifies a person to whoever finds the paper"),
        todo="mask it before writing the list, or reword the sentence in the signal's or benefit's file",
    )


def _leak_patterns() -> list[tuple[str, str]]:
    barred = [(entry["kind"], _any_of(entry["words"])) for entry in words("never_on_a_list")]
    return [("number of a person or card", _LONG_NUMBER), ("phone", _PHONE), *barred]


def _reasons() -> dict[str, str]:
    return {entry["kind"]: entry["why"] for entry in words("never_on_a_list")}


def _barred_pattern() -> str:
    return _any_of([word for entry in words("never_on_a_list") for word in entry["words"]])


def _any_of(texts: list[str]) -> str:
    return "(?i)" + "|".join(re.escape(text) for text in texts)
