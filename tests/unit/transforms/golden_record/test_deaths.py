"""Deaths: reported, confirmed, contradicted; which alerts each of them rests, and which it may raise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from policies.engine.evaluate_signals import evaluate_signals
from policies.loading import load_catalogue
from tests.helpers.casework import put_visits
from tests.helpers.core import (
    ADULT,
    AS_OF,
    CHILD,
    FEB,
    JAN,
    MAR,
    core_of,
    core_rows,
    golden,
    household,
    one_home,
    panels,
    pay,
    persons,
    population,
    resident,
    survivorship,
)
from tests.helpers.warehouses import empty_warehouse
from tests.helpers.whole_core import core_frames
from warehouse.identity.golden_record import golden_record_frames

DIED = date(2026, 1, 12)
LATER = date(2026, 12, 10)


def police(*, status: str = "active", cancelled: date | None = None, known: date = JAN) -> pl.DataFrame:
    return population(
        resident("a", ADULT, registration_status_code=status, cancel_date=cancelled), known=known
    )


def burnt(*days: date, known: date = FEB, record: int = 0) -> pl.DataFrame:
    rows = [
        {
            "record_no": str(record + i),
            "person_id": "a",
            "vital_event_code": "cremation",
            "registered_date": day,
        }
        for i, day in enumerate(days)
    ]
    return core_rows("cremation_marriage", known, rows)


def stopped(day: date = date(2026, 2, 1), known: date = FEB) -> pl.DataFrame:
    row = {"person_id": "a", "category_code": "dibao", "stop_date": day, "stop_reason_code": "death"}
    return core_rows("benefit_roll", known, [row])


def visit(day: date = FEB, known: date = FEB) -> pl.DataFrame:
    return pl.DataFrame({"person_id": ["a"], "found_date": [day], "known_date": [known]})


def bill(day: date, known: date, status: str = "valid") -> pl.DataFrame:
    row = {"person_id": "a", "settlement_id": "1", "settlement_date": day, "settlement_status_code": status}
    return core_rows("settlement", known, [row])


def certified(day: date, known: date) -> pl.DataFrame:
    return core_rows("elder_care", known, [{"person_id": "a", "last_certified_date": day}])


def fate(core: dict[str, Any], as_of: date = AS_OF) -> tuple[Any, ...]:
    """is_alive, death_date, death_source, sources, state, conflict of the one person."""
    found = golden(core, as_of).persons.filter(pl.col("person_id") == "a")
    names = (
        "is_alive",
        "death_date",
        "death_source",
        "death_source_cnt",
        "death_state",
        "has_death_conflict",
    )
    return tuple(found.select(names).row(0))


# ---- the worked examples: who says what by when → what is believed ----

GONE = police(status="dead", cancelled=date(2026, 2, 20), known=MAR)
OCT, DEC = date(2026, 10, 5), date(2026, 12, 5)
STILL = police(known=DEC)  # the roll of November still has them
EXAMPLES: dict[str, tuple[dict[str, Any], date, tuple[Any, ...]]] = {
    "nobody says so": (
        {"population": police()},
        AS_OF,
        (True, None, None, 0, "none", False),
    ),
    "police alone": (
        {"population": GONE},
        AS_OF,
        (False, date(2026, 2, 20), "population", 1, "reported", False),
    ),
    "police without a date": (
        {"population": police(status="dead")},
        AS_OF,
        (False, None, "population", 1, "reported", False),
    ),
    "the crematorium alone, police not yet": (
        {"population": police(), "cremation_marriage": burnt(DIED)},
        AS_OF,
        (False, DIED, "cremation_marriage", 1, "reported", False),
    ),
    "both: confirmed, and the cremation is nearer to the death": (
        {"population": GONE, "cremation_marriage": burnt(DIED)},
        AS_OF,
        (False, DIED, "cremation_marriage", 2, "confirmed", False),
    ),
    "two cremation records: the date told last, and a conflict": (
        {
            "population": police(),
            "cremation_marriage": [burnt(DIED), burnt(date(2025, 9, 20), known=MAR, record=7)],
        },
        AS_OF,
        (False, date(2025, 9, 20), "cremation_marriage", 1, "reported", True),
    ),
    "one cremation record corrected: no conflict": (
        {"population": police(), "cremation_marriage": [burnt(DIED), burnt(date(2025, 9, 20), known=MAR)]},
        AS_OF,
        (False, date(2025, 9, 20), "cremation_marriage", 1, "reported", False),
    ),
    "civil affairs stopped paying on death: no register, the person stays in sight": (
        {"population": police(), "benefit_roll": stopped()},
        AS_OF,
        (True, date(2026, 2, 1), "benefit_roll", 1, "reported", False),
    ),
    "civil affairs repeats the crematorium: still one source": (
        {"population": police(), "cremation_marriage": burnt(DIED), "benefit_roll": stopped()},
        AS_OF,
        (False, DIED, "cremation_marriage", 1, "reported", False),
    ),
    "a visit confirms by itself": (
        {"population": police(), "death_visit": visit()},
        AS_OF,
        (False, FEB, "death_visit", 1, "confirmed", False),
    ),
    "a cremation date that lies ahead is no date": (
        {"population": police(), "cremation_marriage": burnt(date(2027, 1, 1))},
        AS_OF,
        (False, None, "cremation_marriage", 1, "reported", False),
    ),
    "dead, then active again: police took it back": (
        {"population": [police(status="dead", cancelled=JAN), police(known=FEB)]},
        AS_OF,
        (True, None, None, 0, "none", False),
    ),
    "burnt by the record, taken back by the police": (
        {
            "population": [police(status="dead", cancelled=JAN), police(known=FEB)],
            "cremation_marriage": burnt(DIED),
        },
        AS_OF,
        (True, DIED, "cremation_marriage", 1, "contradicted", True),
    ),
    "taken back so long ago that the roll is no longer read": (
        {
            "population": police(known=FEB),
            "cremation_marriage": burnt(DIED),
            "once_dead": pl.DataFrame({"person_id": ["a"], "extract": ["population"]}),
        },
        AS_OF,
        (True, DIED, "cremation_marriage", 1, "contradicted", True),
    ),
    "still on the roll eleven months on": (
        {"population": STILL, "cremation_marriage": burnt(DIED)},
        LATER,
        (True, DIED, "cremation_marriage", 1, "contradicted", True),
    ),
    "the last bill comes soon after": (
        {"population": GONE, "settlement": bill(date(2026, 3, 1), MAR)},
        AS_OF,
        (False, date(2026, 2, 20), "population", 1, "reported", False),
    ),
    "a bill half a year on, against one register": (
        {"population": GONE, "settlement": bill(date(2026, 9, 1), OCT)},
        LATER,
        (True, date(2026, 2, 20), "population", 1, "contradicted", True),
    ),
    "a bill taken back says nothing": (
        {"population": GONE, "settlement": bill(date(2026, 9, 1), OCT, "reversed")},
        LATER,
        (False, date(2026, 2, 20), "population", 1, "reported", False),
    ),
    "one bill against two registers: confirmed, and listed": (
        {"population": GONE, "cremation_marriage": burnt(DIED), "settlement": bill(date(2026, 9, 1), OCT)},
        LATER,
        (False, DIED, "cremation_marriage", 2, "confirmed", True),
    ),
    "a bill and a certificate of life against two registers": (
        {
            "population": GONE,
            "cremation_marriage": burnt(DIED),
            "settlement": bill(date(2026, 9, 1), OCT),
            "elder_care": certified(date(2026, 8, 1), OCT),
        },
        LATER,
        (True, DIED, "cremation_marriage", 2, "contradicted", True),
    ),
    "one bill does not undo a visit": (
        {"population": police(), "death_visit": visit(), "settlement": bill(date(2026, 9, 1), OCT)},
        AS_OF + timedelta(days=220),
        (False, FEB, "death_visit", 1, "confirmed", True),
    ),
}


@pytest.mark.parametrize("case", EXAMPLES)
def test_what_is_believed(case: str) -> None:
    frames, as_of, expected = EXAMPLES[case]
    assert fate(core_of(**frames), as_of) == expected


def test_a_pension_that_ended_is_no_word_of_death() -> None:
    """人社 gives no reason for a stop: people stop paying for many."""
    row = {"person_id": "a", "pension_type_code": "resident", "pension_status_code": "stopped"}
    core = core_of(population=police(), pension_insurance=core_rows("pension_insurance", FEB, [row]))
    assert fate(core) == (True, None, None, 0, "none", False)


def test_without_a_register_of_deaths_nothing_is_known() -> None:
    core = core_of(enrolment=core_rows("enrolment", JAN, [{"person_id": "a"}]))
    assert fate(core) == (None, None, None, None, None, False)


def test_only_what_was_known_by_the_day_counts() -> None:
    core = core_of(population=[police(), GONE], cremation_marriage=burnt(DIED), death_visit=visit(known=MAR))
    told = [fate(core, day)[3:5] for day in (JAN, FEB, MAR)]
    assert told == [(0, "none"), (1, "reported"), (3, "confirmed")]


def test_every_date_and_every_sign_of_life_is_listed() -> None:
    core = core_of(
        population=GONE,
        cremation_marriage=[burnt(DIED), burnt(date(2025, 3, 1), known=MAR, record=7)],
        settlement=bill(date(2026, 9, 1), OCT),
    )
    listed = golden(core, LATER).conflicts.drop("person_id")
    assert listed.rows() == [
        ("death_date", "2025-03-01", "cremation_marriage", MAR, True),
        ("death_date", "2026-01-12", "cremation_marriage", FEB, False),
        ("death_date", "2026-02-20", "population", MAR, False),
        ("seen_alive", "2026-09-01", "settlement", OCT, False),
    ]


def test_two_records_of_one_register_are_both_kept() -> None:
    core = core_of(population=police(), cremation_marriage=burnt(DIED, date(2025, 3, 1)))
    listed = golden(core, AS_OF).conflicts
    assert listed["value"].to_list() == ["2025-03-01", "2026-01-12"] and listed["is_chosen"].sum() == 1


# ---- what it means for alerts ----


def fired(core: dict[str, Any], as_of: date) -> dict[str, str]:
    """signal -> sentence of what fires on person a."""
    cat = load_catalogue()
    rules = survivorship()
    confirming = cat.parameter("identity.death_confirming_source_cnt").at(as_of)
    assert confirming and rules.deaths.confirming_cnt == confirming.value
    found = evaluate_signals(cat, *panels(core, as_of), as_of).filter(pl.col("person_id") == "a")
    return dict(found.select("signal_id", "sentence_zh").iter_rows())


def on_dibao(known: date = MAR) -> pl.DataFrame:
    return core_rows("benefit_roll", known, [pay("a")])


MAY = date(2026, 5, 10)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"population": GONE}, None),
        ({"population": police(), "cremation_marriage": burnt(DIED)}, None),
        (
            {"population": GONE, "cremation_marriage": burnt(DIED)},
            "有2处信息显示本人已于2026年1月12日去世，名册中仍有待遇在发放",
        ),
        (
            {"population": police(), "death_visit": visit()},
            "走访核实本人已去世（记录日期2026年2月5日），名册中仍有待遇在发放",
        ),
    ],
    ids=["police alone", "crematorium alone", "both", "a visit"],
)
def test_the_compliance_alert_needs_a_confirmed_death(told: dict[str, Any], sentence: str | None) -> None:
    core = core_of(**told, benefit_roll=on_dibao(), household_member=one_home("a"))
    assert fired(core, MAY).get("C01") == sentence


def test_whatever_would_raise_a_need_alert_speaks_against_a_single_report() -> None:
    """Called dead by one register, then newly ill: the alert goes out, no payment is doubted."""
    ill = {"record_no": "1", "person_id": "a", "diagnosed_date": date(2026, 4, 28), "registered_date": MAY}
    core = core_of(
        population=police(),
        cremation_marriage=burnt(DIED),
        benefit_roll=on_dibao(),
        household_member=one_home("a"),
    )
    before = fired(core, MAY)
    core["major_illness"] = core_rows("major_illness", MAY, [{**ill, "illness_group_code": "tumour"}])
    assert "I03" not in before and "I03" in fired(core, MAY) and "C01" not in fired(core, MAY)
    assert persons(core, MAY)["a"]["death_date"] is None  # nobody mourns somebody seen alive


def test_one_report_is_enough_for_those_left_behind() -> None:
    """A death rests the dead person's alerts and raises the family's: there one register must do."""
    child = resident("c", CHILD, father_person_id="a", relation_code="child")
    core = core_of(
        population=population(resident("a", ADULT), child),
        cremation_marriage=burnt(DIED),
        household_member=one_home("a", "c"),
    )
    row = household(core)
    assert (row["breadwinner_died_days"], row["member_cnt"]) == (57, 1)
    assert persons(core)["c"]["parent_dead_cnt"] == 1


# ---- what the warehouse adds: visits, and rolls no longer read ----


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A real warehouse file with its tables."""
    with empty_warehouse(tmp_path / "w.duckdb") as connection:
        yield connection


