"""Doubtful pairs on their way: asked on a sheet, answered, kept, followed next month, not asked twice."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from typer.testing import CliRunner

from exchange.lists.identity_review import SHEET_NAME
from flows.actions.replay import replay_date
from flows.cli.app import app
from flows.context.home import Home
from flows.context.site import open_site
from tests.helpers.homes import Made, copy_home, rows_of, run_dates
from tests.helpers.lists import columns_of, header_row
from warehouse.database.archive import archive_path
from warehouse.database.connection import fetch
from warehouse.identity.identity_decisions import decisions_at
from warehouse.written.words import IDENTITY_DECISION, written

SECRET = "查了户籍，是李某某，440604196105031234"
Fill = Callable[[str], str | None]


@pytest.fixture(scope="module")
def asked(thin_first: Made) -> Home:
    """The first month only: its questions are open. Look, do not change."""
    return thin_first.home


@pytest.fixture
def home(asked: Home, tmp_path: Path) -> Home:
    return copy_home(asked, tmp_path / "home")


def sheet_of(home: Home, day: date) -> Path:
    return home.dated("reviews", day) / "identity.xlsx"


def lines_of(path: Path) -> list[str]:
    """The case numbers on a sheet, in printing order."""
    sheet = openpyxl.load_workbook(path)[SHEET_NAME]
    place = columns_of(sheet)["个案编号"]
    cells = (sheet.cell(row, place).value for row in range(header_row(sheet) + 1, sheet.max_row + 1))
    return [str(cell) for cell in cells if cell]


def fill(path: Path, out: Path, verdict: Fill, **more: object) -> Path:
    """A copy of the sheet filled in by another program: what each case's verdict is, None to leave it."""
    book = openpyxl.load_workbook(path)
    sheet = book[SHEET_NAME]
    columns = columns_of(sheet)
    for row in range(header_row(sheet) + 1, sheet.max_row + 1):
        case = sheet.cell(row, columns["个案编号"]).value
        if case and (told := verdict(str(case))):
            signed = {"结论": told, "依据": SECRET, "核对人": "甲", "核对日期": more["on"]}
            for heading, value in signed.items():
                sheet.cell(row, columns[heading]).value = value
    book.save(out)
    return out


def hand_in(home: Home, path: Path, received: date) -> dict:
    """What `zhaoren feedback` says of one file."""
    args = ["feedback", str(path), "--home", str(home.root), "--received", str(received), "--json"]
    done = CliRunner().invoke(app, args)
    (told,) = json.loads(done.stdout)
    assert done.exit_code == (1 if told["problems"] and not told["decisions"] else 0), done.output
    return told


def questions(home: Home, day: date) -> pl.DataFrame:
    return rows_of(home, f"SELECT * FROM ops.identity_question WHERE as_of = '{day}' ORDER BY ALL")


def answered(home: Home, day: date, tmp_path: Path, verdict: str, received: date) -> dict:
    """Everything on the day's sheet answered alike, handed in."""
    path = fill(sheet_of(home, day), tmp_path / f"{verdict}.xlsx", lambda case: verdict, on=day)
    return hand_in(home, path, received)


def test_every_doubtful_pair_is_asked_and_rows_that_read_the_same_are_asked_once(
    asked: Home, thin: Made
) -> None:
    day = thin.dates[0]
    told, on_sheet = questions(asked, day), lines_of(sheet_of(asked, day))
    assert on_sheet and set(on_sheet) == set(told["asked_as"])
    assert len(on_sheet) == len(set(on_sheet)) < told.height
    of_one = told.group_by("asked_as").agg(pl.col("other_person_id").n_unique(), pl.len())
    assert (of_one["len"] > 1).any()
    assert (
        told["person_id"]
        .is_in(rows_of(asked, "SELECT person_id FROM core._identity")["person_id"].implode())
        .all()
    )


def test_the_sheet_is_its_owners_alone(asked: Home, thin: Made) -> None:
    assert stat.S_IMODE(sheet_of(asked, thin.dates[0]).stat().st_mode) == 0o600


