"""tried §8 A6: the published file tells who is in custody and everybody's village, and singles people out.

Everything here is read as an analyst would: from the file that a run leaves, or as Parquet.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.helpers.attacks import OTHER_VERSION, command
from tests.helpers.homes import Made, tables

K = 5
IDS = {"person_id", "other_person_id", "household_id", "alert_id", "same_as", "event_no"}
# What neighbours know, under the names of any version, exact or banded.
KNOWN_OF_PERSONS = (
    *("town_code", "county_code", "city_code", "age_years", "age_band", "sex_code", "is_disabled"),
    *("disability_grade", "benefit_category_code", "is_student", "is_working", "member_band", "member_cnt"),
    *("child_cnt", "elder_cnt", "burden_12m_yuan", "village_code"),
)
KNOWN_OF_HOUSEHOLDS = (
    *("town_code", "county_code", "city_code", "village_code", "place_tier_code", "tier_code", "member_cnt"),
    *("member_band", "child_cnt", "has_child", "elder_cnt", "has_elder", "disabled_cnt", "has_disabled"),
    *("burden_12m_yuan", "burden_from_yuan", "income_yuan_month", "income_from_yuan_month", "disaster_days"),
)


@pytest.fixture(scope="module")
def made(request: pytest.FixtureRequest) -> Made:
    """A home as its runs left it; looked at, never changed."""
    found: Made = request.getfixturevalue("_made_by_the_other" if OTHER_VERSION else "thin")
    return found


@pytest.fixture(scope="module")
def analyst(made: Made) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(made.home.published), read_only=True) as con:
        yield con


def columns_of(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [str(row[0]) for row in con.execute(f"DESCRIBE {table}").fetchall()]


def texts(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, set[str]]]:
    """Each text column with its values."""
    for table in tables(con):
        frame = con.execute(f"SELECT * FROM {table}").pl()
        for column in frame.select(
            pl.col(pl.String), pl.col(pl.List(pl.String)).list.join(",")
        ).iter_columns():
            yield f"{table}.{column.name}", {str(value) for value in column.drop_nulls().unique()}


def least_alike(con: duckdb.DuckDBPyConnection, relation: str, known: tuple[str, ...]) -> int:
    """The smallest number of rows alike in what is known, of every date."""
    there = columns_of(con, f"(SELECT * FROM {relation})")
    columns = ", ".join(name for name in ("as_of", *known) if name in there)
    rows = f"SELECT {columns}, count(*) AS n FROM {relation} GROUP BY ALL"
    return int(con.execute(f"SELECT min(n) FROM ({rows})").fetchall()[0][0])


def test_a_restricted_source_leaves_no_trace(analyst: duckdb.DuckDBPyConnection) -> None:
    """On b97b271: signal C03, the sentence with the date, deliveries, staleness, the benefits' answers."""
    marks = ("custody", "C03", "在押", "服刑", "不在家居住", "unsupported_child", "unemployment_insurance")
    found = {
        where
        for where, values in texts(analyst)
        if any(mark in value for value in values for mark in (*marks, "parent_unable_cnt"))
    }
    assert found == set()


def test_no_village(analyst: duckdb.DuckDBPyConnection) -> None:
    """On b97b271: through panel.household, for everybody."""
    named = {table for table in tables(analyst) if "village_code" in columns_of(analyst, table)}
    written = {
        where
        for where, values in texts(analyst)
        if any(part.isdecimal() and len(part) > 9 for value in values for part in value.split(","))
    }
    assert (named, written) == (set(), set())


def test_no_person_stands_out_from_what_neighbours_know(analyst: duckdb.DuckDBPyConnection) -> None:
    """On b97b271: unique on town, age, sex, disability and household size, 18 to 27 % of persons."""
    relation = "panel.person"
    if "household_id" in columns_of(analyst, "panel.person"):
        relation += " JOIN panel.household USING (as_of, household_id, town_code)"
    assert least_alike(analyst, relation, KNOWN_OF_PERSONS) >= K


