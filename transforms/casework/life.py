"""What a day brings to the cases, in this order.

    day_of(inputs) -> Day: the rows to add to the log, and what changed no state

    1  what people wrote: tries and talks, visits that count, steps of what follows
    2  what follows from it: not reached, a next step that is there already, the end
    3  on a date with lists: what its alerts say: issued, listed, at rest, withdrawn
    4  what is overdue: who has to see to it

Each looks at the states that the one before has left.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from policies.casework.contacts import Contacts
from policies.casework.life_shape import Life
from policies.casework.steps import Steps
from transforms.casework.alert_events import alert_events
from transforms.casework.fold import Folded, events_of, fold, move_table
from transforms.casework.matters import open_matters, step_events
from transforms.casework.reaching import not_reached

_ORDER = {"contact": 0, "visit": 1, "step": 2}


@dataclass(frozen=True, kw_only=True)
class DayInputs:
    """What one day's events follow from, all as known by it.

    states     of every case that the day may concern (fold.STATE)
    found      the beginning of cases that somebody found (found_events)
    contacts   mart.contact's rows that the log has not taken in yet
    visits     visits that count, likewise: case_no, visit_id, alert_id, result_code, found_date
    steps      mart.step's rows, likewise
    past       of the cases of those: contacts, visits and steps, taken in or not, by table
    alerts     on a date with lists: of its mart.alert case_no, alert_id, status, is_listed, level, due_date,
               rest_until; else None
    reasons    on a date with lists: case_no, reason_code: why a case without an alert has none
    next_step  the day by which a need found now needs its next step
    clocks     due_date, held_by, from_date: who has to see to what was due on a day, and from when
    """

    day: date
    life: Life
    rules: Steps
    reaching: Contacts
    states: pl.DataFrame
    found: pl.DataFrame
    contacts: pl.DataFrame
    visits: pl.DataFrame
    steps: pl.DataFrame
    past: dict[str, pl.DataFrame]
    next_step: date
    clocks: pl.DataFrame
    alerts: pl.DataFrame | None = None
    reasons: pl.DataFrame | None = None


@dataclass(frozen=True)
class Day:
    """log: rows to add to mart.case_event. notes: rows to add to ops.case_note. states: after the day."""

    log: pl.DataFrame
    notes: pl.DataFrame
    states: pl.DataFrame


def day_of(inputs: DayInputs) -> Day:
    """The day's events, folded; see the top of this file."""
    moves, known = move_table(inputs.life), pl.lit(inputs.day).alias("known_date")
    states, log, noted = inputs.states, [], []
    for stage in (_found, _written, _reaching_failed, _next_step, _ended, _of_lists, _overdue):
        events = stage(inputs, states).with_columns(known)
        brings = events.filter(pl.col("event_code").is_not_null())
        folded: Folded = fold(states, events_of(brings), moves)
        states = folded.states
        log.append(folded.log)
        noted += [folded.noted, _none_of_life(events)]
    return Day(pl.concat(log), _notes(pl.concat(noted)), states)


def _none_of_life(events: pl.DataFrame) -> pl.DataFrame:
    rows = events_of(events.filter(pl.col("event_code").is_null()))
    return rows.with_columns(from_state=pl.lit(""))


def _notes(noted: pl.DataFrame) -> pl.DataFrame:
    """What changed no state, as ops.case_note keeps it; what follows from states alone is told anew daily."""
    rows = noted.filter(pl.col("ref_id").is_not_null())
    return rows.select(
        "ref_id",
        pl.col("ref_no").fill_null(0),
        "case_no",
        pl.col("event_code").fill_null(""),
        pl.col("from_state").fill_null(""),
        "known_date",
    )


def _found(inputs: DayInputs, states: pl.DataFrame) -> pl.DataFrame:
    return inputs.found