def test_answers_are_kept_with_their_reasons_in_the_vault_alone(
    home: Home, thin: Made, tmp_path: Path
) -> None:
    day = thin.dates[0]
    told = answered(home, day, tmp_path, "是 ", day + timedelta(days=3))
    count = len(lines_of(sheet_of(home, day)))
    assert (told["decisions"], told["outcomes"], told["problems"]) == (count, 0, [])
    kept = rows_of(home, "SELECT * FROM ops.identity_decision ORDER BY case_id")
    assert kept["case_id"].to_list() == questions(home, day)["case_id"].sort().to_list()
    assert set(kept["decision"]) == {"same"}
    assert SECRET not in kept.write_csv()
    with open_site(home) as site, site.open_vault(day, "test") as vault:
        assert set(written(vault, IDENTITY_DECISION)["author"]) == {"甲"}
        reasons = fetch(vault.con, "SELECT case_id, reason, known_date FROM v.identity_reason")
        assert decisions_at(site.con, day).is_empty()
        assert decisions_at(site.con, day + timedelta(days=3)).height == kept.height
    assert set(reasons["known_date"]) == {day + timedelta(days=3)}
    assert set(reasons["reason"]) == {SECRET} and set(reasons["case_id"]) == set(kept["case_id"])
    assert archive_path(home.archive, kept["file_sha256"][0]).exists()


def test_the_same_file_twice_is_taken_once(home: Home, thin: Made, tmp_path: Path) -> None:
    day = thin.dates[0]
    first = answered(home, day, tmp_path, "同一人", day)
    before = rows_of(home, "SELECT * FROM ops.identity_decision ORDER BY ALL")
    again = hand_in(home, tmp_path / "同一人.xlsx", day + timedelta(days=9))
    assert (first["was_known"], again["was_known"], again["decisions"]) == (False, True, 0)
    assert rows_of(home, "SELECT * FROM ops.identity_decision ORDER BY ALL").equals(before)


def test_a_later_file_goes_before_an_earlier_one_and_the_past_stays(
    home: Home, thin: Made, tmp_path: Path
) -> None:
    day = thin.dates[0]
    answered(home, day, tmp_path, "同一人", day)
    answered(home, day, tmp_path, "不是同一人", day + timedelta(days=5))
    answered(home, day, tmp_path, "无法判断", day + timedelta(days=5))
    with open_site(home) as site:
        seen = {n: set(decisions_at(site.con, day + timedelta(days=n))["decision"]) for n in (0, 4, 5)}
    assert seen == {0: {"same"}, 4: {"same"}, 5: {"unsure"}}


def links(home: Home) -> list[tuple]:
    return rows_of(
        home,
        "SELECT person_id, other_person_id, tier, decided_by FROM core._person_link WHERE known_to IS NULL "
        "ORDER BY ALL",
    ).rows()


def test_one_person_by_review_is_one_person_the_next_month(home: Home, thin: Made, tmp_path: Path) -> None:
    first, second = thin.dates
    told = questions(home, first)
    answered(home, first, tmp_path, "同一人", first + timedelta(days=3))
    assert run_dates(home, thin.inbox, [second], publish=False) == [True]
    found = {(other, one, 0, "review") for one, other in told.select("person_id", "other_person_id").rows()}
    assert found <= set(links(home))
    lost = told["other_person_id"].to_list()
    assert sum(person in lost for person, *_ in links(home)) == len(lost), "nobody is linked twice"
    assert not set(questions(home, second)["case_id"]) & set(told["case_id"])
    aliases = rows_of(home, "SELECT person_id, same_as FROM core.person_alias").rows()
    assert {(other, one) for other, one, *_ in found} <= set(aliases)
    with open_site(home) as site:
        again = replay_date(site, first)
    assert again.same_cnt > 0 and again.changed == (), "the list before the answer stays as it was"


@pytest.mark.long
def test_two_persons_by_review_are_never_asked_about_or_linked(
    home: Home, thin: Made, tmp_path: Path
) -> None:
    first, second = thin.dates
    told = questions(home, first)
    answered(home, first, tmp_path, "2", first + timedelta(days=3))
    assert run_dates(home, thin.inbox, [second], publish=False) == [True]
    apart = set(told.select("person_id", "other_person_id").rows())
    assert not {(other, one) for one, other, *_ in links(home)} & apart
    assert not set(questions(home, second)["case_id"]) & set(told["case_id"])


