"""Pairs of persons that may be one: how a pair is named, which are asked, and which answers contradict.

cases(pairs) -> DataFrame       each pair once, the earlier id first, with the case_id it is known by
to_ask(asked, …) -> DataFrame   the cases that are to be asked now
contradictions(…) -> Series     case_ids of answers that cannot all be true

pairs      person_id, other_person_id and whatever else is told of the pair
decisions  case_id, person_id, other_person_id, decision (same|different|unsure), decided_date
"""

from __future__ import annotations

from datetime import date

import polars as pl
import polars_hash as plh

from .clusters import components

PAIR = ("person_id", "other_person_id")
_DIGITS = 10  # a trillion names: no two of a province's doubtful pairs share one


def cases(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with case_id, sorted by the two ids; a pair told twice, either way round, stands once.

    The name follows from the two ids alone, so that an answer finds its pair in every later month. It begins
    with a letter: no spreadsheet takes it for a number.
    """
    one, other = pl.min_horizontal(PAIR), pl.max_horizontal(PAIR)
    ordered = pairs.with_columns(one.alias(PAIR[0]), other.alias(PAIR[1]))
    digest = plh.concat_str(*PAIR, separator="|").chash.sha2_256().str.head(_DIGITS)
    named = ordered.with_columns(case_id=pl.concat_str(pl.lit("Q"), digest))
    return named.unique("case_id", keep="first", maintain_order=True).sort(PAIR)


def to_ask(asked: pl.DataFrame, decisions: pl.DataFrame, as_of: date, again_days: int) -> pl.DataFrame:
    """The cases nobody decided, and those that nobody could decide so many days ago or longer."""
    rests = pl.col("decided_date").dt.offset_by(f"{again_days}d") > as_of
    settled = decisions.filter((pl.col("decision") != "unsure") | rests)
    return asked.join(settled, on="case_id", how="anti", maintain_order="left")


def contradictions(decisions: pl.DataFrame) -> pl.Series:
    """Sorted case_ids of all answers about persons who by some answers are one and by another are two.

    Which of them is wrong nobody can tell from the answers, so every one within such a set is named.
    """
    same = decisions.filter(decision="same")
    sets = components(same.select(left=PAIR[0], right=PAIR[1]))
    told = decisions.filter(pl.col("decision") != "unsure")
    for name in PAIR:
        own = sets.select(pl.col("node").alias(name), pl.col("component").alias(f"_{name}"))
        told = told.join(own, on=name, how="left", maintain_order="left")
    within = told.filter(pl.col(f"_{PAIR[0]}") == pl.col(f"_{PAIR[1]}"))
    torn = within.filter(decision="different").select(f"_{PAIR[0]}").unique()
    return within.join(torn, on=f"_{PAIR[0]}", how="semi").get_column("case_id").unique().sort()
