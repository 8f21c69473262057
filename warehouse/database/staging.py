"""One delivery's rows between its checks and its loading: a copy for the suite, and the good rows.

The copy holds no identifier; the good rows do, and lie on the disk under a key that only this process knows.
"""

from __future__ import annotations

import io
import secrets
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import polars as pl

from warehouse.database.connection import connect, run
from warehouse.database.derived_keys import Pieces, sealed_pieces

_IN_MEMORY = 2  # chunks of a delivery that are not worth writing


def stage(path: Path, rows: pl.DataFrame) -> Path:
    """Write `rows` (CheckedRows.stage) as table `staged` of a new DuckDB file."""
    path.unlink(missing_ok=True)
    con = connect(path)
    try:
        con.execute("PRAGMA force_compression = 'uncompressed'")  # it is read once and thrown away
        run(con, "CREATE TABLE staged AS SELECT * FROM rows", rows=rows)
    finally:
        con.close()
    return path


class SealedRows:
    """Frames of rows, given again in the order they came in, as often as asked (row_checks.rows.Kept).

    The last two stay in memory, so that an ordinary file is never written; those before them lie in a file
    without a name, encrypted, which is gone with this object or its process.
    """

    def __init__(self, scratch: Path) -> None:
        self._scratch, self._pieces = scratch, Pieces(secrets.token_bytes(32))
        self._latest: list[pl.DataFrame] = []
        self._file: BinaryIO | None = None
        self._written = 0

    def append(self, rows: pl.DataFrame) -> None:
        """Keep one more frame."""
        if len(self._latest) == _IN_MEMORY:
            self._write(self._latest.pop(0))
        self._latest.append(rows)

    def __iter__(self) -> Iterator[pl.DataFrame]:
        if self._file is not None:
            at = 0
            for place in range(self._written):
                self._file.seek(at)  # another reader of these rows may be half-way
                sealed = next(sealed_pieces(self._file))
                at = self._file.tell()
                yield pl.read_ipc_stream(self._pieces.opened(place, sealed))
        yield from self._latest

    def _write(self, rows: pl.DataFrame) -> None:
        if self._file is None:
            self._file = cast(BinaryIO, tempfile.TemporaryFile(dir=self._scratch))  # noqa: SIM115
            weakref.finalize(self, self._file.close)
        text = io.BytesIO()
        rows.write_ipc_stream(text, compression="lz4")
        self._file.seek(0, io.SEEK_END)
        self._file.write(self._pieces.sealed(self._written, text.getvalue()))
        self._written += 1
