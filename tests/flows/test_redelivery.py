"""Files sent again, corrected, late, taken back: the present changes, the record and past lists do not."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from flows.actions import decisions
from flows.actions.decisions import release, withdraw
from flows.actions.replay import replay_date
from flows.cli.app import app
from flows.context.home import Home
from flows.context.run import run_of
from flows.context.site import Site, open_site
from flows.delivery.receipts import write_receipts
from flows.ingest.ingest import ingest
from flows.main_job import main_job
from flows.queries.status import home_status
from flows.scoring.resolve import resolve
from flows.scoring.score import compute
from tests.helpers.homes import (
    Edit,
    Made,
    as_delivered,
    copy_home,
    mend,
    reading,
    rows_of,
    run_dates,
    send,
    sent,
    table_hashes,
    thin_inbox,
)
from warehouse.database.partitions import partition
from zhaoren.errors import ZhaorenError

LATER = date(2025, 10, 25)
AMOUNT = "个人月保障金"


def without_last(count: int) -> Edit:
    return lambda rows: rows[:-count]


def one_paid_more(rows: list[list[str]]) -> list[list[str]]:
    """A household is paid one yuan more, and the last rows are gone."""
    header = next(n for n, row in enumerate(rows) if "身份证号" in row)
    column = rows[header].index(AMOUNT)
    row = next(r for r in rows[header + 5 :] if r[column].replace(".", "").isdigit())
    row[column] = f"{float(row[column]) + 1:.2f}"
    return rows[:-4]


def statuses(home: Home, extract: str) -> list[tuple]:
    sql = f"SELECT known_date, status FROM ops.delivery WHERE extract = '{extract}' ORDER BY delivery_id"
    return rows_of(home, sql).rows()


def id_of(home: Home, extract: str, day: date) -> str:
    sql = f"SELECT delivery_id FROM ops.delivery WHERE extract = '{extract}' AND known_date = '{day}'"
    return rows_of(home, sql).item()


def assert_conserved(home: Home) -> None:
    """Law 1 for every delivery, and what it says is loaded is there, now or as it once was.

    Beside it stand the refused rows that are used meanwhile, under provisional persons.
    """
    with reading(home) as con:
        for name, extract, read, loaded, bad, again in con.execute(
            "SELECT delivery_id, extract, rows_read, rows_loaded, rows_quarantined, rows_duplicate "
            "FROM ops.delivery"
        ).fetchall():
            assert read == loaded + bad + again, name
            sql = f"SELECT count(*) FROM {as_delivered(f'core._{extract}')} WHERE delivery_id = ?"
            assert con.execute(sql, [name]).fetchall() == [(loaded,)], name
            sql = "SELECT count(DISTINCT row_no) FROM ops.quarantine WHERE delivery_id = ?"
            assert con.execute(sql, [name]).fetchall() == [(bad,)], name
        strangers = (
            "SELECT * FROM ops.recognised_row r WHERE NOT EXISTS (SELECT 1 FROM ops.quarantine q "
            "WHERE q.delivery_id = r.delivery_id AND q.row_no = r.row_no)"
        )
        assert con.execute(strangers).fetchall() == []


def assert_same_but_for_ids(one: pl.DataFrame, other: pl.DataFrame) -> None:
    """The same rows in whatever order, opaque ids left out."""
    one, other = (
        frame.select(c for c in frame.columns if not c.endswith(("person_id", "household_id")))
        for frame in (one, other)
    )
    assert one.columns == other.columns
    assert one.sort(one.columns).equals(other.sort(other.columns))


# ---- corrections ----


@pytest.fixture(scope="module")
def corrected(thin: Made, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Path]:
    """The thin home after the second month's benefit roll was sent again: a row less, an amount more."""
    place = tmp_path_factory.mktemp("corrected")
    home, inbox = copy_home(thin.home, place / "home"), place / "inbox"
    roll = sent(thin.inbox, thin.dates[1], "benefit_roll")
    send(roll, inbox, LATER, "benefit_roll.2025-09.csv", one_paid_more)
    assert run_dates(home, inbox) == [False]
    assert_taken_in_without_lists(home)
    assert run_dates(home, inbox, lists=True) == [True]  # asked for, to compare with
    return home, inbox


