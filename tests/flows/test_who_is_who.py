"""Persons that stay themselves: late files, one number for several people, reviewers, a rebuilt home."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from flows.actions.replay import replay_date
from flows.cli.app import app
from flows.context.home import Home
from flows.context.site import open_site
from tests.helpers.homes import (
    LISTS,
    Made,
    copy_home,
    file_hashes,
    grid,
    reading,
    rows_of,
    run_dates,
    send,
    sent,
    table_hashes,
    thin_inbox,
)
from warehouse.identity.vault_secrets import number_hashes

NUMBER, NAME, BIRTH, UNIT = "身份证号", "姓名", "出生日期", "救助证号"
IDENTITY = (
    "core._person",
    "core._identity",
    "core._person_link",
    "core._person_alias",
    "core._household_member",
)


def header_of(rows: list[list[str]]) -> int:
    return next(n for n, row in enumerate(rows) if NAME in row)


def column_of(rows: list[list[str]], *names: str) -> int:
    header = rows[header_of(rows)]
    return next(header.index(name) for name in names if name in header)


def somebody_on_both(made: Made) -> tuple[str, str, str]:
    """Number, name and birth date of a member who is plainly written on roll and register, both dates."""
    told = []
    for day in made.dates:
        roll, register = (grid(sent(made.inbox, day, name)) for name in ("benefit_roll", "population"))
        head = column_of(roll, "是否户主")
        paid = {
            (r[column_of(roll, NUMBER)], r[column_of(roll, NAME)]) for r in roll if "否" in r[head : head + 1]
        }
        told.append(paid)
        at, called, birth = (column_of(register, c) for c in ("公民身份号码", NAME, BIRTH))
        told.append({(r[at], r[called]) for r in register if len(r[at]) == 18 and len(r[birth]) == 10})
    number, name = min(set.intersection(*told))
    return number, name, f"{number[6:10]}-{number[10:12]}-{number[12:14]}"


# The home, and number, name and birth date of the member.
Late = tuple[Home, tuple[str, str, str]]


@pytest.fixture(scope="module")
def late(thin: Made, tmp_path_factory: pytest.TempPathFactory) -> Late:
    """At first the roll pays a member without number whom the register lacks; a month later it has them."""
    place = tmp_path_factory.mktemp("late")
    home, inbox = (
        Home(place / "home"),
        thin_inbox(thin.inbox, place / "inbox", ("population", "benefit_roll")),
    )
    person = somebody_on_both(thin)
    first = thin.dates[0]

    def without_number(rows: list[list[str]]) -> list[list[str]]:
        number, birth = column_of(rows, NUMBER), column_of(rows, BIRTH)
        for row in rows:
            if row[number] == person[0]:
                row[number], row[birth] = "", person[2]
        return rows

    def without_person(rows: list[list[str]]) -> list[list[str]]:
        return [row for row in rows if person[0] not in row]

    for extract, edit in (("benefit_roll", without_number), ("population", without_person)):
        source = sent(inbox, first, extract)
        edited = send(source, place / "edited", first, "f.csv", edit)
        source.unlink()
        edited.rename(source.with_suffix(".csv"))
    assert run_dates(home, inbox, publish=False) == [True, True]
    return home, person


def people_of(home: Home, number: str) -> tuple[str, list[str]]:
    """The person of a number, and the provisional persons that stand for them now."""
    with open_site(home) as site, site.open_vault(date(2030, 1, 1), "test") as vault:
        (person,) = vault.persons().filter(id_number=number).get_column("person_id").to_list()
    lines = rows_of(home, f"SELECT person_id FROM core.person_alias WHERE same_as = '{person}' ORDER BY 1")
    return person, lines.get_column("person_id").to_list()


def test_a_late_file_makes_one_person_of_two(late: Late, thin: Made) -> None:
    home, (number, *_) = late
    first, second = thin.dates
    person, others = people_of(home, number)
    assert others, "the provisional person stands for the numbered one"
    events = rows_of(
        home, f"SELECT event, person_id, other_person_id, known_date FROM ops.identity_event "
        f"WHERE person_id = '{others[0]}'"
    )  # fmt: skip
    assert events.rows() == [("merge", others[0], person, second)]
    shown = rows_of(home, "SELECT person_id FROM core.person").get_column("person_id").to_list()
    assert person in shown and not set(others) & set(shown)
    panels = rows_of(
        home, f"SELECT as_of, person_id FROM panel.person WHERE person_id IN ('{others[0]}', '{person}')"
    )
    assert panels.sort("as_of").rows() == [(first, others[0]), (second, person)]
    roll = rows_of(
        home,
        f"SELECT benefit_category_code FROM panel.person WHERE as_of = '{second}' AND person_id = '{person}'",
    )
    assert roll.item() != "none"


def test_the_list_before_the_merge_comes_out_again_to_the_byte(late: Late, thin: Made) -> None:
    home, _ = late
    with open_site(home) as site:
        for day in thin.dates:
            again = replay_date(site, day)
            assert again.same_cnt > 0 and again.changed == (), day


def test_the_row_without_number_is_refused_and_used_meanwhile(late: Late, thin: Made) -> None:
    home, _ = late
    used = rows_of(
        home,
        "SELECT r.person_id, q.rule_id FROM ops.recognised_row r "
        "JOIN ops.quarantine q USING (delivery_id, row_no) JOIN ops.delivery d USING (delivery_id) "
        f"WHERE extract = 'benefit_roll' AND known_date = '{thin.dates[0]}'",
    )
    assert "civil_affairs.benefit_roll.id_number.required" in used.get_column("rule_id").to_list()


def test_the_heads_number_repeated_for_all_members_joins_nobody(thin: Made, tmp_path: Path) -> None:
    """Every member of one unit comes under the head's number: each is found under their own."""
    home, inbox = (
        Home(tmp_path / "home"),
        thin_inbox(thin.inbox, tmp_path / "inbox", ("population", "benefit_roll"), 1),
    )
    day, source = thin.dates[0], sent(inbox, thin.dates[0], "benefit_roll")
    register = grid(sent(inbox, day, "population"))
    named = {r[column_of(register, "公民身份号码")]: r[column_of(register, NAME)] for r in register}
    rows = grid(source)
    number, name, unit = (column_of(rows, c) for c in (NUMBER, NAME, UNIT))
    plain = [r for r in rows if named.get(r[number]) == r[name]]
    sizes = pl.Series([r[unit] for r in plain]).value_counts(sort=True)
    chosen = sizes.sort("count", "", descending=[True, False]).item(0, 0)
    members = {r[number]: r[name] for r in plain if r[unit] == chosen}
    head = min(members)
    assert len(members) >= 3

    def all_under_one(rows: list[list[str]]) -> list[list[str]]:
        for row in rows:
            if row[number] in members:
                row[number] = head
        return rows

    edited = send(source, tmp_path / "edited", day, "f.csv", all_under_one)
    source.unlink()
    edited.rename(source)
    assert run_dates(home, inbox, publish=False) == [True]
    with open_site(home) as site, site.open_vault(day, "test") as vault:
        ids = dict(vault.persons().rows())
        kept_as = pl.select(number_hashes(vault.con).of(pl.lit(chosen), "unit_no")).item()
    on_roll = rows_of(
        home,
        "SELECT coalesce(a.same_as, b.person_id) AS person_id FROM core.benefit_roll b "
        f"LEFT JOIN core.person_alias a USING (person_id) WHERE unit_no = '{kept_as}'",
    )
    assert sorted(on_roll.get_column("person_id")) == sorted(ids[n] for n in members)


