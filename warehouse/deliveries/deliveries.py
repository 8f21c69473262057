"""The life of deliveries: what took effect when, what supersedes what, what a correction changed.

`ops.delivery_event` is written here only. Status is never decided twice: it is what `ops.delivery_at` reads
from the events, and `settle` brings `ops.delivery.status` (hence the core views) into line with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import duckdb
import polars as pl

from data_contracts.registry.tables import part_of
from warehouse.database.connection import fetch, run

FOR_EVER = date(9999, 12, 31)  # a day by which every decision has taken effect: the present status
SEEN = part_of("ops.delivery", ("delivery_id", "period_month", "part", "known_date", "status"))


@dataclass(frozen=True)
class Decision:
    """What happened to a delivery, from which day on, and who said so ("rules" for the checks).

    event is accepted, held, rejected, released, withdrawn, superseded or reinstated.
    """

    event: str
    effective_date: date
    decided_at: datetime | None = None
    decided_by: str = "rules"
    reason: str = ""


@dataclass(frozen=True)
class StatusChanges:
    """What a decision did to the deliveries of an extract.

    superseded: ids that went out of force, a withdrawn one included; reinstated: those that came back.
    """

    superseded: tuple[str, ...] = ()
    reinstated: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing went out of force or came back."""
        return not self.superseded and not self.reinstated

    def superseded_besides(self, delivery_id: str) -> list[str]:
        """Those that went out of force, other than the delivery itself."""
        return [name for name in self.superseded if name != delivery_id]


