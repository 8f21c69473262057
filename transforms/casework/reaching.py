"""When a family counts as not reached: tries that failed at different times of day, and then somebody asked.

not_reached(tries, rule) -> DataFrame case_no, event_date, ref_id: one row per case that counts as such
"""

from __future__ import annotations

import polars as pl

from policies.casework.contacts import NotReached


def not_reached(tries: pl.DataFrame, rule: NotReached) -> pl.DataFrame:
    """The cases whose failed tries are enough by the rule, with the day and the question that made them so.

    tries: case_no, ref_id, contact_date, part_of_day (null: not written down, no other time of
    day), way_code: failed ones alone, since somebody spoke with the family or the case began.
    """
    asked = pl.col("way_code").is_in(rule.then_ways)
    own = tries.filter(~asked).sort("case_no", "contact_date", "ref_id")
    new_part = pl.col("part_of_day").is_not_null() & pl.struct("case_no", "part_of_day").is_first_distinct()
    counted = own.with_columns(
        nth=pl.int_range(1, pl.len() + 1).over("case_no"), parts=new_part.cum_sum().over("case_no")
    )
    enough = counted.filter((pl.col("nth") >= rule.tries) & (pl.col("parts") >= rule.parts_of_day))
    since = enough.group_by("case_no").agg(pl.col("contact_date").min().alias("since"))
    then = tries.filter(asked & pl.col("contact_date").is_not_null()).join(since, on="case_no")
    then = then.filter(pl.col("contact_date") >= pl.col("since")).sort("case_no", "contact_date", "ref_id")
    first = then.unique("case_no", keep="first", maintain_order=True)
    return first.select("case_no", pl.col("contact_date").alias("event_date"), "ref_id")
