"""Files as departments send them, made here byte by byte: formats, encodings, titles, damage."""

from __future__ import annotations

import random
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from data_contracts.contract.code_tables import load_codes
from data_contracts.row_checks.rows import check_rows
from exchange.deliveries.reading import guess_contract, read_delivery
from exchange.deliveries.tables import read_table
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
from zhaoren.errors import ZhaorenError

GOVERNMENT = Path(__file__).resolve().parents[2] / "data" / "government_files"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (PLAIN.encode(), "utf-8"),
        (PLAIN.encode("utf-8-sig"), "utf-8-sig"),
        (PLAIN.encode("gb18030"), "gb18030"),
        (PLAIN.replace("㛃", "三").encode("gbk"), "gb18030"),
        (PLAIN.encode("utf-16"), "utf-16"),
        (PLAIN.replace(",", "\t").encode("utf-16"), "utf-16"),
        (PLAIN.replace(",", ";").encode("gb18030"), "gb18030"),
        (PLAIN.replace("\n", "\r\n").encode(), "utf-8"),
        (PLAIN.rstrip("\n").encode(), "utf-8"),
    ],
)
def test_text_in_every_usual_encoding(tmp_path: Path, data: bytes, encoding: str) -> None:
    found = read(tmp_path, data)
    assert (found.encoding, found.format, found.header_row, found.rows_read) == (encoding, "csv", 1, 2)
    assert found.frame["row_no"].to_list() == [2, 3]
    assert found.frame["name"].to_list() in (["张㛃", "李四"], ["张三", "李四"])
    assert found.frame["father_id_number"].to_list() == [None, None]


def test_a_long_gb18030_file_is_decoded_across_chunks(tmp_path: Path) -> None:
    """Two- and four-byte characters lie across the chunk's edge wherever it falls."""
    row = [*ROW[:7], "某𠂇路" * 20, *ROW[8:]]
    found = read(tmp_path, lines(HEADERS, *([row] * 60_000)).encode("gb18030"))
    assert found.rows_read == 60_000
    assert found.frame["address"].unique().to_list() == ["某𠂇路" * 20]


def test_titles_blank_lines_and_numbers(tmp_path: Path) -> None:
    text = (
        "户籍人口信息表,,\n填报单位：某局,,\n\n"
        + lines(HEADERS, ROW)
        + "\n,,,\n"
        + lines(SECOND)
        + "合计,2\n"
    )
    found = read(tmp_path, text)
    assert found.header_row == 4
    assert found.frame["row_no"].to_list() == [5, 8, 9]
    assert found.rows_read == 3


def test_quoted_cells_hold_separators_and_line_breaks(tmp_path: Path) -> None:
    found = read(tmp_path, lines(HEADERS, [*ROW[:7], '"某路,1号\n二楼"', *ROW[8:]], SECOND))
    assert found.frame["address"].to_list() == ["某路,1号\n二楼", None]
    assert found.frame["row_no"].to_list() == [2, 3]


def test_a_stray_quote_loses_no_row(tmp_path: Path) -> None:
    found = read(
        tmp_path, lines(HEADERS, [ROW[0], '"张"三', *ROW[2:]], [SECOND[0], '"李四', *SECOND[2:]], ROW)
    )
    assert found.rows_read == 3
    assert found.frame["id_number"].to_list() == [ROW[0], SECOND[0], ROW[0]]


def test_cells_beyond_the_header_are_reported(tmp_path: Path) -> None:
    found = read(tmp_path, lines(HEADERS, [*ROW, "多", "余"], SECOND))
    checked = check_rows(found.frame, REGISTER, load_codes())
    assert checked.faults["rule_id"].to_list() == ["public_security.population.too_many_cells"]
    assert checked.good["row_no"].to_list() == [3]


def test_columns_in_another_order_with_decorated_and_unknown_headers(tmp_path: Path) -> None:
    headers = ["序号", "* 姓 名", "公民身份号码\n", *HEADERS[2:], ""]
    found = read(tmp_path, lines(['"' + h + '"' for h in headers], ["1", ROW[1], ROW[0], *ROW[2:], ""]))
    assert found.frame.row(0, named=True)["id_number"] == ROW[0]
    assert found.unknown_headers == ("序号",)
    assert found.renamed == {"* 姓 名": "姓名"}


def test_a_missing_optional_column_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, lines(HEADERS[:-1], ROW[:-1]))
    assert found.missing_headers == ("注销日期",)
    assert check_rows(found.frame, REGISTER, load_codes()).good["cancel_date"].to_list() == [None]


def test_the_everyday_term_stands_in_for_the_agreed_header(tmp_path: Path) -> None:
    found = read(tmp_path, lines(["身份证号", *HEADERS[1:]], ROW))
    assert found.renamed == {"身份证号": "公民身份号码"}
    assert found.frame["id_number"].to_list() == [ROW[0]]


