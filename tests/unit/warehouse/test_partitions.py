"""Rows of a date: however handed over, they are what the date then has, and its former ones are gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from tests.helpers.warehouses import empty_warehouse
from transforms.sharding import Sharding
from warehouse.database.partitions import StepDone, partition, rows_of_households, rows_of_shard
from warehouse.dated_rows import Rows, Selected, replace_partitions

SEP, OCT = date(2025, 9, 5), date(2025, 10, 5)
AT = datetime(2025, 10, 5, 8)  # noqa: DTZ001 (local wall time, as the tables keep it)


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    con = empty_warehouse(tmp_path / "warehouse.duckdb")
    yield con
    con.close()


def write(con: duckdb.DuckDBPyConnection, as_of: date, **tables: Rows) -> None:
    named = {table.replace("_", ".", 1): rows for table, rows in tables.items()}
    replace_partitions(con, as_of, named, StepDone(as_of, "score", "f", AT))


def read(con: duckdb.DuckDBPyConnection, table: str, as_of: date, *columns: str) -> list[tuple[Any, ...]]:
    return partition(con, table, as_of, *columns).rows()


def test_rows_come_as_a_frame_or_as_a_query_over_files(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    shards = [pl.DataFrame({"household_id": [f"H{n}"], "score": [n / 2]}) for n in range(2)]
    for number, shard in enumerate(shards):
        shard.write_parquet(tmp_path / f"{number}.parquet")
    files = Selected(f"SELECT * FROM read_parquet('{tmp_path}/*.parquet')")
    write(con, SEP, mart_score=pl.concat(shards))
    write(con, OCT, mart_score=files)
    of_frame, of_files = (read(con, "mart.score", day, "household_id", "score") for day in (SEP, OCT))
    assert of_frame == of_files == [("H0", 0.0), ("H1", 0.5)]


def test_a_date_written_again_has_its_new_rows_alone(con: duckdb.DuckDBPyConnection) -> None:
    for households in (["H1", "H2"], ["H2", "H3"]):
        rows = pl.DataFrame({"household_id": households}).with_columns(as_of=pl.lit(SEP), score=0.5)
        write(con, SEP, mart_score=rows)
    assert read(con, "mart.score", SEP, "household_id") == [("H2",), ("H3",)]


def test_rows_of_some_households_are_those_of_the_date_in_the_order_of_the_table(
    con: duckdb.DuckDBPyConnection,
) -> None:
    for day, score in ((SEP, 0.5), (OCT, 0.25)):
        write(con, day, mart_score=pl.DataFrame({"household_id": ["H3", "H2", "H1"], "score": score}))
    wanted = pl.DataFrame({"household_id": ["H3", "H1", None, "H9"]})
    found = rows_of_households(con, "mart.score", OCT, wanted, "household_id", "score")
    assert found.rows() == [("H1", 0.25), ("H3", 0.25)]


def test_shards_rows_are_the_dates_each_once_and_members_stay_with_their_household(
    con: duckdb.DuckDBPyConnection,
) -> None:
    people = [(f"P{n}", f"H{n // 3}" if n % 7 else None) for n in range(60)] + [("P-", None)]
    persons = pl.DataFrame(people, schema=["person_id", "household_id"], orient="row")
    write(
        con, SEP, panel_person=persons, panel_household=persons.select("household_id").unique().drop_nulls()
    )
    sharding = Sharding(count=3, block=4)
    parts = [rows_of_shard(con, "panel.person", SEP, (sharding, n), *persons.columns) for n in range(3)]
    assert sorted(pl.concat(parts).rows(), key=str) == sorted(people, key=str)
    for number, part in enumerate(parts):
        assert part.filter(sharding.holds(number)).equals(part) and part.height
        homes = rows_of_shard(con, "panel.household", SEP, (sharding, number), "household_id")
        assert set(homes["household_id"]) == set(part["household_id"].drop_nulls())
