"""A made-up year, month by month by the default calendar, with late files, corrected receipts and visits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from time import monotonic

import openpyxl
import polars as pl
import pytest

from flows.context.home import Home
from flows.context.site import Site, open_site
from flows.delivery.summary import run_summary
from flows.evaluation.demo import play_month
from flows.evaluation.truth import read_truth
from flows.main_job import main_job
from province.make import make_province
from tests.helpers.homes import copy_home, mend, rows_of, send, sent
from tests.helpers.sentences import not_plain
from warehouse.casework.key_visits import key_months

pytestmark = pytest.mark.long

PERSONS, MONTHS, SEED = 1500, 12, 7
# Due on the first day, it comes on the second, between two lists.
LATE = {
    "benefit_roll": (date(2025, 11, 5), date(2025, 11, 19)),
    "settlement": (date(2026, 1, 5), date(2026, 2, 3)),
    "disability_card": (date(2026, 4, 5), date(2026, 5, 21)),
    "unemployment": (date(2026, 6, 5), date(2026, 7, 2)),
}
# A benefit roll with a word nobody knows, whose receipt the department sends back corrected.
RETURNED = {date(2025, 9, 5): date(2025, 9, 24), date(2026, 2, 5): date(2026, 3, 2)}
UNKNOWN, COLUMN = "不知道", "救助类别"
SECOND = date(2026, 8, 25)  # a second list of August, asked for
RANKS = {"red": 0, "orange": 1, "yellow": 2, "blue": 3}


@dataclass(frozen=True)
class Year:
    """The finished home; on which days lists were made, and on which files were only taken in."""

    home: Home
    list_days: list[date]
    intake_days: list[date]
    seconds: float


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Year:
    place, started = tmp_path_factory.mktemp("year"), monotonic()
    make_province(PERSONS, MONTHS, SEED, place / "province", 0.05)
    inbox, home = place / "province" / "inbox", Home(place / "home")
    days = sorted(date.fromisoformat(folder.name) for folder in inbox.iterdir())
    for extract, (due, came) in LATE.items():
        _come_late(inbox, extract, due, came)
    right = {day: _spoil(inbox, day) for day in RETURNED}
    made: dict[bool, list[date]] = {True: [], False: []}
    with open_site(home) as site:
        _stop_clock(site)
        truth = read_truth(place / "province" / "truth")
        for day in sorted({*days, *RETURNED.values(), *(came for _, came in LATE.values())}):
            _return_receipts(home, inbox, day, right)
            done = main_job(site, inbox, day)
            assert done.ingested.new_cnt, day
            made[done.made_lists].append(day)
            if done.made_lists:
                play_month(site, truth, day, SEED)
    return Year(home, made[True], made[False], monotonic() - started)


def _stop_clock(site: Site) -> None:
    site.now = lambda: datetime(2026, 9, 30, 12)  # noqa: DTZ001


def _come_late(inbox: Path, extract: str, due: date, came: date) -> None:
    """The extract's file of a day comes on another one, under the month that it reports on."""
    path = sent(inbox, due, extract)
    month = f"{due.year}-{due.month - 1:02}" if due.month > 1 else f"{due.year - 1}-12"
    send(path, inbox, came, f"{extract}.{month}{path.suffix}")
    path.unlink()


def _spoil(inbox: Path, day: date) -> str:
    """Put the unknown word into one row of the day's benefit roll; returns what had stood there."""
    path, was = sent(inbox, day, "benefit_roll"), []

    def edit(rows: list[list[str]]) -> list[list[str]]:
        column = next(row for row in rows if COLUMN in row).index(COLUMN)
        row = next(row for row in rows[6:] if row[column] not in ("", COLUMN))
        was.append(row[column])
        row[column] = UNKNOWN
        return rows

    send(path, inbox, day, "spoilt.csv", edit)
    path.unlink()
    (path.parent / "spoilt.csv").rename(path.parent / "benefit_roll.csv")
    return was[0]


def _return_receipts(home: Home, inbox: Path, day: date, right: dict[date, str]) -> None:
    """The receipts that come back on the day, corrected."""
    for sent_on in (made for made, back in RETURNED.items() if back == day):
        (receipt,) = home.dated("receipts", sent_on).glob("civil_affairs/*benefit_roll*.xlsx")
        mended = inbox / str(day) / "civil_affairs" / "benefit_roll.xlsx"
        mended.parent.mkdir(parents=True)
        mend(receipt, mended, UNKNOWN, right[sent_on])


