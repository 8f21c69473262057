"""Sentences as a person would say them: no count of nobody, no fact of the household twice on one line.

without_zeros(text) -> text          老人1人、未成年0人 is 老人1人; 在职0人 is 无人在职
said_once(texts, key) -> texts       a household's fact is said by the first sentence that needs it
"""

from __future__ import annotations

import polars as pl

_NOUN = r"[^，、；：（）\d]"
# In this order: what is left of an enumeration must not begin or end with its separator. No pattern matches
# 10人, because a digit before the 0 is no part of a noun.
_ZEROS = (
    (r"（上期（不详）人）", ""),
    (r"在职0人（上期0人）", "本期和上期都无人在职"),
    (r"（上期0人）", "（上期无人）"),
    (r"家中其他在职0人", "家中没有其他人在职"),
    (r"在职0人", "无人在职"),
    (rf"、{_NOUN}+0人", ""),
    (rf"其中{_NOUN}+0人、", "其中"),
    (rf"，{_NOUN}+0人、", "，"),
    (rf"，{_NOUN}+0人", ""),
    (rf"，{_NOUN}+0元", ""),
)
# The same sum over the same twelve months is one fact, however a sentence calls it.
_YEAR_SUM = r"^近12个月.*?(\d+(?:\.\d+)?)元$"
# What is said of the household, not of one member: another member's like clause is another fact.
_OF_HOUSEHOLD = r"^(?:现有|家中|全家)\d+口人|^家庭为|^家庭人均|^其中"
THE_SAME_SUM = "上述费用"


def without_zeros(text: pl.Expr) -> pl.Expr:
    """The text without its counts of nobody and its sums of nothing."""
    for pattern, said in _ZEROS:
        text = text.str.replace_all(pattern, said)
    return text


def said_once(texts: pl.DataFrame, key: str) -> pl.DataFrame:
    """`texts` (key, _text; a line's sentences in order) without what an earlier sentence of the line said.

    A sentence that goes on from a sum said before begins with 上述费用; one that adds nothing is left out.
    """
    parts = texts.with_row_index("_row").with_columns(
        pl.col("_text").str.extract_all(r"[^，；]+[，；]?").alias("_part")
    )
    parts = parts.explode("_part").with_columns(pl.col("_part").str.strip_chars_end("，；").alias("_said"))
    sum_ = pl.col("_said").str.extract(_YEAR_SUM)
    fact = (
        pl.when(sum_.is_not_null())
        .then(pl.format("近12个月{}", sum_))
        .when(pl.col("_said").str.contains(_OF_HOUSEHOLD))
        .then("_said")
    )
    parts = parts.with_columns(fact.alias("_fact"), pl.int_range(pl.len()).over("_row").alias("_place"))
    repeated = pl.col("_fact").is_not_null() & (pl.col("_row") != pl.col("_row").first().over(key, "_fact"))
    goes_on = (pl.col("_place") == 0) & pl.col("_said").shift(-1).over("_row").str.starts_with(
        "超过"
    ).fill_null(False)
    kept = pl.when(~repeated).then("_part").when(goes_on).then(pl.lit(THE_SAME_SUM)).otherwise(pl.lit(""))
    parts = parts.with_columns(kept.alias("_text"))
    whole = parts.group_by(key, "_row", maintain_order=True).agg(pl.col("_text").str.join(""))
    whole = whole.with_columns(pl.col("_text").str.strip_chars_end("，；"))
    return whole.filter(pl.col("_text") != "").select(key, "_text")
