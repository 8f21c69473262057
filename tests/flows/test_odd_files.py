"""A day with odd files among good ones: the good are loaded, each odd one is refused with its reason."""

from __future__ import annotations

import errno
import os
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from polars.exceptions import PanicException

from exchange.receipts.receipts import Findings
from exchange.reports.report import RunSummary
from exchange.reports.report import _section as report_section
from exchange.words import words
from flows.actions.decisions import release, withdraw
from flows.actions.restoring import originals_of, restore_inbox
from flows.cli.terminal.console import fail, out
from flows.context.home import Home
from flows.context.site import Site, open_site
from flows.delivery import receipts
from flows.delivery.receipts import write_receipts
from flows.delivery.summary import run_summary
from flows.ingest import ingest as module
from flows.ingest import scanning
from flows.ingest.ingest import IngestResult, SoFar, ingest
from flows.ingest.loader import Loader
from flows.ingest.noting import note_left_out
from flows.main_job import main_job
from flows.queries.status import home_status
from tests.helpers.homes import KEY, file_hashes
from tests.helpers.population_files import HEADERS, PLAIN, ROW, SECOND, workbook
from warehouse.database.archive import archive_path
from warehouse.database.connection import Connection, fetch
from warehouse.identity.vault import Vault
from warehouse.loading import load
from warehouse.queries.runs import inbox_notes
from warehouse.written.names import own_words
from zhaoren.errors import ZhaorenError

DAY = date(2025, 9, 5)
GOOD = "public_security/population.csv"


