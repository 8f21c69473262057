"""Where a delivery's bytes come from: a plain file, or a table in a gzip or zip. None is unpacked to disk.

Names inside an archive are neither shown nor used as paths; still, an archive whose names point outside
itself is refused, since nobody makes one by accident.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from data_contracts.contract.file_names import ENDINGS
from exchange import limits
from zhaoren.errors import ZhaorenError
from zhaoren.names import NAMELESS

AGAIN = "ask the department to export and send it again"
_JUNK = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|~\$)", re.I)
_OUTSIDE = re.compile(r"^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)|\\|[\x00-\x1f]")
# All that Python's zip and gzip readers raise on damaged bytes.
ZIP_ERRORS = (
    *(OSError, EOFError, RuntimeError, NotImplementedError, ValueError, LookupError, OverflowError),
    *(zipfile.BadZipFile, zlib.error, struct.error, lzma.LZMAError),
)
_PACKED = (b"\x1f\x8b", b"PK\x03\x04")


def refuse_rows_unread(name: str, where: str, cnt: int, todo: str) -> None:
    """Rows that are seen and would not be read refuse the file, with their count."""
    if cnt:
        raise unreadable("rows_unread", name, f"{cnt} rows stand {where}", todo)


def unreadable(code: str, name: str, why: str, todo: str = AGAIN) -> ZhaorenError:
    """The error for a file that is no table, or not one that may be read; `code` as in ZhaorenError."""
    return ZhaorenError("the file cannot be read", name, why, todo, code=code)


@contextlib.contextmanager
def one_file_only(name: str) -> Iterator[None]:
    """Whatever goes wrong while one file is read refuses that file, with a reason, and stops no other.

    Damaged bytes make readers fail in ways nobody lists: panics of native code, which are no Exception, want
    of memory, recursion without end. The reader's own message is left out: it may quote a cell.
    """
    try:
        yield
    except (ZhaorenError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        why = (
            f"the reader failed on it ({type(error).__name__}): it is damaged, or too large for this machine"
        )
        raise unreadable("not_readable", name, why) from error


@dataclass(frozen=True)
class Source:
    """The bytes of one table. name: as errors say it. start: the first bytes. size: as packed."""

    name: str
    start: bytes
    size: int
    packing: str
    _open: Callable[[], BinaryIO]

    def open(self) -> BinaryIO:
        """The bytes from the beginning; a packed file stops with ZhaorenError beyond the limits."""
        stream = self._open()
        return stream if not self.packing else _Bounded(stream, self)  # type: ignore[return-value]

    def whole(self, most: int = limits.MOST_UNPACKED_IN_MEMORY) -> bytes:
        """All bytes. ZhaorenError when there are more than `most`, or the packing is damaged."""
        data = b""
        if self.packing or self.size <= most:  # a sparse file of many GiB is not even begun
            with self.open() as stream:
                data = stream.read(most + 1)
        if len(data) > most or not data:
            raise unreadable(
                "structure_suspect",
                self.name,
                f"it is larger than {most // limits.MIB} MiB",
                "deliver it as CSV text",
            )
        return data


class _Bounded(io.RawIOBase):
    """A packed stream that refuses to grow beyond reason."""

    def __init__(self, stream: BinaryIO, source: Source) -> None:
        self._stream, self._source, self._read = stream, source, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        parts, left = [], size if size >= 0 else limits.MOST_UNPACKED_BYTES + 1
        while left > 0:
            part = self._some(min(left, 8 * limits.MIB))
            if not part:
                break
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def _some(self, size: int) -> bytes:
        try:
            data = self._stream.read(size)
        except ZIP_ERRORS as error:
            why = f"its packing is damaged, cut off or locked ({type(error).__name__})"
            raise unreadable("not_readable", self._source.name, why) from error
        self._read += len(data)
        refuse_bomb(self._source.name, self._read, self._source.size)
        return data

    def close(self) -> None:
        self._stream.close()
        super().close()


def refuse_bomb(name: str, unpacked: int, packed: int) -> None:
    """ZhaorenError when so few bytes unpack to so many."""
    todo = "deliver it unpacked, or in parts"
    if unpacked > limits.MOST_UNPACKED_BYTES:
        raise unreadable(
            "structure_suspect",
            name,
            f"it unpacks to more than {limits.MOST_UNPACKED_BYTES / limits.GIB:.0f} GiB",
            todo,
        )
    if unpacked > limits.SMALL_UNPACKED_BYTES and unpacked > limits.MOST_PACKING_RATIO * max(packed, 1):
        raise unreadable(
            "structure_suspect",
            name,
            f"it unpacks to more than {limits.MOST_PACKING_RATIO} times its size",
            todo,
        )


def sources(path: Path) -> list[Source]:
    """The tables a file may hold: itself, or what is packed in it (one level).

    ZhaorenError: no plain file, empty, or an archive that is damaged, locked, nested or hostile.
    """
    outer = plain_source(path)
    if outer.start.startswith(b"\x1f\x8b"):
        return [_inner(f"{path.name} (gzip)", outer.size, "gzip", lambda: gzip.open(path, "rb"))]  # type: ignore[arg-type, return-value]
    if outer.start.startswith(b"PK\x03\x04") or outer.start.startswith(b"PK\x05\x06"):
        return _members(path, outer)
    return [outer]


def plain_source(path: Path) -> Source:
    """A file as it lies there. ZhaorenError when it is no regular file (never opened then), or empty."""
    try:
        # What this process opened itself, and has no name, is a link only by its look.
        mode = path.stat() if path.parent == NAMELESS else path.lstat()
        if not stat.S_ISREG(mode.st_mode):
            raise unreadable(
                "not_readable",
                path.name,
                f"it is {_kind(mode.st_mode)}, not a file",
                "deliver the file itself",
            )
        with path.open("rb") as stream:
            start = stream.read(512)
    except FileNotFoundError as error:
        raise ZhaorenError(
            "no such file", str(path), "nothing is there", "check the path", code="no_such_file"
        ) from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise ZhaorenError(
            "the file cannot be opened", str(path), why, "check it", code="file_not_openable"
        ) from error
    if not start:
        raise ZhaorenError(
            "the file is empty",
            path.name,
            "it has no bytes",
            "ask the department to send it again",
            code="file_empty",
        )
    return Source(path.name, start, mode.st_size, "", lambda: path.open("rb"))


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISLNK, "a link"), (stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"))
    return next((name for is_kind, name in kinds if is_kind(mode)), "a device or socket")


def _inner(name: str, size: int, packing: str, opened: Callable[[], BinaryIO]) -> Source:
    """A packed table; a look at its first bytes shows that it is no archive again."""
    unopened = Source(name, b"", size, packing, opened)
    with unopened.open() as stream:
        start = stream.read(512)
    if not start:
        raise ZhaorenError(
            "the file is empty",
            name,
            "it has no bytes",
            "ask the department to send it again",
            code="file_empty",
        )
    if start.startswith(_PACKED) and not _is_workbook_start(start):
        raise unreadable(
            "structure_suspect",
            name,
            "an archive inside an archive",
            "deliver the table itself, packed once at most",
        )
    return Source(name, start, size, packing, opened)


def _is_workbook_start(start: bytes) -> bool:
    """A workbook's first member is one of these."""
    return start.startswith(b"PK") and start[30:].startswith(
        (b"[Content_Types]", b"_rels/", b"xl/", b"docProps/")
    )