def test_a_home_rebuilt_from_its_archive_has_the_same_ids_and_lists(thin: Made, tmp_path: Path) -> None:
    home = copy_home(thin.home, tmp_path / "home")
    done = CliRunner().invoke(app, ["restore", "--out", str(tmp_path / "inbox"), "--home", str(home.root)])
    assert done.exit_code == 0, done.output
    assert file_hashes(tmp_path / "inbox") == file_hashes(thin.inbox)
    again = Home(tmp_path / "again")
    assert run_dates(again, tmp_path / "inbox", publish=False) == [True, True]
    with reading(home) as one, reading(again) as other:
        assert table_hashes(one, *IDENTITY) == table_hashes(other, *IDENTITY)
    for kind in LISTS:
        assert file_hashes(again.root, kind) == file_hashes(home.root, kind)
    for kept, made in zip(vault_of(home), vault_of(again), strict=True):
        assert kept.height and kept.equals(made)


def vault_of(home: Home) -> list[pl.DataFrame]:
    tables = ("person_alias", "alias_sighting", "provisional", "household_alias")
    with open_site(home) as site, site.open_vault(date(2030, 1, 1), "test") as vault:
        return [vault.con.execute(f"SELECT * FROM v.{name} ORDER BY ALL").pl() for name in tables]


def test_every_number_is_kept_with_who_saw_it_and_when(thin: Made, tmp_path: Path) -> None:
    home = copy_home(thin.home, tmp_path / "home")
    first, second = thin.dates
    with open_site(home) as site, site.open_vault(date(2030, 1, 1), "test") as vault:
        seen = vault.con.execute("SELECT * FROM v.alias_sighting").pl()
    register = seen.filter(source="population")
    assert register.get_column("id_number").is_unique().all()
    spans = set(register.select("first_seen", "last_seen").rows())
    assert (first, second) in spans and spans <= {(first, first), (first, second), (second, second)}


def test_a_folder_with_files_is_not_restored_into(thin: Made, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "mine.txt").write_text("keep me")
    home = copy_home(thin.home, tmp_path / "home")
    done = CliRunner().invoke(app, ["restore", "--out", str(tmp_path / "inbox"), "--home", str(home.root)])
    assert done.exit_code == 1 and "not empty" in done.output
    assert [p.name for p in (tmp_path / "inbox").iterdir()] == ["mine.txt"]
