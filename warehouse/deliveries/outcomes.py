"""What was handed out, and the files that came back, in `ops.feedback_file`.

What they said is in warehouse/casework.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb
import polars as pl

from warehouse.database.connection import fetch, run, transaction

# Of a row o of mart.outcome: whether its visit counts on the day $1.
IN_FORCE = "o.known_date <= $1 AND (o.withdrawn_date IS NULL OR o.withdrawn_date > $1)"


@dataclass(frozen=True)
class ReturnedFile:
    """One file that came back. problems: (code, row_no or None, whether it refuses, sentence).

    filled_cnt lines = taken_cnt + repeated_cnt + refused_cnt. The sentences are not stored.
    """

    sha256: str
    file_name: str
    received: date
    sheets_read: int = 0
    filled_cnt: int = 0
    taken_cnt: int = 0
    repeated_cnt: int = 0
    problems: tuple[tuple[str, int | None, bool, str], ...] = ()

    @property
    def refused_cnt(self) -> int:
        """Lines that were filled in and not taken."""
        return self.filled_cnt - self.taken_cnt - self.repeated_cnt


def file_known(con: duckdb.DuckDBPyConnection, sha256: str) -> bool:
    """Whether the file of that hash was already taken in, be it in part."""
    found = con.execute(
        "SELECT 1 FROM ops.feedback_file WHERE sha256 = ? AND coalesce(sheets_read, 1) > 0", [sha256]
    )
    return found.fetchone() is not None


def handed_out(con: duckdb.DuckDBPyConnection, as_of: date, queue: str, place_code: str) -> pl.Series:
    """The case numbers on the list of a date, queue and place: a town's for visits, else a county's."""
    place = "town_code" if queue == "need" else "county_code"
    listed = fetch(
        con,
        f"SELECT alert_id FROM mart.alert WHERE as_of = $1 AND queue = $2 AND {place} = $3 AND is_listed "
        "ORDER BY alert_id",
        [as_of, queue, place_code],
    )
    return listed.get_column("alert_id")


def record_file(con: duckdb.DuckDBPyConnection, file: ReturnedFile) -> None:
    """Note what became of a file's lines, in place of an earlier note; the caller holds the transaction.

    The day it first came stays.
    """
    con.execute(
        "INSERT INTO ops.feedback_file BY NAME SELECT ? AS sha256, ? AS file_name, ? AS received_date, "
        "? AS sheets_read, ? AS rows_read, ? AS rows_taken, ? AS rows_repeated, ? AS rows_refused, "
        "? AS problem_cnt ON CONFLICT DO UPDATE SET sheets_read = excluded.sheets_read, "
        "rows_read = excluded.rows_read, rows_taken = excluded.rows_taken, "
        "rows_repeated = excluded.rows_repeated, rows_refused = excluded.rows_refused, "
        "problem_cnt = excluded.problem_cnt",
        [
            *(file.sha256, file.file_name, file.received, file.sheets_read, file.filled_cnt),
            *(file.taken_cnt, file.repeated_cnt, file.refused_cnt, len(file.problems)),
        ],
    )
    con.execute("DELETE FROM ops.feedback_problem WHERE sha256 = ?", [file.sha256])
    rows = [(no, *problem[:3]) for no, problem in enumerate(file.problems, start=1)]
    columns = {
        "problem_no": pl.Int64,
        "problem_code": pl.String,
        "row_no": pl.Int64,
        "is_refusal": pl.Boolean,
    }
    run(
        con,
        "INSERT INTO ops.feedback_problem BY NAME SELECT ? AS sha256, * FROM problems",
        [file.sha256],
        problems=pl.DataFrame(rows, schema=columns, orient="row"),
    )


def record_failure(
    con: duckdb.DuckDBPyConnection, sha256: str, file_name: str, received: date, code: str
) -> None:
    """Note a file of which nothing could be read, unless it was taken in before."""
    if not file_known(con, sha256):
        with transaction(con):
            record_file(con, ReturnedFile(sha256, file_name, received, problems=((code, None, True, ""),)))
