"""New, repeated, escalated or suppressed: an alert against the household's earlier lists and visits.

    histories(inputs) -> DataFrame, one row per household (case) and queue once listed: case_id, queue,
        rest_until, open_due, open_level, open_arm, first_listed_date, is_on_months_list
    rested(evidence, inputs) -> of settled cases: case_id, queue, signal_id, is_fresh, is_awake
    with_status(alerts, rest, history, inputs)
        -> alerts with status, due_date, first_listed_date, rest_until, open_arm

A visit's result closes the case when its code has a cool-down (`cooldowns`: result_code, cooldown_days): each
signal that a list up to the visit named rests until that cool-down ends. A signal is fresh that no such list
named, that is an event dated later than the one visited, or whose value grew by at least value_growth_share.
A settled case wakes by a fresh signal, with its fresh signals alone: what was settled brings back neither its
sentence nor its level nor its deadline. A blue signal that is no event does not wake a case that was settled
at a higher level. What does not wake is suppressed. A code without a cool-down (nobody came) leaves the case
open. An open case is repeated, and escalated once its first due date has passed or its level has risen. A
second list of one calendar month leaves out the open cases of the first, overdue ones included, whose level
has not risen: they are suppressed, since the station holds them on that month's list already.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from transforms.alerts.inputs import AlertInputs, Past
from transforms.alerts.texts import LEVELS, level_rank
from transforms.expressions import fen

CASE = ["case_id", "queue"]
# Missing benefits count as one signal, which no rule file declares: they follow from every benefit's rule.
GAP_SIGNAL = "E01"
# An income that nobody has stated and that may lie below the line: a question, which no rule file declares.
ASKED_SIGNAL = "E02"
# An alert's id is date-case-queue, as in 20260305-H1-N: the case lies between.
_DATE_PART, _QUEUE_PART = len("20260305-"), len("-N")
HISTORY = {
    "case_id": pl.String,
    "queue": pl.String,
    "rest_until": pl.Date,
    "open_due": pl.Date,
    "open_level": pl.Int64,
    "open_arm": pl.String,
    "first_listed_date": pl.Date,
    "is_on_months_list": pl.Boolean,
}


def histories(inputs: Past) -> pl.DataFrame:
    """What earlier lists and the results known by the date say of each case."""
    listed = _listed_before(inputs)
    if listed is None:
        return pl.DataFrame(schema=HISTORY)
    closed = _closed(listed, inputs)
    rows = listed.join(closed, on=CASE, how="left").sort(*CASE, "as_of")
    open_ = (pl.col("as_of") > pl.col("closed_on")).fill_null(True)
    this_month = pl.col("as_of") >= inputs.as_of.replace(day=1)
    return (
        rows.group_by(CASE, maintain_order=True)
        .agg(
            pl.col("rest_until").first(),
            pl.col("due_date").filter(open_).min().alias("open_due"),
            level_rank().filter(open_).last().alias("open_level"),
            pl.col("arm").filter(open_).last().alias("open_arm"),
            pl.col("as_of").filter(open_).min().alias("first_listed_date"),
            (open_ & this_month).any().alias("is_on_months_list"),
        )
        .select(list(HISTORY))
    )


def _listed_before(inputs: Past) -> pl.DataFrame | None:
    """Lines of earlier lists with the case they are about, which the alert's id names."""
    previous = inputs.previous_alerts
    if previous is None or previous.is_empty():
        return None
    # household_id would not do: the case of a person without a household has none.
    case = pl.col("alert_id").str.slice(_DATE_PART).str.head(-_QUEUE_PART).alias("case_id")
    earlier = pl.col("is_listed") & (pl.col("as_of") < inputs.as_of)
    return previous.filter(earlier).with_columns(case).drop("rest_until")


def _closed(listed: pl.DataFrame, inputs: Past) -> pl.DataFrame:
    """The newest closing result of each case: closed_on, rest_until.

    It closes every list up to the day of the visit; on one day the longest rest counts.
    """
    rows = _closings(listed, inputs).sort(*CASE, "closed_on", "rest_until")
    return rows.unique(CASE, keep="last", maintain_order=True)


