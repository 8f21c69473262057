"""Clerical review of doubtful pairs: how a pair is named, which go to a reviewer, what follows from answers.

    cases(pairs) -> DataFrame            each pair once, the earlier id first, with the case_id it is known by
    cases_to_review(known, …) -> DataFrame   those that go to a reviewer now
    contradictions(…) -> Series          case_ids of answers that cannot all be true
    confirmed_links(…) -> DataFrame      the pairs that are one person by the answers
    overruled_links(…) -> DataFrame      the links that the answers end

pairs      person_id, other_person_id and whatever else is known of the pair
numbered   the person_ids with a valid ID number
links      person_id (who was found), other_person_id, decided_by
decisions  case_id, person_id, other_person_id, decision (same|different|unsure), decided_date
"""

from __future__ import annotations

from datetime import date

import polars as pl
import polars_hash as plh

from transforms.linkage.connected_components import components

PAIR = ("person_id", "other_person_id")
_DIGITS = 10  # a trillion names: no two of a province's doubtful pairs share one


def cases(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with case_id, sorted by the two ids; a pair given twice, either way round, is there once.

    The name follows from the two ids alone, so that an answer finds its pair in every later month. It begins
    with a letter: no spreadsheet takes it for a number.
    """
    one, other = pl.min_horizontal(PAIR), pl.max_horizontal(PAIR)
    ordered = pairs.with_columns(one.alias(PAIR[0]), other.alias(PAIR[1]))
    digest = plh.concat_str(*PAIR, separator="|").chash.sha2_256().str.head(_DIGITS)
    named = ordered.with_columns(case_id=pl.concat_str(pl.lit("Q"), digest))
    return named.unique("case_id", keep="first", maintain_order=True).sort(PAIR)


def cases_to_review(
    known: pl.DataFrame, decisions: pl.DataFrame, as_of: date, again_days: int
) -> pl.DataFrame:
    """The cases nobody decided, and those that nobody could decide `again_days` ago or longer."""
    rests = pl.col("decided_date").dt.offset_by(f"{again_days}d") > as_of
    closed = decisions.filter((pl.col("decision") != "unsure") | rests)
    return known.join(closed, on="case_id", how="anti", maintain_order="left")


def contradictions(decisions: pl.DataFrame, numbered: pl.Series) -> pl.Series:
    """Sorted case_ids of all answers about persons who by some answers are one and by another are two.

    Two valid numbers are two persons, unless an answer is about those two. Which answer is wrong nobody can
    tell from the answers, so every one within such a set is named.
    """
    same = decisions.filter(decision="same")
    sets = _sets(same)
    decided = decisions.filter(pl.col("decision") != "unsure")
    for name in PAIR:
        own = sets.select(pl.col("node").alias(name), pl.col("component").alias(f"_{name}"))
        decided = decided.join(own, on=name, how="left", maintain_order="left")
    within = decided.filter(pl.col(f"_{PAIR[0]}") == pl.col(f"_{PAIR[1]}"))
    within = within.rename({f"_{PAIR[0]}": "component"})
    torn = pl.concat(
        [within.filter(decision="different").select("component"), _several_numbers(same, sets, numbered)]
    )
    return within.join(torn, on="component", how="semi").get_column("case_id").unique().sort()


def _sets(same: pl.DataFrame) -> pl.DataFrame:
    return components(same.select(left=PAIR[0], right=PAIR[1]))


def _several_numbers(same: pl.DataFrame, sets: pl.DataFrame, numbered: pl.Series) -> pl.DataFrame:
    """The components with two numbers that no answer about the two holds together."""
    has_number = [pl.col(name).is_in(numbered.implode()) for name in PAIR]
    direct = _sets(same.filter(*has_number)).rename({"component": "_direct"})
    found = sets.filter(pl.col("node").is_in(numbered.implode())).join(direct, on="node", how="left")
    numbers = pl.coalesce("_direct", "node").n_unique()
    return found.group_by("component").agg(numbers=numbers).filter(pl.col("numbers") > 1).select("component")


def confirmed_links(decisions: pl.DataFrame, numbered: pl.Series) -> pl.DataFrame:
    """person_id (the one without a number, where one has none), other_person_id of answers 同一人."""
    one, other = (pl.col(name) for name in PAIR)
    turned = one.is_in(numbered.implode()) & ~other.is_in(numbered.implode())
    found, known = pl.when(turned).then(other).otherwise(one), pl.when(turned).then(one).otherwise(other)
    return decisions.filter(decision="same").select(found.alias(PAIR[0]), known.alias(PAIR[1])).sort(PAIR)


def overruled_links(
    links: pl.DataFrame, decisions: pl.DataFrame, numbered: pl.Series, reviewer: str
) -> pl.DataFrame:
    """The links (person_id, other_person_id) that the newest answers end.

    Those between persons whom an answer keeps apart; the reviewer's own that no answer upholds; and those
    that found another number for somebody whom an answer gave one: a reviewer goes before rules.
    """
    answers = decisions.select(*PAIR, "decision")
    turned = answers.select(pl.col(PAIR[1]).alias(PAIR[0]), pl.col(PAIR[0]).alias(PAIR[1]), "decision")
    judged = links.join(pl.concat([answers, turned]), on=PAIR, how="left", maintain_order="left")
    numbered_by_answer = confirmed_links(decisions, numbered).filter(
        pl.col(PAIR[1]).is_in(numbered.implode())
    )
    elsewhere = pl.col(PAIR[0]).is_in(numbered_by_answer.get_column(PAIR[0]).implode())
    is_same = (pl.col("decision") == "same").fill_null(False)
    ends = (
        (pl.col("decision") == "different").fill_null(False) | (pl.col("decided_by") == reviewer) | elsewhere
    )
    return judged.filter(~is_same & ends).select(PAIR)
