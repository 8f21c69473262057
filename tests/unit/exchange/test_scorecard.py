"""The score card: figures from a small real warehouse, and the workbook as a second reader sees it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import openpyxl
import polars as pl
import pytest

from data_contracts.loading.contracts import load_contracts
from exchange.reports.scorecard import timeliness_zh, trend_zh, write_scorecard
from policies.loading import load_catalogue
from tests.helpers.warehouses import empty_warehouse, put_rows
from warehouse.casework.matters import objections
from warehouse.deliveries.scorecard import scorecard, top_faults

CONTRACTS = load_contracts()
FACTS = load_catalogue().facts
AS_OF = date(2025, 12, 5)
AUGUST, SEPTEMBER, OCTOBER, NOVEMBER = (date(2025, month, 1) for month in (8, 9, 10, 11))


def delivered(con: duckdb.DuckDBPyConnection, extract: str, known: date, **more: object) -> str:
    """One delivery on record, with the event that made it what it is."""
    row: dict[str, object] = {
        "delivery_id": f"{known:%Y%m%d}-{extract}-{more.get('part', '')}{more.get('kind', '')}",
        "department": next(c.department for c in CONTRACTS.values() if c.extract == extract),
        "extract": extract, "file_name": f"{extract}.csv", "known_date": known, "status": "accepted",
        "rows_read": 100, "rows_loaded": 90, "rows_quarantined": 8, "rows_duplicate": 2,
        "period_month": date(known.year, known.month - 1, 1), "part": "", "kind": "full",
    } | more  # fmt: skip
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    con.execute(f"INSERT INTO ops.delivery ({names}) VALUES ({marks})", list(row.values()))
    con.execute(
        "INSERT INTO ops.delivery_event SELECT ?, ?, ?, NULL, 'rules', '', NULL, count(*) "
        "FROM ops.delivery_event",
        [row["delivery_id"], row["status"], known],
    )
    return str(row["delivery_id"])


def faulty(con: duckdb.DuckDBPyConnection, delivery: str, rows: int, rule: str, start: int = 1) -> None:
    con.execute(
        "INSERT INTO ops.quarantine SELECT ?, range, ?, 'x', '错' FROM range(?, ?)",
        [delivery, rule, start, start + rows],
    )


def unknown(con: duckdb.DuckDBPyConnection, as_of: date, household: str, missing: str) -> None:
    row = {"as_of": as_of, "household_id": household, "missing_facts": missing}
    answer = pl.DataFrame([row | {"benefit_id": "dibao", "eligible": "unknown"}])
    put_rows(con, "mart.entitlement", answer)


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    con = empty_warehouse(tmp_path / "w.duckdb")
    for known in (date(2025, 9, 5), date(2025, 10, 5), date(2025, 11, 5), AS_OF):
        con.executemany(
            "INSERT INTO mart.staleness VALUES (?, ?, ?, ?, 0, false, false, false)",
            [[known, c.department, c.extract, known] for c in CONTRACTS.values()],
        )
    yield con
    con.close()


def card(con: duckdb.DuckDBPyConnection, extract: str, as_of: date = AS_OF) -> dict[date, dict[str, object]]:
    rows = scorecard(con, as_of, CONTRACTS, FACTS.values()).filter(extract=extract)
    return {row["period_month"]: row for row in rows.iter_rows(named=True)}


def test_each_month_is_in_time_late_or_missing(con: duckdb.DuckDBPyConnection) -> None:
    delivered(con, "population", date(2025, 9, 11))  # 10 days of grace after August
    delivered(con, "population", date(2025, 10, 14))
    rows = card(con, "population")
    assert [(m, r["timeliness"], r["late_days"]) for m, r in rows.items()] == [
        (AUGUST, "on_time", 0),
        (SEPTEMBER, "late", 3),
        (OCTOBER, "missing", 24),
        (NOVEMBER, "pending", None),
    ]


def test_what_is_promised_by_the_quarter_is_not_missed_in_between(con: duckdb.DuckDBPyConnection) -> None:
    delivered(con, "housing_security", date(2025, 9, 5))
    assert [r["timeliness"] for r in card(con, "housing_security").values()] == [
        *("on_time", "not_due", "not_due", "pending")
    ]


def test_what_comes_as_it_happens_is_never_late(con: duckdb.DuckDBPyConnection) -> None:
    delivered(con, "disaster", date(2025, 9, 5), period_month=date(2025, 9, 5))
    rows = card(con, "disaster")
    assert {r["timeliness"] for r in rows.values()} == {"event"}
    assert rows[AUGUST]["row_cnt"] == 100


def test_shares_are_of_the_rows_that_count(con: duckdb.DuckDBPyConnection) -> None:
    first = delivered(con, "population", date(2025, 9, 5), status="held", rows_quarantined=98, rows_loaded=0)
    faulty(con, first, 5, "public_security.population.id_number.required")
    faulty(con, first, 98, "public_security.population.delivery_held")
    con.execute(
        "INSERT INTO ops.repair VALUES (?, 1, 'name', 'space'), (?, 1, 'sex_code', 'space')", [first] * 2
    )
    row = card(con, "population")[AUGUST]
    assert (row["faulty_share"], row["repaired_share"], row["duplicate_share"]) == (0.05, 0.01, 0.02)
    assert (row["held_cnt"], row["delivery_cnt"], row["timeliness"]) == (1, 1, "on_time")


def test_a_correction_counts_and_its_rows_replace_the_first(con: duckdb.DuckDBPyConnection) -> None:
    first = delivered(con, "population", date(2025, 9, 5))
    faulty(con, first, 40, "a.b.c")
    second = delivered(con, "population", date(2025, 9, 20), rows_read=200)
    faulty(con, second, 2, "a.b.c")
    row = card(con, "population")[AUGUST]
    assert (row["faulty_share"], row["row_cnt"], row["corrected_cnt"]) == (0.01, 200, 1)
    assert row["timeliness"] == "on_time"  # the first came in time
    assert card(con, "population", date(2025, 9, 10))[AUGUST]["faulty_share"] == 0.4  # as it was known then


def test_households_are_counted_for_who_could_have_told(con: duckdb.DuckDBPyConnection) -> None:
    """income has three sources; age only the population; has_supporter nobody's."""
    before, now = date(2025, 11, 5), AS_OF
    delivered(con, "population", date(2025, 9, 5))
    unknown(con, before, "H1", "age_years")
    unknown(con, now, "H1", "age_years")
    unknown(con, now, "H2", "household_income_yuan_month,age_years,has_supporter")
    unknown(con, now, "H3", "age_years,member_cnt")
    counts = ("unjudged_household_cnt", "unjudged_only_cnt", "unjudged_new_cnt")
    assert set(FACTS["household.member_cnt"].sources) == {"population", "cremation_marriage"}
    assert [card(con, "population")[NOVEMBER][c] for c in counts] == [3, 1, 2]
    assert [card(con, "benefit_roll")[NOVEMBER][c] for c in counts] == [1, 0, 1]
    assert [card(con, "population")[OCTOBER][c] for c in counts] == [1, 1, 1]
    assert [card(con, "enrolment")[NOVEMBER][c] for c in counts] == [0, 0, 0]


