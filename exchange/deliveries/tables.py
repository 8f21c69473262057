"""Files as tables of text, whatever their format; told by content, never by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from exchange import limits
from exchange.deliveries.decoding import Text, decoded
from exchange.deliveries.headers import SEARCHED_ROWS, rows_like_data
from exchange.deliveries.packed import Source, refuse_rows_unread, sources, unreadable
from exchange.reading_notes import Note, counted, note, positions
from zhaoren.errors import ZhaorenError

Head = tuple[tuple[str | None, ...], ...]
Finder = Callable[[Sequence[Sequence[str | None]]], int | None]
# (place of the header's last row, columns it has, places the contract knows) -> frames.
Body = Callable[[int, int, Sequence[int]], Iterator[pl.DataFrame]]


@dataclass(frozen=True, kw_only=True)
class RawTable:
    """A file opened as a table of text.

    head: its first rows. frames: all rows, read when asked. notes: what was done to read it. separator: of
    delimited text, else ''. assumed: headers the contract gives where the file has none (fixed widths).
    is_1904: bare day numbers count from 1904. found: how often, by the code of its note, something was met
    while the rows were read. floats, no_cells: of Parquet, as in ParquetTable.
    """

    source: Source
    head: Head
    encoding: str
    format: str
    notes: tuple[Note, ...]
    frames: Body
    separator: str = ""
    assumed: tuple[str, ...] = ()
    is_1904: bool = False
    floats: frozenset[int] = frozenset()
    no_cells: Mapping[int, str] = field(default_factory=dict)
    found: Counter[str] = field(default_factory=Counter)

    def body(self, header: int, columns: int, places: Sequence[int] = ()) -> Iterator[pl.DataFrame]:
        """The rows below the header's last row (-1: there is none): row_no and column_<place>, all String.

        ZhaorenError when a cell is longer than any cell may be.
        """
        self.found.clear()
        for frame in self.frames(max(header, 0), columns, places):
            below = frame if header < 0 else frame.filter(pl.col("row_no") > header + 1)
            _refuse_long_cells(self.source.name, below)
            yield below


def read_table(source: Source | Path, find: Finder, widths: Sequence[int] = ()) -> RawTable:
    """Open one table. `find` tells the header's place among rows (the separator and sheet are told by it).

    `widths`: the contract's fixed widths, if any. ZhaorenError when it cannot be read as any known format.
    """
    source = sources(source)[0] if isinstance(source, Path) else source
    kind = file_kind(source)
    if kind == "parquet":
        return _parquet(source)
    if kind in ("xlsx", "xls"):
        return _workbook(source, kind, find)
    return _text(source, find, widths)


def read_only_table(
    name: str,
    members: Sequence[Source],
    find: Finder,
    widths: Sequence[int],
    fits: Callable[[RawTable], bool],
) -> RawTable:
    """The one file of an archive that fits.

    ZhaorenError when none or several fit, or when another one holds rows like the table's.
    """
    tables = {member.name: table for member in members if (table := _tried(member, find, widths))}
    fitting = [table for table in tables.values() if fits(table)]
    if len(fitting) != 1:
        why = f"the archive holds {len(members)} files, {len(fitting)} of them fit"
        raise unreadable("not_readable", name, why, "deliver the one table")
    table = fitting[0]
    read, header = table.source.name, find(table.head)
    columns = sum(bool(cell) for cell in table.head[header or 0])
    others = (other for member, other in tables.items() if member != read)
    left_out = sum(rows_like_data(frame, columns) for other in others for frame in other.body(-1, columns))
    todo = "deliver each table in a file of its own"
    refuse_rows_unread(name, f"in other files of the archive than {read.partition(' › ')[2]}", left_out, todo)
    at = [place for place, member in enumerate(members) if member.name == read]
    said = note("member_read", len(members), counted(at), positions(at))
    return replace(table, notes=(*table.notes, said))


def _tried(member: Source, find: Finder, widths: Sequence[int]) -> RawTable | None:
    """The member as a table; None for a paper. What is called a table and cannot be read is damaged."""
    try:
        return read_table(member, find, widths)
    except ZhaorenError as error:
        if member.name.lower().endswith(_TABLES) and error.code != "file_empty":
            raise
        return None


def file_kind(source: Source) -> str:
    """parquet, xlsx, xls or text, by the file's first bytes. ZhaorenError for other kinds of document."""
    start = source.start
    for mark, kind in _DOCUMENTS.items():
        if start.startswith(mark):
            raise unreadable(
                "not_readable", source.name, f"it is {kind}", "deliver the table as CSV, XLSX or Parquet"
            )
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(b"PK"):
        return "xlsx"
    return "xls" if start.startswith(b"\xd0\xcf\x11\xe0") else "text"