def _written(inputs: DayInputs, states: pl.DataFrame) -> pl.DataFrame:
    """Tries and talks, visits, steps: each row once, in the order of the days they happened."""
    matters = _matters(inputs, states)
    parts = [
        _contact_events(inputs, states).with_columns(order=pl.lit(_ORDER["contact"])),
        _visit_events(inputs).with_columns(order=pl.lit(_ORDER["visit"])),
        step_events(inputs.steps, matters, inputs.rules).with_columns(
            order=pl.lit(_ORDER["step"]), keeps_due=pl.lit(False)
        ),
    ]
    rows = pl.concat(parts, how="diagonal_relaxed")
    # What was sent back needs another way as soon as a need that was found needs one.
    back = (pl.col("event_code") == "decline") & pl.col("due_date").is_null()
    rows = rows.with_columns(due_date=pl.when(back).then(pl.lit(inputs.next_step)).otherwise("due_date"))
    order = ["case_no", pl.coalesce("event_date", pl.lit(inputs.day)), "order", "ref_id", "ref_no"]
    return rows.sort(order, nulls_last=True).drop("order")


def _contact_events(inputs: DayInputs, states: pl.DataFrame) -> pl.DataFrame:
    """A talk with a family that was visited already is no step back: it brings nothing to its state."""
    reached = pl.col("contact_result").is_in(inputs.reaching.reached_codes)
    rows = inputs.contacts.join(states.select("case_no", "state", "is_visited"), on="case_no", how="left")
    back = reached & pl.col("is_visited").fill_null(False) & pl.col("state").is_in(["escalated", "returned"])
    event = pl.when(back).then(None).when(reached).then(pl.lit("reach")).otherwise(pl.lit("try"))
    return rows.select(
        "case_no",
        event.alias("event_code"),
        pl.col("contact_date").alias("event_date"),
        pl.lit(True).alias("keeps_due"),
        pl.col("contact_id").alias("ref_id"),
    )


def _visit_events(inputs: DayInputs) -> pl.DataFrame:
    life, code = inputs.life, pl.col("result_code")
    visit, tried = code.is_in(life.visit_codes), code.is_in(life.try_codes)
    event = pl.when(visit).then(pl.lit("visit")).when(tried).then(pl.lit("try")).otherwise(None)
    needs = code.is_in(life.step_codes)
    return inputs.visits.select(
        "case_no",
        event.alias("event_code"),
        pl.col("found_date").alias("event_date"),
        pl.when(needs).then(pl.lit(inputs.next_step)).alias("due_date"),
        tried.alias("keeps_due"),
        "alert_id",
        pl.col("visit_id").alias("ref_id"),
    )


def _matters(inputs: DayInputs, states: pl.DataFrame) -> pl.DataFrame:
    """What is open about the cases, whenever it began, and what has ended of their present episode."""
    return open_matters(inputs.past["mart.step"], states.select("case_no", "begun_date"), inputs.rules)


def _reaching_failed(inputs: DayInputs, states: pl.DataFrame) -> pl.DataFrame:
    contacts, visits = inputs.past["mart.contact"], inputs.past["mart.outcome"]
    tries = contacts.filter(~pl.col("contact_result").is_in(inputs.reaching.reached_codes)).select(
        "case_no", "contact_date", "part_of_day", "way_code", ref_id="contact_id"
    )
    # Nobody was met at the door: the list has no column for the time of day.
    doors = visits.filter(pl.col("result_code").is_in(inputs.life.try_codes)).select(
        "case_no",
        contact_date="found_date",
        part_of_day=pl.lit(None, pl.String),
        way_code=pl.lit("door"),
        ref_id="visit_id",
    )
    open_ = states.filter(pl.col("state").is_in(_sources(inputs.life, "fail")) & ~pl.col("is_visited"))
    since = pl.concat([tries, doors]).join(open_.select("case_no", "begun_date", "met_date"), on="case_no")
    now = (pl.col("contact_date") >= pl.col("begun_date")).fill_null(True)
    unmet = (pl.col("contact_date") > pl.col("met_date")).fill_null(True)
    found = not_reached(since.filter(now & unmet), inputs.reaching.not_reached)
    return found.with_columns(event_code=pl.lit("fail"), keeps_due=pl.lit(True))


