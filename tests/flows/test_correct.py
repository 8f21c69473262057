"""A person's own correction: before what departments send, until one of them sends something new."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.actions.replay import replay_date
from flows.cli.app import app
from flows.context.home import Home
from flows.context.site import Site, open_site
from flows.delivery.deliver import listed_lines
from flows.main_job import main_job
from flows.safekeeping.correction import correct, right_value, undo
from tests.helpers.homes import Made, copy_home, send, sent
from warehouse.database.partitions import partition
from warehouse.erasure.records import delete_from_vault, delete_from_warehouse
from warehouse.erasure.subject import subject_of, table_columns
from warehouse.identity.marks import marked_step, vault_marks, warehouse_marks
from zhaoren.errors import ZhaorenError

RIGHT, SHOWN = "阚正名", "阚*"
NEW, NEW_SHOWN = "郗新名", "郗*"
WHY = "本人持户口簿来过"


@dataclass(frozen=True)
class Corrected:
    """A home with one correction of a listed head's name, and what it takes to go on from there."""

    home: Home
    inbox: Path
    last: date
    number: str
    person_id: str


def at(site: Site, day: date) -> Site:
    """The site on a day."""
    return replace(site, now=lambda: datetime(day.year, day.month, day.day, 9))  # noqa: DTZ001


def head_on_a_list(site: Site, day: date) -> tuple[str, str]:
    """Number and id of a head whose line is on a station's list."""
    query = (
        "SELECT p.person_id FROM panel.person p JOIN mart.alert a USING (as_of, household_id) "
        "WHERE as_of = ? AND a.is_listed AND a.queue = 'need' AND p.relation_code = 'head' "
        "ORDER BY a.list_rank, 1"
    )
    with site.open_vault(day, "test") as vault:
        for (person,) in site.con.execute(query, [day]).fetchall():
            found = vault.con.execute("SELECT id_number FROM v.person_alias WHERE person_id = ?", [person])
            if row := found.fetchone():
                return str(row[0]), str(person)
    raise AssertionError("no list has a head with a number")


@pytest.fixture
def corrected(thin: Made, tmp_path: Path) -> Corrected:
    home, last = copy_home(thin.home, tmp_path / "home"), thin.dates[-1]
    with open_site(home) as site:
        number, person = head_on_a_list(site, last)
        on = at(site, last)
        correct(on, "name", "错了名", WHY, number=number, person_id="")
        correct(on, "name", f" {RIGHT}", WHY, number=number, person_id="")
    return Corrected(home, tmp_path / "inbox", last, number, person)


def name_on(site: Site, person: str, day: date) -> str:
    with site.open_vault(day, "test") as vault:
        names = vault.latest(
            site.con.execute("SELECT ? AS p", [person]).pl()["p"], "name", day, ["population"]
        )
        known = vault.known_persons(day, ["population"]).filter(person_id=person)
    name = str(names.item(0, "value"))
    # Linkage knows every day what departments sent up to now; a correction only while it is in force.
    assert (known["name"].to_list() == [RIGHT]) == (name == RIGHT)
    return name


def shown_on_a_list(site: Site, world: Corrected, day: date) -> set[str]:
    """Names on the lines of the last list's households, made anew on a day of the same people."""
    people = "SELECT * REPLACE (?::DATE AS as_of) FROM panel.person WHERE as_of = ?"
    if day != world.last:
        site.con.execute(f"INSERT INTO panel.person {people}", [day, world.last])
    with site.open_vault(day, "test") as vault:
        lines = listed_lines(site, vault, day, partition(site.con, "mart.alert", world.last))
    return set(lines["head_name_masked"])


def deliver(world: Corrected, thin: Made, name: str = "") -> date:
    """One month later the register comes again, with the head's name as it was or another."""
    days = [world.last, *(date.fromisoformat(p.name) for p in world.inbox.glob("*"))]
    day = max(days) + timedelta(days=30)

    def edit(rows: list[list[str]]) -> list[list[str]]:
        at_name = rows[0].index("姓名")
        for row in rows:
            if name and row[0] == world.number:
                row[at_name] = name
        return rows

    send(sent(thin.inbox, world.last, "population"), world.inbox, day, "population.csv", edit)
    with open_site(world.home) as site:
        main_job(site, world.inbox, day, lists=False)
    return day


def states(site: Site) -> list[str]:
    return [row[0] for row in site.con.execute("SELECT state FROM ops.correction ORDER BY ALL").fetchall()]