@pytest.mark.parametrize("name", ["population.xlsx", "population.csv"])
def test_workbooks_whatever_they_are_called(tmp_path: Path, name: str) -> None:
    row = [*ROW[:3], date(1999, 1, 10), *ROW[4:11], datetime(2024, 5, 6, 7, 8, 9)]  # noqa: DTZ001
    path = workbook(tmp_path, ["户籍人口信息表"], HEADERS, row, [], SECOND, name=name, before=1)
    found = read_delivery(path, REGISTER)
    assert (found.format, found.header_row, found.rows_read) == ("xlsx", 3, 2)
    assert found.frame["row_no"].to_list() == [4, 6]
    assert found.frame["birth_date"].to_list() == ["1999-01-10", "1949-12-31"]
    assert found.frame["cancel_date"].to_list() == ["2024-05-06 07:08:09", None]


def test_an_id_kept_as_a_number_is_seen_as_damaged(tmp_path: Path) -> None:
    """Written out in full it would look whole, and may even be another person's number."""
    path = workbook(tmp_path, HEADERS, [440308199901101512, *ROW[1:]], SECOND)
    found = read_delivery(path, REGISTER)
    assert found.frame["id_number"].to_list() == ["4.40308E+17", SECOND[0]]
    faults = check_rows(found.frame, REGISTER, load_codes()).faults
    assert faults.select("row_no", "rule_id").rows() == [(2, "public_security.population.id_number.type")]


def test_parquet_counts_its_header_as_row_one(tmp_path: Path) -> None:
    path = tmp_path / "population.parquet"
    frame = pl.DataFrame([ROW, SECOND], schema=HEADERS, orient="row")
    frame.with_columns(pl.col("出生日期").str.to_date()).write_parquet(path)
    found = read_delivery(path, REGISTER)
    assert (found.format, found.frame["row_no"].to_list()) == ("parquet", [2, 3])
    assert found.frame["birth_date"].to_list() == ["1999-01-10", "1949-12-31"]


@pytest.mark.parametrize("seed", range(5))
def test_random_bytes_are_no_table(tmp_path: Path, seed: int) -> None:
    assert "cannot be read" in refused(tmp_path, random.Random(seed).randbytes(5000)).what


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "empty"),
        (b"PK\x03\x04" + b"x" * 500, "cannot be read"),
        (b"PAR1" + b"x" * 500, "cannot be read"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 500, "cannot be read"),
        (PLAIN.encode() + b"\x00\x00", "cannot be read"),
        (PLAIN.encode("gb18030") + b"\xb0", "cannot be read"),
        (PLAIN.encode() + b"\xff\xff", "cannot be read"),
        ("甲,乙\n1,2\n".encode(), "no header"),
        ("<html><body>登录超时</body></html>".encode(), "cannot be read"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, data: bytes, said: str) -> None:
    assert said in refused(tmp_path, data).what


def test_a_cut_workbook(tmp_path: Path) -> None:
    whole = workbook(tmp_path, HEADERS, ROW).read_bytes()
    assert "cannot be read" in refused(tmp_path, whole[: len(whole) // 2]).what


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ZhaorenError, match="no such file"):
        read_delivery(tmp_path / "none.csv", REGISTER)


def test_another_departments_file_is_named(tmp_path: Path) -> None:
    other = CONTRACTS["medical_insurance.settlement"]
    error = refused(tmp_path, lines([column.header for column in other.columns]))
    assert "medical_insurance.settlement" in error.why and "医保部门" in error.why


def test_a_drifted_header_is_suggested(tmp_path: Path) -> None:
    error = refused(tmp_path, PLAIN.replace("居村委会代码", "居（村）委会代码"))
    assert "居村委会代码" in error.what and "居（村）委会代码" in error.why


def test_errors_hold_no_cell(tmp_path: Path) -> None:
    error = refused(tmp_path, lines(HEADERS[1:], ROW[1:]))
    assert "张㛃" not in str(error)


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_contract_knows_its_own_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / "unknown.csv"
    path.write_text(lines([column.header for column in CONTRACTS[name].columns]), "utf-8")
    guesses = guess_contract(path, CONTRACTS)
    assert guesses[0] == (name, 1.0)
    assert [share for _, share in guesses] == sorted((share for _, share in guesses), reverse=True)
    assert read_delivery(path, CONTRACTS[name]).rows_read == 0


def test_a_file_of_nobody(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("甲,乙\n1,2\n", "utf-8")
    assert guess_contract(tmp_path / "x.csv", CONTRACTS) == []


def test_only_what_is_surely_locked_is_called_so(tmp_path: Path) -> None:
    """A department told to take a password off a damaged file would look for it in vain."""
    locked = (GOVERNMENT.parent / "locked.xlsx").read_bytes()
    assert refused(tmp_path, locked, "population.xlsx").code == "file_locked"
    damaged = locked[:8] + bytes(len(locked) - 8)
    assert refused(tmp_path, damaged, "population.xlsx").code == "not_readable"


def test_files_as_government_portals_publish_them_open() -> None:
    """Workbooks named .csv, GBK, title rows, 210 columns: all become rows of text."""
    files = sorted(GOVERNMENT.iterdir())
    assert len(files) == 8
    for path in files:
        frame = pl.concat(read_table(path, lambda rows: None).body(0, 10))
        assert frame.height > 5, path.name
        text = "".join(frame.drop("row_no").select(pl.concat_str(pl.all(), ignore_nulls=True)).to_series())
        assert "\ufffd" not in text and any("\u4e00" <= character <= "\u9fff" for character in text)