def _sources(life: Life, event: str) -> list[str]:
    return [move.from_state for move in life.moves() if move.event == event]


def _next_step(inputs: DayInputs, states: pl.DataFrame) -> pl.DataFrame:
    """A visited family about whom something is going on already: what is on its way is its next step."""
    rows = (
        _touched(inputs, states, "visited")
        .join(_matters(inputs, states), on="case_no")
        .filter(pl.col("open_cnt") > 0)
    )
    referred = pl.col("next_kind") == "referral"
    return rows.select(
        "case_no",
        pl.when(referred).then(pl.lit("refer")).otherwise(pl.lit("handle")).alias("event_code"),
        *("due_date", "ref_id", "ref_no"),
    )


def _touched(inputs: DayInputs, states: pl.DataFrame, *names: str) -> pl.DataFrame:
    """case_no of the cases in these states about which something was written on the day."""
    rows = (inputs.visits, inputs.steps)
    touched = pl.concat([one.select("case_no") for one in rows]).drop_nulls().unique()
    return (
        states.filter(pl.col("state").is_in(names))
        .join(touched, on="case_no", how="semi")
        .select("case_no", "state")
    )


def _ended(inputs: DayInputs, states: pl.DataFrame) -> pl.DataFrame:
    """The end: a result after which nothing is left, or a need whose every step has ended."""
    last = inputs.past["mart.outcome"].filter(pl.col("result_code").is_in(inputs.life.visit_codes))
    last = last.sort("case_no", "found_date", "visit_id").unique("case_no", keep="last", maintain_order=True)
    rows = _touched(inputs, states, "visited", "handled")
    rows = rows.join(_matters(inputs, states), on="case_no", how="left")
    rows = rows.join(last.select("case_no", "result_code", "visit_id"), on="case_no", how="left")
    idle = pl.col("open_cnt").fill_null(0) == 0
    settled = (pl.col("state") == "visited") & pl.col("result_code").is_in(inputs.life.closing_codes)
    done = (pl.col("state") == "handled") & (pl.col("done_cnt").fill_null(0) > 0)
    rows = rows.filter(idle & (settled | done).fill_null(False))
    by_visit = pl.col("state") == "visited"
    return rows.select(
        "case_no",
        pl.lit("close").alias("event_code"),
        pl.lit(None, pl.Date).alias("due_date"),
        pl.when(by_visit).then("visit_id").otherwise("last_ref_id").alias("ref_id"),
        pl.when(~by_visit).then("last_ref_no").alias("ref_no"),
    ).sort("case_no")


def _of_lists(inputs: DayInputs, states: pl.DataFrame) -> pl.DataFrame:
    if inputs.alerts is None:
        return pl.DataFrame(schema={"case_no": pl.String, "event_code": pl.String})
    reasons = inputs.reasons if inputs.reasons is not None else pl.DataFrame(schema=_REASON)
    gone = _sources(inputs.life, "withdraw"), _sources(inputs.life, "rest")
    return alert_events(inputs.alerts, states, reasons, inputs.day, leaving=gone)


_REASON = {"case_no": pl.String, "reason_code": pl.String}
_HOLDERS = {"town": 0, "county": 1, "city": 2}


def _rank(holder: str) -> pl.Expr:
    return pl.col(holder).replace_strict(_HOLDERS, default=0, return_dtype=pl.Int64)


def _overdue(inputs: DayInputs, states: pl.DataFrame) -> pl.DataFrame:
    able = states.filter(pl.col("state").is_in(_sources(inputs.life, "escalate")))
    rows = able.select("case_no", "due_date", now="held_by").join(inputs.clocks, on="due_date")
    late = (pl.col("from_date") <= inputs.day) & (_rank("held_by") > _rank("now"))
    rows = rows.filter(late).sort("case_no", "from_date", _rank("held_by"))
    return rows.select(
        "case_no",
        pl.lit("escalate").alias("event_code"),
        pl.col("from_date").alias("event_date"),
        pl.lit(True).alias("keeps_due"),
        "held_by",
    )
