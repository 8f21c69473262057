"""Type rows into the sheets of a workbook as a worker would: cells are set in place, all else stays.

    fill_sheets(path_in, path_out, {"联系记录": [{"个案编号": "0000012-3", "时段": "晚上"}, …]})

A row goes to the line whose printed cells say the same under the headings it names (a case number, a matter);
where none does, to the next line that is blank under all of them. The same rows give the same bytes.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as xml

import polars as pl

from exchange import form as lf
from exchange.answers.given import Given, read_hidden
from exchange.answers.opening import Book, Page, open_list
from exchange.sheets import safe_text
from zhaoren.errors import ZhaorenError

Row = Mapping[str, object]
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_EPOCH = date(1899, 12, 30)
_COLUMN_OF = {
    "result_code": (lf.CODE,), "found_date": (lf.FOUND, "核实日期"), "benefit_id": (lf.BENEFIT,),
    "note_zh": (lf.NOTE,), "worker": (lf.WORKER, "核实人"),
}  # fmt: skip


def fill_sheets(
    path_in: Path, path_out: Path, rows: Mapping[str, Sequence[Row]], book: Book | None = None
) -> None:
    """Write a filled copy. `rows`: sheet -> rows by heading; null values are left empty.

    book: the workbook at `path_in` where it is open already.

    Where the form has no blank line left the rows go on below it. Raises ZhaorenError for a sheet or heading
    that is not there.
    """
    book = book or open_list(path_in)
    cells = {}
    for name, wanted in rows.items():
        page = book.page(name)
        if page is None:
            raise _not_there(path_in, name, "there is no such sheet")
        if wanted:
            cells[name] = dict(_places(page, wanted, path_in))
    _rewrite(path_in, path_out, cells)


def _places(page: Page, wanted: Sequence[Row], path: Path) -> Iterable[tuple[str, object]]:
    headings = {heading for row in wanted for heading in row}
    lines = page.text.rows()
    top = next((at for at, cells in enumerate(lines) if headings <= {c for c in cells if c}), None)
    if top is None:
        raise _not_there(path, page.name, f"no line has the headings {', '.join(sorted(headings))}")
    column_of = {cell: at for at, cell in enumerate(lines[top]) if cell}
    finder = _Lines(lines, top, column_of)
    for row in wanted:
        at = finder.take(row)
        for heading, value in row.items():
            column = column_of[heading]
            if value is not None and not _cell(lines, at, column):
                yield f"{_letters(column + page.marks.first_column - 1)}{at + 1}", value


class _Lines:
    """Which line of a sheet a row belongs to: the one printed alike, else the next blank one; each once."""

    def __init__(self, lines: list[tuple], top: int, column_of: Mapping[str, int]) -> None:
        self.lines, self.column_of = lines, column_of
        self.used: set[int] = set()
        self.next_blank = top + 1
        self.printed: dict[tuple[str, str], list[int]] = defaultdict(list)
        for at in range(top + 1, len(lines)):
            for heading, column in column_of.items():
                if text := _cell(lines, at, column):
                    self.printed[heading, text].append(at)

    def take(self, row: Row) -> int:
        """The row's line; it is no other row's from now on."""
        alike = {at for item in row.items() for at in self.printed.get((item[0], str(item[1])), ())}
        fits = [(-self._said(at, row), at) for at in alike - self.used if self._said(at, row)]
        at = min(fits)[1] if fits else self._blank(row)
        self.used.add(at)
        return at

    def _said(self, at: int, row: Row) -> int:
        """How many printed cells say what the row says; 0 where one says something else."""
        said = {h: text for h in row if (text := _cell(self.lines, at, self.column_of[h]))}
        return 0 if any(str(row[h]) != text for h, text in said.items()) else len(said)

    def _blank(self, row: Row) -> int:
        while self.next_blank in self.used or any(
            _cell(self.lines, self.next_blank, self.column_of[h]) for h in row
        ):
            self.next_blank += 1
        return self.next_blank


def _cell(lines: list[tuple], at: int, column: int) -> str | None:
    return lines[at][column] if at < len(lines) and column < len(lines[at]) else None


def _letters(column: int) -> str:
    return chr(ord("A") + column)  # our sheets have fewer than 26 columns


def _not_there(path: Path, sheet: str, why: str) -> ZhaorenError:
    return ZhaorenError(
        "An answer finds no place in this workbook",
        where=f"{path.name}, {sheet}",
        why=why,
        todo="give answers to what this workbook asks",
    )


def _rewrite(path_in: Path, path_out: Path, cells: Mapping[str, Mapping[str, object]]) -> None:
    path_out.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path_in) as old, zipfile.ZipFile(path_out, "w", zipfile.ZIP_DEFLATED) as new:
        part_of = _parts(old)
        by_part = {part_of[name]: values for name, values in cells.items()}
        for item in old.infolist():
            content = old.read(item)
            filled = by_part.get(item.filename)
            new.writestr(item, _with_cells(content, filled) if filled else content)


def _parts(book: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name -> its part of the package."""
    relations = xml.fromstring(book.read("xl/_rels/workbook.xml.rels"))
    target = {one.get("Id"): one.get("Target", "") for one in relations}
    sheets = xml.fromstring(book.read("xl/workbook.xml")).iter(f"{{{_MAIN}}}sheet")
    return {
        sheet.get("name", ""): posixpath.normpath(f"xl/{target[sheet.get(f'{{{_RELATION}}}id')]}")
        for sheet in sheets
    }