def test_top_faults_are_compared_with_the_delivery_before(con: duckdb.DuckDBPyConnection) -> None:
    first, second = (delivered(con, "population", date(2025, month, 5)) for month in (9, 11))
    faulty(con, first, 10, "a.b.number")
    faulty(con, second, 5, "a.b.number")
    faulty(con, second, 7, "a.b.sex", start=20)
    rows = top_faults(con, AS_OF).select("period_month", "rule_id", "faulty_cnt", "previous_share").rows()
    assert rows == [
        (AUGUST, "a.b.number", 10, None),
        (OCTOBER, "a.b.sex", 7, 0.0),
        (OCTOBER, "a.b.number", 5, 0.1),
    ]


def test_an_empty_file_has_no_shares(con: duckdb.DuckDBPyConnection) -> None:
    delivered(con, "population", date(2025, 9, 5), rows_read=0, rows_loaded=0, rows_quarantined=0)
    row = card(con, "population")[AUGUST]
    assert (row["row_cnt"], row["faulty_share"], row["duplicate_share"]) == (0, None, None)


def test_an_empty_warehouse_gives_an_empty_card(con: duckdb.DuckDBPyConnection) -> None:
    assert scorecard(con, AS_OF, CONTRACTS, FACTS.values()).is_empty()
    assert top_faults(con, AS_OF).is_empty()


