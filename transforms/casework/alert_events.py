"""What a date's alerts bring to the cases: issued, listed, at rest, withdrawn.

Asked of the state a case is in, not of what an earlier computing of the same date said: the same alerts a
second time bring nothing, and those of a date that is computed anew bring what is different. A case whose log
has gone past the date is left alone: what it says of that date was true then.
"""

from __future__ import annotations

from datetime import date

import polars as pl

_BEGINS = ("none", "closed", "withdrawn", "suppressed")


def alert_events(
    alerts: pl.DataFrame,
    states: pl.DataFrame,
    reasons: pl.DataFrame,
    day: date,
    *,
    leaving: tuple[list[str], list[str]],
) -> pl.DataFrame:
    """case_no, event_code, event_date, level, due_date, alert_id, reason_code, in the order of each case.

    alerts: of the date, case_no, alert_id, status, is_listed, level, due_date, rest_until. reasons: case_no,
    reason_code of cases that may be withdrawn. leaving: the states from which a case can be withdrawn, and
    those from which it can be laid to rest.
    """
    reached = states.filter((pl.col("known_date") <= day).fill_null(True))
    rows = reached.rename({name: f"{name}_old" for name in ("level", "due_date", "alert_id")}).join(
        alerts, on="case_no", how="left"
    )
    withdrawable, restable = leaving
    own, free = rows.filter(pl.col("alert_id").is_not_null()), rows.filter(pl.col("alert_id").is_null())
    state, listed = pl.col("state"), pl.col("is_listed")
    settled = ((pl.col("status") == "suppressed") & (pl.col("rest_until") >= day)).fill_null(False)
    # Suppressed, too, is what this month's list has already: it is neither at rest nor anew.
    new = (state == "none") | (pl.col("status") != "suppressed")
    issues = state.is_in(_BEGINS) & ~settled & new
    # One that was listed by this alert before has it as its newest.
    again = ~state.is_in([*_BEGINS, "issued"]) & (pl.col("alert_id") != pl.col("alert_id_old")).fill_null(
        True
    )
    rests = settled & state.is_in(restable) & ~pl.col("is_visited")
    rests = rests | (settled & state.is_in(["closed", "withdrawn", "none"]))
    gone = free.join(reasons, on="case_no").filter(state.is_in(withdrawable) & ~pl.col("is_visited"))
    parts = [
        _of(own.filter(rests), "rest", 0),
        _of(own.filter(issues), "issue", 0),
        _of(own.filter(listed & (issues | (state == "issued") | again)), "assign", 1).with_columns(
            pl.min_horizontal("due_date", pl.when(again).then("due_date_old")).alias("due_date")
        ),
        _of(gone, "withdraw", 0),
    ]
    out = pl.concat(parts, how="diagonal_relaxed").with_columns(
        event_date=pl.lit(day), keeps_due=pl.lit(False)
    )
    due = pl.when(pl.col("event_code") == "assign").then("due_date")
    return out.with_columns(due.alias("due_date")).sort("case_no", "order").drop("order")


def _of(rows: pl.DataFrame, event: str, order: int) -> pl.DataFrame:
    reason = "reason_code" if "reason_code" in rows.columns else pl.lit(None, pl.String).alias("reason_code")
    return rows.select(
        *("case_no", "level", "due_date", "alert_id", "state", "due_date_old", "alert_id_old"),
        reason,
        event_code=pl.lit(event),
        order=pl.lit(order),
    )
