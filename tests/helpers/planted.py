"""An inbox with marks in every place that a department can fill: cells, headers, sheets, names, wrappings."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import polars as pl
from openpyxl.comments import Comment

from tests.helpers.homes import grid
from tests.helpers.marks import WRITTEN, Marks
from tests.helpers.zips import zipped
from tests.matrix.writers import as_csv, as_html, as_parquet, as_xls

FORMATS = ("csv", "xlsx", "parquet", "xls", "gb18030", "zip", "csv")
Rows = list[list[str]]
Named = Callable[..., str]  # a new mark: where it goes, and its kind (default a name)


def plant_in_cells(source: Path, target: Path, marks: Marks, form: str) -> Path:
    """The delivery at `source` with a row more for each column and each kind of mark, and a column of marks.

    Each row more is a good row with one cell replaced.
    """
    header, *rows = grid(source)
    where = f"{source.parent.name}/{source.name.split('.')[0]}"
    body = [[*row, ""] for row in rows]
    cells = [(at, how) for at in range(len(header)) for how in WRITTEN]
    for count, (at, how) in enumerate(cells):
        if rows:
            row = [*rows[count % len(rows)], marks.written("text", f"{where} an unknown column")]
            row[at] = marks.written(how, f"{where} column {header[at]}")
            body.append(row)
    return write([[*header, marks.plant("text", f"{where} a header")], *body], target, marks, form)


def write(rows: Rows, target: Path, marks: Marks, form: str) -> Path:
    """The table in a format, beside `target`'s name without ending; wrappings carry marks too."""
    target.parent.mkdir(parents=True, exist_ok=True)
    where = f"{target.parent.name}/{target.name}"
    path = target.parent / f"{target.name}.{'csv' if form == 'gb18030' else form}"
    if form == "csv":
        as_csv(path, rows)
    elif form == "gb18030":
        path.write_bytes(as_text(rows).encode("gb18030"))
    elif form == "xlsx":
        as_marked_workbook(path, rows, marks, where)
    elif form == "zip":
        name = f"{marks.plant('name', f'{where} a member')}.csv"
        path.write_bytes(zipped({name: as_text(rows).encode()}))
    else:
        {"parquet": as_parquet, "xls": as_xls}[form](path, rows)
    return path


def as_text(rows: Sequence[Sequence[str]]) -> str:
    """CSV as text, where no cell needs quotes."""
    return "".join(",".join(cell.replace(",", "，") for cell in row) + "\n" for row in rows)