def assert_taken_in_without_lists(home: Home) -> None:
    """tried §3, last bullet: on its day, with its receipt and report, and no second list for anybody."""
    assert not home.dated("worklists", LATER).exists() and not home.dated("compliance", LATER).exists()
    assert list(home.dated("receipts", LATER).glob("civil_affairs/*.xlsx"))
    report = (home.dated("reports", LATER) / "report.html").read_text()
    assert "没有出名单" in report and "benefit_roll.2025-09.csv" in report and "在库人员" not in report
    assert rows_of(home, f"SELECT * FROM mart.alert WHERE as_of >= '{LATER}'").is_empty()
    with open_site(home) as site:
        assert [run["status"] for run in home_status(site)["runs"]] == ["finished", "finished", "intake"]


def test_a_correction_takes_the_place_and_the_record_says_what_changed(
    corrected: tuple[Home, Path], thin: Made
) -> None:
    home, _ = corrected
    first, second = thin.dates
    assert statuses(home, "benefit_roll") == [
        (first, "accepted"),
        (second, "superseded"),
        (LATER, "accepted"),
    ]
    old, new = id_of(home, "benefit_roll", second), id_of(home, "benefit_roll", LATER)
    events = "SELECT event, effective_date, other_delivery_id FROM ops.delivery_event WHERE delivery_id = "
    assert rows_of(home, f"{events}'{old}' ORDER BY event_no").rows() == [
        ("accepted", second, None),
        ("superseded", LATER, new),
    ]
    listed = rows_of(home, "SELECT * EXCLUDE (person_id, row_no) FROM ops.delivery_change ORDER BY change")
    assert set(listed.get_column("change")) == {"changed", "removed"}
    assert listed.filter(change="changed").height == 1 and listed.height <= 5
    assert listed.filter(change="changed").item(0, "column_names").count("yuan") == 1
    assert set(listed.get_column("superseded_id")) == {old}
    shown = rows_of(
        home, "SELECT DISTINCT delivery_id FROM core.benefit_roll WHERE known_date > '2025-09-30'"
    )
    assert shown.rows() == [(new,)]
    kept = rows_of(home, f"SELECT count(*) FROM core._benefit_roll WHERE delivery_id = '{old}'")
    assert kept.item() > 0
    assert_conserved(home)


def test_lists_before_a_correction_come_out_again_to_the_byte(
    corrected: tuple[Home, Path], thin: Made, tmp_path: Path
) -> None:
    home = copy_home(corrected[0], tmp_path / "home")
    with open_site(home) as site:
        for day in (*thin.dates, LATER):
            assert replay_date(site, day).changed == (), day
    assert run_dates(home, thin.inbox) == [False, False]


def test_a_withdrawn_correction_leaves_the_world_as_it_was(
    corrected: tuple[Home, Path], thin: Made, tmp_path: Path
) -> None:
    home = copy_home(corrected[0], tmp_path / "home")
    new, old = id_of(home, "benefit_roll", LATER), id_of(home, "benefit_roll", thin.dates[1])
    with open_site(home) as site:
        withdraw(site, new, "the wrong file", "a tester")
    tables = ("core.benefit_roll", "core.person", "core.household_member", "core.household")
    with reading(home) as now, reading(thin.home) as before:
        assert table_hashes(now, *tables) == table_hashes(before, *tables)
    found = rows_of(
        home, f"SELECT status FROM ops.delivery WHERE delivery_id IN ('{old}', '{new}') ORDER BY 1"
    )
    assert found.get_column("status").to_list() == ["accepted", "withdrawn"]
    assert statuses(Home(home.root), "benefit_roll")[-1] == (LATER, "withdrawn")


def test_a_corrected_population_moves_people_from_its_day_on(thin: Made, tmp_path: Path) -> None:
    home, inbox = copy_home(thin.home, tmp_path / "home"), tmp_path / "inbox"
    source = sent(thin.inbox, thin.dates[1], "population")
    send(source, inbox, LATER, "population.2025-09.csv", without_last(5))
    with open_site(home) as site:
        before = {day: compute(site, day)["panel.person"] for day in thin.dates}
        ingest(site, inbox, LATER)
        for day in thin.dates:
            assert compute(site, day)["panel.person"].equals(before[day])
        after = compute(site, LATER)["panel.person"]
    assert_conserved(home)
    gone = rows_of(home, "SELECT DISTINCT person_id FROM ops.delivery_change WHERE change = 'removed'")
    assert 0 < gone.height <= 5
    sql = "SELECT person_id FROM core.household_member WHERE kind = 'hukou' AND valid_to IS NULL"
    members = rows_of(home, sql)
    assert members.join(gone, on="person_id").is_empty()
    assert after.height == before[thin.dates[1]].height  # the month before still knows them


