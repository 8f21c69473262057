"""Files made to hurt: each is refused with a reason, in bounded time, and the process lives on."""

from __future__ import annotations

import gzip
import io
import os
import random
import re
import zipfile
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter

from exchange import limits
from exchange.deliveries.reading import read_delivery
from tests.helpers.population_files import HEADERS, PLAIN, REGISTER, ROW, lines, read, refused, workbook
from zhaoren.errors import ZhaorenError

pytestmark = pytest.mark.filterwarnings("ignore:Duplicate name")


def zipped(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def written(*rows: list[str]) -> bytes:
    """A workbook whose texts are shared, as spreadsheet programs write them."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return out.getvalue()


def changed_book(folder: Path, **members: tuple[bytes, bytes]) -> bytes:
    """A workbook with some text in some members replaced."""
    book = written(HEADERS, ROW)
    parts = []
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            for ending, (old, new) in members.items():
                data = data.replace(old, new, 1) if name.endswith(f"{ending}.xml") else data
            parts.append((name, data))
    return zipped(*parts)


def test_a_bomb_is_known_by_its_ratio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SMALL_UNPACKED_BYTES", limits.MIB)
    bomb = (",".join(HEADERS) + "\n").encode() + b"0,\n" * 3_000_000
    assert "times its size" in refused(tmp_path, gzip.compress(bomb)).why
    assert "times its size" in refused(tmp_path, zipped(("a.csv", bomb))).why


def test_a_zip_that_lies_about_its_size(tmp_path: Path) -> None:
    data = bytearray(zipped(("a.csv", PLAIN.encode())))
    for at in [m.start() for m in re.finditer(b"PK\x01\x02", bytes(data))]:
        data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    assert "damaged" in refused(tmp_path, bytes(data)).why


def test_more_than_the_absolute_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_UNPACKED_BYTES", 100)
    assert "unpacks to more than" in refused(tmp_path, gzip.compress(PLAIN.encode())).why


@pytest.mark.parametrize(
    "inner", [gzip.compress(b"x" * 99, mtime=0), zipped(("a.csv", b"1,2\n"))], ids=["gzip", "zip"]
)
def test_archives_inside_archives(tmp_path: Path, inner: bytes) -> None:
    assert "inside an archive" in refused(tmp_path, zipped(("a", inner))).why
    assert "inside an archive" in refused(tmp_path, gzip.compress(inner)).why


@pytest.mark.parametrize("name", ["../a.csv", "/etc/a.csv", "C:\\a.csv", "x/../../a.csv", "..\\a.csv"])
def test_names_that_point_outside(tmp_path: Path, name: str) -> None:
    error = refused(tmp_path, zipped((name, PLAIN.encode())))
    assert "points outside" in error.why and "that of file 1" in error.why and "a.csv" not in error.why
    assert not (tmp_path.parent / "a.csv").exists()


@pytest.mark.parametrize("part", ["workbook", "sharedStrings", "sheet1"])
def test_xml_that_declares_entities(tmp_path: Path, part: str) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]><'
    book = changed_book(tmp_path, **{part: (b"<", bomb)})
    assert "entities" in refused(tmp_path, book, "population.xlsx").why


@pytest.mark.parametrize(
    "far", ['"XFD1048576"', '"ZZ1048576"', '"A99999999"', "'xfd1048576'", "  'zz1048576'"]
)
def test_cells_a_billion_places_away(tmp_path: Path, far: str) -> None:
    """The reader sets memory aside for all between and would end the process."""
    cell = f"<row><c r={far}><v>1</v></c></row></sheetData>".encode()
    book = changed_book(tmp_path, sheet1=(b"</sheetData>", cell))
    if far == '"XFD1048576"':  # can be cut off
        assert read(tmp_path, book, "population.xlsx").rows_read == 1
    else:
        why = refused(tmp_path, book, "population.xlsx").why
        assert "span" in why or "outside" in why or "reach" in why


def test_a_dimension_that_lies(tmp_path: Path) -> None:
    book = changed_book(tmp_path, sheet1=(b'ref="A1:L2"', b'ref="A1:XFD1048576"'))
    assert read(tmp_path, book, "population.xlsx").rows_read == 1


def test_thousands_of_empty_columns(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (HEADERS, *[ROW] * 200):
        book.active.append(row)
    for at in range(1, 200):
        book.active.cell(at, 16_384).value = "x"
    book.save(tmp_path / "population.xlsx")
    found = read_delivery(tmp_path / "population.xlsx", REGISTER)
    assert found.rows_read == 200 and any("right of ZZ" in str(note) for note in found.notes)


def test_one_long_text_used_by_many_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_SHEET_TEXT_BYTES", 50_000)
    book = written(HEADERS, *[[*ROW[:7], "长" * 1000, *ROW[8:]]] * 100)
    assert "texts come to more" in refused(tmp_path, book, "population.xlsx").why


@pytest.mark.parametrize("quoted", [False, True])
def test_a_cell_of_ten_megabytes_is_refused_with_its_row(tmp_path: Path, quoted: bool) -> None:
    cell = "x" * 10_000_000
    text = lines(HEADERS, ROW, [*ROW[:7], f'"{cell}"' if quoted else cell, *ROW[8:]])
    error = refused(tmp_path, text)
    assert "row 3" in error.why and "row 3" in error.where and len(str(error)) < 500


def test_zero_bytes_and_endless_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "zero bytes" in refused(tmp_path, PLAIN.replace("某路", "某\x00路")).why
    assert "first line" in refused(tmp_path, "1," * 5_000_000).why
    assert refused(tmp_path, lines(["头" * 400_000, *HEADERS[1:]], ROW)).what
    monkeypatch.setattr(limits, "CHUNK_BYTES", limits.MIB)
    monkeypatch.setattr("exchange.deliveries.decoding.CHUNK", 100_000)
    assert "a line of more" in refused(tmp_path, PLAIN + "1," * 2_000_000).why


def test_only_plain_files_are_opened(tmp_path: Path) -> None:
    """A pipe must not make the run wait for somebody to write into it."""
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "real.csv").write_text(PLAIN, "utf-8")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    (tmp_path / "folder.csv").mkdir()
    for name, said in (("pipe", "a pipe"), ("link", "a link"), ("folder", "a folder")):
        with pytest.raises(ZhaorenError) as caught:
            read_delivery(tmp_path / f"{name}.csv", REGISTER)
        assert said in caught.value.why


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "csv.gz", "zip"])
def test_files_cut_off_anywhere(tmp_path: Path, kind: str) -> None:
    if kind == "xlsx":
        whole = workbook(tmp_path, HEADERS, *[ROW] * 50).read_bytes()
    elif kind == "parquet":
        pl.DataFrame([ROW] * 50, schema=HEADERS, orient="row").write_parquet(tmp_path / "p")
        whole = (tmp_path / "p").read_bytes()
    else:
        text = lines(HEADERS, *[[str(n), *ROW[1:]] for n in range(500)]).encode()
        whole = gzip.compress(text) if kind == "csv.gz" else zipped(("a.csv", text))
    for share in (0.02, 0.3, 0.6, 0.9, 0.999):
        assert refused(tmp_path, whole[: int(len(whole) * share)], f"population.{kind}").why


@pytest.mark.parametrize("seed", range(20))
def test_random_bytes_behind_every_kind_of_beginning(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    starts = (
        b"",
        b"PAR1",
        b"PK\x03\x04",
        b"\x1f\x8b\x08\x00",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"<table>",
    )
    data = starts[seed % len(starts)] + rng.randbytes(rng.choice([1, 60, 5000]))
    assert refused(tmp_path, data, f"population.{rng.choice(['csv', 'xlsx', 'parquet', 'zip'])}").todo


def test_other_documents_are_named(tmp_path: Path) -> None:
    assert "a PDF" in refused(tmp_path, b"%PDF-1.7\n1 0 obj").why
    assert "OpenDocument" in refused(tmp_path, zipped(("mimetype", b"x"), ("content.xml", b"<a/>"))).why


def test_a_name_that_slipped_into_a_header_is_not_told(tmp_path: Path) -> None:
    error = refused(tmp_path, PLAIN.replace("居村委会代码", "刘泽泽居村委会代码", 1))
    assert (
        "column 7 (9 Chinese characters) may be meant for “居村委会代码”" in error.why
        and "刘泽泽" not in str(error)
    )