def _closings(listed: pl.DataFrame, inputs: Past) -> pl.DataFrame:
    """Every result known by the date that closes a case: case_id, queue, closed_on, rest_until."""
    schema = {"case_id": pl.String, "queue": pl.String, "closed_on": pl.Date, "rest_until": pl.Date}
    outcomes, as_of = inputs.outcomes, inputs.as_of
    if outcomes is None or outcomes.is_empty():
        return pl.DataFrame(schema=schema)
    known = outcomes.filter((pl.col("known_date") <= as_of) & (pl.col("found_date") <= as_of))
    rested = known.join(inputs.cooldowns, on="result_code").filter(pl.col("cooldown_days") > 0)
    rows = rested.join(listed.select("alert_id", *CASE, "as_of"), on="alert_id").with_columns(
        pl.max_horizontal("found_date", "as_of").alias("closed_on"),
        (pl.col("found_date") + pl.duration(days=pl.col("cooldown_days"))).alias("rest_until"),
    )
    return rows.select(list(schema))


def rested(evidence: pl.DataFrame, inputs: AlertInputs) -> pl.DataFrame:
    """Of cases whose settled lists still rest: which signals are fresh, and whether they wake the case.

    `evidence`: one row per case, queue and signal now, with level_rank, value_fen, fact_date, is_event.
    """
    settled = _settled_lists(inputs)
    cases = settled.group_by(CASE).agg(pl.col("settled_rank").min())
    share = inputs.operations.value_growth_share
    rows = _fresh(evidence.join(cases, on=CASE), _visited(settled, inputs), share)
    small = (pl.col("level_rank") == LEVELS["blue"]) & (pl.col("level_rank") > pl.col("settled_rank"))
    wakes = pl.col("is_fresh") & (pl.col("is_event") | ~small)
    return rows.select(*CASE, "signal_id", "is_fresh", wakes.any().over(CASE).alias("is_awake"))


def _settled_lists(inputs: AlertInputs) -> pl.DataFrame:
    """Earlier lists that a visit since has settled and still rest: case_id, queue, as_of, settled_rank."""
    listed = _listed_before(inputs)
    if listed is None:
        schema = {"case_id": pl.String, "queue": pl.String, "as_of": pl.Date, "settled_rank": pl.Int64}
        return pl.DataFrame(schema=schema)
    lists = listed.select(*CASE, "as_of", level_rank().alias("settled_rank"))
    rows = lists.join(_closings(listed, inputs), on=CASE).filter(pl.col("closed_on") >= pl.col("as_of"))
    # Every visit after a list saw what the list had said: of what settled it the longest rest counts.
    rows = rows.sort(*CASE, "as_of", "rest_until", "closed_on", descending=[False] * 3 + [True, False])
    own = rows.unique([*CASE, "as_of"], keep="first", maintain_order=True)
    return own.filter(pl.col("rest_until") >= inputs.as_of).select(lists.columns)


def with_status(
    alerts: pl.DataFrame, rest: pl.DataFrame, history: pl.DataFrame, inputs: AlertInputs
) -> pl.DataFrame:
    """Status and dates of each alert; `rest` is what `rested` says of the queue's cases."""
    awake = rest.select(*CASE, "is_awake").unique(CASE)
    due = pl.col("level").replace_strict(dict(inputs.due_dates), default=None, return_dtype=pl.Date)
    rows = alerts.join(history, on=CASE, how="left", maintain_order="left").join(
        awake, on=CASE, how="left", maintain_order="left"
    )
    # Null: the case is in no cool-down, so nothing of it rests.
    suppressed = ~pl.col("is_awake").fill_null(True)
    late = pl.col("open_due") < inputs.as_of
    risen = level_rank() < pl.col("open_level")
    status = (
        pl.when(suppressed)
        .then(pl.lit("suppressed"))
        .when(pl.col("open_due").is_null())
        .then(pl.lit("new"))
        .when(risen)
        .then(pl.lit("escalated"))
        # Printed twice in a month, one family would be two lines, two case numbers and two visits. Nor does
        # an overdue one come again: what its station found comes back with the month's list.
        .when("is_on_months_list")
        .then(pl.lit("suppressed"))
        .when(late)
        .then(pl.lit("escalated"))
        .otherwise(pl.lit("repeated"))
    )
    return rows.with_columns(
        status.alias("status"),
        # A repeated alert keeps the earliest day it was due: being listed again gives nobody more time.
        pl.min_horizontal(due, "open_due").alias("due_date"),
        pl.coalesce("first_listed_date", pl.lit(inputs.as_of)).alias("first_listed_date"),
    ).drop("is_awake", "open_due", "open_level", "is_on_months_list")