def as_marked_workbook(path: Path, rows: Rows, marks: Marks, where: str) -> None:
    """A workbook with marks in its sheet's name, properties and a comment."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = marks.plant("name", f"{where} a sheet's name")
    for row in rows:
        sheet.append(row)
    book.properties.creator = marks.plant("name", f"{where} the author")
    book.properties.title = marks.plant("number", f"{where} the title")
    sheet["A2"].comment = Comment(marks.plant("phone", f"{where} a comment"), marks.plant("name", where))
    sheet.oddHeader.left.text = marks.plant("name", f"{where} the page's head")
    book.save(path)


def plant_inbox(source: Path, day: Path, marks: Marks, extracts: Sequence[str] = ()) -> None:
    """Every extract (or those named) of a day, in one format after the other, with marks in every column."""
    for count, path in enumerate(sorted(source.glob("*/*"))):
        extract = path.name.split(".")[0]
        if extract in (extracts or [extract]):
            plant_in_cells(path, day / path.parent.name / extract, marks, FORMATS[count % len(FORMATS)])


def plant_around(
    source: Path,
    day: Path,
    marks: Marks,
    kinds: Sequence[str] = ("number", "phone", "name", "text"),
    texts: bool = True,
) -> None:
    """Files that are wrong in themselves, with marks in all that is said of them: names, sheets, headers."""
    inbox, good = day.parent, next(iter(sorted(source.glob("civil_affairs/elder_care.*"))))
    header, *rows = grid(good)
    table = as_text([header, *rows[:5]]).encode()
    office = day / "civil_affairs"
    office.mkdir(parents=True, exist_ok=True)

    def name(where: str, kind: str = "name") -> str:
        return marks.plant(kind, where)

    for kind in kinds:
        (day / f"{name('a file in no folder', kind)}.csv").write_bytes(table)
        (office / f"{name('a file of no extract', kind)}.csv").write_bytes(table)
        (office / f"elder_care.{name('a part', kind)}.csv").write_bytes(table + as_text(rows[5:6]).encode())
        (office / f"elder_care.2025-08.{name('a part', kind)}.csv").write_bytes(b"")
        folder = day / name("a department's folder", kind)
        folder.mkdir()
        (folder / f"{name('a file of no department', kind)}.csv").write_bytes(table)
        (inbox / name("a folder of no day", kind)).mkdir()
        (inbox / f"{name('a loose file', kind)}.csv").write_bytes(table)
    (day / name("a folder that is not read")).write_bytes(table)
    (office / f"elder_care.{name('a link')}.csv").symlink_to(good)
    os.mkfifo(office / f"elder_care.{name('a pipe')}.csv")
    (office / f"elder_care.{name('a folder like a file')}.csv").mkdir()
    (
        office / f"elder_care {name('a name in GBK')}.csv".encode("gb18030").decode(errors="surrogateescape")
    ).write_bytes(table)
    (office / f"elder_care.{name('two parts')}.{name('two parts')}.csv").write_bytes(table)
    (office / "elder_care.2031-01.zz.csv").write_bytes(table)
    locked = Path(__file__).parents[1] / "data" / "locked.xlsx"
    shutil.copyfile(locked, office / f"elder_care.{name('a locked file')}.xlsx")
    receipt = (
        f"原文件行号（回执编号 20250905-elder_care-{'0' * 12}）,{name('a receipt of nothing', 'number')}"
    )
    (office / "elder_care.fa.csv").write_text(receipt + "\n" + as_text([header, *rows[:3]]))
    _packed(office, table, name)
    _workbooks(office, header, rows, marks, name)
    if texts:
        _texts(office, header, rows, marks, name)


def _packed(office: Path, table: bytes, name: Named) -> None:
    two = {f"{name(f'member {n} of two')}.csv": table + bytes(n) for n in range(2)}
    (office / "child_welfare.aa.zip").write_bytes(zipped(two))
    (office / "child_welfare.ab.zip").write_bytes(zipped({f"../{name('a member outside')}.csv": table}))
    (office / "child_welfare.ac.zip").write_bytes(
        zipped({f"{name('a member that is no table')}.pdf": b"%PDF-1.4 x"})
    )
    (office / "child_welfare.ad.zip").write_bytes(zipped({f"{name('a torn member')}.csv": table})[:-40])
    (office / "child_welfare.ae.zip").write_bytes(zipped({f"{name('an empty member')}.csv": b""}))
    sheet = {
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": b"",
        f"{name('a part')}.xml": table,
    }
    (office / "child_welfare.ag.ods").write_bytes(zipped(sheet))
    locked = bytearray(zipped({f"{name('a locked member')}.csv": table}))
    locked[locked.index(b"PK\x01\x02") + 8] |= 1  # the directory says that the member needs a password
    (office / "child_welfare.ah.zip").write_bytes(locked)
    inner = zipped({f"{name('a member of a member')}.csv": table})
    (office / "child_welfare.af.zip").write_bytes(zipped({f"{name('a packed member')}.zip": inner}))


def _workbooks(office: Path, header: list[str], rows: Rows, marks: Marks, name: Named) -> None:
    for part, state in (("ba", "hidden"), ("bb", "veryHidden"), ("bc", "visible")):
        book = openpyxl.Workbook()
        front, second = book.active, book.create_sheet(name(f"the name of a {state} second sheet"))
        assert front is not None
        front.title = name("the name of a first sheet")
        for sheet in (front, second):
            for row in [header, *rows[:4]]:
                sheet.append(row)
        row = list(rows[4])
        row[1] = name(f"a cell of a {state} sheet")
        second.append(row)
        second.sheet_state = state
        book.save(office / f"elder_care.{part}.xlsx")
    book = openpyxl.Workbook()
    far = book.active
    assert far is not None
    for row in [header, *rows[:4]]:
        far.append(row)
    far.cell(3, len(header) + 12).value = name("a cell far right")
    far.cell(2, 1).value = f'="{name("a formula", "number")}"'
    book.save(office / "elder_care.bd.xlsx")
    (office / "elder_care.be.xlsx").write_bytes(name("what is no workbook").encode() * 50)
    as_html(office / "elder_care.bf.xls", [header, [name("a cell of a web page"), *rows[0][1:]]])


def _texts(office: Path, header: list[str], rows: Rows, marks: Marks, name: Named) -> None:
    """Glued, renamed, missing and repeated headers; lone line ends; broken characters; another extract."""
    person = [name("a glued row", kind) for kind in ("number", "name", "phone", "address")]
    glued = ",".join(header) + " " + ",".join(person) + "\n"
    (office / "elder_care.ca.csv").write_text(glued + as_text(rows[:9]))
    above = ",".join(name("a row above the header", kind) for kind in ("number", "name"))
    (office / "elder_care.cb.csv").write_text(above + "\n" + as_text([header, *rows[9:14]]))
    alone = [name("a header of a file without any", kind) for kind in ("number", "name", "phone", "card")]
    (office / "elder_care.cc.csv").write_text(
        as_text([alone, *[[name("a file without header", "number"), "x", "y", "z"] for _ in range(3)]])
    )
    missing = [name("a renamed header") if at == 0 else cell for at, cell in enumerate(header)]
    (office / "elder_care.cd.csv").write_text(as_text([missing, *rows[3:8]]))
    twice = [header[0], *header[:-1]]
    (office / "elder_care.ce.csv").write_text(as_text([twice, *rows[3:8]]))
    broken = (
        as_text([header, *rows[2:4]]).encode() + name("a broken line").encode("gb18030") + b"\xff\xfe\x81,\n"
    )
    (office / "elder_care.cf.csv").write_bytes(broken)
    lone = (
        as_text([header, *rows[2:9]])
        + f"{name('a row parted by CR', 'number')},x\r{name('a row parted by CR')},y\r"
    )
    (office / "elder_care.cg.csv").write_bytes(lone.encode())
    long = (
        as_text([header, *rows[2:9]])
        + ",".join([*rows[0], name("a cell too many"), name("a cell too many", "number")])
        + "\n"
    )
    (office / "elder_care.ch.csv").write_text(long)
    quoted = as_text([header, *rows[2:9]]) + f'"{name("an open quote")},x\n' * 2
    (office / "elder_care.ci.csv").write_text(quoted)
    (office / "benefit_roll.da.csv").write_text(
        as_text(
            [
                header,
                [name("a row of another extract", "number"), name("a row of another extract"), *rows[0][2:]],
            ]
        )
    )
    frame = pl.DataFrame({name("a column of a Parquet file"): [[name("a list in a cell")]]})
    frame.write_parquet(office / "elder_care.ea.parquet")
    whole = (office / "elder_care.ea.parquet").read_bytes()
    (office / "elder_care.eb.parquet").write_bytes(whole[:-9])
