"""A department's file as rows of text: decoded strictly, its header found, every row kept and numbered.

Nothing is judged here but whether the file can be read and is the promised one. Row numbers are those a
person sees in a spreadsheet: 1 is the file's first row, title rows and the header included.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import polars as pl

from data_contracts.cells.dates import DAYS_BETWEEN_EPOCHS
from data_contracts.contract.model import Contract
from data_contracts.loading.contracts import load_contracts
from exchange.deliveries.headers import (
    HeaderMatch,
    find_header,
    header_cells,
    match_headers,
    nearest,
    shown,
    vocabulary,
)
from exchange.deliveries.packed import one_file_only, sources
from exchange.deliveries.tables import Finder, RawTable, read_only_table, read_table
from exchange.deliveries.unread import (
    INK,
    refuse_glued,
    refuse_no_cells,
    refuse_rows_above,
    refuse_second_block,
    second_block,
)
from exchange.guards import unguarded_columns
from exchange.reading_notes import Note, note
from exchange.receipt_mark import is_of_receipt
from zhaoren.errors import ZhaorenError

EXTRA = "_extra"
_DATED = ("date", "month")
_BARE_DAY = r"^[0-9]{1,5}(?:\.[0-9]+)?$"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a delivery is read.

    headers: as in the file. unknown_headers: not in the contract, left out. missing_headers: promised
    (optional) headers the file lacks. renamed: file header -> agreed header, where they differ.
    header_row: as a spreadsheet counts, the lower one of two; 0 when the file has none (fixed width).
    """

    headers: tuple[str, ...]
    unknown_headers: tuple[str, ...]
    missing_headers: tuple[str, ...]
    renamed: Mapping[str, str]
    encoding: str
    format: str
    separator: str
    header_row: int


