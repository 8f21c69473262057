"""Where marks stand: in every byte of every file, packed ones unpacked, and in every table of every database.

A search by bytes alone is blind: databases compress their text, workbooks are zipped, journals are encoded.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

import duckdb
import polars as pl

LEAST = 6  # bytes: what is shorter stands anywhere by chance
DEPTH = 4  # packed files in packed files
AT_ONCE = 32 << 20  # bytes looked through together: building the net costs as much as using it
Piece = tuple[str, bytes]  # where something stands, and what


@dataclass(frozen=True, order=True)
class Found:
    """A mark, and where it stands: path below the folder, then member, table.column or encoding."""

    where: str
    mark: str


def found_in(
    folder: Path, marks: Iterable[str], *, but: Iterable[str] = (), key: str = "", names: bool = True
) -> list[Found]:
    """Every place below the folder where one of the marks stands, in the file's bytes, tables or name.

    but: files and folders directly in it that are passed over. key: opens encrypted databases.
    """
    return sorted(Net(marks).caught_in(_pieces(folder, set(but), key, names)))


def _pieces(folder: Path, skipped: set[str], key: str, names: bool) -> Iterator[Piece]:
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if place.parts[0] in skipped:
            continue
        if names:
            yield f"{place} (its name)", bytes(place)
        if path.is_file() and not path.is_symlink():
            yield from _of_file(path, str(place), key)


def found_in_text(text: str, marks: Iterable[str]) -> list[str]:
    """The marks that stand in a text."""
    return sorted(one.mark for one in Net(marks).caught_in([("", text.encode(errors="surrogateescape"))]))


class Net:
    """All writings of the marks, looked for at once."""

    def __init__(self, marks: Iterable[str]) -> None:
        self.of: dict[str, str] = {}  # a writing's bytes, each as one character -> its mark
        for mark in sorted(set(marks)):
            for raw in writings(mark):
                if len(raw) >= LEAST:
                    self.of.setdefault(raw.decode("latin-1"), mark)
        self._patterns = pl.Series([list(self.of)], dtype=pl.List(pl.String))

    def caught_in(self, pieces: Iterable[Piece]) -> set[Found]:
        """The marks that stand in the pieces, in whatever writing. Many are looked through at a time."""
        found: set[Found] = set()
        for batch in _batches(pieces):
            texts = pl.Series([data.decode("latin-1") for _, data in batch], dtype=pl.String)
            hits = texts.str.extract_many(self._patterns, overlapping=True).to_list() if self.of else []
            found |= {
                Found(place, self.of[hit])
                for (place, _), caught in zip(batch, hits, strict=bool(self.of))
                for hit in caught
            }
        return found


def _batches(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    batch: list[Piece] = []
    for piece in pieces:
        batch.append(piece)
        if sum(len(data) for _, data in batch) > AT_ONCE or len(batch) == 2000:
            yield batch
            batch = []
    if batch:
        yield batch


def writings(mark: str) -> set[bytes]:
    """The mark in the encodings that files of ours and of libraries use."""
    plain = {mark.encode()}
    for encoding in ("gb18030", "utf-16-le", "utf-16-be"):
        plain.add(mark.encode(encoding))
    for text in (json.dumps(mark)[1:-1], quote(mark), escape(mark), ascii(mark)[1:-1], repr(mark)[1:-1]):
        plain.add(text.encode())
    return (
        plain | {packed for raw in list(plain)[:4] for packed in _base64(raw)} | set(_base64(mark.encode()))
    )


def _base64(raw: bytes) -> Iterator[bytes]:
    """What of its base64 is the same whatever stands before and after it."""
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + raw)
        first, last = -(-before * 4 // 3), (before + len(raw)) * 8 // 6
        yield coded[first:last]
        yield coded[first:last].translate(bytes.maketrans(b"+/", b"-_"))


def _of_file(path: Path, place: str, key: str) -> Iterator[Piece]:
    data = path.read_bytes()
    yield from _of_bytes(data, place, DEPTH)
    if data[8:12] == b"DUCK":
        yield from _of_duckdb(path, place, key)
    elif data.startswith(b"SQLite format 3"):
        yield from _of_sqlite(path, place)
    elif data.startswith(b"PAR1"):
        with suppress(pl.exceptions.PolarsError):  # damaged: its bytes have been looked at
            yield from _of_frame(pl.read_parquet(path), place)


def _of_bytes(data: bytes, place: str, depth: int) -> Iterator[Piece]:
    yield place, data
    if not depth:
        return
    if data.startswith(b"PK") and zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for name in packed.namelist():
                yield f"{place}/{name} (its name)", name.encode()
                with suppress(zipfile.BadZipFile, RuntimeError, zlib.error):
                    yield from _of_bytes(packed.read(name), f"{place}/{name}", depth - 1)
    elif data.startswith(b"\x1f\x8b"):
        with suppress(OSError, EOFError, zlib.error):
            yield from _of_bytes(gzip.decompress(data), f"{place} (unpacked)", depth - 1)
    elif data[:1] == b"\x78":
        with suppress(zlib.error):
            yield from _of_bytes(zlib.decompress(data), f"{place} (unpacked)", depth - 1)


def _of_frame(frame: pl.DataFrame, place: str) -> Iterator[Piece]:
    for column in frame.columns:
        values = frame.get_column(column).drop_nulls().unique().to_list()
        yield f"{place}:{column}", "\n".join(map(str, [column, *values])).encode()


def _of_duckdb(path: Path, place: str, key: str) -> Iterator[Piece]:
    """Every column of every table as text, and what the database says of its tables, views and types."""
    with closing(duckdb.connect(":memory:")) as con:
        try:
            con.execute(f"ATTACH '{path}' AS looked_at (READ_ONLY)")
        except duckdb.Error:
            if not key:
                return
            con.execute(f"ATTACH '{path}' AS looked_at (READ_ONLY, ENCRYPTION_KEY '{key}')")
        for kind in ("tables", "views", "columns", "types", "constraints", "indexes", "sequences"):
            query = f"SELECT * FROM duckdb_{kind}() WHERE database_name = 'looked_at'"
            yield f"{place}:{kind}", str(con.execute(query).fetchall()).encode()
        for schema, table in con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'looked_at'"
        ).fetchall():
            yield from _of_table(con, f'looked_at."{schema}"."{table}"', f"{place}:{schema}.{table}")


def _of_table(con: duckdb.DuckDBPyConnection, table: str, place: str) -> Iterator[Piece]:
    names = [row[0] for row in con.execute(f"DESCRIBE {table}").fetchall()]
    columns = ", ".join(f'string_agg(DISTINCT "{n}"::VARCHAR, chr(10))' for n in names)
    for name, text in zip(names, con.execute(f"SELECT {columns} FROM {table}").fetchall()[0], strict=True):
        yield f"{place}.{name}", (text or "").encode()


def _of_sqlite(path: Path, place: str) -> Iterator[Piece]:
    """The tables, with what the journal beside it adds: a copy is opened, for opening one may change it."""
    with tempfile.TemporaryDirectory() as folder:
        for near in path.parent.glob(path.name + "*"):
            (Path(folder) / near.name).write_bytes(near.read_bytes())
        with closing(sqlite3.connect(Path(folder) / path.name)) as con:
            con.text_factory = lambda raw: raw.decode(errors="replace")
            for (table,) in con.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                rows = con.execute(f'SELECT * FROM "{table}"')
                names = [column[0] for column in rows.description]
                for name, values in zip(names, zip(*rows.fetchall(), strict=True), strict=False):
                    cells = (v if isinstance(v, bytes) else str(v).encode() for v in values)
                    yield f"{place}:{table}.{name}", b"\n".join(cells)
