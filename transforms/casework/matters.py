"""What is still to be done about a case, by the matters that follow its visits.

open_matters(steps, begun, rules) -> DataFrame, one row per case with a matter: case_no, open_cnt, done_cnt
    (of the present episode), due_date (the earliest of the open ones), next_kind, ref_id, ref_no (of that
    one), last_ref_id, last_ref_no
step_events(steps, matters, rules) -> the events that steps are in the life of their cases
"""

from __future__ import annotations

import polars as pl

from policies.casework.steps import Steps

_RULE = {"kind_code": pl.String, "event_code": pl.String, "is_end": pl.Boolean, "case_event": pl.String}


def _rules(rules: Steps) -> pl.DataFrame:
    rows = [
        (kind.code, event.code, event.is_end, event.case)
        for kind in rules.kind_list
        if kind.holds_case
        for event in kind.event_list
    ]
    return pl.DataFrame(rows, schema=_RULE, orient="row")


def open_matters(steps: pl.DataFrame, begun: pl.DataFrame, rules: Steps) -> pl.DataFrame:
    """What the matters of each case have come to; see the top of this file.

    steps: mart.step's step_id, step_no, case_no, kind_code, event_code, due_date, known_date: all known of
    their cases. begun: case_no, begun_date: when its present episode began.
    """
    held = steps.join(_rules(rules), on=["kind_code", "event_code"])
    held = held.with_columns(since=pl.col("known_date").min().over("step_id"))
    last = held.sort("step_id", "step_no").unique("step_id", keep="last", maintain_order=True)
    is_now = (pl.col("since") >= pl.col("begun_date")).fill_null(True)
    last = last.join(begun, on="case_no", how="left").filter(~pl.col("is_end") | is_now)
    order = last.sort("case_no", "is_end", "due_date", "step_id", nulls_last=True)
    is_open = ~pl.col("is_end")
    return order.group_by("case_no", maintain_order=True).agg(
        open_cnt=is_open.sum().cast(pl.Int64),
        done_cnt=pl.col("is_end").sum().cast(pl.Int64),
        due_date=pl.col("due_date").filter(is_open).first(),
        next_kind=pl.col("kind_code").filter(is_open).first(),
        ref_id=pl.col("step_id").filter(is_open).first(),
        ref_no=pl.col("step_no").filter(is_open).first(),
        last_ref_id=pl.col("step_id").last(),
        last_ref_no=pl.col("step_no").last(),
    )


def step_events(steps: pl.DataFrame, matters: pl.DataFrame, rules: Steps) -> pl.DataFrame:
    """case_no, event_code (null: none of the case's life), event_date, due_date, ref_id, ref_no of new steps.

    steps: mart.step's columns. The case is due when the earliest of what is open about it is.
    """
    rows = steps.join(_rules(rules).drop("is_end"), on=["kind_code", "event_code"], how="left")
    return rows.join(matters.select("case_no", next_due="due_date"), on="case_no", how="left").select(
        "case_no",
        pl.col("case_event").alias("event_code"),
        "event_date",
        pl.col("next_due").alias("due_date"),
        pl.col("step_id").alias("ref_id"),
        pl.col("step_no").alias("ref_no"),
    )


def to_look_back(log: pl.DataFrame, visits: pl.DataFrame, step_codes: tuple[str, ...]) -> pl.DataFrame:
    """case_no, visit_id (the last one) of the cases of need that ended by these events."""
    ended = log.filter(pl.col("event_code") == "close").select("case_no").unique()
    rows = visits.sort("case_no", "found_date", "visit_id").unique(
        "case_no", keep="last", maintain_order=True
    )
    return (
        rows.filter(pl.col("result_code").is_in(step_codes))
        .join(ended, on="case_no", how="semi")
        .select("case_no", "visit_id")
    )