_TABLES = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".et", ".parquet")
_DOCUMENTS = {
    b"%PDF": "a PDF", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture", b"GIF8": "a picture",
    b"Rar!": "a RAR archive", b"7z\xbc\xaf": "a 7-Zip archive", b"{\\rtf": "a text document (RTF)",
    b"BZh": "a bzip2 archive", b"\xfd7zXZ": "an xz archive",
}  # fmt: skip


def _refuse_long_cells(name: str, frame: pl.DataFrame) -> None:
    texts = frame.select(pl.exclude("row_no").str.len_bytes().max())
    if not texts.width or (texts.max_horizontal().item() or 0) <= limits.MOST_CELL_BYTES:
        return
    long = pl.any_horizontal(pl.exclude("row_no").str.len_bytes() > limits.MOST_CELL_BYTES)
    row = frame.filter(long)["row_no"][0]
    why = f"a cell in row {row} is longer than {limits.MOST_CELL_BYTES // limits.MIB} MiB"
    raise unreadable(
        "not_readable",
        f"{name}, row {row}",
        why,
        "shorten the cell; look for a missing quotation mark before it",
    )


def _framed(frames: Callable[[], Iterator[pl.DataFrame]]) -> Body:
    """A body of frames that hold all columns; text beyond the header's is moved to the first place there."""

    def body(header: int, columns: int, places: Sequence[int]) -> Iterator[pl.DataFrame]:
        for frame in frames():
            names = [n for n in frame.columns if n != "row_no"]
            kept, far = [pl.col("row_no"), *map(pl.col, names[:columns])], names[columns:]
            if far:
                beyond = pl.coalesce(pl.when(pl.col(n).str.contains(r"\S")).then(pl.col(n)) for n in far)
                kept.append(beyond.alias(f"column_{columns}"))
            yield frame.select(kept)

    return body


def _parquet(source: Source) -> RawTable:
    from exchange.deliveries.parquet_files import open_parquet

    table = open_parquet(source)
    return RawTable(
        source=source,
        head=(table.names,),
        encoding="utf-8",
        format="parquet",
        notes=(),
        frames=_framed(table.batches),
        floats=table.floats,
        no_cells=table.no_cells,
    )


def _workbook(source: Source, kind: str, find: Finder) -> RawTable:
    from exchange.deliveries.workbooks import open_sheet

    def fits(rows: Sequence[Sequence[str | None]]) -> int:
        place = find(rows)
        return 0 if place is None else sum(bool(cell) for cell in rows[place])

    sheet = open_sheet(source, kind, fits)
    return RawTable(
        source=source,
        head=sheet.head,
        encoding="utf-8",
        format=kind,
        notes=sheet.notes,
        frames=_framed(lambda: iter([sheet.rows()])),
        is_1904=sheet.is_1904,
    )


def _text(source: Source, find: Finder, widths: Sequence[int]) -> RawTable:
    text = decoded(source)
    head = text.head()
    if not head.strip():
        raise ZhaorenError(
            "the file is empty",
            source.name,
            "it holds no text",
            "ask the department to send it again",
            code="file_empty",
        )
    if len(head) >= limits.HEAD_BYTES and b"\n" not in head:
        why = f"its first line is longer than {limits.HEAD_BYTES // limits.MIB} MiB, so it is no table"
        raise unreadable("not_readable", source.name, why)
    start = head[:4096].lstrip().lower()
    if start.startswith((b"<?xml", b"<!doctype", b"<html", b"<table", b"<head", b"<meta", b"<style")):
        return _page(source, text, find)
    return (_fixed_width(text, head, find, widths) if widths else None) or _delimited(text, head, find)