def alerts_of(home: Home) -> pl.DataFrame:
    return rows_of(home, "SELECT * FROM mart.alert ORDER BY as_of, alert_id").with_columns(
        pl.col("alert_id").str.slice(9).alias("case"), pl.col("as_of").dt.truncate("1mo").alias("month")
    )


def listed_on_paper(folder: Path) -> Iterator[str]:
    """The case numbers on the day's lists, read by another reader than ours."""
    for path in sorted(folder.glob("*.xlsx")):
        for row in openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True):
            yield from (str(cell) for cell in row if re.fullmatch(r"\d{8}", str(cell or "")))


def cases_of(home: Home) -> pl.DataFrame:
    return rows_of(home, "SELECT case_no, case_id, queue FROM mart.case")


def case_numbers_of(cases: pl.DataFrame, alerts: pl.DataFrame) -> list[str]:
    """The numbers of these alerts' cases."""
    named = alerts.with_columns(case_id=pl.col("alert_id").str.extract(r"^\d{8}-(.+)-[NC]$"))
    return sorted(named.join(cases, on=["case_id", "queue"], how="left")["case_no"])


def first_texts(path: Path) -> str:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    return "\n".join(str(row[0].value) for row in sheet.iter_rows(max_row=9) if row[0].value)


def test_lists_are_made_once_a_month_and_never_because_a_file_came(year: Year) -> None:
    """tried §3, last bullet, over a year."""
    assert year.list_days == [date(2025, m, 5) for m in range(9, 13)] + [
        date(2026, m, 5) for m in range(1, 9)
    ]
    assert year.intake_days == sorted([*RETURNED.values(), *(came for _, came in LATE.values())])
    alerts = alerts_of(year.home)
    assert set(alerts["as_of"]) == set(year.list_days)
    for day in year.intake_days:
        kinds = ("worklists", "counties", "compliance")
        assert not any(year.home.dated(kind, day).exists() for kind in kinds)
        assert list(year.home.dated("receipts", day).glob("*/*.xlsx")), day
        assert "没有出名单" in (year.home.dated("reports", day) / "report.html").read_text()
    came = rows_of(year.home, "SELECT kind, status, rows_loaded FROM ops.delivery WHERE known_date NOT IN "
                   "(SELECT DISTINCT as_of FROM mart.alert)")  # fmt: skip
    assert Counter(came["kind"]) == {"full": len(LATE), "mended": len(RETURNED)}
    assert set(came["status"]) == {"accepted"} and (came["rows_loaded"] > 0).all()


def test_a_household_is_on_one_line_a_month(year: Year) -> None:
    """Per calendar month and queue, in the record and on paper."""
    listed = alerts_of(year.home).filter("is_listed")
    for key in ("case", "household_id"):
        named = listed.filter(pl.col(key).is_not_null())
        assert named.select("month", "queue", key).is_duplicated().sum() == 0
    for day in year.list_days:
        paper = [
            *listed_on_paper(year.home.dated("worklists", day)),
            *listed_on_paper(year.home.dated("compliance", day)),
        ]
        assert sorted(paper) == case_numbers_of(cases_of(year.home), listed.filter(as_of=day)), day


def test_what_is_escalated_was_overdue_or_grew_worse(year: Year) -> None:
    alerts = alerts_of(year.home)
    assert {"new", "repeated", "escalated", "suppressed"} <= set(alerts["status"])
    assert rows_of(year.home, "SELECT * FROM mart.outcome").height > 0
    earlier: dict[str, list[tuple[date, int]]] = {}
    for as_of, rows in alerts.group_by("as_of", maintain_order=True):
        for row in rows.filter(status="escalated").iter_rows(named=True):
            before = earlier[row["case"]]
            worse = any(RANKS[row["level"]] < rank for _, rank in before)
            assert worse or any(due < as_of[0] for due, _ in before), row["alert_id"]
        for row in rows.filter("is_listed").iter_rows(named=True):
            earlier.setdefault(row["case"], []).append((row["due_date"], RANKS[row["level"]]))


def test_every_red_household_is_listed_and_those_beyond_the_hours_named_to_their_county(year: Year) -> None:
    """tried §3: list heads, county pages and report say the same numbers."""
    red = alerts_of(year.home).filter(
        pl.col("queue") == "need", pl.col("level") == "red", pl.col("status") != "suppressed"
    )
    assert (red["is_listed"] | red["is_overflow_red"]).all() and red["is_overflow_red"].any()
    assert red.filter(pl.col("town_code").is_not_null())["is_listed"].all()
    cases = cases_of(year.home)  # before the site holds the warehouse
    with open_site(year.home) as site:
        for day in year.list_days:
            today = red.filter(as_of=day)
            beyond = today.filter("is_overflow_red")
            pages = sorted(year.home.dated("counties", day).glob("*.xlsx"))
            assert sorted(_red_ids(pages)) == case_numbers_of(cases, beyond), day
            _assert_heads(year.home, day, beyond)
            lists = run_summary(site, day).lists
            assert lists is not None
            placed = today.filter(pl.col("town_code").is_not_null())
            assert lists["red_cnt"].sum() == placed.height
            assert lists["red_beyond_cnt"].sum() == placed["is_overflow_red"].sum()
            report = (year.home.dated("reports", day) / "report.html").read_text()
            assert f"红色超出 {placed['is_overflow_red'].sum()} 户" in report
    print(_figures(year, red))


