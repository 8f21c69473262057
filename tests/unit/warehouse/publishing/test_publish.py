"""The analysts' file of a warehouse made by hand: what restricted sources tell leaves no trace in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from data_contracts.loading.contracts import load_contracts
from data_contracts.registry.published import published_tables
from flows.actions.publishing import results, rules
from policies.analysis.restricted import Restricted, restricted
from policies.loading import load_catalogue
from tests.helpers.casework import put_visits
from tests.helpers.warehouses import empty, put_rows
from warehouse.database.connection import connect
from warehouse.database.schema import all_tables, create
from warehouse.publishing import publish as publishing
from warehouse.publishing.publish import publish
from warehouse.publishing.relations import prepare
from warehouse.publishing.release import Release
from warehouse.wholeness.inspection import published_date
from zhaoren.errors import ZhaorenError

DAY = date(2025, 9, 5)
CATALOGUE = load_catalogue()
FACTS = CATALOGUE.panel_facts()
TABLES = all_tables(load_contracts().values(), FACTS)
HIDDEN = restricted(CATALOGUE, load_contracts().values())
TOWN = "440106001"
Rows = list[tuple[object, ...]]
Read = Callable[[str], Rows]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    con = connect(tmp_path_factory.mktemp("made") / "warehouse.duckdb")
    create(con, load_contracts(), FACTS)
    open_ones = pl.col("rule_id").is_in([*HIDDEN.signals, *HIDDEN.benefits]).not_()
    insert(con, "ref.rule", rules(CATALOGUE).filter(open_ones).to_dicts())
    yield con
    con.close()


@pytest.fixture
def con(made: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, empty but for the rules' names."""
    yield made
    for table in ("mart.alert", "ops.delivery", "panel.household", "mart.evaluation", "mart.staleness"):
        empty(made, table)


def insert(con: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, object]]) -> None:
    schema = {name: kind for name, kind in TABLES[table].schema().items() if name in rows[0]}
    frame = pl.DataFrame(rows, schema=schema)
    put_rows(con, table, frame)


def case(number: int, signals: str, level: str, **more: object) -> dict[str, object]:
    """One alert of household H<number>; compliance where C03 is its first signal."""
    queue = "compliance" if signals.startswith("C") else "need"
    base: dict[str, object] = {
        "alert_id": f"20250905-H{number}-{queue[0].upper()}",
        "as_of": DAY,
        "household_id": f"H{number}",
        "town_code": TOWN,
        "county_code": TOWN[:6],
        "queue": queue,
        "level": level,
        "signal_ids": signals,
        "benefit_ids": "",
        "is_listed": True,
        "is_overflow_red": level == "red",
        "arm": "rule",
        "status": "new",
    }
    return base | more


def fired(number: int, signal: str, level: str) -> dict[str, object]:
    return {
        "as_of": DAY,
        "signal_id": signal,
        "queue": "compliance" if signal.startswith("C") else "need",
        "entity": "household",
        "household_id": f"H{number}",
        "state": "yes",
        "level": level,
        "family": "x",
    }


def release(hidden: Restricted = HIDDEN, *only: str) -> Release:
    """All tables, or only the named ones."""
    return Release(
        tables=[table for table in TABLES.values() if not only or table.name in only],
        people=[table for table in published_tables().values() if not only or table.name in only],
        restricted=hidden,
        facts=FACTS,
        results=results(CATALOGUE),
    )


@pytest.fixture(scope="module")
def analysts(made: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory) -> Read:
    """Asks the published file of a warehouse where restricted sources tell of many."""
    _fill_cases(made)
    _fill_deliveries(made)
    folder = tmp_path_factory.mktemp("published")
    publish(made, folder / "analytics.duckdb", release())
    for table in TABLES.values():
        if not table.view and table.name != "ref.rule":
            made.execute(f"DELETE FROM {table.name}")
    return lambda query: read(folder, query)