def _page(source: Source, text: Text, find: Finder) -> RawTable:
    from exchange.deliveries.web_tables import web_tables

    page = b""
    for piece in text.pieces():
        page += piece
        if len(page) > limits.MOST_HTML_BYTES:
            why = f"a web page of more than {limits.MOST_HTML_BYTES // limits.MIB} MiB"
            raise unreadable("not_readable", source.name, why, "save it as XLSX or CSV and deliver that")
    start = page[:4096].lower()
    if b"urn:schemas-microsoft-com:office:spreadsheet" in start and b"<html" not in start:
        raise unreadable(
            "not_readable",
            source.name,
            "a spreadsheet saved as XML 2003",
            "save it as XLSX or CSV and deliver that",
        )
    try:
        tables = [(rows, find(rows[:SEARCHED_ROWS])) for rows in web_tables(page.decode("utf-8"))]
    except (ValueError, AssertionError, RecursionError) as error:
        raise unreadable(
            "not_readable", source.name, f"a web page that cannot be taken apart ({type(error).__name__})"
        ) from error
    if not tables:
        raise unreadable(
            "not_readable",
            source.name,
            "a web page without a table",
            "deliver the table itself, not the page",
        )
    best = next((at for at, (_, header) in enumerate(tables) if header is not None), 0)
    rows, header = tables.pop(best)
    frame = _text_frame(rows)
    frame = frame.with_columns(row_no=pl.int_range(1, frame.height + 1, dtype=pl.Int64))
    columns = sum(cell is not None for cell in rows[header]) if header is not None else 0
    left_out = [rows_like_data(_text_frame(other), columns) for other, _ in tables if columns]
    refuse_rows_unread(source.name, "in other tables of the page", sum(left_out), "put all rows in one table")
    others = (note("web_tables_unread", len(tables)),) if tables else ()
    notes = (*text.notes, note("web_table_read"), *others)
    return RawTable(
        source=source,
        head=tuple(rows[:SEARCHED_ROWS]),
        encoding=text.encoding,
        format="html",
        notes=notes,
        frames=_framed(lambda: iter([frame])),
    )


def _text_frame(rows: Sequence[Sequence[str | None]]) -> pl.DataFrame:
    names = [f"column_{at}" for at in range(len(rows[0]))]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def _fixed_width(text: Text, head: bytes, find: Finder, widths: Sequence[int]) -> RawTable | None:
    from exchange.deliveries import fixed_width

    lines = _lines(head)
    layout = fixed_width.declared(lines[:200], list(widths), text.encoding)
    return _laid_out(text, lines, layout, find) if layout else None


def _laid_out(text: Text, lines: list[str], layout, find: Finder) -> RawTable:  # type: ignore[no-untyped-def]
    from exchange.deliveries.fixed_width import read_fixed

    frame = layout.cut([line.rstrip("\r") for line in lines[:SEARCHED_ROWS]])
    rows = tuple(row[:-1] for row in frame.rows())
    return RawTable(
        source=text.source,
        head=rows,
        encoding=text.encoding,
        format="fixed_width",
        notes=(*text.notes, layout.said()),
        frames=_framed(lambda: read_fixed(text, layout)),
    )


def _lines(head: bytes) -> list[str]:
    return head.decode("utf-8", "ignore").split("\n")


def _delimited(text: Text, head: bytes, find: Finder) -> RawTable:
    from exchange.deliveries import fixed_width
    from exchange.deliveries.delimited import read_delimited, split_head

    rows, offsets, separator = split_head(head, find)
    if find(rows) is None:
        layout = fixed_width.aligned(_lines(head), find, text.encoding)
        if layout:
            return _laid_out(text, _lines(head), layout, find)
    found: Counter[str] = Counter()

    def body(header: int, columns: int, places: Sequence[int]) -> Iterator[pl.DataFrame]:
        for frame, met in read_delimited(
            text,
            offsets[header],
            first_row=header + 1,
            columns=columns,
            separator=separator,
            places=places,
        ):
            found.update(met)
            yield frame

    return RawTable(
        source=text.source,
        head=rows,
        encoding=text.encoding,
        format="csv",
        notes=text.notes,
        frames=body,
        separator=separator,
        found=found,
    )
