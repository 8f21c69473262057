"""Packed files, odd separators, fixed width, web pages, two-row headers, aliases, wide sheets, long files."""

from __future__ import annotations

import dataclasses
import datetime
import gzip
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from exchange import limits
from exchange.deliveries.peeking import peek
from exchange.deliveries.reading import open_delivery, read_delivery
from tests.helpers.population_files import (
    CONTRACTS,
    HEADERS,
    PLAIN,
    REGISTER,
    ROW,
    SECOND,
    lines,
    read,
    refused,
    workbook,
)
from tests.helpers.zips import zipped

IDS = [ROW[0], SECOND[0]]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"\xef\xbb\xbf" + PLAIN.encode("gb18030"), "gb18030"),
        (PLAIN.encode("utf-16-le"), "utf-16"),
        (PLAIN.encode("utf-16-be"), "utf-16"),
        (PLAIN.replace("\n", "\r").encode(), "utf-8"),
        (PLAIN.replace(",", "|").encode(), "utf-8"),
        (PLAIN.replace(",", "，").encode("gbk", "replace"), "gb18030"),
        (gzip.compress(PLAIN.encode("gb18030")), "gb18030"),
        (zipped({"人口.csv": PLAIN.encode()}), "utf-8"),
        (zipped({"__MACOSX/._a": b"junk", "a.csv": PLAIN.encode()}), "utf-8"),
    ],
)
def test_whatever_form_the_text_has(tmp_path: Path, data: bytes, encoding: str) -> None:
    found = read(tmp_path, data)
    assert (found.encoding, found.frame["id_number"].to_list()) == (encoding, IDS)
    assert found.frame["address"].to_list() == ["某路1号", None]


def test_the_member_that_fits_is_read_and_said(tmp_path: Path) -> None:
    found = read(tmp_path, zipped({"说明.csv": "填表说明,\n,\n".encode(), "人口.csv": PLAIN.encode()}))
    assert found.frame["id_number"].to_list() == IDS
    assert "read file 2 of 2 in the archive" in [str(note) for note in found.notes]


def test_two_members_that_fit_are_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, zipped({"a.csv": PLAIN.encode(), "b.csv": PLAIN.encode()}))
    assert "holds 2 files, 2 of them fit" in error.why


def test_a_packed_workbook_and_a_packed_parquet(tmp_path: Path) -> None:
    book = workbook(tmp_path, HEADERS, ROW, SECOND).read_bytes()
    assert read(tmp_path, gzip.compress(book)).frame["id_number"].to_list() == IDS
    assert read(tmp_path, zipped({"a.xlsx": book})).frame["id_number"].to_list() == IDS
    pl.DataFrame([ROW, SECOND], schema=HEADERS, orient="row").write_parquet(tmp_path / "p")
    assert read(tmp_path, gzip.compress((tmp_path / "p").read_bytes())).frame["id_number"].to_list() == IDS


def test_declared_aliases_are_the_agreed_header(tmp_path: Path) -> None:
    columns = tuple(
        dataclasses.replace(c, aliases=("证件号", "ID")) if c.name == "id_number" else c
        for c in REGISTER.columns
    )
    contract = dataclasses.replace(REGISTER, columns=columns)
    (tmp_path / "p.csv").write_text(lines(["证件号", *HEADERS[1:]], ROW), "utf-8")
    found = read_delivery(tmp_path / "p.csv", contract)
    assert (found.renamed, found.missing_headers) == ({"证件号": "公民身份号码"}, ())
    assert found.frame["id_number"].to_list() == [ROW[0]]


def test_a_header_of_two_rows(tmp_path: Path) -> None:
    upper = [*HEADERS[:3], "登记情况", "", "", "", "", *HEADERS[8:]]
    lower = ["", "", "", *HEADERS[3:8], "", "", "", ""]
    found = read(tmp_path, "户籍人口\n" + lines(upper, lower, ROW))
    assert (found.header_row, found.frame["row_no"].to_list()) == (3, [4])
    assert found.frame.row(0, named=True)["birth_date"] == ROW[3] and found.missing_headers == ()
    assert any("rows 2 and 3" in str(note) for note in found.notes)


def test_data_above_a_repeated_header_cannot_vanish(tmp_path: Path) -> None:
    found = read(tmp_path, PLAIN + PLAIN)
    assert (found.header_row, found.rows_read) == (1, 5)
    error = refused(tmp_path, lines(ROW, SECOND, HEADERS, ROW))
    assert "above the header" in error.why