def resting_cases(history: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """case_id, queue of the cases in their cool-down, or open on a list that this month has already."""
    resting = (pl.col("rest_until") >= as_of).fill_null(False)
    return history.filter(resting | pl.col("is_on_months_list")).select(CASE)


def _visited(settled: pl.DataFrame, inputs: AlertInputs) -> pl.DataFrame:
    """What the newest settled list naming a signal said: visited_as_of, old_fen and old_date where kept."""
    listed = _listed_before(inputs)
    schema = {"case_id": pl.String, "queue": pl.String, "signal_id": pl.String, "visited_as_of": pl.Date}
    if listed is None:
        return pl.DataFrame(schema={**schema, "old_fen": pl.Int64, "old_date": pl.Date})
    on = [*CASE, "as_of"]
    visited = listed.join(settled, on=on, how="semi")
    gap = pl.when(pl.col("signal_id") == GAP_SIGNAL).then(fen("benefit_gap_yuan_month"))
    named = visited.with_columns(pl.col("signal_ids").str.split(",").alias("signal_id")).explode("signal_id")
    named = named.select(*on, "signal_id", gap.alias("gap_fen")).sort(*on)
    named = named.unique([*CASE, "signal_id"], keep="last", maintain_order=True)
    old = _old_values(inputs.previous_signals, named.select(*on, "signal_id"))
    values = named.join(old, on=[*on, "signal_id"], how="left")
    return values.select(
        *CASE,
        "signal_id",
        pl.col("as_of").alias("visited_as_of"),
        pl.coalesce("gap_fen", "old_fen").alias("old_fen"),
        "old_date",
    )


def _old_values(previous_signals: pl.DataFrame | None, wanted: pl.DataFrame) -> pl.DataFrame:
    keys = {"case_id": pl.String, "queue": pl.String, "as_of": pl.Date, "signal_id": pl.String}
    if previous_signals is None or previous_signals.is_empty():
        return pl.DataFrame(schema={**keys, "old_fen": pl.Int64, "old_date": pl.Date})
    fired = previous_signals.filter(pl.col("state") == "yes").with_columns(
        pl.coalesce("household_id", "person_id").alias("case_id")
    )
    return (
        fired.join(wanted, on=list(keys), how="semi")
        .group_by(*keys)
        .agg(fen("value").max().alias("old_fen"), pl.col("fact_date").max().alias("old_date"))
    )


def _fresh(evidence: pl.DataFrame, visited: pl.DataFrame, growth_share: Decimal) -> pl.DataFrame:
    """The evidence with is_fresh: whether it is other or more than what was visited."""
    rows = evidence.join(visited, on=[*CASE, "signal_id"], how="left")
    unseen = pl.col("visited_as_of").is_null()
    later = pl.col("fact_date") > pl.coalesce("old_date", "visited_as_of")
    event = pl.col("is_event") & later.fill_null(False)
    # A day count grows by itself: a value only counts as grown when it is not the age of the same fact.
    same_fact = (pl.col("fact_date") == pl.col("old_date")).fill_null(False)
    percent = 100 + int(growth_share * 100)
    grown = (pl.col("value_fen") * 100 >= pl.col("old_fen") * percent) & (pl.col("old_fen") > 0) & ~same_fact
    return rows.with_columns((unseen | event | grown.fill_null(False)).alias("is_fresh"))