def listed(con: duckdb.DuckDBPyConnection, case: str, home: str, named: str, code: str) -> None:
    con.execute(
        "INSERT INTO mart.alert (alert_id, as_of, household_id, signal_person_ids) VALUES (?, ?, ?, ?)",
        [case, JAN, home, named],
    )
    put_visits(con, {"alert_id": case, "result_code": code, "found_date": FEB, "known_date": MAR})


def member(con: duckdb.DuckDBPyConnection, home: str, person: str) -> None:
    con.execute(
        "INSERT INTO core._household_member VALUES (?, ?, 'head', 'hukou', ?, NULL, ?, NULL)",
        [home, person, date(2025, 1, 1), date(2025, 1, 1)],
    )


def visited(con: duckdb.DuckDBPyConnection, as_of: date = MAR) -> list[tuple[Any, ...]]:
    return golden_record_frames(con, as_of, survivorship().deaths)["death_visit"].rows()


def test_a_visit_speaks_of_the_one_person_the_line_named(con: duckdb.DuckDBPyConnection) -> None:
    for home, people in (("H1", "ab"), ("H2", "c"), ("H3", "de")):
        for person in people:
            member(con, home, person)
    listed(con, "1", "H1", "a", "62")  # named
    listed(con, "2", "H2", "", "62")  # nobody named, one member
    listed(con, "3", "H3", "", "62")  # nobody named, two members: who is meant?
    listed(con, "4", "H3", "d,e", "62")  # two named
    listed(con, "5", "H3", "d", "61")  # the household is gone: dead or moved, it does not say
    assert visited(con) == [("a", FEB, MAR), ("c", FEB, MAR)]
    assert visited(con, FEB) == []  # the list came back in March


