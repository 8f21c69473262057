"""Outcomes become labels: a visit either verified a need or did not.

The label comes from what a visit *verified*, never from what an office once *gave*: learning from past
help would teach the ranking to repeat past neglect. Which result codes verify a need is policy data
(`is_verified_need` of the result codes: true, false, or null for "says nothing", e.g. nobody at home).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from models.features.frame_checks import need_columns
from zhaoren.errors import ZhaorenError

ALERT_COLUMNS = ("alert_id", "as_of", "household_id", "town_code", "queue", "arm", "is_listed")
OUTCOME_COLUMNS = ("alert_id", "result_code", "found_date", "known_date")


def labels(outcomes: pl.DataFrame, alerts: pl.DataFrame, codes: Mapping[str, bool | None]) -> pl.DataFrame:
    """Every outcome of a need alert that says something about need.

    `codes` maps each result code to its `is_verified_need`. One row per outcome: alert_id, household_id,
    town_code, as_of (of the first list the alert was on), arm, found_date, known_date, label (Boolean).
    Outcomes whose code is null in `codes` are left out, as are compliance alerts: that is another queue.
    Raises ZhaorenError for a result code the policies do not know.
    """
    need_columns(outcomes, OUTCOME_COLUMNS, "outcomes")
    need_columns(alerts, ALERT_COLUMNS, "alerts")
    _refuse_unknown_codes(outcomes, codes)
    first_listed = (
        alerts.filter((pl.col("queue") == "need") & pl.col("is_listed"))
        .sort("alert_id", "as_of")
        .unique("alert_id", keep="first", maintain_order=True)
        .select("alert_id", "household_id", "town_code", "as_of", "arm")
    )
    verified = pl.DataFrame(
        {"result_code": list(codes), "label": list(codes.values())},
        schema={"result_code": pl.String, "label": pl.Boolean},
    )
    return (
        outcomes.select(OUTCOME_COLUMNS)
        .join(verified, on="result_code", how="inner")
        .filter(pl.col("label").is_not_null())
        .join(first_listed, on="alert_id", how="inner")
        .select(*first_listed.columns, "result_code", "found_date", "known_date", "label")
        .sort("as_of", "household_id", "known_date", "found_date", "result_code")
    )


def known_labels(labelled: pl.DataFrame, by: date) -> pl.DataFrame:
    """The latest outcome of each household and list date among those known by a date.

    One row per household_id and as_of. An outcome that arrives after `by` changes nothing here, which is
    what keeps tomorrow out of yesterday's training set.
    """
    order = [c for c in ("known_date", "found_date", "result_code") if c in labelled.columns]
    return (
        labelled.filter(pl.col("known_date") <= by)
        .sort("as_of", "household_id", *order)
        .unique(["as_of", "household_id"], keep="last", maintain_order=True)
    )


def _refuse_unknown_codes(outcomes: pl.DataFrame, codes: Mapping[str, bool | None]) -> None:
    unknown = sorted(set(outcomes["result_code"].drop_nulls().to_list()) - set(codes))
    if unknown:
        raise ZhaorenError(
            f"{len(unknown)} result code(s) have no meaning: {', '.join(map(repr, unknown[:5]))}",
            "outcomes, column result_code",
            "a label can only be taken from a code whose is_verified_need is defined",
            "add the code to the result codes of the policies, or correct the feedback",
        )