def test_no_household_stands_out_from_what_neighbours_know(analyst: duckdb.DuckDBPyConnection) -> None:
    """On b97b271: 67 % by the exact twelve-month burden alone."""
    assert least_alike(analyst, "panel.household", KNOWN_OF_HOUSEHOLDS) >= K


def test_no_months_side_by_side_show_who_changed(analyst: duckdb.DuckDBPyConnection) -> None:
    """On b97b271: every household of every month; the one row more or less was a family's whole story."""
    for table in ("panel.person", "panel.household"):
        assert analyst.execute(f"SELECT count(DISTINCT as_of) FROM {table}").fetchall() == [(1,)], table


def test_nothing_joins_the_rows_of_one_family(analyst: duckdb.DuckDBPyConnection) -> None:
    """On b97b271: one id led through months, benefits, signals and visits, and stood on printed lists."""
    assert {name for table in tables(analyst) for name in columns_of(analyst, table)} & IDS == set()


def test_no_id_of_a_printed_list_is_anywhere(analyst: duckdb.DuckDBPyConnection, made: Made) -> None:
    """On b97b271: a case number on paper held the household id of the file."""
    with duckdb.connect(str(made.home.warehouse), read_only=True) as con:
        ids = {
            str(value)
            for table, column in (("mart.alert", "alert_id"), ("core.household", "household_id"))
            for (value,) in con.execute(f"SELECT {column} FROM {table}").fetchall()
        }
    assert len(ids) > 100
    assert {where for where, values in texts(analyst) if values & ids} == set()


@pytest.mark.parametrize("table", ["mart.alert", "mart.signal", "mart.entitlement", "mart.outcome"])
def test_all_that_is_told_of_a_case_is_told_of_five(analyst: duckdb.DuckDBPyConnection, table: str) -> None:
    """Not only what neighbours know: no whole row, so no difference of counts either."""
    known = tuple(name for name in columns_of(analyst, table) if name != "as_of")
    assert not analyst.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchall() or (
        least_alike(analyst, table, known) >= K
    )


def test_no_count_rests_on_fewer_than_five_nor_does_a_difference(analyst: duckdb.DuckDBPyConnection) -> None:
    """On b97b271: cells of 1 to 4, and a city less its towns."""
    for table in ("mart.found_by_place", "mart.coverage"):
        frame = analyst.execute(f"SELECT * FROM {table}").pl()
        counts = [name for name in frame.columns if name.endswith("_cnt")]
        small = [frame.filter(pl.col(name).is_between(1, K - 1)).height for name in counts]
        assert dict(zip(counts, small, strict=True)) == dict.fromkeys(counts, 0)
    city = "city_code" if "city_code" in columns_of(analyst, "mart.alert") else "left(town_code, 4)"
    rows = f'SELECT as_of, {city} AS city_code, queue, "level", count(*) AS n FROM mart.alert GROUP BY ALL'
    said = 'SELECT as_of, city_code, queue, "level", found_cnt AS n FROM mart.found_by_place'
    assert analyst.execute(f"({rows} EXCEPT {said}) UNION ALL ({said} EXCEPT {rows})").fetchall() == []


def test_parquet_tells_no_more(small_home: Made, tmp_path: Path) -> None:
    done = command("publish", "--home", small_home.home.root, "--parquet", tmp_path / "parquet")
    assert done.returncode == 0, done.said
    assert "ref.anonymity" in done.stdout and "town_code, age_years, sex_code" in done.stdout
    for name in ("panel.person", "panel.household", "mart.alert"):
        frame = pl.read_parquet(tmp_path / "parquet" / f"{name}.parquet")
        assert not set(frame.columns) & (IDS | {"village_code"})
        assert int(str(frame.group_by(frame.columns).len()["len"].min())) >= K