def deliveries_at(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """`ops.delivery` with each delivery's status on the day and `since_date`, the day it took effect.

    Only deliveries that had arrived by the day; ordered by delivery_id.
    """
    return fetch(con, "SELECT * FROM ops.delivery_at($1) ORDER BY delivery_id", [as_of])


def in_force(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """extract, delivery_id, period_month, part of the deliveries in force on the day that brought any row."""
    return fetch(
        con,
        "SELECT extract, delivery_id, period_month, part FROM ops.delivery_at($1) "
        "WHERE status = 'accepted' AND rows_loaded > 0 ORDER BY ALL",
        [as_of],
    )


def held_deliveries(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Deliveries waiting for a person: delivery_id, department, extract, file_name, known_date, reason."""
    return fetch(
        con,
        "SELECT delivery_id, department, extract, file_name, known_date, reason FROM ops.delivery "
        "WHERE status = 'held' ORDER BY known_date, delivery_id",
    )


def find_delivery(con: duckdb.DuckDBPyConnection, delivery_id: str) -> pl.DataFrame:
    """The delivery's row of `ops.delivery`, with since_date; no row when there is none."""
    return fetch(con, "SELECT * FROM ops.delivery_at($1) WHERE delivery_id = $2", [FOR_EVER, delivery_id])


def same_content_deliveries(
    con: duckdb.DuckDBPyConnection, department: str, extract: str, sha256: str
) -> pl.DataFrame:
    """Deliveries of these bytes as this extract: delivery_id, period_month, part, known_date, status."""
    rows = con.execute(
        "SELECT delivery_id, period_month, part, known_date, status FROM ops.delivery "
        "WHERE department = ? AND extract = ? AND sha256 = ? ORDER BY known_date, delivery_id",
        [department, extract, sha256],
    ).fetchall()
    return pl.DataFrame(rows, schema=SEEN, orient="row")


def last_effective_date(con: duckdb.DuckDBPyConnection, delivery_id: str) -> date:
    """The day on which the newest event of a delivery that has one took effect."""
    rows = con.execute(
        "SELECT effective_date FROM ops.delivery_event WHERE delivery_id = ? ORDER BY event_no DESC LIMIT 1",
        [delivery_id],
    ).fetchall()
    day: date = rows[0][0]
    return day


def decided_on(con: duckdb.DuckDBPyConnection, delivery_id: str, event: str) -> date | None:
    """The day from which the newest decision of a person on the delivery holds, if it is that event."""
    rows = con.execute(
        "SELECT event, effective_date FROM ops.delivery_event WHERE delivery_id = ? "
        "AND decided_by <> 'rules' AND event IN ('released', 'rejected', 'withdrawn') "
        "ORDER BY event_no DESC LIMIT 1",
        [delivery_id],
    ).fetchall()
    return rows[0][1] if rows and rows[0][0] == event else None


def record_event(
    con: duckdb.DuckDBPyConnection, delivery_id: str, decision: Decision, other: str | None = None
) -> None:
    """Write one line of `ops.delivery_event`; the caller holds the transaction."""
    con.execute(
        "INSERT INTO ops.delivery_event (delivery_id, event, effective_date, decided_at, decided_by, reason, "
        "other_delivery_id, event_no) "
        "SELECT ?, ?, ?, ?, ?, ?, ?, coalesce(max(event_no), 0) + 1 FROM ops.delivery_event",
        [
            delivery_id,
            decision.event,
            decision.effective_date,
            decision.decided_at,
            decision.decided_by,
            decision.reason,
            other,
        ],
    )


def update_statuses(con: duckdb.DuckDBPyConnection, delivery_id: str, decision: Decision) -> StatusChanges:
    """After an event of one delivery: bring every status into line, and record whom else it touched."""
    # Reading every delivery's events for each of a month's files would take longer than loading small ones.
    if decision.event == "accepted" and _is_alone(con, delivery_id):
        return StatusChanges()  # the ordinary month
    moved = fetch(
        con,
        "SELECT a.delivery_id, a.status, d.status AS was, greatest(a.since_date, $2) AS effective "
        "FROM ops.delivery_at($1) a JOIN ops.delivery d USING (delivery_id) "
        "WHERE a.status <> d.status ORDER BY a.delivery_id",
        [FOR_EVER, decision.effective_date],
    )
    if moved.is_empty():
        return StatusChanges()
    run(
        con,
        "UPDATE ops.delivery d SET status = m.status FROM moved m WHERE m.delivery_id = d.delivery_id",
        moved=moved,
    )
    others = moved.filter((pl.col("delivery_id") != delivery_id) | (pl.col("status") == "superseded"))
    for name, status, _, effective in others.rows():
        event = "reinstated" if status == "accepted" else status
        follows = Decision(event, effective, decision.decided_at, decision.decided_by, decision.reason)
        record_event(
            con, name, follows, _in_force_instead_of(con, name) if name == delivery_id else delivery_id
        )
    # A withdrawn delivery was in force until now; one just accepted never was.
    superseded = moved.filter((pl.col("was") == "accepted") & (pl.col("status") != "accepted"))
    reinstated = moved.filter((pl.col("status") == "accepted") & (pl.col("delivery_id") != delivery_id))
    return StatusChanges(
        tuple(superseded.get_column("delivery_id")), tuple(reinstated.get_column("delivery_id"))
    )


def _is_alone(con: duckdb.DuckDBPyConnection, delivery_id: str) -> bool:
    """Whether no other delivery is of the same extract, month and part."""
    found = con.execute(
        "SELECT 1 FROM ops.delivery d JOIN ops.delivery o USING (department, extract, period_month, part) "
        "WHERE d.delivery_id = ? AND o.delivery_id <> d.delivery_id LIMIT 1",
        [delivery_id],
    ).fetchone()
    return found is None


def _in_force_instead_of(con: duckdb.DuckDBPyConnection, delivery_id: str) -> str | None:
    """The delivery in force for the same extract, month and part."""
    found = con.execute(
        "SELECT o.delivery_id FROM ops.delivery d JOIN ops.delivery o USING (department, extract, "
        "period_month, part, kind) WHERE d.delivery_id = ? AND o.status = 'accepted'",
        [delivery_id],
    ).fetchone()
    return None if found is None else str(found[0])
