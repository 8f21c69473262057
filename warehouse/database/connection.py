"""Opening DuckDB files: one writer, no downloads, errors that say what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from zhaoren.errors import ZhaorenError

# What other rooms carry about without knowing DuckDB: they hand it to the functions of this room.
Connection = duckdb.DuckDBPyConnection

# An offline machine would otherwise stall for seconds looking for an extension server.
OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


def connect(path: Path, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection to one DuckDB file. Raises ZhaorenError when another process holds it or it is damaged."""
    try:
        con = duckdb.connect(str(path), read_only=read_only, config=OFFLINE | spilling_beside(path))
        return configured(con)
    except duckdb.IOException as error:
        raise _explain(path, error) from error


def spilling_beside(path: Path) -> dict[str, str]:
    """Where DuckDB puts what its memory cannot hold: into the home's scratch, where nothing outlives a kill.

    Its own choice beside a database in memory is the working folder, whoever may read that.
    """
    scratch = path.parent if path.parent.name == "scratch" else path.parent / "scratch"
    return {"temp_directory": str(scratch / f"spill-{path.stem}")}  # two databases must not share one


def encrypting(settings: dict[str, str]) -> Connection:
    """A connection in memory that may write encrypted files, once they are attached with a key."""
    con = configured(duckdb.connect(":memory:", config=OFFLINE | settings))
    load_extension(con, "httpfs")  # its OpenSSL is what may write an encrypted file
    return con


def load_extension(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Let the connection use an extension that is installed as a wheel; nothing is downloaded."""
    import duckdb_extensions  # takes a fifth of a second, which whoever needs none does without

    duckdb_extensions.import_extension(name, con=con)
    con.execute(f"LOAD {name}")


def configured(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """The connection with our settings."""
    con.execute("SET enable_progress_bar = false")  # ours is the only one on the screen
    # A commit is safe once it is in the log; folding the log into the file can wait for the end.
    con.execute("SET checkpoint_threshold = '512MB'")
    return con


def within(con: duckdb.DuckDBPyConnection, size: int) -> None:
    """Let the connection's engine take so many bytes; what needs more goes to its spill files."""
    con.execute(f"SET memory_limit = '{size >> 20}MiB'")


def is_broken(error: BaseException) -> bool:
    """Whether a DuckDB file can no longer be written or read, which no single delivery can be blamed for."""
    if "aes tag" in str(error).lower():  # bytes of the encrypted vault are not those that were written
        return True
    broken = (duckdb.IOException, duckdb.FatalException, duckdb.ConnectionException, duckdb.InternalException)
    return isinstance(error, broken)


def _explain(path: Path, error: duckdb.Error) -> ZhaorenError:
    text = str(error)
    if any(word in text.lower() for word in ("no space left", "file too large")):
        return ZhaorenError(
            "The disk is full.",
            path.name,
            "The system could not write any more of it.",
            "Free some space and run again; finished steps are kept, the one in progress left nothing.",
            code="disk_full",
        )
    if "lock" in text.lower():
        return ZhaorenError(
            "The warehouse is in use.",
            path.name,
            "Another process has it open, and only one may write.",
            "Wait for the other run to end, or read published/analytics.duckdb instead.",
        )
    if "wal" in text.lower() and any(words in text.lower() for words in ("created for", "not match")):
        return strange_log_of(path.name)
    if any(words in text.lower() for words in ("not a valid", "read enough bytes", "corrupt", "wal file")):
        return damaged_file(path.name)
    return ZhaorenError(
        "The database file cannot be opened.",
        path.name,
        "The system refuses it.",
        "Check the disk, its free space and the file's permissions; raw files are safe in archive/.",
    )


def damaged_file(name: str) -> ZhaorenError:
    """The error for a database file whose bytes were changed or cut off."""
    return ZhaorenError(
        "The database file is damaged.",
        name,
        f"Bytes of it, or of its log {name}.wal, are missing or are not those that were written.",
        f"Put {name} back from the newest backup; `zhaoren doctor` then says what it lacks. Raw files "
        "are safe in "
        "archive/.",
        code="database_damaged",
    )


def strange_log_of(name: str, code: str = "database_log") -> ZhaorenError:
    """The error for a database file beside a log that was not written for it as it is."""
    return ZhaorenError(
        "A database file and its log do not belong together.",
        f"{name} and {name}.wal",
        "They were copied at two different moments, or one of them was put back alone.",
        f"Put both back from one backup; where the backup has no {name}.wal, move the one that is here away. "
        "Nothing was changed.",
        code=code,
    )


def run(
    con: duckdb.DuckDBPyConnection, sql: str, params: list[object] | None = None, **frames: pl.DataFrame
) -> None:
    """Execute SQL with polars frames visible under the given names, for this statement only."""
    with visible(con, frames):
        con.execute(sql, params or [])


def fetch(
    con: duckdb.DuckDBPyConnection, sql: str, params: list[object] | None = None, **frames: pl.DataFrame
) -> pl.DataFrame:
    """The whole result of a query as a polars frame; nothing is left open on the connection."""
    with visible(con, frames):
        return con.execute(sql, params or []).pl()


@contextmanager
def visible(con: duckdb.DuckDBPyConnection, frames: Mapping[str, pl.DataFrame]) -> Iterator[None]:
    """Polars frames visible to SQL under the given names, as often as it reads them."""
    for name, frame in frames.items():
        con.register(name, frame)
    try:
        yield
    finally:
        for name in frames:
            con.unregister(name)


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing: a step killed half-way leaves the tables as they were."""
    con.execute("BEGIN")
    try:
        yield
    except BaseException:
        con.execute("ROLLBACK")
        raise
    con.execute("COMMIT")
