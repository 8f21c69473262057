"""Text files as UTF-8: strict, streamed, in memory (no temporary file ever holds personal data).

The encoding is decided once, for the whole file, by reading it through; what a file says of itself
(a byte order mark, an HTML or XML declaration) is only a hint.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from exchange import limits
from exchange.deliveries.packed import Source, unreadable
from exchange.reading_notes import Note, note
from zhaoren.errors import ZhaorenError

CHUNK = 8 * 2**20
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
TODO = "ask the department to export it again as UTF-8 or GB18030 text, or as XLSX"


# No text has these bytes, in whatever encoding; without them, one bad byte is a character cut in half.
CONTROLS = frozenset(range(0x20)) - frozenset(b"\t\n\r\f\x1b")


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text file whose encoding is known. `whole` is its UTF-8, kept while it is below one chunk.

    encoding: as shown to people. notes: what was done to read it.
    """

    source: Source
    encoding: str
    notes: tuple[Note, ...]
    _codec: str
    _skip: int
    _only_cr: bool
    whole: bytes | None

    def pieces(self) -> Iterator[bytes]:
        """The text as UTF-8 bytes, a few MiB at a time (cut anywhere); lines end with \\n."""
        if self.whole is not None:
            yield self.whole
            return
        again = _raw(self.source, self._skip) if self._codec == "utf-8" else None
        for piece in again or _transcoded(self.source, self._codec, self._skip):
            yield piece.replace(b"\r", b"\n") if self._only_cr else piece

    def head(self) -> bytes:
        """The first part of the text, some lines at least."""
        found = bytearray()
        for piece in self.pieces():
            found += piece[: limits.HEAD_BYTES]
            if len(found) >= limits.HEAD_BYTES:
                break
        return bytes(found[: limits.HEAD_BYTES])


def decoded(source: Source) -> Text:
    """Decide a text file's encoding.

    A mark is tried first, then UTF-8 (it refuses nearly everything that is not), then GB18030, which covers
    GBK and GB2312. ZhaorenError when none fits without a single doubtful byte, or the text holds zero bytes.
    """
    marked = next(((name, len(bom)) for bom, name in _BOMS if source.start.startswith(bom)), None)
    failures: dict[int, str] = {}
    for codec, skip, notes in _tries(source, marked):
        try:
            whole, only_cr = _read_through(source, codec, skip)
        except UnicodeDecodeError as error:
            failures[error.start] = f"{codec} fails at byte {error.start} ({error.reason})"
            continue
        shown = "utf-8-sig" if codec == "utf-8" and skip else "utf-16" if "16" in codec else codec
        notes = (*notes, *((note("line_ends_cr"),) if only_cr else ()))
        return Text(
            source=source,
            encoding=shown,
            notes=notes,
            whole=whole,
            _codec=codec,
            _skip=skip,
            _only_cr=only_cr,
        )
    if CONTROLS & set(source.start):
        raise unreadable("not_readable", source.name, "it is no text, nor any kind of table known here")
    raise _broken(source, failures)


def _broken(source: Source, failures: Mapping[int, str]) -> ZhaorenError:
    """The error for a byte that is no character's, where the encoding that got furthest met it."""
    row, column = _cell_at(source, max(failures))
    return ZhaorenError(
        f"the file cannot be read, a character is broken in the cell: {column}{row}",
        f"{source.name}, row {row}, column {column}",
        "; ".join(failures.values()),
        TODO,
        code="character_broken",
    )


def _cell_at(source: Source, byte: int) -> tuple[int, str]:
    """The row and the column's letters, as a spreadsheet names them, of a byte in delimited text."""
    row, left, line = 1, byte, b""
    with source.open() as stream:
        while left > 0 and (piece := stream.read(min(CHUNK, left))):
            left -= len(piece)
            row += piece.count(b"\n") or piece.count(b"\r")
            line = (line + piece).replace(b"\r", b"\n").rpartition(b"\n")[2]
    place = max(line.count(mark) for mark in (b",", b"\t", b";", b"|"))
    letters = ""
    while place >= 0:
        place, letter = place // 26 - 1, place % 26
        letters = chr(65 + letter) + letters
    return row, letters


def _tries(source: Source, marked: tuple[str, int] | None) -> list[tuple[str, int, tuple[Note, ...]]]:
    if marked and "16" in marked[0]:
        return [(*marked, ())]
    skip = marked[1] if marked else 0
    lied = (note("mark_misleading"),) if skip else ()
    usual: list[tuple[str, int, tuple[Note, ...]]] = [("utf-8", skip, ()), ("gb18030", skip, lied)]
    wide = _unmarked_utf16(source.start)
    return [(wide, 0, (note("utf16_unmarked"),))] if wide else usual


def _unmarked_utf16(start: bytes) -> str | None:
    """UTF-16 has the zero bytes of its separators and digits all on one side."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if odd > 1 and odd > 8 * even:  # a character such as 一 (4E00) has one too
        return "utf-16-le"
    return "utf-16-be" if even > 1 and even > 8 * odd else None


def _read_through(source: Source, codec: str, skip: int) -> tuple[bytes | None, bool]:
    """(the whole text while it is below one chunk, whether its only line ends are CR)."""
    kept, size, has_lf, has_cr = bytearray(), 0, False, False
    for piece in _transcoded(source, codec, skip):
        if b"\x00" in piece:
            raise unreadable("not_readable", source.name, "it holds zero bytes, so it is no text", TODO)
        size += len(piece)
        has_lf, has_cr = has_lf or b"\n" in piece, has_cr or b"\r" in piece
        if size <= limits.CHUNK_BYTES:
            kept += piece
        else:
            kept.clear()
    only_cr = has_cr and not has_lf
    if size > limits.CHUNK_BYTES:
        return None, only_cr
    return (bytes(kept).replace(b"\r", b"\n") if only_cr else bytes(kept)), only_cr


def _raw(source: Source, skip: int) -> Iterator[bytes]:
    """UTF-8 that has been read through before needs no second look."""
    with source.open() as stream:
        stream.read(skip)
        while piece := stream.read(CHUNK):
            yield piece


def _transcoded(source: Source, codec: str, skip: int) -> Iterator[bytes]:
    """Decode piece by piece; a failure's `start` counts from the beginning of the file."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    place = skip
    with source.open() as stream:
        stream.read(skip)
        while True:
            try:
                piece = stream.read(CHUNK)
            except OSError as error:
                raise ZhaorenError(
                    "the file cannot be opened",
                    source.name,
                    error.strerror or "",
                    "check it",
                    code="file_not_openable",
                ) from error
            held = decoder.getstate()[0]
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                error.start += place - len(held)
                raise
            if codec == "utf-8":  # what is left over for the next piece is cut from this one
                whole = held + piece
                out = whole[: len(whole) - len(decoder.getstate()[0])]
            else:
                out = text.encode("utf-8")
            if out:
                yield out
            place += len(piece)
            if not piece:
                return
