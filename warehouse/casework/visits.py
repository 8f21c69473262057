"""What the visits found, in `mart.visit`, and what people ruled about it, in `mart.visit_ruling`.

A visit never changes and is never deleted; which one counts is an opinion (warehouse/shown/outcome.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import duckdb
import polars as pl

from data_contracts.registry.tables import schema
from warehouse.database.connection import fetch, run, transaction
from warehouse.deliveries.outcomes import ReturnedFile, record_file
from warehouse.shown.outcome import CONTRADICTS, RULED, SAME_CLAIM, named

# A visit's own id: of what it says that is no secret, and of the file and row it stood in.
_HASHED = (
    "coalesce(alert_id, case_no)",
    "result_code",
    "found_date",
    "benefit_id",
    "feedback_sha256",
    "row_no",
)
# Who decided what an earlier version had decided: there the last result received counted.
FORMER = "former_version"
_IN_ORDER = (
    "(a.result_code, coalesce(a.found_date, DATE '1-1-1')) "
    "< (b.result_code, coalesce(b.found_date, DATE '1-1-1'))"
)


def line_id(letter: str, columns: Sequence[str]) -> str:
    """The SQL of an id: a letter and 16 hex digits of a hash over columns, empty ones among them."""
    parts = " || '|' || ".join(f"coalesce({name}::VARCHAR, '')" for name in columns)
    return f"'{letter}' || left(sha256({parts}), 16)"


VISIT_ID = line_id("V", _HASHED)


def store_visits(con: duckdb.DuckDBPyConnection, rows: pl.DataFrame, file: ReturnedFile) -> None:
    """Store one file's visits and what became of its lines; a row that is there stays.

    rows: columns of mart.visit but for those that the file itself gives. What somebody wrote is in the vault
    by then (warehouse/written). The caller holds the transaction.
    """
    given = [name for name in schema("mart.visit") if name in rows.columns]
    part = rows.select(given).with_columns(known_date=file.received, feedback_sha256=pl.lit(file.sha256))
    add_visits(con, part)
    record_file(con, file)


def add_visits(con: duckdb.DuckDBPyConnection, rows: pl.DataFrame) -> None:
    """Add visits under ids of their own, with the number of their case; the caller holds the transaction."""
    part = pl.DataFrame(schema=dict(schema("mart.visit"))).drop("visit_id")
    run(
        con,
        f"""
        INSERT INTO mart.visit BY NAME
        SELECT *, {VISIT_ID} AS visit_id FROM (
          SELECT p.* REPLACE (coalesce(p.case_no, c.case_no) AS case_no) FROM part p LEFT JOIN mart.case c
          ON c.case_id = substr(p.alert_id, 10, length(p.alert_id) - 11)
          AND c.queue = CASE right(p.alert_id, 1) WHEN 'C' THEN 'compliance' ELSE 'need' END)
        ON CONFLICT DO NOTHING""",
        part=pl.concat([part, rows], how="diagonal_relaxed"),
    )


def known_visits(con: duckdb.DuckDBPyConnection, alert_ids: pl.Series) -> pl.DataFrame:
    """All visits of these list lines, oldest first: mart.visit's columns, and what is thought of them now.

    is_counted: what it claims counts (of several that claim the same, one row does). ruling: what a person
    ruled last on its claim, null where nobody did; ruled_from: since when.
    """
    wanted = pl.DataFrame({"alert_id": alert_ids}, schema={"alert_id": pl.String})
    return fetch(
        con,
        f"""
        WITH named AS (SELECT * FROM ({named()}) SEMI JOIN wanted USING (alert_id)),
        ruled AS ({RULED}),
        last AS (
          SELECT list_id, result_code, found_date, arg_max(does_count, place) AS ruling,
            arg_max(effective_date, place) AS ruled_from FROM ruled GROUP BY ALL)
        SELECT a.* EXCLUDE (list_id), bool_or(o.visit_id IS NOT NULL) OVER (
            PARTITION BY a.alert_id, a.result_code, a.found_date) AS is_counted, b.ruling, b.ruled_from
        FROM named a LEFT JOIN last b ON {SAME_CLAIM} LEFT JOIN mart.outcome o
          ON o.visit_id = a.visit_id AND o.withdrawn_date IS NULL
        ORDER BY a.alert_id, a.known_date, a.found_date, a.result_code, a.visit_id""",
        wanted=wanted,
    )


def visit_named(con: duckdb.DuckDBPyConnection, visit_id: str) -> dict | None:
    """One visit by its number, or None."""
    found = fetch(con, "SELECT * FROM mart.visit WHERE visit_id = $1", [visit_id])
    return found.row(0, named=True) if found.height else None


def differences(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Pairs of visits that contradict each other and on neither of which a person ruled, the newest first.

    list_id; of each: visit_id, result_code, found_date, known_date, file_name, row_no (other_… of the
    second); since_date: the day this was known. Copies of one claim are shown once, by the first received.
    """
    columns = ("visit_id", "result_code", "found_date", "known_date", "file_name", "row_no")
    shown = [*(f"a.{n}" for n in columns), *(f"b.{n} AS other_{n}" for n in columns)]
    return fetch(
        con,
        f"""
        WITH named AS ({named()}),
        ruled AS (SELECT * FROM ({RULED}) WHERE decided_by IS DISTINCT FROM $1),
        claim AS (
          SELECT n.*, f.file_name FROM named n LEFT JOIN ops.feedback_file f ON f.sha256 = n.feedback_sha256
          QUALIFY row_number() OVER (
            PARTITION BY list_id, result_code, found_date ORDER BY known_date, visit_id) = 1),
        unruled AS (SELECT a.* FROM claim a ANTI JOIN ruled b ON {SAME_CLAIM})
        SELECT a.list_id, {", ".join(shown)}, greatest(a.known_date, b.known_date) AS since_date
        FROM unruled a JOIN unruled b ON a.list_id = b.list_id AND {_IN_ORDER} AND {CONTRADICTS}
        ORDER BY since_date DESC, a.list_id, a.visit_id, b.visit_id""",
        [FORMER],
    )


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """A person's decision on whether a visit counts, from a day on."""

    does_count: bool
    effective_date: date
    decided_at: datetime
    decided_by: str