# ---- late files ----


def test_a_late_roll_is_not_taken_for_newer(thin: Made, tmp_path: Path) -> None:
    home, inbox = copy_home(thin.home, tmp_path / "home"), tmp_path / "inbox"
    for extract in ("population", "benefit_roll"):
        source = sent(thin.inbox, thin.dates[0], extract)
        send(source, inbox, LATER, f"{extract}.2025-07.csv", without_last(4))
    with open_site(home) as site:
        before = compute(site, LATER)
        ingest(site, inbox, LATER)
        after = compute(site, LATER)
        for day in thin.dates:
            assert replay_date(site, day).changed == ()
    for table in ("panel.person", "panel.household", "mart.signal"):
        assert after[table].equals(before[table]), table
    late = "SELECT DISTINCT period_month, known_date FROM core.population WHERE period_month < '2025-08-01'"
    assert rows_of(home, late).rows() == [(date(2025, 7, 1), LATER)]


# ---- the same bytes ----


@pytest.fixture(scope="module")
def unchanged(thin: Made, thin_first: Made, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Path]:
    """Two months in which the second benefit roll has the bytes of the first: it waits for a person."""
    place = tmp_path_factory.mktemp("unchanged")
    home, (first, second) = copy_home(thin_first.home, place / "home"), thin.dates
    inbox = thin_inbox(thin.inbox, place / "inbox", dates=1)
    send(sent(thin.inbox, second, "population"), inbox, second, "population.csv")
    send(sent(thin.inbox, first, "benefit_roll"), inbox, second, "benefit_roll.csv")
    assert run_dates(home, inbox) == [False, True]
    return home, inbox


def cut_off(*_: object) -> None:
    raise KeyboardInterrupt