@pytest.fixture
def book(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> Path:
    faulty(con, delivered(con, "population", date(2025, 9, 5)), 10, "a.b.number")
    faulty(con, delivered(con, "population", date(2025, 10, 14)), 4, "a.b.number")
    named = pl.lit("户籍人口").alias("extract_zh")
    own = scorecard(con, AS_OF, CONTRACTS, FACTS.values()).filter(extract="population").with_columns(named)
    for name in ("card.xlsx", "again.xlsx"):
        write_scorecard(tmp_path / name, "公安部门", AS_OF, own, top_faults(con, AS_OF).with_columns(named))
    return tmp_path / "card.xlsx"


def test_the_workbook_says_it_in_words_and_draws_it(book: Path) -> None:
    sheets = openpyxl.load_workbook(book)
    assert sheets.sheetnames == ["总览", "明细"]
    overview = [[cell.value for cell in row] for row in sheets["总览"].iter_rows()]
    line = next(row for row in overview if row[0] == "户籍人口")
    assert line[1:6] == ["2025年9月", "迟到 3 天；2025年10月未收到，已过期 24 天", 100, 0.04, "↓ 减少"]
    assert ["户籍人口", "错", 4, 0.04, 0.1, "↓ 减少"] in [row[:6] for row in overview]
    (chart,) = sheets["总览"]._charts
    assert len(chart.series) == 1
    detail = {row[1]: row for row in sheets["明细"].iter_rows(min_row=2, values_only=True)}
    assert [detail[month][4] for month in ("2025-08", "2025-09", "2025-11")] == [
        *("按时", "迟到 3 天", "尚未到期")
    ]
    assert detail["2025-10"][4] == "未收到，已过期 24 天"


def test_the_same_card_has_the_same_bytes(book: Path) -> None:
    assert book.read_bytes() == book.with_name("again.xlsx").read_bytes()


def test_words_for_a_trend_and_for_what_waits() -> None:
    assert [trend_zh(*pair) for pair in ((0.1, None), (0.1, 0.1002), (0.2, 0.1), (None, 0.1))] == [
        *("首期", "→ 持平", "↑ 增加", "")
    ]
    row = {"timeliness": "late", "late_days": 2, "held_cnt": 1, "rejected_cnt": 0}
    assert timeliness_zh(row) == "迟到 2 天（有暂缓）"


def test_what_visits_found_wrong_stands_on_the_card_of_the_department(tmp_path: Path) -> None:
    with empty_warehouse(tmp_path / "w.duckdb") as con:
        for step, subject, events in (
            ("S1", "civil_affairs.dibao_roll.amount", ("raised", "passed_on", "corrected")),
            ("S2", "civil_affairs.dibao_roll", ("raised", "passed_on")),
            ("S3", "health.major_illness.own_paid_yuan", ("raised", "upheld")),
            ("S4", None, ("raised",)),
        ):
            same = {"step_id": step, "kind_code": "objection", "subject": subject, "known_date": AS_OF}
            rows = [same | {"step_no": no, "event_code": event} for no, event in enumerate(events, start=1)]
            put_rows(con, "mart.step", pl.DataFrame(rows, schema_overrides={"subject": pl.String}))
        told = objections(con, AS_OF)
        assert told.rows() == [
            ("civil_affairs", "dibao_roll", 2, 1, 0, 1),
            ("health", "major_illness", 1, 0, 1, 0),
        ]
        assert objections(con, SEPTEMBER).is_empty()
        delivered(con, "major_illness", date(2025, 12, 3))
        named = pl.col("extract").alias("extract_zh")
        card = scorecard(con, AS_OF, CONTRACTS).with_columns(named).filter(department="health")
        faults = top_faults(con, AS_OF).with_columns(named)
    path = tmp_path / "card.xlsx"
    write_scorecard(path, "卫生健康", AS_OF, card, faults, objections=told.tail(1).with_columns(named))
    shown = list(openpyxl.load_workbook(path)["总览"].iter_rows(values_only=True))
    at = next(place for place, row in enumerate(shown) if str(row[0]).startswith("入户核实反馈"))
    assert shown[at + 2][:5] == ("major_illness", 1, 0, 1, 0)