def test_a_visit_follows_the_person_to_a_merged_id(con: duckdb.DuckDBPyConnection) -> None:
    listed(con, "1", "H1", "provisional", "62")
    con.execute("INSERT INTO core._person_alias VALUES ('provisional', '', 'a', ?, NULL)", [MAR])
    assert visited(con) == [("a", FEB, MAR)]


def test_a_roll_that_ever_called_somebody_dead_is_remembered(con: duckdb.DuckDBPyConnection) -> None:
    for n, (status, known) in enumerate([("dead", JAN), ("active", FEB)], start=1):
        con.execute(
            "INSERT INTO ops.delivery (delivery_id, department, extract, known_date, status, period_month, "
            "part, kind, rows_loaded) "
            "VALUES (?, 'public_security', 'population', ?, 'accepted', ?, '', 'full', 1)",
            [f"d{n}", known, known.replace(day=1)],
        )
        con.execute(
            "INSERT INTO ops.delivery_event (delivery_id, event, effective_date, event_no) "
            "VALUES (?, 'accepted', ?, ?)",
            [f"d{n}", known, n],
        )
        con.execute(
            "INSERT INTO core._population (person_id, registration_status_code, delivery_id, period_month) "
            "VALUES ('a', ?, ?, ?)",
            [status, f"d{n}", known.replace(day=1)],
        )
    once = golden_record_frames(con, MAR, survivorship().deaths)["once_dead"]
    assert once.rows() == [("a", "population")]
    before = golden_record_frames(con, JAN - timedelta(days=1), survivorship().deaths)["once_dead"]
    assert before.is_empty()


def test_what_the_numbers_tell_comes_with_them(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("INSERT INTO core._identity VALUES ('a', true, ?, '1'), ('b', false, NULL, NULL)", [ADULT])
    told = core_frames(con, {}, MAR)["person"]
    assert told.rows() == [("a", True, ADULT, "1")]
