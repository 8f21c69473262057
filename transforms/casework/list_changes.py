"""What changed between two lists of a station: new, still there, done, withdrawn, back again, and why.

`now`: the lines of this list; `before`: of the one before: household_id, town_code, reason_zh, both of one
queue. `cases`: what household_states says of those of the list before. `seen`: household_id of every
household that was on an earlier list.
"""

from __future__ import annotations

import polars as pl

NEW, KEPT, BACK, DONE, GONE, REST, AT_WORK, WAITS = (
    "new", "kept", "back", "done", "withdrawn", "rest", "at_work", "waiting",
)  # fmt: skip
# In which order a sheet shows them.
ORDER = (NEW, BACK, KEPT, AT_WORK, DONE, GONE, REST, WAITS)
_OF_STATE = {
    "closed": DONE,
    "withdrawn": GONE,
    "suppressed": REST,
    **dict.fromkeys(("visited", "handled", "referred", "returned"), AT_WORK),
}


def list_changes(
    now: pl.DataFrame, before: pl.DataFrame, cases: pl.DataFrame, seen: pl.DataFrame
) -> pl.DataFrame:
    """One row per household of either list, with change, state, reason_zh, result_zh and event_date.

    Ordered by town and kind of change. A household that moved to another station is on that one's sheet.
    """
    both = now.select("household_id", "town_code", "reason_zh").join(
        before.select("household_id", before_town="town_code", before_reason="reason_zh"),
        on="household_id",
        how="full",
        coalesce=True,
    )
    known = both.join(cases, on="household_id", how="left").join(
        seen.select("household_id", is_seen=pl.lit(True)).unique(), on="household_id", how="left"
    )
    is_now, was = pl.col("town_code").is_not_null(), pl.col("before_town").is_not_null()
    gone = pl.col("state").replace_strict(_OF_STATE, default=WAITS, return_dtype=pl.String)
    change = (
        pl.when(is_now & was)
        .then(pl.lit(KEPT))
        .when(is_now & pl.col("is_seen").fill_null(False))
        .then(pl.lit(BACK))
        .when(is_now)
        .then(pl.lit(NEW))
        .otherwise(gone)
    )
    rank = pl.col("change").replace_strict({kind: n for n, kind in enumerate(ORDER)})
    return (
        known.with_columns(
            change=change,
            town_code=pl.coalesce("town_code", "before_town"),
            reason_zh=pl.coalesce("reason_zh", "before_reason"),
        )
        .sort("town_code", rank, "household_id")
        .select("household_id", "town_code", "change", "state", "reason_zh", "result_zh", "event_date")
    )


def household_states(
    before: pl.DataFrame, alerts: pl.DataFrame, events: pl.DataFrame, found: pl.DataFrame
) -> pl.DataFrame:
    """household_id, state, event_date, result_zh of the households of the list before.

    A case's own last event tells its state; of a case without one the visit's result does, else whether the
    household still has an alert. `alerts`: of the new date, status there; `events`: of the cases; `found`:
    household_id, result_zh, found_date of the last visit.
    """
    has_alert = alerts.group_by("household_id").agg(is_resting=(pl.col("status") == "suppressed").all())
    rows = before.select("household_id").unique().join(has_alert, on="household_id", how="left")
    rows = rows.join(events.select("household_id", "state", "event_date"), on="household_id", how="left")
    rows = rows.join(found, on="household_id", how="left")
    guessed = (
        pl.when(pl.col("result_zh").is_not_null())
        .then(pl.lit("closed"))
        .when(pl.col("is_resting").is_null())
        .then(pl.lit("withdrawn"))
        .when("is_resting")
        .then(pl.lit("suppressed"))
    )
    return rows.select(
        "household_id",
        state=pl.coalesce("state", guessed),
        event_date=pl.coalesce("event_date", "found_date"),
        result_zh="result_zh",
    ).unique("household_id")
