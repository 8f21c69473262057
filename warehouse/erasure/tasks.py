"""What is left to do of an erasure, kept until it is done; and the record of it, which names nobody.

The task lies in the vault, since it holds what the person is still to be found by. `ops.erasure` says when,
by whom, on what basis and how much; `ops.erased_row` how many rows which delivery's original lost, and
`ops.erased_list` which stations' past lists were written anew.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

import polars as pl

from warehouse.database.connection import Connection, fetch, run
from warehouse.erasure.subject import Subject
from warehouse.identity.vault import Vault

_DDL = """
CREATE TABLE IF NOT EXISTS v.erasure_task (erasure_id VARCHAR, task VARCHAR);
CREATE TABLE IF NOT EXISTS v.erasure_row (erasure_id VARCHAR, delivery_id VARCHAR, row_no BIGINT);
"""


@dataclass(frozen=True)
class Task:
    """One erasure that was begun. lists: as_of, town code and county code of past lists the person is on.

    deliveries: those whose originals have to be cut, besides those of the subject's rows. is_published:
    whether analysts had a file, which goes meanwhile, and has to be made anew.
    """

    erasure_id: str
    subject: Subject
    lists: tuple[tuple[str, str, str], ...]
    deliveries: tuple[str, ...] = ()
    is_published: bool = False


@dataclass(frozen=True)
class Record:
    """One row of `ops.erasure`."""

    erasure_id: str
    begun_at: datetime
    erased_by: str
    basis: str
    finished_at: datetime | None = None
    vault_row_cnt: int = 0
    warehouse_row_cnt: int = 0
    file_row_cnt: int = 0
    file_cnt: int = 0
    removed_file_cnt: int = 0
    list_cnt: int = 0


def put_down(vault: Vault, task: Task) -> None:
    """Keep the task; the caller holds the transaction."""
    vault.con.execute(_DDL)
    said = asdict(task) | {"subject": asdict(replace(task.subject, rows=pl.DataFrame()))}
    said["subject"].pop("rows")
    vault.con.execute(
        "INSERT INTO v.erasure_task (erasure_id, task) VALUES (?, ?)", [task.erasure_id, json.dumps(said)]
    )
    run(
        vault.con,
        "INSERT INTO v.erasure_row (erasure_id, delivery_id, row_no) "
        "SELECT $1, delivery_id, row_no FROM rows",
        [task.erasure_id],
        rows=task.subject.rows,
    )


def taken_up(vault: Vault) -> Task | None:
    """The task that is not done yet, None if there is none."""
    if not vault.has_table("erasure_task"):
        return None
    row = vault.con.execute("SELECT erasure_id, task FROM v.erasure_task ORDER BY 1").fetchone()
    if row is None:
        return None
    rows = fetch(
        vault.con,
        "SELECT delivery_id, row_no FROM v.erasure_row WHERE erasure_id = ? ORDER BY ALL",
        [row[0]],
    )
    said = json.loads(row[1])
    subject = Subject(**{name: tuple(value) for name, value in said["subject"].items()}, rows=rows)
    lists = tuple((str(a), str(t), str(c)) for a, t, c in said["lists"])
    return Task(row[0], subject, lists, tuple(said["deliveries"]), bool(said["is_published"]))


def put_away(vault: Vault, erasure_id: str) -> None:
    """Forget a task that is done."""
    for table in ("erasure_task", "erasure_row"):
        vault.con.execute(f"DELETE FROM v.{table} WHERE erasure_id = ?", [erasure_id])


def write_record(con: Connection, record: Record) -> None:
    """Write the row of ops.erasure, in place of what it said before."""
    con.execute("DELETE FROM ops.erasure WHERE erasure_id = ?", [record.erasure_id])
    said = asdict(record)
    con.execute(
        f"INSERT INTO ops.erasure ({', '.join(said)}) VALUES ({', '.join('?' * len(said))})",
        list(said.values()),
    )


def unfinished(con: Connection) -> Record | None:
    """The record of an erasure that was begun and is not finished."""
    found = fetch(con, "SELECT * FROM ops.erasure WHERE finished_at IS NULL ORDER BY begun_at LIMIT 1")
    return Record(**found.row(0, named=True)) if found.height else None


def note_lists(con: Connection, task: Task) -> None:
    """Note which stations' lists of which dates lost a line, or a person's part in one."""
    for as_of, town, _ in task.lists:
        con.execute(
            "INSERT INTO ops.erased_list (erasure_id, as_of, town_code) VALUES (?, ?, ?)",
            [task.erasure_id, as_of, town],
        )


def note_cut(con: Connection, erasure_id: str, delivery_id: str, *, rows: int, cells: int, how: str) -> None:
    """Note how many rows a delivery's original lost."""
    con.execute(
        "DELETE FROM ops.erased_row WHERE erasure_id = ? AND delivery_id = ?", [erasure_id, delivery_id]
    )
    con.execute(
        "INSERT INTO ops.erased_row (erasure_id, delivery_id, row_cnt, cell_cnt, method) "
        "VALUES (?, ?, ?, ?, ?)",
        [erasure_id, delivery_id, rows, cells, how],
    )


def cut_counts(con: Connection, erasure_id: str) -> tuple[int, int, int]:
    """Rows cut out of originals, originals that were changed, and those of them that went as a whole."""
    row = con.execute(
        "SELECT coalesce(sum(row_cnt), 0), count(*) FILTER (method <> 'none'), "
        "count(*) FILTER (method = 'removed') FROM ops.erased_row WHERE erasure_id = ?",
        [erasure_id],
    ).fetchall()[0]
    return int(row[0]), int(row[1]), int(row[2])


def was_cut(con: Connection, erasure_id: str, delivery_id: str) -> bool:
    """Whether the delivery's original was dealt with already."""
    query = "SELECT 1 FROM ops.erased_row WHERE erasure_id = ? AND delivery_id = ?"
    return con.execute(query, [erasure_id, delivery_id]).fetchone() is not None


def stations_written_anew(con: Connection, as_of: date) -> set[str]:
    """Town codes of the stations whose lists of the date were written anew after an erasure."""
    rows = con.execute("SELECT DISTINCT town_code FROM ops.erased_list WHERE as_of = ?", [as_of]).fetchall()
    return {str(row[0]) for row in rows}


def records(con: Connection) -> pl.DataFrame:
    """Every erasure, the newest first."""
    return fetch(con, "SELECT * FROM ops.erasure ORDER BY begun_at DESC")
