"""Codes for refusals that an earlier version kept as text alone; filled in when such a home is opened.

Without them a receipt that is written again would fall back to general words.
"""

from __future__ import annotations

import duckdb

# How the refusals of that version begin or read, in lower case; the first that fits decides. New kinds of
# error do not belong here: they bear their code from the start.
_TEXTS = (
    ("the file is empty%", "file_empty"),
    ("no header row was found%", "header_not_found"),
    ("required columns are missing%", "columns_missing"),
    ("this is not %", "other_extract"),
    ("no contract covers this file%", "no_contract"),
    ("the file cannot be opened%", "file_not_openable"),
    ("the file cannot be read%locked with a password%", "file_locked"),
    ("the file cannot be read%it unpacks to%", "structure_suspect"),
    ("the file cannot be read%is larger than%", "structure_suspect"),
    ("the file cannot be read%columns%", "structure_suspect"),
    ("the file cannot be read% parts%", "structure_suspect"),
    ("the file cannot be read%inside an archive%", "structure_suspect"),
    ("the file cannot be read%files in it%", "structure_suspect"),
    ("the file cannot be read%points outside%", "archive_path_outside"),
    ("the file cannot be read%opendocument%", "opendocument"),
    ("the file cannot be read%filled like data%", "rows_above_header"),
    ("the file cannot be read%", "not_readable"),
    ("the file name cannot be understood%", "file_name_unclear"),
    ("the file speaks of a month that had not begun%", "month_not_begun"),
    ("this receipt belongs to no delivery%", "receipt_unknown"),
    ("this receipt belongs to a delivery that is not in force%", "receipt_not_in_force"),
)


def add_error_codes(con: duckdb.DuckDBPyConnection) -> None:
    """Give every delivery without a code (null: recorded before there were codes) the one its text means."""
    cases = " ".join(f"WHEN lower(reason) LIKE '{text}' THEN '{code}'" for text, code in _TEXTS)
    con.execute(
        f"UPDATE ops.delivery SET error_code = CASE WHEN rows_read > 0 THEN '' {cases} ELSE '' END "
        "WHERE error_code IS NULL"
    )