def _members(path: Path, outer: Source) -> list[Source]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [e for e in archive.infolist() if not e.is_dir()]
    except ZIP_ERRORS as error:
        raise unreadable(
            "not_readable", path.name, "a damaged workbook or zip file (its directory is broken)"
        ) from error
    if any(e.filename in ("xl/workbook.xml", "[Content_Types].xml") for e in entries):
        return [outer]
    if any(e.filename == "content.xml" for e in entries):
        raise unreadable(
            "opendocument", path.name, "an OpenDocument file", "save it as XLSX or CSV and deliver that"
        )
    tables = [entry for entry in entries if not _JUNK.search(entry.filename)]
    _refuse_strange(path, tables)
    return [_member(path, entry, place) for place, entry in enumerate(tables, start=1)]


def _member(path: Path, entry: zipfile.ZipInfo, place: int) -> Source:
    def opened() -> BinaryIO:
        try:
            return zipfile.ZipFile(path).open(entry.filename)  # type: ignore[return-value]
        except ZIP_ERRORS as error:
            why = f"its packing is damaged or locked ({type(error).__name__})"
            raise unreadable("not_readable", path.name, why) from error

    return _inner(_called(path, entry, place), entry.compress_size, "zip", opened)


def _refuse_strange(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    if not entries:
        raise unreadable("not_readable", path.name, "a zip file with nothing in it", "deliver the table")
    if len(entries) > limits.MOST_MEMBERS:
        why = f"a zip file with {len(entries)} files in it"
        raise unreadable("structure_suspect", path.name, why, "deliver the one table")
    outside = [place for place, e in enumerate(entries, start=1) if _OUTSIDE.search(e.filename)]
    if outside:
        why = f"a name in the archive points outside it: that of file {outside[0]}"
        raise unreadable("archive_path_outside", path.name, why, "ask who made this file; do not unpack it")
    if any(entry.flag_bits & 1 for entry in entries):
        raise unreadable(
            "file_locked", path.name, "the zip file is locked with a password", "deliver it without"
        )
    for place, entry in enumerate(entries, start=1):
        refuse_bomb(_called(path, entry, place), entry.file_size, entry.compress_size)


def _called(path: Path, entry: zipfile.ZipInfo, place: int) -> str:
    """A member by its place in the archive and its known ending: its name may be somebody's."""
    ending = entry.filename.rpartition(".")[2].lower()
    return f"{path.name} › file {place}" + (f".{ending}" if ending in ENDINGS else "")
