"""Filled workbooks as other people's tools leave them: every value is found again, none counts twice.

Each line is signed by a name that no other line bears. After the file was taken the name is in the vault,
with a row of a table that it belongs to, or a sentence that goes back names its row, sheet or file.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import openpyxl
import pytest

from flows.actions.feedback import Taken, take_feedback
from flows.context.catalogue_frames import result_names
from flows.context.home import Home
from flows.context.site import Site, open_site
from tests.helpers import mangling
from tests.helpers.returned import RECEIVED
from tests.helpers.station_books import on_record, written
from warehouse.casework.side_rows import id_column
from warehouse.written import words

NORMAL, LONG, CHUNK = 20, 500, 24
TABLES = {words.CONTACT: "mart.contact", words.KEY_VISIT: "mart.key_visit", words.SERVICE: "mart.activity"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZHAOREN_VAULT_KEY", "the key of the tests")
        with open_site(Home(tmp_path_factory.mktemp("mangled") / "home")) as opened:
            yield opened


@pytest.fixture(scope="module")
def blank(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("blank") / "out.xlsx", result_names(site.catalogue, "need"))


def mangled(blank: Path, folder: Path, case: int) -> tuple[Path, dict[str, str], str]:
    """One filled and mangled workbook, the names in it, and what was done to it."""
    draw = Random(case)
    book = openpyxl.load_workbook(blank)
    names = mangling.fill(book, draw, case)
    done = draw.sample(mangling.MANGLES, draw.randint(1, 3))
    for mangle in done:
        mangle(book, draw)
    path = folder / f"{case}.xlsx"
    book.save(path)
    saved = draw.choice([None, None, mangling.bare_copy, mangling.stored_whole])
    if saved:
        saved(path)
    if case % 100 == 7 and shutil.which("soffice"):  # four seconds each
        mangling.through_office(path)
    return path, names, "、".join(m.__name__ for m in done)


def in_tables(site: Site) -> Counter[str]:
    """Name -> how many rows that count bear it."""
    with site.open_vault(RECEIVED, "names") as vault:
        kept = {kind: words.written(vault, kind) for kind in (*TABLES, words.VISIT, words.STEP, words.FOUND)}
    found: Counter[str] = Counter()
    for kind, table in TABLES.items():
        ids = {row[0] for row in site.con.execute(f"SELECT {id_column(table)} FROM {table}").fetchall()}
        found.update(
            a for about, a in kept[kind].select("about", "author").rows() if about.partition("|")[0] in ids
        )
    steps = {
        f"{row[0]}|{row[1]}"
        for row in site.con.execute(
            "SELECT step_id, step_no FROM mart.step WHERE visit_id IS NULL"
        ).fetchall()
    }
    found.update(
        a
        for about, a in kept[words.STEP].select("about", "author").rows()
        if about.rpartition("|")[0] in steps
    )
    visits = {row[0] for row in site.con.execute("SELECT visit_id FROM mart.visit").fetchall()}
    found.update(
        a
        for about, a in kept[words.FOUND].select("about", "author").rows()
        if about.partition("|")[0] in visits
    )
    shas = {row[0] for row in site.con.execute("SELECT DISTINCT feedback_sha256 FROM mart.visit").fetchall()}
    found.update(
        a
        for about, a in kept[words.VISIT].select("about", "author").rows()
        if about.rpartition("|")[2] in shas
    )
    return found


def lost(taken: Taken, path: Path, names: dict[str, str], found: Counter[str]) -> list[str]:
    """Names that are in the file, in no table, and in no sentence that goes back."""
    said = taken.problems
    if any("第" not in text and "“" not in text[:1] for text in said) and not taken.lines_filled:
        return []  # the whole file went back
    gone = []
    for name, places in mangling.places_of(path, names).items():
        if found[name]:
            continue
        told = [p for p in places if any(f"第{p[1]}行" in text or whole(text, names[name]) for text in said)]
        gone += [] if told else [f"{name} at {places}"]
    return gone


def whole(text: str, sheet: str) -> bool:
    """Whether a sentence sends a whole sheet back, or columns of it."""
    ours = sheet in text or (sheet == "走访名单" and "张工作表" in text)
    return ours and "没有读" in text


def check(site: Site, blank: Path, folder: Path, case: int) -> None:
    on_record(site)
    with site.open_vault(RECEIVED, "names") as vault:
        vault.con.execute("DELETE FROM v.written")  # the matters of all cases have the same numbers
    path, names, done = mangled(blank, folder, case)
    (taken,) = take_feedback(site, [path], RECEIVED)
    found = in_tables(site)
    assert lost(taken, path, names, found) == [], (case, done, taken.problems)
    # A sheet that somebody copied and then sorted in parts says two things under one name.
    most = 2 if "copy_sheet" in done and "sort_some_columns" in done else 1
    twice = {name: count for name, count in found.items() if count > most and name in names}
    assert twice == {}, (case, done)
    filled, rest = taken.lines_filled, taken.lines_taken + taken.lines_repeated + taken.lines_refused
    assert filled == rest and taken.lines_refused >= 0, (case, done)
    counted = site.con.execute("SELECT alert_id, count(*) FROM mart.outcome GROUP BY 1 HAVING count(*) > 1")
    assert counted.fetchall() == [], (case, done)
    if case % 5 == 0:
        (again,) = take_feedback(site, [path], RECEIVED)
        assert in_tables(site) == found and again.problems == taken.problems, (case, done)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, NORMAL, 10))
def test_every_value_is_found_again(site: Site, blank: Path, tmp_path: Path, first: int) -> None:
    for case in range(first, first + 10):
        check(site, blank, tmp_path, case)


@pytest.mark.long
@pytest.mark.parametrize("first", range(NORMAL, LONG, CHUNK))
def test_every_value_is_found_again_five_hundred_times(
    site: Site, blank: Path, tmp_path: Path, first: int
) -> None:
    for case in range(first, min(first + CHUNK, LONG)):
        check(site, blank, tmp_path, case)
