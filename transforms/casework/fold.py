"""The fold: what happens to a case leads from its state to the next one, by the table of transitions.

    move_table(life)             -> event_code, from_state, to_state, by_code, opens_episode, is_open
    fold(states, events, moves)  -> Folded(log, noted, states)

All cases go side by side: round k takes the k-th event of every case. An event that may not come in the state
its case is in changes nothing; it is given back as `noted`.

states   one row per case: STATE's columns. state `none`: not opened yet
events   in the order in which they happened to each case: EVENT's columns. keeps_due: the case's day stays;
         held_by: who has to see to it from now on, null where the event does not say
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from data_contracts.registry.tables import schema
from policies.casework.life_shape import NONE, Life

LOG = schema("mart.case_event")
STATE = {
    **{"case_no": pl.String, "state": pl.String, "event_no": pl.Int64, "episode_no": pl.Int64},
    **{"level": pl.String, "due_date": pl.Date, "held_by": pl.String, "alert_id": pl.String},
    # of the episode: its first day, the last day somebody spoke with the family, whether it was visited
    **{"known_date": pl.Date, "begun_date": pl.Date, "met_date": pl.Date, "is_visited": pl.Boolean},
}
EVENT = {
    **{"case_no": pl.String, "event_code": pl.String, "event_date": pl.Date, "known_date": pl.Date},
    **{"level": pl.String, "due_date": pl.Date, "keeps_due": pl.Boolean, "held_by": pl.String},
    **{"alert_id": pl.String, "ref_id": pl.String, "ref_no": pl.Int64, "reason_code": pl.String},
}
_MEETING = ("reach", "visit")


@dataclass(frozen=True)
class Folded:
    """log: rows to add to mart.case_event. noted: events that changed nothing, with from_state."""

    log: pl.DataFrame
    noted: pl.DataFrame
    states: pl.DataFrame


def move_table(life: Life) -> pl.DataFrame:
    """The transitions, one row per event and state it may come from; is_open: of the state it leads to."""
    rows = [
        (move.event, move.from_state, move.to_state, move.by, move.opens_episode, life.is_open(move.to_state))
        for move in life.moves()
    ]
    names = ["event_code", "from_state", "to_state", "by_code", "opens_episode", "is_open"]
    return pl.DataFrame(rows, schema=names, orient="row")


def unopened(case_nos: pl.Series) -> pl.DataFrame:
    """The states of cases to which nothing has happened yet."""
    rows = pl.DataFrame({"case_no": case_nos}, schema={"case_no": pl.String})
    begun = {"state": NONE, "event_no": 0, "episode_no": 0, "is_visited": False}
    return rows.select(
        pl.col(name) if name == "case_no" else pl.lit(begun.get(name), dtype=dtype).alias(name)
        for name, dtype in STATE.items()
    )


def events_of(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with EVENT's columns; those that are not given are empty, and the case's day stays."""
    empty: dict[str, object] = {"keeps_due": "due_date" not in rows.columns}
    return rows.select(
        pl.col(name).cast(dtype) if name in rows.columns else pl.lit(empty.get(name), dtype=dtype).alias(name)
        for name, dtype in EVENT.items()
    )


def fold(states: pl.DataFrame, events: pl.DataFrame, moves: pl.DataFrame) -> Folded:
    """What the events add to the log, and the states after them; see the top of this file."""
    turn = pl.int_range(pl.len()).over("case_no").alias("turn")
    rounds = events.with_columns(turn).partition_by("turn", maintain_order=True, include_key=False)
    log, noted = [pl.DataFrame(schema=LOG)], [events.clear().with_columns(from_state=pl.lit(""))]
    for batch in rounds:
        after = _after(states, batch, moves)
        is_legal = pl.col("to_state").is_not_null()
        log.append(_rows(after.filter(is_legal)))
        noted.append(after.filter(~is_legal).select(*EVENT, "from_state"))
        now = _states(after.filter(is_legal))
        states = pl.concat([states.join(now, on="case_no", how="anti"), now])
    return Folded(pl.concat(log), pl.concat(noted), states)


def _after(states: pl.DataFrame, batch: pl.DataFrame, moves: pl.DataFrame) -> pl.DataFrame:
    """Each event beside the state before it (`_old`) and the transition, without one where it is illegal."""
    before = states.rename({name: f"{name}_old" for name in STATE if name not in ("case_no", "state")})
    rows = batch.join(before.rename({"state": "from_state"}), on="case_no", how="left", maintain_order="left")
    rows = rows.join(moves, on=["event_code", "from_state"], how="left", maintain_order="left")
    due = pl.when("keeps_due").then("due_date_old").otherwise("due_date")
    return rows.with_columns(pl.when("is_open").then(due).alias("due_date"))


def _rows(after: pl.DataFrame) -> pl.DataFrame:
    # Nothing is put on record for a day before the one that the case's log has reached.
    known = pl.max_horizontal("known_date", "known_date_old")
    # Who has to see to it goes on seeing to it for as long as the same thing is overdue.
    same = (pl.col("due_date") == pl.col("due_date_old")).fill_null(False)
    held = pl.coalesce("held_by", pl.when(same).then("held_by_old"), pl.lit("town"))
    rows = after.with_columns(
        event_no=pl.col("event_no_old") + 1,
        episode_no=(pl.col("episode_no_old") + pl.col("opens_episode")).clip(lower_bound=1),
        event_date=pl.min_horizontal(pl.coalesce("event_date", known), known),
        known_date=known,
        held_by=held,
        level=pl.coalesce("level", "level_old"),
        alert_id=pl.coalesce("alert_id", "alert_id_old"),
    )
    return rows.select(pl.col(name).cast(dtype) for name, dtype in LOG.items())


def _states(after: pl.DataFrame) -> pl.DataFrame:
    rows = _rows(after).with_columns(
        after.select("begun_date_old", "met_date_old", "is_visited_old", "opens_episode", "event_no_old")
    )
    begins = pl.col("opens_episode") | (pl.col("event_no_old") == 0)
    met = pl.when(pl.col("event_code").is_in(_MEETING)).then("event_date")
    return (
        rows.select(
            pl.col("to_state").alias("state") if name == "state" else pl.col(name)
            for name in STATE
            if name not in ("begun_date", "met_date", "is_visited")
        )
        .with_columns(
            rows.select(
                begun_date=pl.when(begins).then("event_date").otherwise("begun_date_old"),
                met_date=pl.max_horizontal(met, pl.when(~begins).then("met_date_old")),
                is_visited=(pl.col("event_code") == "visit") | (~begins & pl.col("is_visited_old")),
            )
        )
        .select(pl.col(name).cast(dtype) for name, dtype in STATE.items())
    )