def _red_ids(pages: list[Path]) -> Iterator[str]:
    for page in pages:
        for row in openpyxl.load_workbook(page)["红色超出"].iter_rows(values_only=True):
            yield from (str(cell) for cell in row if re.fullmatch(r"\d{8}", str(cell or "")))


def _assert_heads(home: Home, day: date, beyond: pl.DataFrame) -> None:
    """The head of every station's list says how many of its red households are beyond its hours."""
    by_town = Counter(beyond["town_code"])
    for path in home.dated("worklists", day).glob("*.xlsx"):
        said = re.findall(r"红色超出 (\d+) 户", first_texts(path)) or ["0"]
        assert set(said) == {str(by_town[path.name[:9]])}, path.name


def _figures(year: Year, red: pl.DataFrame) -> str:
    alerts = alerts_of(year.home).filter("is_listed")
    households = rows_of(year.home, "SELECT count(DISTINCT household_id) FROM panel.household").item()
    return (
        f"{PERSONS} persons, {households} households, {len(year.list_days)} list days, "
        f"{len(year.intake_days)} other days, "
        f"{alerts.select('as_of', 'town_code').unique().height} lists, {alerts.height} lines, "
        f"red {red.height} = {red['is_listed'].sum()} listed, "
        f"{red['is_overflow_red'].sum()} beyond the hours, "
        f"{year.seconds:.0f} s"
    )


def test_a_second_list_of_a_month_names_what_is_new(year: Year, tmp_path: Path) -> None:
    """tried §3, last bullet: the lists asked for within a month brought every open line again."""
    home, first = copy_home(year.home, tmp_path / "home"), year.list_days[-1]
    with open_site(home) as site:
        _stop_clock(site)
        assert main_job(site, tmp_path / "inbox", SECOND, lists=True).made_lists
    alerts = alerts_of(home).filter("is_listed")
    before, again = alerts.filter(as_of=first), alerts.filter(as_of=SECOND)
    assert before.height and again.height
    for row in again.join(before.select("case", was="level"), on="case").iter_rows(named=True):
        assert RANKS[row["level"]] < RANKS[row["was"]], row["alert_id"]


def test_a_years_lists_stay_within_the_hours_but_for_red_and_key_persons_add_up(year: Year) -> None:
    """Issue 14: no list over its hours but for red; due = done + excused + open, to the unit."""
    stations = rows_of(year.home, "SELECT * FROM mart.station ORDER BY as_of, town_code")
    listed = alerts_of(year.home).filter("is_listed", queue="need").drop_nulls("town_code")
    by_list = listed.group_by("as_of", "town_code").agg(
        pl.len().alias("lines"), pl.col("is_overflow_red").sum()
    )
    both = stations.join(by_list, on=["as_of", "town_code"], how="full", coalesce=True)
    both = both.with_columns(pl.col("lines", "is_overflow_red").fill_null(0))
    assert both.filter(pl.col("lines") != pl.col("listed_cnt")).is_empty()
    over = (pl.col("lines").cast(pl.Int64) - pl.col("capacity")).clip(0)
    assert both.filter(pl.col("is_overflow_red") != over).is_empty()
    assert set(listed.filter("is_overflow_red")["level"]) == {"red"}
    with open_site(year.home) as site:
        months = key_months(site.con, year.list_days[-1])
    by_hand = "SELECT count(DISTINCT (year(as_of), month(as_of), person_id)) FROM mart.key_person"
    due = rows_of(year.home, by_hand).item()
    split = pl.sum_horizontal("done_cnt", "excused_cnt", "open_cnt")
    assert months.filter(pl.col("due_cnt") != split).is_empty()
    assert months["due_cnt"].sum() == due > 0
    print(f"{stations.height} lists, {due} key visits due in {months['month'].n_unique()} months")


def test_every_sentence_of_the_years_lists_is_plain(year: Year) -> None:
    assert not_plain(year.home.root) == {}
