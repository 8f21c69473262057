"""tried §8 B2: names of files, folders, members, sheets and headers stood wherever a delivery was told."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.helpers.attacks import OTHER_VERSION, Done, command
from tests.helpers.byte_search import found_in, found_in_text
from tests.helpers.homes import KEY
from tests.helpers.population_files import HEADERS, PLAIN, ROW
from tests.helpers.zips import zipped

MARKS = {
    "folder": ("欧阳慕雪", "110105194912310021"),
    "file": ("司徒映月", "13800138000"),
    "part": ("zhugekongming", "440308199901101512"),
    "member": ("夏侯清风", "6222021234567890128"),
    "sheet": ("上官婉清", "13900139000"),
    "header": ("慕容秋水", "11010519491231002X"),
    "link": ("令狐长空", "13700137000"),
    "inbox": ("宇文青山", "13600136000"),
}
ALL = [mark for pair in MARKS.values() for mark in pair]
KEPT = ("archive", "vault.duckdb", "receipts")  # where they belong; a receipt is its department's alone


def planted(inbox: Path) -> Path:
    """An inbox of one day whose every name is somebody's; no file in it is worth a list."""
    day = inbox / "2025-09-05"
    roll = day / "public_security"
    roll.mkdir(parents=True)
    for name, text in {
        f"public_security/population.{MARKS['part'][1]}.csv": PLAIN,
        f"public_security/population.2025-07.{MARKS['part'][0]}.csv": PLAIN + "\n",
        f"public_security/population.{MARKS['file'][0]}.{MARKS['file'][1]}.csv": "a,b\n1,2\n",
        f"civil_affairs/{''.join(MARKS['file'])}.csv": "a,b\n1,3\n",
        f"{''.join(MARKS['folder'])}/population.csv": "a,b\n1,4\n",
        f"{MARKS['file'][0]}.txt": "x",
        f"../{''.join(MARKS['inbox'])}/civil_affairs/elder_care.csv": "x",
    }.items():
        path = day / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (day / "health").mkdir()
    (day / "health" / f"{MARKS['link'][0]}{MARKS['link'][1]}.csv").symlink_to("/dev/null")
    book = openpyxl.Workbook()
    for title in MARKS["sheet"]:
        sheet = book.create_sheet(title)
        sheet.append([*HEADERS, *MARKS["header"]])
        sheet.append([*ROW, "", ""])
    book.save(roll / "population.2025-06.xlsx")
    two = zipped({f"{mark}.csv": (PLAIN + " " * at).encode() for at, mark in enumerate(MARKS["member"])})
    (roll / "population.2025-05.zip").write_bytes(two)
    return inbox


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Done]:
    """The home, its inbox, and what the run said."""
    place = tmp_path_factory.mktemp("names")
    inbox = planted(place / "inbox")
    intake = () if OTHER_VERSION else ("--no-deliver",)  # of the version that was attacked: no such option
    told = command("run", "--plain", *intake, "--inbox", inbox, "--home", place / "home")
    assert told.returncode == 0, told.stderr
    return place / "home", inbox, told


def test_no_name_leaves_the_vault(spoilt: tuple[Path, Path, Done], tmp_path: Path) -> None:
    """On b97b271 they stood in delivery ids, departments, parts, reasons, the report and on the screen."""
    home, _, told = spoilt
    status = command("status", "--home", home)
    machine = command("status", "--home", home, "--json")
    assert found_in_text(told.said + status.said + machine.said, ALL) == []
    assert told.said.count("not loaded ") >= 7 and "left out folder-" in told.said
    assert found_in(home, ALL, but=KEPT, key=KEY) == []
    named = "\n".join(str(path.relative_to(home)) for path in home.rglob("*"))
    assert found_in_text(named, ALL) == [], "receipts too are named in known words"


def test_whoever_must_find_a_file_is_told_its_name(spoilt: tuple[Path, Path, Done]) -> None:
    told = command("status", "--home", spoilt[0], "--names").stdout
    for kind in ("folder", "file", "link", "inbox"):
        assert "".join(MARKS[kind]) in told, kind


def test_vault_and_archive_alone_give_the_inbox_again(
    spoilt: tuple[Path, Path, Done], tmp_path: Path
) -> None:
    """Without the warehouse nobody knew which file was whose."""
    home, inbox, _ = spoilt
    (home / "warehouse.duckdb").rename(tmp_path / "lost")
    try:
        done = command("restore", "--home", home, "--out", tmp_path / "again")
    finally:
        (tmp_path / "lost").rename(home / "warehouse.duckdb")
    assert done.returncode == 0 and found_in_text(done.said, ALL) == []
    again = {p.relative_to(tmp_path / "again"): p.read_bytes() for p in (tmp_path / "again").glob("*/*/*")}
    assert again == {
        p.relative_to(inbox): p.read_bytes()
        for p in (inbox / "2025-09-05").glob("*/*")
        if p.is_file() and not p.is_symlink()
    }


def test_peek_tells_members_and_sheets_by_their_place(spoilt: tuple[Path, Path, Done]) -> None:
    roll = spoilt[1] / "2025-09-05" / "public_security"
    for name in ("population.2025-05.zip", "population.2025-06.xlsx"):
        for more in ((), ("--json",)):
            assert found_in_text(command("peek", roll / name, *more).said, ALL) == []
