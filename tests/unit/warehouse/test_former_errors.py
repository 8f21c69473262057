"""Homes of the version before errors had codes: their refusals get the code that their text means."""

from __future__ import annotations

import duckdb
import pytest

from warehouse.database.former_errors import add_error_codes


@pytest.mark.parametrize(
    ("reason", "rows_read", "code"),
    [
        ("the file is empty\nwhere: population.csv\nwhy: it has no bytes", 0, "file_empty"),
        ("required columns are missing: 姓名\nwhere: x", 0, "columns_missing"),
        ("No contract covers this file.\nwhere: police/x.csv", 0, "no_contract"),
        ("the file cannot be read\nwhere: a.zip\nwhy: it unpacks to more than 8 GiB", 0, "structure_suspect"),
        ("the file cannot be read\nwhy: the zip file is locked with a password", 0, "file_locked"),
        ("the file cannot be read\nwhy: an OpenDocument file", 0, "opendocument"),
        ("the file cannot be read\nwhy: it is a PDF", 0, "not_readable"),
        ("public_security.population.row_count", 12, ""),
        ("something new and strange", 0, ""),
        ("", 5, ""),
    ],
)
def test_a_refusal_of_a_former_version_gets_its_code(reason: str, rows_read: int, code: str) -> None:
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA ops; CREATE TABLE ops.delivery (reason VARCHAR, rows_read BIGINT)")
        con.execute("INSERT INTO ops.delivery VALUES (?, ?)", [reason, rows_read])
        con.execute("ALTER TABLE ops.delivery ADD COLUMN error_code VARCHAR")
        con.execute("INSERT INTO ops.delivery VALUES ('the file is empty', 0, 'kept_as_it_is')")
        add_error_codes(con)
        found = con.execute("SELECT error_code FROM ops.delivery").fetchall()
    assert found == [(code,), ("kept_as_it_is",)]