def test_unnamed_and_repeated_columns(tmp_path: Path) -> None:
    headers = ["Unnamed: 0", *HEADERS, "姓名", *[f"Unnamed: {n}" for n in range(14, 16_000)]]
    found = read(tmp_path, lines(headers, ["0", *ROW, "别名", *[""] * 15_986], ["1", *SECOND]))
    assert found.frame["name"].to_list() == ["张㛃", "李四"]
    assert found.unknown_headers == ("姓名",) and len(found.headers) == 14
    assert any("stand twice" in str(note) for note in found.notes)


@pytest.mark.parametrize("unit", ["characters", "cells", "bytes"])
def test_fixed_width_by_the_contract(tmp_path: Path, unit: str) -> None:
    widths = [20, 12, 4, 12, 6, 8, 14, 16, 4, 4, 6, 12]
    contract = dataclasses.replace(REGISTER, fixed_width=widths)

    def size(text: str) -> int:
        return len(text) if unit == "characters" else len(text.encode("gbk" if unit == "cells" else "utf-8"))

    def line(row: list[str]) -> str:
        return (
            "".join(cell + " " * (width - size(cell)) for cell, width in zip(row, widths, strict=True)) + "\n"
        )

    plain = [ROW[0], "张三", *ROW[2:]]
    (tmp_path / "p.txt").write_text(line(plain) + line(SECOND), "gbk" if unit == "cells" else "utf-8")
    found = read_delivery(tmp_path / "p.txt", contract)
    assert (found.format, found.header_row, found.frame["row_no"].to_list()) == ("fixed_width", 0, [1, 2])
    assert found.frame["name"].to_list() == ["张三", "李四"]
    assert found.frame["address"].to_list() == ["某路1号", None]
    assert "_extra" not in found.frame.columns


def test_columns_that_stand_below_one_another(tmp_path: Path) -> None:
    text = "户籍人口\n\n"
    for name, number in (("姓名", "公民身份号码"), ("张三", IDS[0]), ("欧阳李四", IDS[1])):
        text += name + " " * (10 - 2 * len(name)) + number.ljust(22 - len(number.encode("gbk")) + len(number))
        text += ("户号" if name == "姓名" else "H1") + "\n"
    contract = dataclasses.replace(
        REGISTER, columns=tuple(c for c in REGISTER.columns if c.header in ("姓名", "公民身份号码", "户号"))
    )
    (tmp_path / "p.txt").write_text(text, "gbk")
    found = read_delivery(tmp_path / "p.txt", contract)
    assert found.format == "fixed_width" and found.header_row == 3
    assert found.frame["name"].to_list() == ["张三", "欧阳李四"]
    assert found.frame["id_number"].to_list() == IDS


def test_a_web_page_saved_as_xls(tmp_path: Path) -> None:
    rows = "".join(
        f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in (HEADERS, ROW, SECOND)
    )
    page = (
        f"<html><meta charset='gb2312'><table><tr><td colspan=12>户籍&amp;人口</td></tr>{rows}</table></html>"
    )
    found = read(tmp_path, page.encode("gb18030"), "population.xls")
    assert (found.format, found.header_row, found.frame["id_number"].to_list()) == ("html", 2, IDS)


def test_a_merged_cell_holds_its_value_once(tmp_path: Path) -> None:
    body = "<tr>" + "".join(f"<td>{h}</td>" for h in HEADERS) + "</tr>"
    body += (
        f"<tr><td>{ROW[0]}</td><td rowspan=2>合</td>" + "".join(f"<td>{c}</td>" for c in ROW[2:]) + "</tr>"
    )
    body += f"<tr><td>{SECOND[0]}</td>" + "".join(f"<td>{c}</td>" for c in SECOND[2:]) + "</tr>"
    found = read(tmp_path, f"<table>{body}</table>")
    assert found.frame["name"].to_list() == ["合", None]
    assert found.frame["sex_code"].to_list() == ["男", "女"]