def test_an_unchanged_roll_waits_until_somebody_says_so(
    unchanged: tuple[Home, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = copy_home(unchanged[0], tmp_path / "home")
    (first, second) = sorted(date.fromisoformat(p.name) for p in unchanged[1].iterdir())
    assert statuses(home, "benefit_roll") == [(first, "accepted"), (second, "held")]
    name = id_of(home, "benefit_roll", second)
    with open_site(home) as site:
        (held,) = home_status(site)["held"]
        assert held["delivery_id"] == name and "same bytes" in held["reason"]
        assert held["command"].startswith(f"zhaoren release {name}")
        with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
            cut.setattr(decisions, "publish_home", cut_off)
            release(site, name, "the department says nothing changed", "a tester")
        release(site, name, "the department says nothing changed", "a tester")  # goes on where it was cut off
        assert list(site.home.scratch.iterdir()) == []
        with pytest.raises(ZhaorenError, match="cannot be released"):
            release(site, name, "once more", "a tester")
        assert replay_date(site, first).changed == ()
    assert statuses(home, "benefit_roll") == [(first, "accepted"), (second, "accepted")]
    assert_conserved(home)
    fresh = "SELECT is_stale FROM mart.staleness WHERE extract = 'benefit_roll' AND as_of = "
    assert rows_of(home, f"{fresh}'{second}'").item()
    assert run_dates(home, unchanged[1]) == [False, True]  # the list it concerns, and only this one
    assert not rows_of(home, f"{fresh}'{second}'").item()


def test_a_released_delivery_ends_like_one_never_held(
    unchanged: tuple[Home, Path], thin: Made, tmp_path: Path
) -> None:
    """Released on its own day, that day's panel is that of a home in which it was just accepted."""
    home, other = copy_home(unchanged[0], tmp_path / "home"), Home(tmp_path / "other")
    inbox, second = tmp_path / "inbox", thin.dates[1]
    shutil.copytree(unchanged[1], inbox)
    path = sent(inbox, second, "benefit_roll")
    path.write_bytes(path.read_bytes() + b"\n")  # an empty line: other bytes, the same rows
    found = []
    for one in (home, other):
        with open_site(one) as site:
            if one is home:
                release(site, id_of_held(site), "as it was", "a tester")
                resolve(site, run_of(site, second))
            else:
                for day in thin.dates:
                    ingest(site, inbox, day)
                    resolve(site, run_of(site, day))
            found.append(compute(site, second))
    for table in ("panel.person", "panel.household", "mart.signal", "mart.entitlement"):
        assert_same_but_for_ids(found[0][table], found[1][table])  # what comes later is named later


def id_of_held(site: Site) -> str:
    return site.con.execute("SELECT delivery_id FROM ops.delivery WHERE status = 'held'").fetchall()[0][0]


# ---- withdrawal ----


@pytest.mark.long
def test_from_the_withdrawal_on_the_world_is_without_it(thin: Made, tmp_path: Path) -> None:
    home, (first, second) = copy_home(thin.home, tmp_path / "home"), thin.dates
    inbox, without = thin_inbox(thin.inbox, tmp_path / "inbox"), Home(tmp_path / "without")
    sent(inbox, second, "population").unlink()
    run_dates(without, inbox, thin.dates)
    with open_site(without) as site:
        never = compute(site, second)
    with open_site(home) as site:
        withdraw(site, id_of_now(site, "population", second), "a test file", "a tester")
        assert replay_date(site, first).changed == ()
        assert main_job(site, thin.inbox, second).made_lists  # the list it concerns
        for day in (first, second):
            assert not main_job(site, thin.inbox, day).made_lists
        for table in ("panel.person", "panel.household"):
            made = partition(site.con, table, second).drop("as_of")
            assert_same_but_for_ids(made, never[table].select(made.columns))
    tables = ("core.population", "core.household_member", "core.person", "core.household")
    with reading(home) as now, reading(without) as other:
        # Ids follow the order of arrival, and more had arrived here; so does which half keeps the id.
        for table in tables:
            kind = " WHERE kind = 'hukou'" if "household" in table else ""
            one, two = (con.execute(f"SELECT * FROM {table}{kind}").pl() for con in (now, other))
            assert_same_but_for_ids(one, two)
    assert_conserved(home)


def id_of_now(site: Site, extract: str, day: date) -> str:
    sql = "SELECT delivery_id FROM ops.delivery WHERE extract = ? AND known_date = ?"
    return site.con.execute(sql, [extract, day]).fetchall()[0][0]


def test_a_withdrawn_file_sent_again_later_is_a_new_delivery(thin: Made, tmp_path: Path) -> None:
    home, inbox = copy_home(thin.home, tmp_path / "home"), tmp_path / "inbox"
    source = sent(thin.inbox, thin.dates[1], "benefit_roll")
    send(source, inbox, LATER, f"benefit_roll.2025-09{source.suffix}")
    with open_site(home) as site:
        assert ingest(site, inbox, LATER).new_cnt == 0  # it stands: a no-op
        withdraw(site, id_of_now(site, "benefit_roll", thin.dates[1]), "sent by mistake", "a tester")
        assert ingest(site, thin.inbox, thin.dates[1]).new_cnt == 0  # the old folder brings nothing back
        assert ingest(site, inbox, LATER).new_cnt == 1
    assert [s for _, s in statuses(home, "benefit_roll")] == ["accepted", "withdrawn", "accepted"]


# ---- mended receipts ----


def test_mended_rows_are_added_and_go_away_with_their_delivery(thin: Made, tmp_path: Path) -> None:
    home, inbox, first = Home(tmp_path / "home"), tmp_path / "inbox", thin.dates[0]
    thin_inbox(thin.inbox, inbox, ("population",), dates=1)
    said: list[str] = []

    def spoil(rows: list[list[str]]) -> list[list[str]]:
        header = next(n for n, row in enumerate(rows) if "身份证号" in row)
        column = rows[header].index("救助类别")
        said.append(rows[header + 5][column])
        rows[header + 5][column] = "不知道"
        return rows

    send(sent(thin.inbox, first, "benefit_roll"), inbox, first, "benefit_roll.csv", spoil)
    with open_site(home) as site:
        ingest(site, inbox, first)
        base = id_of_now(site, "benefit_roll", first)
        with site.open_vault(first, "test") as vault:
            write_receipts(site, vault, first)
        (receipt,) = (home.dated("receipts", first) / "civil_affairs").glob("*.xlsx")
        mended = inbox / str(LATER) / "civil_affairs" / "benefit_roll.xlsx"
        mended.parent.mkdir(parents=True)
        mend(receipt, mended, "不知道", said[0])
        count = "SELECT count(*) FROM core.benefit_roll"
        before = site.con.execute(count).fetchall()[0][0]
        assert ingest(site, inbox, LATER).new_cnt == 1
        new = site.con.execute(
            "SELECT delivery_id, status, period_month, rows_loaded, amends_delivery_id FROM ops.delivery "
            "WHERE kind = 'mended'"
        ).fetchall()
        name, status, month, loaded, amends = new[0]
        assert (status, month, amends) == ("accepted", date(2025, 8, 1), base) and loaded >= 1
        assert site.con.execute(count).fetchall()[0][0] == before + loaded
        assert ingest(site, inbox, LATER).new_cnt == 0
        withdraw(site, base, "wrong", "a tester")
        assert site.con.execute(count).fetchall() == [(0,)]
    assert {s for _, s in statuses(home, "benefit_roll")} == {"withdrawn"}
    assert_conserved(home)


# ---- decisions ----


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("release", "nothing", "--reason", "x"), "There is no such delivery."),
        (("release", "{accepted}", "--reason", "x"), "It is accepted"),
        (("withdraw", "{held}", "--reason", "x"), "It is held"),
        (("reject", "{held}", "--reason", " "), "A decision needs a reason."),
        (("release", "{held}", "--reason", "x", "--on", "2025-09-01"), "is earlier"),
        (("release", "{held}", "--reason", "x", "--on", "soon"), "is not a date"),
    ],
)
def test_a_wrong_decision_is_refused_and_the_held_ones_are_named(
    unchanged: tuple[Home, Path],
    thin: Made,
    tmp_path: Path,
    args: tuple[str, ...],
    words: str,
) -> None:
    home = copy_home(unchanged[0], tmp_path / "home")
    first, second = thin.dates
    names = {"held": id_of(home, "benefit_roll", second), "accepted": id_of(home, "benefit_roll", first)}
    with reading(home) as con:
        before = table_hashes(con)
    done = CliRunner().invoke(app, [*(a.format(**names) for a in args), "--home", str(home.root)])
    assert done.exit_code == 1 and words in " ".join(done.output.split()), done.output
    if "soon" not in args:
        assert names["held"] in "".join(done.output.split())
    with reading(home) as con:
        assert table_hashes(con) == before