def _fill_cases(con: duckdb.DuckDBPyConnection) -> None:
    """0-9 have C03 alone, 10-19 beside a weaker C01; 20-27 miss a restricted benefit, 28-35 another too."""
    alerts = [case(n, "C03", "yellow") for n in range(10)]
    alerts += [case(n, "C01,C03", "orange") for n in range(10, 20)]
    alerts += [case(n, "E01", "blue", benefit_ids="unsupported_child") for n in range(20, 28)]
    alerts += [case(n, "E01", "blue", benefit_ids="dibao,unsupported_child") for n in range(28, 36)]
    insert(con, "mart.alert", alerts + [case(n, "I01", "red") for n in range(40, 46)])
    strong, weak = (
        (fired(n, "C03", "orange") for n in range(20)),
        (fired(n, "C01", "blue") for n in range(10, 20)),
    )
    insert(con, "mart.signal", [*strong, *weak])
    answer = {"as_of": DAY, "eligible": "likely", "is_receiving": False, "missing_facts": ""}
    benefits = ("dibao", "unsupported_child", "unemployment_insurance")
    insert(
        con,
        "mart.entitlement",
        [answer | {"household_id": f"H{n}", "benefit_id": b} for n in range(9) for b in benefits],
    )
    visits = [visit(n, "C", "70", 1) for n in range(6)] + [visit(n, "C", "72", 1) for n in range(10, 16)]
    visits += [visit(n, "N", code, day) for n in range(40, 46) for day, code in ((1, "60"), (2, "20"))]
    put_visits(con, *visits)


def visit(number: int, queue: str, code: str, day: int) -> dict[str, object]:
    return {
        "alert_id": f"20250905-H{number}-{queue}",
        "result_code": code,
        "found_date": date(2025, 9, 5 + day),
        "known_date": date(2025, 10, day),
    }


def _fill_deliveries(con: duckdb.DuckDBPyConnection) -> None:
    for extract in ("custody", "population"):
        insert(con, "ops.delivery", [{"delivery_id": f"d-{extract}", "extract": extract}])
        insert(con, "ops.check_result", [{"delivery_id": f"d-{extract}", "rule_id": f"{extract}.x"}])
        insert(con, "mart.staleness", [{"as_of": DAY, "extract": extract}])
        events: list[dict[str, object]] = [
            {"event_no": n, "event": extract, "extract": extract} for n in range(6)
        ]
        insert(con, "ops.identity_event", events)
    says = {"as_of": DAY, "attribute": "sex_code", "is_chosen": True}
    reports = [("1", "custody"), ("2", "population")]
    disputed = [says | {"person_id": f"P{n}", "value": v, "source": s} for n in range(9) for v, s in reports]
    insert(con, "panel.attribute_conflict", disputed)


def read(folder: Path, query: str) -> Rows:
    with duckdb.connect(str(folder / "analytics.duckdb"), read_only=True) as con:
        return con.execute(query).fetchall()


def test_an_alert_of_restricted_signs_alone_is_not_there_and_others_lose_them(analysts: Read) -> None:
    """Neither an empty reason nor a level tells of what was taken out."""
    levels = 'SELECT queue, "level", count(*) FROM mart.alert GROUP BY ALL ORDER BY ALL'
    assert analysts(levels) == [("compliance", "blue", 10), ("need", "blue", 8), ("need", "red", 6)]
    assert analysts("SELECT DISTINCT signal_id FROM mart.signal") == [("C01",)]
    assert analysts("SELECT sum(found_cnt) FROM mart.found_by_place") == [(24,)]


def test_answers_about_restricted_benefits_are_not_there(analysts: Read) -> None:
    assert analysts("SELECT benefit_id, count(*) FROM mart.entitlement GROUP BY 1") == [("dibao", 9)]
    counted = "SELECT missing_likely_cnt FROM mart.coverage WHERE benefit_id = 'dibao'"
    assert analysts(counted) == [(9,)]
    assert analysts("SELECT count(*) FROM mart.coverage WHERE benefit_id LIKE 'un%'") == [(0,)]


def test_a_visit_to_a_case_that_is_not_published_is_not_either(analysts: Read) -> None:
    query = "SELECT result_code, count(*) FROM mart.outcome WHERE queue = 'compliance' GROUP BY 1"
    assert analysts(query) == [("72", 6)]
    query = "SELECT signal_id, count(*) FROM mart.signal_outcome GROUP BY 1 ORDER BY 1"
    assert analysts(query) == [("C01", 6), ("I01", 6)]


def test_of_several_results_of_a_case_the_last_is_marked(analysts: Read) -> None:
    query = "SELECT is_last, need_found, result_code, count(*) FROM mart.outcome WHERE queue = 'need' "
    assert analysts(query + "GROUP BY ALL ORDER BY ALL") == [
        (False, "cannot_tell", "60", 6),
        (True, "yes", "20", 6),
    ]