@dataclass(frozen=True, kw_only=True)
class OpenDelivery(Reading):
    """A delivery whose header has been found; its rows are read when asked, as often as asked."""

    _table: RawTable
    _match: HeaderMatch
    _days: tuple[str, ...]
    _rounded: tuple[str, ...]
    _notes: tuple[Note, ...]

    @property
    def known_places(self) -> frozenset[int]:
        """Places of the headers that are the contract's."""
        return frozenset(self._match.places)

    @property
    def own_headers(self) -> dict[str, str]:
        """The contract's columns that the file has, in the file's order -> their headers there."""
        return {name: self.headers[place] for place, name in sorted(self._match.places.items())}

    @property
    def title_rows(self) -> tuple[tuple[str | None, ...], ...]:
        """The rows above the header."""
        return tuple(self._table.head[: max(self.header_row - 1, 0)])

    @property
    def is_packed(self) -> bool:
        """Whether the table lies in an archive."""
        return bool(self._table.source.packing)

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was left out, doubted or done to read the file; whole once the rows have been read."""
        found = self._table.found
        return (*self._notes, *(note(code, found[code]) for code in sorted(found) if found[code]))

    def chunks(self) -> Iterator[pl.DataFrame]:
        """The data rows, in order, in frames of bounded size (one frame below limits.CHUNK_BYTES of text).

        One row per non-blank data row: row_no (Int64, as in the file), one String column per known header,
        named as the contract's column, and `_extra` (text beyond the header) where a row of the frame has
        any. ZhaorenError when a row cannot be read.
        """
        columns = len(self._match.headers)
        with one_file_only(self._table.source.name):
            again = second_block(self._match)
            for body in self._table.body(self.header_row - 1, columns, (*self._match.places, *again)):
                refuse_second_block(self._table.source.name, body, again)
                rows = _data_rows(body, self._match)
                changed = [_from_1904(n) for n in self._days] + [_as_rounded(n) for n in self._rounded]
                rows = rows.with_columns(changed)
                yield unguarded_columns(rows) if any(map(is_of_receipt, self.headers)) else rows


@dataclass(frozen=True, kw_only=True)
class TextRows(Reading):
    """A delivery as text, all in one frame, with what OpenDelivery says of it."""

    frame: pl.DataFrame
    rows_read: int
    notes: tuple[Note, ...] = ()


def open_delivery(
    path: Path, contract: Contract, contracts: Mapping[str, Contract] | None = None
) -> OpenDelivery:
    """Open a file by its contract, whatever its format, packing and encoding.

    `contracts` (default: the shipped ones) are looked through to say whose a wrong file may be.
    Raises ZhaorenError: empty, unreadable, hostile, no header found, another department's file, or a
    required column missing.
    """
    path = Path(path)
    with one_file_only(path.name):
        return _opened(path, contract, contracts)


def _opened(path: Path, contract: Contract, contracts: Mapping[str, Contract] | None) -> OpenDelivery:
    table, header = open_table(path, [contract])
    if header is None and table.assumed:
        cells: list[str | None] = list(table.assumed)
        header, depth = -1, 1
    elif header is None:
        raise _no_header(path, table, contract, contracts)
    else:
        cells, depth = header_cells(table.head, header, [contract])
    match = match_headers(cells, contract)
    places = match.places
    refuse_no_cells(path, table, match)
    if header is not None:
        refuse_glued(path, header, match, table)
    _refuse_wrong_file(path, header, match, contract, contracts)
    refuse_rows_above(path, table, header - depth, match)
    return OpenDelivery(
        headers=match.headers,
        unknown_headers=match.unknown,
        missing_headers=match.missing,
        renamed=match.renamed,
        encoding=table.encoding,
        format=table.format,
        header_row=header + 1,
        separator=table.separator,
        _table=table,
        _match=match,
        _days=tuple(n for n in places.values() if contract.column(n).reads_as in _DATED and table.is_1904),
        _rounded=tuple(n for at, n in places.items() if at in table.floats and contract.column(n).is_number),
        _notes=(*table.notes, *_header_notes(match, header, depth)),
    )


def read_delivery(
    path: Path, contract: Contract, contracts: Mapping[str, Contract] | None = None
) -> TextRows:
    """All rows of a delivery in one frame; see open_delivery."""
    opened = open_delivery(path, contract, contracts)
    frame = pl.concat(list(opened.chunks()), how="diagonal")
    how = {part.name: getattr(opened, part.name) for part in fields(Reading)}
    return TextRows(**how, frame=frame, rows_read=frame.height, notes=opened.notes)


def guess_contract(path: Path, contracts: Mapping[str, Contract]) -> list[tuple[str, float]]:
    """Whose file this may be: (contract id, share of its headers found), best first, zeros left out."""
    table, header = open_table(Path(path), list(contracts.values()))
    return shares(table.head, header, contracts) if header is not None else []


def open_table(path: Path, contracts: Sequence[Contract]) -> tuple[RawTable, int | None]:
    """The file's table and its header's place, None when no contract's header stands in it.

    Of several files in an archive, the one with all required headers of one of the contracts.
    """

    with one_file_only(path.name):
        return _table_of(path, contracts)


def _table_of(path: Path, contracts: Sequence[Contract]) -> tuple[RawTable, int | None]:
    def find(rows: Sequence[Sequence[str | None]]) -> int | None:
        return find_header(rows, contracts)

    widths = _widths(contracts[0]) if len(contracts) == 1 else ()
    members = sources(path)
    if len(members) == 1:
        table = read_table(members[0], find, widths)
    else:
        table = read_only_table(path.name, members, find, widths, lambda table: _fits(table, find, contracts))
    place = find(table.head)
    if place is None and widths and table.format == "fixed_width":
        headers = tuple(column.header for column in contracts[0].columns)
        table = replace(table, assumed=headers if len(headers) == len(widths) else ())
    return table, place


def _widths(contract: Contract) -> tuple[int, ...]:
    """The contract's fixed widths, when it declares them."""
    widths = contract.fixed_width
    whole = isinstance(widths, list | tuple) and all(isinstance(w, int) and w > 0 for w in widths)
    return tuple(widths) if whole else ()


def _fits(table: RawTable, find: Finder, contracts: Sequence[Contract]) -> bool:
    """Whether it has every required header of one of the contracts."""
    place = find(table.head)
    if place is None:
        return False
    matches = [match_headers(header_cells(table.head, place, [c])[0], c) for c in contracts]
    return any(not match.missing_required for match in matches)


def shares(
    head: Sequence[Sequence[str | None]], header: int, contracts: Mapping[str, Contract]
) -> list[tuple[str, float]]:
    """(contract id, share of its headers found), best first, zeros left out."""
    found = [
        (name, match_headers(header_cells(head, header, [contract])[0], contract).share)
        for name, contract in contracts.items()
    ]
    return sorted(((n, round(s, 4)) for n, s in found if s > 0), key=lambda pair: (-pair[1], pair[0]))


def _header_notes(match: HeaderMatch, header: int, depth: int) -> tuple[Note, ...]:
    """What a person should know of the header."""
    notes = []
    if header < 0:
        notes.append(note("header_assumed"))
    if header > depth - 1:
        notes.append(note("rows_above", header - depth + 1))
    if depth == 2:
        notes.append(note("header_two_rows", 2, f"{header} and {header + 1}"))
    blank = sum(not name for name in match.headers)
    if blank:
        notes.append(note("columns_nameless", blank))
    known = [match.headers[place] for place in match.places]
    twice = sorted({name for name in known if match.headers.count(name) > 1})
    if twice:
        notes.append(note("headers_twice", len(twice), "、".join(twice)))
    return tuple(notes)