def test_two_stray_quotes_swallow_no_rows(tmp_path: Path) -> None:
    """A strict reader makes one cell of all between them; whole cells in quotes stay as they were meant."""
    rows = [[f"{n}", *ROW[1:]] for n in range(40)]
    rows[3][1] = '"张三'
    rows[30][1] = '李四"'
    rows[35][7] = '"某路,1号\n二楼"'
    found = read(tmp_path, lines(HEADERS, *rows))
    assert found.frame["id_number"].to_list() == [str(n) for n in range(40)]
    assert found.frame["name"][3] == '"张三' and found.frame["name"][30] == '李四"'
    assert found.frame["address"][35] == "某路,1号\n二楼"
    assert any("2 lines" in str(note) for note in found.notes)


def test_error_cells_booleans_and_serial_dates_of_a_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for at, header in enumerate(HEADERS):
        sheet.cell(3, at + 3).value = header
    for at, cell in enumerate(ROW):
        sheet.cell(4, at + 3).value = cell or None
    sheet["D4"], sheet["E4"], sheet["F4"] = "#REF!", True, datetime.date(1999, 1, 10)
    sheet["D4"].data_type = "e"
    sheet["J4"] = "=1+1"
    sheet.merge_cells("G4:G6")
    hidden = book.create_sheet("旧表")
    hidden.append(HEADERS)
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "population.xlsx")
    found = read_delivery(tmp_path / "population.xlsx", REGISTER)
    row = found.frame.row(0, named=True)
    assert (row["name"], row["sex_code"].lower(), row["birth_date"]) == ("#REF!", "true", "1999-01-10")
    said = " ".join(map(str, found.notes))
    assert (
        "spreadsheet error" in said
        and "hidden sheets not read: 2" in said
        and "旧表" not in said
        and "no stored result" in said
        and "merged" in said
    )


def test_the_same_table_on_two_sheets_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for title, row in (("一", ROW), ("二", SECOND)):
        sheet = book.create_sheet(title)
        sheet.append(HEADERS)
        sheet.append(row)
    book.save(tmp_path / "population.xlsx")
    error = refused(tmp_path, (tmp_path / "population.xlsx").read_bytes())
    assert "on other sheets than sheet 2: sheet 3: 1" in error.why and "一" not in error.why


def test_a_long_file_in_chunks_is_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[f"{n}", f'"名\n{n},"' if n % 7 == 0 else ROW[1], *ROW[2:]] for n in range(3000)]
    rows[500][7] = '"某'
    rows[900][7] = '五" 屏'
    path = tmp_path / "population.csv"
    path.write_bytes((lines(HEADERS, *rows) + ",,\n\n").encode("gb18030"))
    whole = read_delivery(path, REGISTER)
    monkeypatch.setattr(limits, "CHUNK_BYTES", 20_000)
    monkeypatch.setattr("exchange.deliveries.decoding.CHUNK", 777)
    opened = open_delivery(path, REGISTER)
    chunks = list(opened.chunks())
    assert len(chunks) > 5 and pl.concat(chunks).equals(whole.frame)
    assert pl.concat(opened.chunks()).equals(whole.frame)
    assert whole.frame["id_number"].to_list() == [str(n) for n in range(3000)]


def test_peek_shows_how_and_why_but_no_cell(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        "标题\n" + lines(["身份证号", *HEADERS[1:11], "注消日期"], ["4.40524E+17", *ROW[1:]], SECOND),
        "gb18030",
    )
    found = peek(path, CONTRACTS)
    assert (found["contract"], found["readable_as"], found["rows_read"]) == (REGISTER.id, "delivery", 2)
    assert (found["header_row"], found["encoding"], found["separator"]) == (2, "gb18030", "comma")
    assert found["renamed_headers"] == {"身份证号": "公民身份号码"}
    assert found["missing_headers"] == ["注销日期", "现居住地居村委会代码", "现住址"]
    assert found["may_be_meant"] == {"注消日期": "注销日期"}
    assert found["looks_damaged"] == {"公民身份号码": {"numbers_in_scientific_notation": 1}}
    assert not any(cell in str(found) for cell in (ROW[1], SECOND[0], "某路1号"))


def test_peek_at_a_file_of_nobody_shows_no_row_with_numbers(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(f"张三,{ROW[0]}\n李四,{SECOND[0]}\n", "utf-8")
    found = peek(tmp_path / "x.csv", CONTRACTS)
    assert (found["contract"], found["headers"], found["rows_read"]) == (None, [], 2)
    assert ROW[0] not in str(found) and "张三" not in str(found)