def test_tables_of_restricted_deliveries_and_reports_are_left_out(analysts: Read) -> None:
    assert analysts("SELECT delivery_id FROM ops.delivery") == [("d-population",)]
    assert analysts("SELECT rule_id FROM ops.check_result") == [("population.x",)]
    assert analysts("SELECT extract FROM mart.staleness") == [("population",)]
    assert analysts("SELECT DISTINCT event FROM ops.identity_event") == [("population",)]
    # what only the restricted source disputes is no conflict without it
    assert analysts("SELECT count(*) FROM panel.attribute_conflict") == [(0,)]


def test_a_column_that_reads_a_restricted_fact_goes_by_itself(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    home = {"as_of": DAY, "town_code": TOWN, "burden_12m_yuan": 100}
    insert(con, "panel.household", [home | {"household_id": f"H{n}"} for n in range(6)])
    only = ("panel.household", "panel.fact")
    publish(con, tmp_path / "analytics.duckdb", release(HIDDEN, *only))
    assert read(tmp_path, "SELECT DISTINCT burden_from_yuan FROM panel.household") == [(1,)]
    settlement = replace(HIDDEN, facts=frozenset({("household", "burden_12m_yuan")}))
    publish(con, tmp_path / "analytics.duckdb", release(settlement, *only))
    assert "burden_from_yuan" not in [row[0] for row in read(tmp_path, "DESCRIBE panel.household")]
    assert read(tmp_path, "SELECT count(*) FROM panel.fact WHERE fact LIKE 'burden_12m%'") == [(0,)]


def test_the_file_is_refused_when_somebody_stands_out_and_the_old_one_stays(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert(con, "mart.alert", [case(n, "I01", "red") for n in range(6)])
    target, only = tmp_path / "analytics.duckdb", release(HIDDEN, "mart.alert")
    publish(con, target, only)
    before = target.read_bytes()
    monkeypatch.setattr(
        publishing, "fold", lambda cells, *_: cells.with_columns(n=pl.lit(1), not_shown=pl.lit(""))
    )
    with pytest.raises(ZhaorenError, match="somebody would stand out") as refused:
        publish(con, target, only)
    assert "mart.alert" in refused.value.where
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_the_newest_date_of_a_file_is_told_also_where_a_table_says_all(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """`doctor` compared a date with the word `all` of mart.evaluation, and died of every demo."""
    insert(con, "mart.evaluation", [{"ranking": "random", "as_of": "all"}])
    insert(con, "mart.staleness", [{"as_of": DAY, "extract": "population"}])
    target = tmp_path / "analytics.duckdb"
    publish(con, target, release(HIDDEN, "mart.evaluation", "mart.staleness", "mart.alert"))
    assert published_date(target) == DAY


@pytest.mark.parametrize("text", ["村440106001001", "13800138000", "in 440106196001010015"])
def test_a_long_number_in_any_text_stops_it(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, text: str
) -> None:
    insert(con, "ops.delivery", [{"delivery_id": "d1", "extract": "population", "part": text}])
    with pytest.raises(ZhaorenError, match="holds a number") as refused:
        publish(con, tmp_path / "analytics.duckdb", release(HIDDEN, "ops.delivery", "mart.alert"))
    assert refused.value.where == "ops.delivery.part" and text not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("call", "values"),
    [
        ("step_down", {0: 0, 0.5: 0, 1: 1, 3: 2, 5: 5, 9.99: 5, 10: 10, 999: 500, 1000: 1000, -7: -5}),
        ("age_band", {0: "0-5", 6: "6-17", 17: "6-17", 18: "18-35", 59: "36-59", 60: "60-79", 104: "80+"}),
        ("size_band", {1: "1", 2: "2", 3: "3-4", 5: "5+"}),
        ("income_step", {0: 0, 199: 0, 999: 800, 1000: 1000, 1499: 1000, 9000: 3000}),
        ("burden_step", {0: 0, 0.5: 0, 1: 1, 4999: 1000, 250000: 100000}),
    ],
)
def test_bands(con: duckdb.DuckDBPyConnection, call: str, values: dict[float, object]) -> None:
    prepare(con, release())
    for value, band in values.items():
        assert con.execute(f"SELECT {call}({value})").fetchall() == [(band,)], value
    assert con.execute(f"SELECT {call}(NULL)").fetchall() == [(None,)]