def next_ruling(con: duckdb.DuckDBPyConnection, visit_id: str) -> int:
    """The number of the next ruling on a visit, from 1."""
    query = "SELECT coalesce(max(ruling_no), 0) + 1 FROM mart.visit_ruling WHERE visit_id = ?"
    return int(con.execute(query, [visit_id]).fetchall()[0][0])


def add_ruling(con: duckdb.DuckDBPyConnection, visit_id: str, ruling_no: int, by: Ruling) -> None:
    """Keep a ruling on record; it holds for every visit that claims the same."""
    with transaction(con):
        con.execute(
            "INSERT INTO mart.visit_ruling BY NAME SELECT ? AS visit_id, ? AS ruling_no, ? AS does_count, "
            "? AS effective_date, ? AS decided_at, ? AS decided_by",
            [visit_id, ruling_no, by.does_count, by.effective_date, by.decided_at, by.decided_by],
        )


def visit_ids(con: duckdb.DuckDBPyConnection, rows: pl.DataFrame, sha256: str) -> pl.Series:
    """The ids that visits of a file get (columns of mart.visit, row_no among them), in their order."""
    empty = pl.DataFrame(schema=dict(schema("mart.visit"))).drop("visit_id")
    given = [name for name in empty.columns if name in rows.columns]
    part = pl.concat(
        [empty, rows.select(given).with_columns(feedback_sha256=pl.lit(sha256))], how="diagonal_relaxed"
    )
    query = f"SELECT {VISIT_ID} AS visit_id FROM part ORDER BY place"
    return fetch(con, query, part=part.with_row_index("place")).get_column("visit_id")


def visits_there(con: duckdb.DuckDBPyConnection, visit_ids: Sequence[str]) -> set[str]:
    """Which of these visits are on record."""
    query = "SELECT visit_id FROM mart.visit WHERE visit_id IN (SELECT unnest(?::VARCHAR[]))"
    return {row[0] for row in con.execute(query, [list(visit_ids)]).fetchall()}
