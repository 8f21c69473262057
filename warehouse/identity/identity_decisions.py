"""Doubtful pairs of persons: the questions to reviewers and their decisions, kept for every later month.

The warehouse holds opaque ids only; the reason somebody typed, and who did, stay in the vault.
"""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from warehouse.database.connection import fetch, run, transaction
from warehouse.deliveries.outcomes import ReturnedFile, record_file
from warehouse.identity.marks import marked_step
from warehouse.identity.vault import Vault

_QUESTION = "case_id, person_id, other_person_id, tier, question_kind, asked_as"
_DECISION = "case_id, person_id, other_person_id, decision, decided_date"


def store_questions(con: duckdb.DuckDBPyConnection, cases: pl.DataFrame, as_of: date) -> None:
    """Keep the questions of the date, in place of an earlier run's.

    cases: case_id, person_id, other_person_id, tier, question_kind, asked_as (the case whose line on the
    sheet asks for this one, too).
    """
    with transaction(con):
        con.execute("DELETE FROM ops.identity_question WHERE as_of = ?", [as_of])
        run(
            con,
            "INSERT INTO ops.identity_question BY NAME "
            f"SELECT ? AS as_of, {_QUESTION} FROM cases ORDER BY case_id",
            [as_of],
            cases=cases,
        )


def cases_of_lines(con: duckdb.DuckDBPyConnection, lines: pl.Series) -> pl.DataFrame:
    """asked_as, case_id, person_id, other_person_id: the cases behind the lines that were sent out."""
    named = pl.DataFrame({"asked_as": lines}, schema={"asked_as": pl.String})
    return fetch(
        con,
        "SELECT DISTINCT asked_as, case_id, person_id, other_person_id FROM ops.identity_question "
        "SEMI JOIN named USING (asked_as) ORDER BY ALL",
        named=named,
    )


def decisions_at(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """Of each case the newest decision known by the date, by person ids.

    Columns: case_id, person_id, other_person_id (the earlier id first), decision (same|different|unsure),
    decided_date, known_date.
    """
    return fetch(
        con,
        f"SELECT {_DECISION}, known_date FROM ops.identity_decision WHERE known_date <= $1 "
        "QUALIFY row_number() OVER (PARTITION BY case_id ORDER BY known_date DESC, decision_no DESC) = 1 "
        "ORDER BY person_id, other_person_id",
        [as_of],
    )


def store_decisions(
    con: duckdb.DuckDBPyConnection,
    vault: Vault,
    rows: pl.DataFrame,
    file: ReturnedFile,
) -> None:
    """Keep one file's decisions and that it was taken, in one commit, after the reasons in the vault.

    rows: case_id, person_id, other_person_id, decision, reason, decided_by, decided_date. A case decided
    before is decided anew. A run killed between the two leaves reasons that are replaced when the file
    comes again.
    """
    with marked_step(con, vault, f"review {file.sha256[:12]} on {file.received}"):
        _keep_reasons(vault, rows, file.sha256, file.received)
        run(
            con,
            f"INSERT INTO ops.identity_decision BY NAME SELECT {_DECISION}, $1 AS known_date, "
            "$2 AS file_sha256, row_number() OVER (ORDER BY case_id) "
            "+ (SELECT coalesce(max(decision_no), 0) FROM ops.identity_decision) AS decision_no FROM part",
            [file.received, file.sha256],
            part=rows,
        )
        record_file(con, file)


def _keep_reasons(vault: Vault, rows: pl.DataFrame, sha256: str, received: date) -> None:
    vault.con.execute("DELETE FROM v.identity_reason WHERE file_sha256 = ?", [sha256])
    run(
        vault.con,
        "INSERT INTO v.identity_reason SELECT ?, case_id, reason, ? FROM part WHERE reason IS NOT NULL",
        [sha256, received],
        part=rows,
    )
