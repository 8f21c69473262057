"""What a home says, to compare with another: every row of every table, every file, each by its digest."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb

from tests.helpers.homes import KEY, file_hashes

# What a command writes of itself and not of its work: when it ran, who ran it, how often it was begun.
OF_THE_RUN = ("run_id", "fingerprint", "rules_hash", "erasure_id")
LOGS = ("ops.vault_opening", "ops.run", "ops.vault_mark", "main.mark")
_TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"  # within an id of what was said then
DATABASES = ("warehouse.duckdb", "vault.duckdb", "published/analytics.duckdb")
IN_PROGRESS = ("scratch",)


def contents(home: Path, key: str = KEY) -> dict[str, str]:
    """Name of each file or table -> digest; of databases the rows count, of originals that they exist."""
    files = {
        name: "" if name.endswith(".fernet") else digest
        for name, digest in file_hashes(home).items()
        if name not in DATABASES and not name.startswith(IN_PROGRESS)
    }
    for name in DATABASES:
        files |= {f"{name}:{table}": rows for table, rows in _tables(home / name, key).items()}
    return files


def differences(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """What is in one only, or different."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def left_over(home: Path) -> list[str]:
    """What a finished command leaves in no home: files of a step in progress, half-written ones, journals."""
    half = (".partial", ".wal", ".tmp", ".new", ".old")
    names = [str(p.relative_to(home)) for p in home.rglob("*") if p.is_file()]
    return [n for n in names if n.startswith(IN_PROGRESS) or n.endswith(half)]


def _tables(path: Path, key: str) -> dict[str, str]:
    with closing(duckdb.connect(":memory:")) as con:
        locked = f", ENCRYPTION_KEY '{key}'" if path.name == "vault.duckdb" else ""
        con.execute(f"ATTACH '{path}' AS looked_at (READ_ONLY{locked})")
        names = con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'looked_at'"
        ).fetchall()
        return {f"{s}.{t}": _rows(con, s, t) for s, t in names if f"{s}.{t}" not in LOGS}


def _rows(con: duckdb.DuckDBPyConnection, schema: str, table: str) -> str:
    described = con.execute(f'DESCRIBE looked_at."{schema}"."{table}"').fetchall()
    columns = [
        f"regexp_replace(\"{name}\", '{_TIME}', '')" if kind == "VARCHAR" else f'"{name}"'
        for name, kind, *_ in described
        if name not in OF_THE_RUN and not kind.startswith("TIMESTAMP")
    ]
    # What was said before a kill, and again after it, is there twice and means nothing more.
    once = "DISTINCT" if table == "written" else ""
    rows = (
        f'SELECT {once} hash({", ".join(columns) or "0"})::HUGEINT AS h FROM looked_at."{schema}"."{table}"'
    )
    return str(con.execute(f"SELECT count(*), sum(h) FROM ({rows})").fetchall()[0])