def _data_rows(body: pl.DataFrame, match: HeaderMatch) -> pl.DataFrame:
    """The rows below the header that hold anything at all, renamed to the contract's columns."""
    columns = {int(name.removeprefix("column_")): name for name in body.columns if name != "row_no"}
    extra = [name for place, name in columns.items() if place >= len(match.headers)]
    wanted = [pl.col(columns[place]).alias(name) for place, name in match.places.items()]
    frame = body.filter(_filled(body, list(columns.values())))
    beyond = [pl.coalesce(pl.col(extra).replace("", None)).alias(EXTRA)] if extra else []
    frame = frame.select(pl.col("row_no").cast(pl.Int64), *wanted, *beyond)
    if beyond and frame[EXTRA].null_count() == frame.height:
        frame = frame.drop(EXTRA)
    return frame


def _from_1904(name: str) -> pl.Expr:
    """A bare day number of a 1904 workbook as that of the usual workbook, by which dates are read."""
    text = pl.col(name)
    day = text.str.extract(r"^([0-9]+)").cast(pl.Int64, strict=False) + DAYS_BETWEEN_EPOCHS
    shifted = day.cast(pl.String) + text.str.extract(r"(\.[0-9]+)$").fill_null("")
    return pl.when(text.str.contains(_BARE_DAY)).then(shifted).otherwise(text).alias(name)


def _as_rounded(name: str) -> pl.Expr:
    """A fraction in a number that keys something, from a column of floats, as the rounded number it is."""
    text = pl.col(name)
    number = text.str.extract(r"^([1-9][0-9]*\.[0-9]*[1-9])0*$").cast(pl.Float64)
    digits = number.log10().floor().cast(pl.Int32)
    shown = pl.format("{}E+{}", (number / 10.0**digits).round(5), digits.cast(pl.String).str.zfill(2))
    return pl.coalesce(pl.when(number.is_not_null()).then(shown), text).alias(name)


def _filled(body: pl.DataFrame, names: Sequence[str]) -> pl.Series:
    """Rows that hold anything; the later columns are only looked at where the first is blank."""
    filled = body[names[0]].str.contains(INK).fill_null(False)
    blank = filled.not_().arg_true()
    if blank.len() and len(names) > 1:
        rest = body[blank].select(
            pl.any_horizontal(pl.col(n).str.contains(INK) for n in names[1:]).fill_null(False)
        )
        filled = filled.scatter(blank, rest.to_series())
    return filled


def _no_header(
    path: Path, table: RawTable, contract: Contract, contracts: Mapping[str, Contract] | None
) -> ZhaorenError:
    others = dict(contracts or load_contracts())
    header = find_header(table.head, list(others.values()))
    if header is not None:
        found = shares(table.head, header, others)
        if found and found[0][0] != contract.id:
            return _wrong_department(path, contract, found, others)
    required = "、".join(c.header for c in contract.columns if c.required)
    return ZhaorenError(
        "no header row was found",
        path.name,
        f"none of the first {len(table.head)} rows holds the headers of {contract.id} ({contract.title_zh})",
        f"check that this is the right file; it should have the columns {required}",
        code="header_not_found",
    )


def _refuse_wrong_file(
    path: Path,
    header: int,
    match: HeaderMatch,
    contract: Contract,
    contracts: Mapping[str, Contract] | None,
) -> None:
    if not match.missing_required:
        return
    others = dict(contracts or load_contracts())
    found = shares([match.headers], 0, others)
    if found and found[0][0] != contract.id and found[0][1] > match.share:
        raise _wrong_department(path, contract, found, others)
    known = vocabulary(others.values())
    hints = [
        f"{shown(unknown, match.headers.index(unknown) + 1, known, near)} may be meant for “{near}”"
        for unknown in match.unknown[:50]
        if (near := nearest(unknown, match.missing_required))
    ]
    raise ZhaorenError(
        f"required columns are missing: {'、'.join(match.missing_required)}",
        f"{path.name}, header in row {header + 1}",
        f"{contract.id} promises them" + (f"; {'; '.join(hints)}" if hints else ""),
        f"ask {contract.department_zh} to deliver them under the agreed headers, or change the contract",
        code="columns_missing",
    )


def _wrong_department(
    path: Path, contract: Contract, found: list[tuple[str, float]], others: Mapping[str, Contract]
) -> ZhaorenError:
    best, share = found[0]
    whose = others[best]
    return ZhaorenError(
        f"this is not {contract.title_zh} ({contract.id})",
        path.name,
        f"its headers look like {whose.title_zh} ({best}, {whose.department_zh}): {share:.0%} of them match",
        f"put it in {whose.department}/ as {whose.extract}, or ask {contract.department_zh} again",
        code="other_extract",
    )