@pytest.fixture
def site(new_home: Callable[[Path], Home], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("ZHAOREN_VAULT_KEY", KEY)
    with open_site(new_home(tmp_path / "home")) as opened:
        yield opened


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """An inbox whose one day holds one good file of two rows."""
    put(tmp_path / "inbox", GOOD, PLAIN.encode())
    return tmp_path / "inbox"


def put(inbox: Path, name: str | bytes, content: bytes | None = None) -> Path:
    """A file of the day, its name as the system has it; no two have the same content unless it is given."""
    path = inbox / str(DAY) / os.fsdecode(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x " + os.fsencode(path.name) if content is None else content)
    return path


def on_record(site: Site) -> pl.DataFrame:
    return fetch(site.con, "SELECT * FROM ops.delivery ORDER BY file_name")


def refused(site: Site, inbox: Path) -> dict[str, tuple[str, str]]:
    """Take the day in: own file name -> code and text of every refusal told. The good file must be loaded."""
    result = ingest(site, inbox, DAY)
    good = on_record(site).filter(file_name="population.csv").row(0, named=True)
    assert (good["status"], good["rows_read"], good["rows_loaded"]) == ("accepted", 2, 2)
    own = own_names(site)
    return {own.get(one.called, one.called): (one.error.code, str(one.error)) for one in result.refused}


def own_names(site: Site) -> dict[str, str]:
    """What each delivery on record is called -> how its file is named, as the vault has it."""
    called = on_record(site).select("delivery_id", pl.format("{}/{}", "department", "file_name")).rows()
    with site.open_vault(DAY, "names") as vault:
        own = own_words(vault, [name for name, _ in called])
    return {shown: own[name][1] for name, shown in called}


def test_names_of_any_bytes_and_lengths_are_refused_alone(site: Site, inbox: Path) -> None:
    """tried §8 A4: a name in GBK bytes, one of 253 bytes, a year 0000, markup, escape sequences."""
    folder = "civil_affairs/"
    odd = {
        folder.encode() + "人口.csv".encode("gbk"): "人口.csv",
        folder.encode() + b"\xff\xfe.csv": "��.csv",
        f"{folder}{'a' * 249}.csv".encode(): f"{'a' * 127}…{'a' * 16}.csv",
        f"{folder}elder_care.{'b' * 200}.csv".encode(): f"elder_care.{'b' * 116}…{'b' * 16}.csv",
        f"{folder}elder_care.0000-01.csv".encode(): "elder_care.0000-01.csv",
        f"{folder}b[{'/red'}].csv".replace("/red", "red").encode(): "b[red].csv",
        f"{folder}\x1b[31mred\x07\r\n‮.csv".encode(): "?[31mred?  ?.csv",
        "[bold]部门/x.csv".encode(): "x.csv",
        "民政".encode("gbk") + b"/y.csv": "y.csv",
    }
    for name in odd:
        put(inbox, name)
    told = refused(site, inbox)
    assert set(told) == set(odd.values())
    assert {code for code, _ in told.values()} == {"no_contract", "file_name_unclear"}
    known = on_record(site).filter(status="rejected")
    shown = (*known["department"], *known["file_name"], *known["delivery_id"], *known["extract"])
    assert all(re.fullmatch(r"[a-z0-9_.-]+", name) for name in shown)
    assert not any(
        piece in text for _, text in told.values() for piece in ("人口", "部门", "民政", "bbb", "red")
    )
    with site.open_vault(DAY, "deliver") as vault:
        write_receipts(site, vault, DAY)
    assert len(list(site.home.dated("receipts", DAY).glob("*/*.xlsx"))) == known.height + 1
    assert ingest(site, inbox, DAY).new_cnt == 0


def test_what_is_no_readable_file_is_refused_alone(
    site: Site, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """tried §8 A4: pipes, sockets, links, folders, files nobody may open, files larger than any delivery."""
    folder = inbox / str(DAY) / "civil_affairs"
    folder.mkdir()
    os.mkfifo(folder / "child_welfare.csv")
    (folder / "link.csv").symlink_to("/dev/zero")
    (folder / "folder.csv").mkdir()
    monkeypatch.chdir(folder)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.csv")
    with put(inbox, "civil_affairs/sparse.csv").open("r+b") as file:
        file.truncate(60 << 30)
    put(inbox, "civil_affairs/empty.csv", b"")
    put(inbox, "civil_affairs/closed.csv")
    hash_of = scanning.sha256_of

    def closed(path: Path) -> str:
        """Root may open everything, so the system's answer is played."""
        if path.name == "closed.csv":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return hash_of(path)

    monkeypatch.setattr(scanning, "sha256_of", closed)
    told = refused(site, inbox)
    assert {name: code for name, (code, _) in told.items()} == {
        "child_welfare.csv": "not_readable",
        "link.csv": "not_readable",
        "folder.csv": "not_readable",
        "socket.csv": "not_readable",
        "sparse.csv": "file_too_large",
        "empty.csv": "no_contract",
        "closed.csv": "file_not_openable",
    }
    assert set(on_record(site)["status"]) == {"accepted", "rejected"}
    monkeypatch.setattr(scanning, "sha256_of", hash_of)
    (now,) = ingest(site, inbox, DAY).refused
    assert own_names(site)[now.called] == "closed.csv", "now it is read"


def fails_for(name: str, error: BaseException) -> Callable[..., object]:
    """Loader.check, except that it fails for the extract so."""
    check = Loader.check

    def checking(self: Loader, path: Path) -> object:
        if self.delivery.extract == name:
            raise error
        return check(self, path)

    return checking


def test_a_defect_refuses_one_file_and_leaves_its_details_in_the_home(
    site: Site, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """tried §8 A4: one file of a kind we never met stopped the day for everybody."""
    error = PanicException("张三 440103…")
    put(inbox, "civil_affairs/elder_care.csv")
    monkeypatch.setattr(Loader, "check", fails_for("elder_care", error))
    code, text = refused(site, inbox)["elder_care.csv"]
    assert code == "defect" and type(error).__name__ in text and "张三" not in text
    (kept,) = site.home.defects.iterdir()
    assert "in checking" in kept.read_text() and "张三" not in kept.read_text()
    assert f"defects/{kept.name}" in text
    assert words("receipt")["refusals"]["defect"]["zh"]


def test_what_fails_while_it_is_loaded_leaves_nothing_and_stops_no_other(
    site: Site, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(inbox, "zzz/later.csv")

    def broken(con: Connection, *_: object) -> None:
        con.execute("SELECT error('张三')")

    monkeypatch.setattr(load, "list_changes", broken)
    result = ingest(site, inbox, DAY).refused
    told = {own_names(site)[one.called]: one.error for one in result}
    assert (told["population.csv"].code, told["later.csv"].code) == ("defect", "no_contract")
    assert set(on_record(site)["rows_loaded"]) == {0} and "张三" not in str(told["population.csv"])
    assert fetch(site.con, "SELECT * FROM core._population").is_empty()
    with site.open_vault(DAY, "deliver") as vault:
        assert fetch(vault.con, "SELECT * FROM v.person_alias").is_empty()


def test_a_receipt_that_cannot_be_written_keeps_no_other_back(
    site: Site, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """tried §8 A4: every step of one file, its receipt too."""
    put(inbox, "civil_affairs/elder_care.csv")
    ingest(site, inbox, DAY)
    whole = receipts._findings

    def odd(site: Site, vault: Vault, row: Mapping[str, Any], *more: Any) -> Findings:
        if row["extract"] == "elder_care":
            raise ValueError(row["sha256"])
        return whole(site, vault, row, *more)

    monkeypatch.setattr(receipts, "_findings", odd)
    with site.open_vault(DAY, "deliver") as vault:
        write_receipts(site, vault, DAY)
    folder = site.home.dated("receipts", DAY)
    assert {p.name for p in folder.glob("*/*.xlsx")} == {"elder_care.xlsx", "population.xlsx"}
    cells = openpyxl.load_workbook(folder / "civil_affairs" / "elder_care.xlsx")["说明"].iter_rows(
        values_only=True
    )
    assert words("receipt")["cut"] in {cell for row in cells for cell in row}
    (kept,) = site.home.defects.glob("receipt-*")
    assert kept.read_text().endswith("ValueError")


def test_what_concerns_everybody_stops_the_run_and_the_next_one_completes(
    site: Site, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        full = OSError(errno.ENOSPC, "No space left on device")
        broken.setattr(Loader, "check", fails_for("population", full))
        with pytest.raises(OSError):
            ingest(site, inbox, DAY)
    assert on_record(site).is_empty()
    assert refused(site, inbox) == {}


def test_a_file_that_goes_on_growing_is_left_for_the_next_run(
    site: Site, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """tried §8 B5: a file still being written was archived under a wrong hash."""
    path = put(inbox, "civil_affairs/elder_care.csv")
    keep = module.keep

    def growing(root: Path, source: Path, sha256: str, key: str) -> Path:
        if source == path:
            path.write_bytes(b"more")
        return keep(root, source, sha256, key)

    with monkeypatch.context() as writing:
        writing.setattr(module, "keep", growing)
        told = refused(site, inbox)
    assert told["civil_affairs/elder_care.csv"][0] == "still_being_written"
    assert set(on_record(site)["extract"]) == {"population"}
    assert len([p for p in site.home.archive.rglob("*") if p.is_file()]) == 1
    assert [one.error.code for one in ingest(site, inbox, DAY).refused] == ["header_not_found"]


def test_a_file_rewritten_while_it_is_loaded_leaves_nothing_behind(
    site: Site, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """tried §8 B5: the bytes loaded are the bytes archived, whatever the file's times say."""
    path, load = inbox / str(DAY) / GOOD, Loader.load

    def rewriting(self: Loader, *args: object) -> object:
        times = path.stat()
        path.write_text(PLAIN.replace("李四", "李五"))
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        return load(self, *args)  # type: ignore[arg-type]

    with monkeypatch.context() as writing:
        writing.setattr(Loader, "load", rewriting)
        (told,) = ingest(site, inbox, DAY).refused
    assert told.error.code == "still_being_written"
    assert on_record(site).is_empty()
    assert refused(site, inbox) == {}


def test_a_file_that_vanishes_is_told_and_not_on_record(
    site: Site, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(inbox, "civil_affairs/elder_care.csv")
    looked = module.scan

    def then_gone(*args: object) -> object:
        found = looked(*args)  # type: ignore[arg-type]
        path.unlink()
        return found

    monkeypatch.setattr(module, "scan", then_gone)
    assert refused(site, inbox)["civil_affairs/elder_care.csv"][0] == "file_vanished"
    assert set(on_record(site)["extract"]) == {"population"}


def test_a_second_attempt_tells_what_the_first_refused(
    site: Site, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files refused in an attempt that failed afterwards were on record but never printed."""
    put(inbox, "civil_affairs/elder_care.csv")
    put(inbox, "zzz.csv")
    so_far = SoFar()
    with monkeypatch.context() as failing:
        failing.delattr(module, "_note_missing")
        with pytest.raises(NameError):
            ingest(site, inbox, DAY, so_far)
    again: IngestResult = ingest(site, inbox, DAY, so_far)
    assert again.new_cnt == 2
    assert [one.called for one in again.refused] == [
        f"{DAY}/{site.words.entry('zzz.csv', is_folder=False)}",
        "civil_affairs/elder_care.csv",
    ]


def test_what_the_reader_left_out_stands_on_receipt_and_report_and_in_ops(
    site: Site, inbox: Path, tmp_path: Path
) -> None:
    """tried §1 case 20, §8 A3: only peek told it. A sheet named after a person is told by its position."""
    path = workbook(tmp_path, ["人口登记表"], HEADERS, ROW, SECOND)
    book = openpyxl.load_workbook(path)
    book["说明"]["A1"] = "请如实填写"
    book["说明"].title = "李四家"
    book.save(path)
    (inbox / str(DAY) / GOOD).unlink()
    put(inbox, GOOD.replace(".csv", ".xlsx"), path.read_bytes())
    ingest(site, inbox, DAY)
    noted = fetch(site.con, "SELECT code, cnt, place FROM ops.reading_note ORDER BY ALL")
    assert noted.rows() == [("rows_above", 1, ""), ("sheet_read", 2, "第2个"), ("sheets_unread", 1, "第1个")]
    with site.open_vault(DAY, "deliver") as vault:
        write_receipts(site, vault, DAY)
    receipt = _receipt_cells(site)
    for told in ("工作簿有 2 张工作表，读取的是第2个", "未读取的工作表 1 张：第1个"):
        assert told in receipt
    assert "李四家" not in receipt
    shown = _section(run_summary(site, DAY), "reading")
    assert {row[-1] for row in shown} >= {"未读取的工作表 1 张：第1个"}


def _receipt_cells(site: Site, day: date = DAY) -> set[str]:
    """Every cell of the day's one receipt."""
    (path,) = site.home.dated("receipts", day).glob("*/*.xlsx")
    sheets = openpyxl.load_workbook(path).worksheets
    return {str(cell) for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row}


def test_what_is_left_in_the_inbox_is_noted_for_report_and_status(site: Site, inbox: Path) -> None:
    """tried §4, §8 B9, C: folders passed over and the same bytes under another name were told nowhere."""
    put(inbox, "public_security/population.txt", PLAIN.encode())
    for name in ("2025-08-05/a/b.csv", "2025-11-9/a/b.csv", "2099-01-05/a/b.csv"):
        path = inbox / name
        path.parent.mkdir(parents=True)
        path.write_text("x")
    repeated = ingest(site, inbox, DAY).repeated
    left = note_left_out(site, inbox, DAY, repeated)
    expected = {
        "2025-08-05": "not_run",
        "2025-11-9": "misnamed",
        "2099-01-05": "future",
        f"{DAY}/public_security/population.txt": "same_bytes",
    }
    assert {one.name: one.code for one in left} == expected
    assert {one["entry_name"]: one["code"] for one in home_status(site)["left_out"]} == expected
    shown = _section(RunSummary(DAY, "", left_out=inbox_notes(site.con, DAY)), "left_out")
    assert set(expected) == {row[0] for row in shown} and "日期还没有到" in {row[1] for row in shown}
    assert inbox_notes(site.con, date(2025, 10, 5)).is_empty()
    opened = fetch(site.con, "SELECT purpose FROM ops.vault_opening")["purpose"].to_list()
    assert "names" not in opened, "nothing is called by a hash"


def _section(summary: RunSummary, name: str) -> list[list[str]]:
    table = report_section(summary, name, words("report")["sections"][name]).table
    assert table is not None
    return table.rows


def test_a_delivery_that_a_person_decided_on_gets_a_second_receipt(site: Site, inbox: Path) -> None:
    """A delivery held and later released got none: its department never heard that the rows are in."""
    ingest(site, inbox, DAY)
    later, decided = date(2025, 10, 5), date(2025, 10, 20)
    path = inbox / str(later) / GOOD
    path.parent.mkdir(parents=True)
    path.write_bytes(PLAIN.encode())
    ingest(site, inbox, later)
    (held,) = on_record(site).filter(status="held")["delivery_id"]
    release(site, held, "nothing changed", "a tester", decided)
    assert {"已接收", "2", held} <= _receipt_cells(site, decided)
    withdraw(site, held, "it did", "a tester", decided)
    assert "已撤回，不再使用" in _receipt_cells(site, decided)
    assert not list(site.home.dated("receipts", later).glob("*/*")), "as handed out"


@pytest.mark.long
def test_a_home_that_took_in_a_future_folder_goes_on_once_its_delivery_is_withdrawn(
    inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """tried §8 B9: a folder 2099-01-05 captured the home. The way out of one that took it in before."""
    monkeypatch.setenv("ZHAOREN_VAULT_KEY", KEY)
    future, october = date(2099, 1, 5), date(2025, 10, 5)
    for day, moved in ((future, "H3"), (october, "H4")):
        path = inbox / str(day) / GOOD
        path.parent.mkdir(parents=True)
        path.write_text(PLAIN.replace("H2", moved))
    with pytest.raises(ZhaorenError, match="no date to run"), open_site(Home(tmp_path / "other")) as other:
        main_job(other, inbox, future)
    found = []
    for name in ("captured", "never"):
        with open_site(Home(tmp_path / name)) as site:
            ingest(site, inbox, DAY)
            if name == "captured":
                ingest(site, inbox, future)
                (taken,) = on_record(site).filter(known_date=future)["delivery_id"]
                withdraw(site, taken, "a folder misnamed", "a tester")
            ingest(site, inbox, october)
            members = "SELECT * FROM core.household_member ORDER BY ALL"
            found.append([fetch(site.con, sql).rows() for sql in (members, "SELECT * FROM core.person")])
            assert set(on_record(site).filter(known_date=october)["status"]) == {"accepted"}
    assert found[0] == found[1]


def test_restore_goes_on_and_names_what_it_could_not(site: Site, inbox: Path, tmp_path: Path) -> None:
    """tried §8 B5: one damaged or missing file of the archive made restore fail for the whole home."""
    put(inbox, "civil_affairs/elder_care.csv")
    put(inbox, "civil_affairs/child_welfare.csv")
    ingest(site, inbox, DAY)
    put(inbox, "civil_affairs/elder_care.csv", b"corrected")
    ingest(site, inbox, DAY)
    shas = dict(on_record(site).select("extract", "sha256").rows())
    archive_path(site.home.archive, shas["child_welfare"]).write_text("torn")
    whole = restore_inbox(originals_of(site), tmp_path / "again", site.progress)
    assert whole.file_cnt == 2 and (tmp_path / "again" / str(DAY) / GOOD).read_bytes() == PLAIN.encode()
    assert sorted(name for name, _ in whole.failed) == [
        f"{DAY}/civil_affairs/child_welfare.csv",
        f"{DAY}/civil_affairs/elder_care.csv",
    ]
    assert not (tmp_path / "again" / str(DAY) / "civil_affairs/child_welfare.csv").exists()


def test_a_restore_that_was_cut_off_goes_on(site: Site, inbox: Path, tmp_path: Path) -> None:
    """tried §8 B6, of its kind: the repeated command found the folder not empty and did nothing."""
    put(inbox, "civil_affairs/elder_care.csv")
    put(inbox, "civil_affairs/child_welfare.csv", b"another")
    ingest(site, inbox, DAY)
    out, originals = tmp_path / "again", originals_of(site)
    restore_inbox(originals, out, site.progress)
    whole = file_hashes(out)
    (out / str(DAY) / GOOD).rename(out / "half")
    (out / ".unfinished").mkdir()
    (out / "half").rename(out / ".unfinished" / "file")
    (out / ".unfinished" / "file").write_bytes(PLAIN.encode()[:20])
    assert restore_inbox(originals, out, site.progress).file_cnt == 3
    assert file_hashes(out) == whole and not (out / ".unfinished").exists()
    with pytest.raises(ZhaorenError, match="not empty"):
        restore_inbox(originals, out, site.progress)


def test_what_is_printed_is_text_whatever_it_holds(capsys: pytest.CaptureFixture[str]) -> None:
    """tried §8 A4, C: `[red]` was swallowed and escape sequences were printed from names."""
    out.print("b[/red].csv [red]x \x1b[31m\x9b1m‮ :smile:", highlight=False)
    with pytest.raises(Exception):  # noqa: B017  typer's own way to end
        fail(ZhaorenError("[/bold] \x1b]0;title\x07", "a\x1b[2J"))
    said = capsys.readouterr()
    assert said.out == "b[/red].csv [red]x ?[31m?1m? :smile:\n"
    assert "[/bold] ?]0;title?" in said.err and "\x1b" not in said.err