def test_a_rejected_delivery_stays_out_and_the_reason_is_kept(
    unchanged: tuple[Home, Path], thin: Made, tmp_path: Path
) -> None:
    home = copy_home(unchanged[0], tmp_path / "home")
    name = id_of(home, "benefit_roll", thin.dates[1])
    done = CliRunner().invoke(
        app, ["reject", name, "--reason", "sent twice", "--by", "Li", "--home", str(home.root), "--json"]
    )
    assert done.exit_code == 0, done.output
    assert statuses(home, "benefit_roll")[-1] == (thin.dates[1], "rejected")
    sql = "SELECT event, decided_by, reason FROM ops.delivery_event WHERE delivery_id = "
    assert rows_of(home, f"{sql}'{name}' ORDER BY event_no").rows()[-1] == ("rejected", "Li", "")
    said = json.loads(
        CliRunner().invoke(app, ["status", "--names", "--json", "--home", str(home.root)]).stdout
    )
    assert said["reasons"][0]["reason"] == "sent twice" and said["reasons"][0]["by"] == "Li"
    assert_conserved(home)


def test_a_home_of_the_former_layout_is_refused_in_plain_words(thin: Made, tmp_path: Path) -> None:
    import duckdb

    home = copy_home(thin.home, tmp_path / "home")
    con = duckdb.connect(str(home.warehouse))
    con.execute("DROP MACRO TABLE ops.delivery_at; ALTER TABLE ops.delivery DROP COLUMN period_month")
    con.close()
    done = CliRunner().invoke(app, ["status", "--home", str(home.root)])
    assert done.exit_code == 1 and "made by an earlier version" in done.output, done.output
    assert "zhaoren run --all" in done.output
