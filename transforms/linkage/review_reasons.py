"""Doubtful pairs in plain Chinese: what the two have in common, and what keeps us from being sure."""

from __future__ import annotations

from typing import Any

import polars as pl

from transforms.linkage.names import one_apart

QUESTIONS: dict[str, Any] = {
    "person_id": pl.String,
    "other_person_id": pl.String,
    "tier": pl.Int64,
    "question_kind": pl.String,
    "reason_zh": pl.String,
}
_COMPARED = ["name", "name_sound", "sex_code", "birth_date", "village_code", "household_id"]


def review_questions(pairs: pl.DataFrame, unidentified: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """QUESTIONS' columns for each pair (person_id, other_person_id, tier); order as given.

    question_kind: missing_number (none is written), faulty_number, or shared_number (somebody else's is
    written).
    """
    one = unidentified.select("person_id", *_COMPARED, "number_text", "shared_person_id")
    other = known.select(pl.col("person_id", *_COMPARED).name.prefix("other_"))
    both = pairs.join(one, on="person_id", how="left", maintain_order="left")
    both = both.join(other, on="other_person_id", how="left", maintain_order="left")
    alike = pl.concat_str(_alike(), separator="、", ignore_nulls=True)
    unlike = pl.concat_str(_unlike(), separator="、", ignore_nulls=True)
    reason = pl.concat_str(
        pl.when(alike != "").then(alike + "；"), pl.when(unlike != "").then(unlike + "；"), _number_words(),
        ignore_nulls=True,
    )  # fmt: skip
    return both.select("person_id", "other_person_id", "tier", question_kind=_kind(), reason_zh=reason)


def _kind() -> pl.Expr:
    return (
        pl.when(pl.col("shared_person_id").is_not_null())
        .then(pl.lit("shared_number"))
        .when(pl.col("number_text").is_null())
        .then(pl.lit("missing_number"))
        .otherwise(pl.lit("faulty_number"))
    )


def _number_words() -> pl.Expr:
    texts = {
        "shared_number": "所填证件号是别人的",
        "missing_number": "未填证件号",
        "faulty_number": "证件号填写有误",
    }
    return _kind().replace_strict(texts, return_dtype=pl.String)


def _same(name: str) -> pl.Expr:
    return pl.col(name) == pl.col(f"other_{name}")


def _alike() -> list[pl.Expr]:
    sound = _same("name_sound") & ~_same("name")
    near = one_apart(pl.col("name"), pl.col("other_name")) & ~_same("name_sound")
    shared = [
        (_same("name"), "姓名相同"),
        (sound, "姓名读音相同"),
        (near, "姓名差一个字"),
        (_same("birth_date"), "出生日期相同"),
        (_same("village_code"), "同村（社区）"),
        (_same("household_id"), "同一户"),
    ]
    return [pl.when(fact).then(pl.lit(text)) for fact, text in shared]


def _unlike() -> list[pl.Expr]:
    differing = [("birth_date", "出生日期不同"), ("village_code", "不同村（社区）")]
    return [pl.when(~_same(name)).then(pl.lit(text)) for name, text in differing]