def test_lists_show_it_until_a_department_sends_a_new_value(corrected: Corrected, thin: Made) -> None:
    home, who, last = corrected.home, corrected.person_id, corrected.last
    with open_site(home) as site:
        former = name_on(site, who, last)
        assert former != RIGHT and states(site) == ["in_force", "replaced"]
    same = deliver(corrected, thin)
    with open_site(home) as site:
        assert states(site) == ["in_force", "replaced"] and name_on(site, who, same) == RIGHT
        assert SHOWN in shown_on_a_list(site, corrected, same)
    ended = deliver(corrected, thin, NEW)
    with open_site(home) as site:
        assert states(site) == ["overtaken", "replaced"]
        assert [name_on(site, who, day) for day in (last, same, ended)] == [former, RIGHT, NEW]
        shown = shown_on_a_list(site, corrected, ended)
        assert NEW_SHOWN in shown and SHOWN not in shown
        assert replay_date(site, last).changed == ()
        for table in table_columns(site.con, "warehouse"):
            for text in (RIGHT, WHY, corrected.number):
                query = f"SELECT count(*) FROM {table} t WHERE contains(t::VARCHAR, ?)"
                assert site.con.execute(query, [text]).fetchall() == [(0,)], (table, text)


def test_it_is_undone_and_it_is_erased(corrected: Corrected) -> None:
    who, day = corrected.person_id, corrected.last + timedelta(days=1)
    with open_site(corrected.home) as site:
        assert name_on(site, who, day) == RIGHT
        undo(at(site, day), "name", WHY, number="", person_id=who)
        assert name_on(site, who, day) != RIGHT and states(site) == ["replaced", "undone"]
        with pytest.raises(ZhaorenError, match="nothing to undo"):
            undo(at(site, day), "name", WHY, number="", person_id=who)
        correct(at(site, day), "name", RIGHT, WHY, number="", person_id=who)
        assert name_on(site, who, day) == RIGHT
        with site.open_vault(day, "test") as vault:
            assert vault_marks(vault) == warehouse_marks(site.con)
            subject = subject_of(site.con, vault, who)
            with marked_step(site.con, vault, "erase"):
                delete_from_vault(vault, subject)
                delete_from_warehouse(site.con, subject)
            assert states(site) == []
            for table in table_columns(vault.con, "v"):
                query = f"SELECT count(*) FROM v.{table} t WHERE contains(t::VARCHAR, ?)"
                assert vault.con.execute(query, [RIGHT]).fetchall() == [(0,)], table
                assert vault.con.execute(query, [WHY]).fetchall() == [(0,)], table


def test_cut_off_between_the_two_files_the_same_command_finishes_it(corrected: Corrected) -> None:
    who, day = corrected.person_id, corrected.last + timedelta(days=1)
    with open_site(corrected.home) as site:
        site.con.execute("CREATE TABLE kept AS FROM ops.correction WHERE state = 'in_force'")
        site.con.execute("DELETE FROM ops.correction WHERE state = 'in_force'")
        site.con.execute(
            "DELETE FROM ops.vault_mark WHERE mark_no = (SELECT max(mark_no) FROM ops.vault_mark)"
        )
        correct(at(site, day), "name", RIGHT, WHY, number="", person_id=who)
        same = "SELECT count(*) FROM kept JOIN ops.correction USING (correction_no)"
        assert site.con.execute(same).fetchall() == [(1,)]
        with site.open_vault(day, "test") as vault:
            assert vault_marks(vault) == warehouse_marks(site.con)
            query = "SELECT count(*) FROM v.identity WHERE source = 'correction'"
            assert vault.con.execute(query).fetchall() == [(2,)]


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("name", "张3"),
        ("name", "11010519491231002X"),
        ("name", ""),
        ("name", "无"),
        ("phone", "1234"),
        ("phone", "张三"),
        ("address", "110101"),
        ("address", "阳光路 13812345678"),
        ("birth_date", "1978-08-07"),
    ],
)
def test_what_is_none_of_the_kind_is_refused_without_repeating_it(attribute: str, value: str) -> None:
    with pytest.raises(ZhaorenError) as refused:
        right_value(attribute, value)
    error = refused.value
    assert not value or value not in f"{error.what}{error.where}{error.why}{error.todo}"


def test_what_is_right_is_read_as_contracts_read_it() -> None:
    assert right_value("name", " 阿依古丽·买买提 ") == "阿依古丽·买买提"
    assert right_value("phone", "１３８ 1234 5678") == "13812345678"
    assert right_value("address", "阳光路12号") == "阳光路12号"


def test_number_and_value_come_from_stdin_and_from_nowhere_else(
    corrected: Corrected, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["correct", "--what", "phone", "--reason", WHY, "--home", str(corrected.home.root)]
    for more in (["--value", "13812345678"], ["13812345678"], ["--number", corrected.number]):
        assert CliRunner().invoke(app, [*command, *more]).exit_code == 2
    done = CliRunner().invoke(app, [*command, "--by", "Chen"], input=f"{corrected.number}\n13812345678\n")
    assert done.exit_code == 0, done.output
    assert corrected.number not in done.output and "13812345678" not in done.output
    with open_site(corrected.home) as site:
        query = "SELECT corrected_by FROM ops.correction WHERE attribute = 'phone' AND state = 'in_force'"
        assert site.con.execute(query).fetchall() == [("Chen",)]