@pytest.mark.long
def test_what_nobody_could_decide_rests_and_what_nobody_answered_is_asked_again(
    home: Home, thin: Made, tmp_path: Path
) -> None:
    first, second = thin.dates
    case, *rest = lines_of(sheet_of(home, first))
    assert rest
    path = fill(
        sheet_of(home, first), tmp_path / "one.xlsx", lambda c: "无法判断" if c == case else None, on=first
    )
    assert hand_in(home, path, first)["decisions"] == 1
    assert run_dates(home, thin.inbox, [second], publish=False) == [True]
    again = lines_of(sheet_of(home, second))
    assert case not in again and set(rest) & set(again)


def test_an_answer_against_a_rules_link_ends_it_and_joins_no_two_numbers(
    home: Home, thin: Made, tmp_path: Path
) -> None:
    """Asked while open, found by a rule before the answer came: the reviewer's word counts."""
    first, second = thin.dates
    told = questions(home, first).row(0, named=True)
    known, lost = told["person_id"], told["other_person_id"]
    other = rows_of(
        home, f"SELECT min(person_id) FROM core._identity WHERE has_number AND person_id <> '{known}'"
    ).item()
    with open_site(home) as site:
        site.con.execute(
            "INSERT INTO core._person_link VALUES (?, ?, 3, 'likeness', 0.99, 'rules', ?, NULL)",
            [lost, other, first],
        )
    answered(home, first, tmp_path, "同一人", first + timedelta(days=3))
    assert run_dates(home, thin.inbox, [second], publish=False) == [True]
    assert [line[1:] for line in links(home) if line[0] == lost] == [(known, 0, "review")]
    split = rows_of(
        home, f"SELECT event, other_person_id, known_date FROM ops.identity_event WHERE person_id = '{lost}'"
    )
    assert {("split", other, second), ("merge", known, second)} == set(split.rows())


def test_contradicting_answers_are_named_and_the_others_kept(home: Home, thin: Made, tmp_path: Path) -> None:
    """One record is said to be two people with a number each: neither answer is taken."""
    day = thin.dates[0]
    case = lines_of(sheet_of(home, day))[0]
    lost = questions(home, day).filter(asked_as=case)["other_person_id"][0]
    with open_site(home) as site:
        other = site.con.execute(
            "SELECT min(person_id) FROM core._identity WHERE has_number AND person_id NOT IN "
            "(SELECT person_id FROM ops.identity_question)"
        ).fetchall()[0][0]
        site.con.execute(
            "INSERT INTO ops.identity_decision VALUES ('Qelsewhere', ?, ?, 'same', ?, ?, 'x', 0)",
            [other, lost, day, day],
        )
    told = answered(home, day, tmp_path, "同一人", day)
    assert told["decisions"] == len(lines_of(sheet_of(home, day))) - 1
    (problem,) = told["problems"]
    assert problem.startswith("第") and "前后矛盾" in problem
    kept = rows_of(home, "SELECT other_person_id FROM ops.identity_decision WHERE file_sha256 <> 'x'")
    assert lost not in kept["other_person_id"]


def test_a_sheet_of_another_home_is_taken_in_nowhere(home: Home, thin: Made, tmp_path: Path) -> None:
    day = thin.dates[0]
    path = fill(sheet_of(home, day), tmp_path / "f.xlsx", lambda case: "同一人", on=day)
    with open_site(home) as site:
        site.con.execute("DELETE FROM ops.identity_question")
    told = hand_in(home, path, day)
    assert told["decisions"] == 0
    assert len(told["problems"]) == len(lines_of(path))
    assert all("不在已下发的名单中" in problem for problem in told["problems"])


def test_visit_lists_and_reviews_are_handed_in_together(home: Home, thin: Made, tmp_path: Path) -> None:
    day = thin.dates[0]
    review = fill(sheet_of(home, day), tmp_path / "review.xlsx", lambda case: "3", on=day)
    visits = sorted(home.dated("worklists", day).glob("*.xlsx"))[0]
    args = ["feedback", str(review), str(visits), "--home", str(home.root), "--received", str(day)]
    done = CliRunner().invoke(app, args)
    assert done.exit_code == 0, done.output
    count = len(lines_of(review))
    assert f".xlsx: {count} decisions, 0 problems" in done.output
    assert f"{visits.name[:9]}.xlsx: 0 outcomes, 0 problems" in done.output
