"""Somebody asks to be erased, and is looked for afterwards in every byte and table of the home."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from data_contracts.loading.contracts import load_contracts
from exchange.deliveries.reading import read_delivery
from flows.context.home import Home
from flows.context.site import Site, open_site
from flows.safekeeping import erasure
from tests.helpers.attacks import OTHER_VERSION, command
from tests.helpers.homes import KEY, Made, run_dates
from tests.helpers.killed import killed_at_operation
from warehouse.erasure.subject import table_columns

DAY = date(2030, 1, 1)
ERASE = ("erase", "--basis", "person_request", "--yes", "--by", "Chen", "--json")


@dataclass(frozen=True)
class Person:
    person_id: str
    number: str
    household: str

    @property
    def marks(self) -> tuple[str, ...]:
        return (self.person_id, self.number)


@pytest.fixture
def with_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHAOREN_VAULT_KEY", KEY)


def listed(home: Home, *, alone: bool) -> Person:
    """Somebody of a household on a past list: all of it, or one of several."""
    members = "count(DISTINCT person_id) = 1" if alone else "count(DISTINCT person_id) > 1"
    with open_site(home) as site, site.open_vault(DAY, "test") as vault:
        who = site.con.execute(
            f"SELECT m.person_id, m.household_id FROM core._household_member m JOIN mart.alert a "
            f"USING (household_id) WHERE a.is_listed AND a.queue = 'need' AND household_id IN "
            f"(SELECT household_id FROM core._household_member GROUP BY 1 HAVING {members}) ORDER BY 1"
        ).fetchall()[0]
        query = "SELECT id_number FROM v.person_alias WHERE person_id = ?"
        return Person(who[0], vault.con.execute(query, [who[0]]).fetchall()[0][0], who[1])


def found_in_files(home: Home, marks: tuple[str, ...]) -> list[tuple[str, str]]:
    """Every file that holds a mark, looked into where it is a workbook."""
    found = []
    for path in (p for p in sorted(home.root.rglob("*")) if p.is_file()):
        texts = [path.read_bytes()]
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as book:
                texts += [book.read(name) for name in book.namelist()]
        found += [(path.name, m) for m in marks if any(m.encode() in text for text in texts)]
    return found


def found_in_tables(site: Site, marks: tuple[str, ...]) -> list[tuple[str, str]]:
    """Every table of warehouse and vault with a row that holds a mark."""
    found = []
    with site.open_vault(DAY, "test") as vault:
        for con, database, before in ((site.con, "warehouse", ""), (vault.con, "v", "v.")):
            for table in table_columns(con, database):
                for mark in marks:
                    query = f"SELECT count(*) FROM {before}{table} t WHERE contains(t::VARCHAR, ?)"
                    if con.execute(query, [mark]).fetchall()[0][0]:
                        found.append((before + table, mark))
    return found


def replayed(home: Home, inbox: Path) -> None:
    for day in sorted(p.name for p in inbox.iterdir()):
        again = command("replay", "--as-of", day, "--home", home.root)
        assert again.returncode == 0, again.said


@pytest.mark.skipif(bool(OTHER_VERSION), reason="it has no such command")
def test_who_was_erased_is_nowhere_and_past_lists_still_rebuild(small_home: Made, with_key: None) -> None:
    """tried §8 B10: on b97b271 nobody could be erased at all."""
    home = small_home.home
    who = listed(home, alone=True)
    assert found_in_files(home, (who.household,))
    done = command(*ERASE, "--home", home.root, input=f"{who.number[:6]} {who.number[6:]}\n")
    assert done.returncode == 0, done.said
    assert json.loads(done.stdout)["file_row_cnt"] >= 2
    marks = (*who.marks, who.household)
    assert not any(mark in done.said for mark in marks)
    assert found_in_files(home, marks) == []
    with open_site(home) as site:
        assert found_in_tables(site, marks) == []
        last = site.con.execute("SELECT erased_by, basis, finished_at FROM ops.erasure").fetchall()
    assert [row[:2] for row in last] == [("Chen", "person_request")]
    assert last[0][2] is not None
    again = command(*ERASE, "--home", home.root, input=f"{who.number}\n")
    assert again.returncode == 1
    assert "Nobody of that number" in again.said


@pytest.mark.long
@pytest.mark.skipif(bool(OTHER_VERSION), reason="it has no such command")
def test_one_of_a_household_is_erased_and_the_others_lines_stay(small_home: Made, with_key: None) -> None:
    home = small_home.home
    who = listed(home, alone=False)
    before = [name for name, _ in found_in_files(home, (who.household,)) if name.endswith(".xlsx")]
    assert before
    assert command(*ERASE, "--home", home.root, input=f"{who.number}\n").returncode == 0
    assert found_in_files(home, who.marks) == []
    after = [name for name, _ in found_in_files(home, (who.household,)) if name.endswith(".xlsx")]
    assert after == before
    with open_site(home) as site:
        assert found_in_tables(site, who.marks) == []
    replayed(home, small_home.inbox)


@pytest.mark.long
@pytest.mark.skipif(bool(OTHER_VERSION), reason="it has no such command")
def test_what_is_restored_reads_the_same_for_everybody_else(
    small_home: Made, with_key: None, tmp_path: Path
) -> None:
    home, inbox = small_home.home, tmp_path / "restored"
    who = listed(home, alone=True)
    assert command(*ERASE, "--home", home.root, "--person", who.person_id).returncode == 0
    replayed(home, small_home.inbox)
    assert command("restore", "--out", inbox, "--home", home.root).returncode == 0
    contracts, cut = load_contracts(), 0
    for path in sorted(p for p in small_home.inbox.rglob("*") if p.is_file()):
        contract = contracts[f"{path.parent.name}.{path.name.split('.')[0]}"]
        one, other = (
            read_delivery(p, contract).frame for p in (path, inbox / path.relative_to(small_home.inbox))
        )
        kept = one.filter(one["row_no"].is_in(other["row_no"].to_list()))
        assert kept.equals(other)
        gone = one.height - other.height
        cut += gone
        assert who.number not in other.write_csv()
    assert cut >= 2
    anew = Home(tmp_path / "anew")
    run_dates(anew, inbox)


STAGES = (
    "_files",
    "keep_cut",
    "write_lists_again",
    "write_second_receipt",
    "publish_home",
    "put_away",
    "rewrite",
)


def cut_off_and_repeated(home: Home, stages: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> Person:
    """Erase somebody, cut off at each stage in turn, and in the end let it finish."""
    who = listed(home, alone=True)
    for stage in stages:
        with monkeypatch.context() as patch:
            patch.setattr(erasure, stage, _cut)
            stopped = command(*ERASE, "--home", home.root, input=f"{who.number}\n")
            assert stopped.returncode != 0, stage
    assert command(*ERASE, "--home", home.root, input=f"{who.number}\n").returncode == 0
    return who


def _cut(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.long
@pytest.mark.skipif(bool(OTHER_VERSION), reason="it has no such command")
def test_an_erasure_cut_off_at_every_stage_is_finished_by_the_next(
    small_home: Made, with_key: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = small_home.home
    who = cut_off_and_repeated(home, STAGES, monkeypatch)
    assert found_in_files(home, (*who.marks, who.household)) == []
    with open_site(home) as site:
        assert found_in_tables(site, (*who.marks, who.household)) == []
    replayed(home, small_home.inbox)


def erased_in_pieces(home: Home, who: Person, operations: list[int]) -> int:
    """Erase somebody, killed at each of these file operations in turn; how many of the kills came to pass."""
    ended = [
        killed_at_operation(one, *ERASE, "--home", home.root, input=f"{who.number}\n") for one in operations
    ]
    done = command(*ERASE, "--home", home.root, input=f"{who.number}\n")
    assert done.returncode == 0 or "Nobody of that number" in done.said
    return ended.count(-9)


@pytest.mark.long
@pytest.mark.skipif(bool(OTHER_VERSION), reason="it has no such command")
def test_an_erasure_killed_at_file_operations_all_over(small_home: Made, with_key: None) -> None:
    home = small_home.home
    who = listed(home, alone=True)
    assert erased_in_pieces(home, who, [3, 9, 17, 28, 40, 55]) >= 3
    marks = (*who.marks, who.household)
    assert found_in_files(home, marks) == []
    with open_site(home) as site:
        assert found_in_tables(site, marks) == []
        assert site.con.execute("SELECT count(*) FROM ops.erasure WHERE finished_at IS NULL").fetchall() == [
            (0,)
        ]