def _with_cells(sheet: bytes, cells: Mapping[str, object]) -> bytes:
    xml.register_namespace("", _MAIN)
    tree = xml.fromstring(sheet)  # a file this program wrote itself
    by_place = {cell.get("r"): cell for cell in tree.iter(f"{{{_MAIN}}}c")}
    for place, value in sorted(cells.items(), key=_in_reading_order):
        cell = by_place.get(place)
        _set(_new_cell(tree, place) if cell is None else cell, value)
    return xml.tostring(tree, encoding="UTF-8", xml_declaration=True)


def _in_reading_order(item: tuple[str, object]) -> tuple[int, str]:
    return int(item[0][1:]), item[0][0]


def _new_cell(tree: xml.Element, place: str) -> xml.Element:
    """A cell below the form's last line, as of a worker who goes on where the lines end."""
    rows = tree.find(f"{{{_MAIN}}}sheetData")
    if rows is None:
        raise AssertionError("a sheet without data is none of ours")
    row = next((one for one in rows if one.get("r") == place[1:]), None)
    row = xml.SubElement(rows, f"{{{_MAIN}}}row", {"r": place[1:]}) if row is None else row
    return xml.SubElement(row, f"{{{_MAIN}}}c", {"r": place})


def _set(cell: xml.Element, value: object) -> None:
    if isinstance(value, date):
        _number(cell, str((value - _EPOCH).days))
    elif isinstance(value, int | Decimal | float):
        _number(cell, str(value))
    else:
        cell.set("t", "inlineStr")
        inline = xml.SubElement(cell, f"{{{_MAIN}}}is")
        xml.SubElement(inline, f"{{{_MAIN}}}t").text = safe_text(value)


def _number(cell: xml.Element, text: str) -> None:
    cell.attrib.pop("t", None)
    xml.SubElement(cell, f"{{{_MAIN}}}v").text = text


def fill_worklist(path_in: Path, path_out: Path, answers: pl.DataFrame) -> None:
    """Write a filled copy of the list at `path_in`; the same answers give the same bytes.

    `answers`, one per visited line: alert_id, result_code, found_date; optional benefit_id (id or
    Chinese name), note_zh, worker. Lines without an answer stay empty. Raises ZhaorenError for a case
    that the list does not hold.
    """
    book = open_list(path_in)
    given = read_hidden(book)
    unknown = [case for case in answers["alert_id"].to_list() if case not in given.seq_of]
    if unknown:
        raise ZhaorenError(
            "An answer belongs to no line of this list",
            where=path_in.name,
            why=f"{len(unknown)} unknown case numbers, the first {unknown[0]}",
            todo="give the answers of this list only",
        )
    rows = {book.pages[0].name: list(_rows(answers, given, _headings(book)))}
    fill_sheets(path_in, path_out, rows, book)


def _rows(answers: pl.DataFrame, given: Given, headings: set[str]) -> Iterable[Row]:
    printed = {alert: no for no, alert in given.alert_of.items()}
    for answer in answers.rows(named=True):
        row: dict[str, object] = {lf.CASE: printed.get(answer["alert_id"], answer["alert_id"])}
        for name, columns in _COLUMN_OF.items():
            for heading in headings.intersection(columns):
                row[heading] = _as_chosen(answer.get(name), given)
        yield row


def _headings(book: Book) -> set[str]:
    rows = book.pages[0].text.rows()
    return {cell for cell in next(r for r in rows if lf.CASE in r and lf.CODE in r) if cell}


def _as_chosen(value: object, given: Given) -> object:
    """A bare code or benefit_id as the drop-down words it."""
    if value in given.codes:
        return f"{value} {given.codes[str(value)]}"
    return given.benefits.get(str(value), value)
