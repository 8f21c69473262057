"""Fill a worklist the way a worker would, for demonstrations: the made-up station's answers typed in.

The workbook's cells are set in place, so that its formats, drop-downs and hidden page stay as handed out.
"""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as xml

import polars as pl

from exchange import form as lf
from exchange.answers.given import Given, read_hidden
from exchange.answers.opening import Book, open_list
from exchange.sheets import safe_text
from zhaoren.errors import ZhaorenError

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_FRONT = "xl/worksheets/sheet1.xml"  # our lists' first sheet
_COLUMN_OF = {
    "result_code": (lf.CODE,), "found_date": (lf.FOUND, "核实日期"), "benefit_id": (lf.BENEFIT,),
    "note_zh": (lf.NOTE,), "worker": (lf.WORKER, "核实人"),
}  # fmt: skip


def fill_worklist(path_in: Path, path_out: Path, answers: pl.DataFrame) -> None:
    """Write a filled copy of the list at `path_in`; the same answers give the same bytes.

    `answers`, one per visited line: alert_id, result_code, found_date; optional benefit_id (id or
    Chinese name), note_zh, worker. Lines without an answer stay empty. Raises ZhaorenError for a case
    that the list does not hold.
    """
    book = open_list(path_in)
    given = read_hidden(book)
    row_of, column_of = _layout(book, given)
    unknown = [case for case in answers["alert_id"].to_list() if case not in row_of]
    if unknown:
        raise ZhaorenError(
            "An answer belongs to no line of this list",
            where=path_in.name,
            why=f"{len(unknown)} unknown case numbers, the first {unknown[0]}",
            todo="give the answers of this list only",
        )
    cells = {
        f"{_letters(column_of[heading])}{row_of[answer['alert_id']]}": _as_chosen(answer[name], given)
        for answer in answers.rows(named=True)
        for name, headings in _COLUMN_OF.items()
        for heading in headings
        if heading in column_of and answer.get(name) is not None
    }
    _rewrite(path_in, path_out, cells)


def _as_chosen(value: object, given: Given) -> object:
    """A bare code or benefit_id as the drop-down words it."""
    if value in given.codes:
        return f"{value} {given.codes[str(value)]}"
    return given.benefits.get(str(value), value)


def _layout(book: Book, given: Given) -> tuple[dict[str, int], dict[str, int]]:
    """Row number (from 1) of each case, and column number (from 0) of each heading."""
    page = book.pages[0].text
    header = next(i for i, cells in enumerate(page.rows()) if lf.CASE in cells and lf.CODE in cells)
    column_of = {text: i for i, text in enumerate(page.row(header)) if text}
    cases = page.to_series(column_of[lf.CASE]).to_list()
    alerts = [given.alert_of.get(case or "", case) for case in cases]
    return {alert: i + 1 for i, alert in enumerate(alerts) if alert and i > header}, column_of


def _letters(column: int) -> str:
    return chr(ord("A") + column)  # our lists have fewer than 26 columns


def _rewrite(path_in: Path, path_out: Path, cells: dict[str, object]) -> None:
    path_out.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path_in) as old, zipfile.ZipFile(path_out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            content = old.read(item)
            new.writestr(item, _with_cells(content, cells) if item.filename == _FRONT else content)


def _with_cells(sheet: bytes, cells: dict[str, object]) -> bytes:
    xml.register_namespace("", _MAIN)
    tree = xml.fromstring(sheet)  # a file this program wrote itself
    by_place = {cell.get("r"): cell for cell in tree.iter(f"{{{_MAIN}}}c")}
    for place, value in cells.items():
        _set(by_place[place], value)
    return xml.tostring(tree, encoding="UTF-8", xml_declaration=True)


def _set(cell: xml.Element, value: object) -> None:
    if isinstance(value, date):
        cell.attrib.pop("t", None)
        xml.SubElement(cell, f"{{{_MAIN}}}v").text = str((value - date(1899, 12, 30)).days)
        return
    cell.set("t", "inlineStr")
    inline = xml.SubElement(cell, f"{{{_MAIN}}}is")
    xml.SubElement(inline, f"{{{_MAIN}}}t").text = safe_text(value)
