"""Which scored pairs are accepted, which doubtful: one match per person, and a margin over the next."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Matches:
    """accepted: at most one pair per person_id; doubtful: pairs for clerical review. Columns as given."""

    accepted: pl.DataFrame
    doubtful: pl.DataFrame


def apply_match_thresholds(
    pairs: pl.DataFrame, accept_weight: float, doubt_weight: float, margin_weight: float
) -> Matches:
    """The best pair of each person_id, if its weight reaches `accept_weight` and leads by `margin_weight`.

    pairs: person_id, other_person_id, match_weight (log2 of the odds), whole_weight (the weight without what
    may only ask) and whatever else. The best pair is that of the greatest match_weight; it is accepted by its
    whole_weight alone. One that is not accepted but reaches `doubt_weight` is doubtful, with every other of
    its person within the margin of it.
    """
    order = ["person_id", "match_weight", "other_person_id"]
    ranked = pairs.sort(order, descending=[False, True, False])
    ranked = ranked.with_columns(
        _rank=pl.int_range(pl.len()).over("person_id"),
        _best=pl.col("match_weight").first().over("person_id"),
        _next=pl.col("match_weight").get(1, null_on_oob=True).over("person_id"),
        _whole=pl.col("whole_weight").first().over("person_id"),
        _others=pl.col("whole_weight").slice(1).max().over("person_id"),
    )
    # Two equally good candidates are no match, however high they score: a wrong link shows another's life.
    next_one = pl.max_horizontal("_next", "_others")
    leads = next_one.is_null() | (pl.col("_whole") - next_one >= margin_weight)
    sure = leads & (pl.col("_whole") >= accept_weight)
    near = pl.col("match_weight") > pl.col("_best") - margin_weight
    doubtful = ranked.filter(~sure & (pl.col("_best") >= doubt_weight) & near)
    accepted = ranked.filter(sure & (pl.col("_rank") == 0))
    return Matches(accepted.select(pairs.columns), doubtful.select(pairs.columns))
