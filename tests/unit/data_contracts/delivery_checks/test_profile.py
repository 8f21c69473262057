"""What a delivery looked like: shares without persons, kept for the next one; and months that never came."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from data_contracts.contract.cadence import expected_by, next_expected_by
from data_contracts.contract.model import Contract
from data_contracts.contract.period import later
from data_contracts.delivery_checks.profile import profile_of
from data_contracts.loading.contracts import load_contracts
from transforms.deliveries.partitions import missing_partitions
from warehouse.database.connection import connect
from warehouse.database.schema import create
from warehouse.deliveries.profiles import (
    keep_partitions,
    keep_profile,
    keep_validation,
    past_of,
    profile,
)

CONTRACTS = load_contracts()
POPULATION = CONTRACTS["public_security.population"]


def stage(rows: int) -> pl.DataFrame:
    place = pl.int_range(rows, eager=True)
    has = {f"has_{c.name}": pl.lit(True) for c in POPULATION.columns}
    return pl.DataFrame({"row_no": place}).with_columns(
        **{**has, "has_address": pl.col("row_no") % 4 > 0},
        sex_code=pl.when(pl.col("row_no") % 5 < 2).then(pl.lit("male")).otherwise(pl.lit("female")),
        relation_code=pl.when(pl.col("row_no") < 9).then(pl.lit("rare")).otherwise(pl.lit("head")),
        village_code=pl.lit("440103001001"),
    )


def test_shares_of_empty_cells_and_of_codes() -> None:
    found = profile_of(stage(1000), POPULATION)
    told = {(row[0], row[1]): row[2:] for row in found.iter_rows()}
    assert told[("address", None)] == (0.25, 250) and told[("name", None)] == (0.0, 0)
    assert told[("sex_code", "male")] == (0.4, 400)
    assert told[("village_code", "4401")] == (1.0, 1000)
    assert found.equals(profile_of(stage(1000).sample(fraction=1, shuffle=True, seed=1), POPULATION))


def test_nobody_is_singled_out() -> None:
    found = profile_of(stage(1000), POPULATION).filter(pl.col("column_name") == "relation_code")
    shares = dict(found.drop_nulls("value").select("value", "cnt").iter_rows())
    assert shares == {"head": 991, "other": 9}


def test_no_identifier_is_profiled() -> None:
    for contract in CONTRACTS.values():
        hidden = {c.name for c in contract.columns if c.is_identifier}
        everything = stage(20).with_columns(
            [pl.lit("x").alias(c.name) for c in contract.columns]
            + [pl.lit(True).alias(f"has_{c.name}") for c in contract.columns]
        )
        valued = profile_of(everything, contract).drop_nulls("value")
        assert not hidden & set(valued["column_name"]), contract.id


def test_an_empty_delivery_has_no_profile_and_a_large_one_is_quick() -> None:
    assert profile_of(stage(10)[:0], POPULATION).is_empty()
    large = stage(50_000)
    profile_of(large, POPULATION)
    started = time.process_time()
    profile_of(large, POPULATION)
    assert time.process_time() - started < 0.1


def test_a_profile_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    found = profile_of(stage(1000), POPULATION)
    con = connect(tmp_path / "w.duckdb")
    create(con, {}, [])
    for _ in range(2):  # taking it in again replaces it
        keep_profile(con, "d1", found)
        keep_validation(con, "d1", {"success": True})
    kept = profile(con, "d1")
    assert kept is not None and kept.equals(found)
    assert profile(con, "d2") is None
    missing = missing_partitions([POPULATION], deliveries(("2025-08-01", "", "held", "2025-09-05")), AS_OF)
    for _ in range(2):
        keep_partitions(con, AS_OF, missing)
    assert con.execute("SELECT count(*), min(state) FROM ops.partition").fetchone() == (2, "held")
    con.close()


AS_OF = date(2025, 10, 20)


def deliveries(*rows: tuple[str, str, str, str], extract: str = "population") -> pl.DataFrame:
    """Rows of period_month, part, status, known_date."""
    schema = ["period_month", "part", "status", "known_date"]
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(
        pl.col("period_month", "known_date").str.to_date(),
        department=pl.lit("public_security"),
        extract=pl.lit(extract),
    )


def states(
    *rows: tuple[str, str, str, str], contract: Contract = POPULATION, as_of: date = AS_OF
) -> list[tuple[Any, ...]]:
    found = missing_partitions([contract], deliveries(*rows), as_of)
    return list(found.select("period_month", "part", "days_late", "state").iter_rows())


def test_promised_days() -> None:
    assert expected_by(POPULATION, date(2025, 8, 1)) == date(2025, 9, 11)  # ten days of grace
    assert next_expected_by(POPULATION, date(2025, 1, 31)) == date(2025, 3, 10)
    assert next_expected_by(CONTRACTS["emergency.disaster"], date(2025, 1, 31)) is None
    assert later(date(2025, 11, 30), 3) == date(2026, 2, 28)


def test_a_month_that_never_came_is_missing_though_nothing_arrived() -> None:
    august, september = date(2025, 8, 1), date(2025, 9, 1)
    came = ("2025-08-01", "", "accepted", "2025-09-05")
    assert states(came) == [(september, "", 9, "missing")]
    assert states(came, as_of=date(2025, 10, 11)) == []  # the last day of grace
    assert states(came, as_of=date(2025, 10, 12)) == [(september, "", 1, "missing")]
    held = ("2025-09-01", "", "held", "2025-10-05")
    assert states(came, held) == [(september, "", 9, "held")]
    assert states(came, (*held[:2], "rejected", held[3])) == [(september, "", 9, "rejected")]
    assert states(came, held, ("2025-09-01", "", "accepted", "2025-10-14")) == [(september, "", 3, "late")]
    assert states(("2025-08-01", "", "accepted", "2025-09-20"))[0] == (august, "", 9, "late")
    assert states(came, ("2025-09-01", "", "withdrawn", "2025-10-05")) == [(september, "", 9, "missing")]


def test_a_month_that_has_ended_is_awaited_until_its_grace_has_passed() -> None:
    """tried §4: a missing file is told on the day of the month's lists, not only on the next month's."""
    frame = deliveries(("2025-08-01", "", "accepted", "2025-09-05"))
    for day, found in (
        (date(2025, 9, 30), []),
        (date(2025, 10, 1), [("awaited", -10)]),
        (date(2025, 10, 11), [("awaited", 0)]),
        (date(2025, 10, 12), [("missing", 1)]),
    ):
        rows = missing_partitions([POPULATION], frame, day, awaited=True)
        assert rows.select("state", "days_late").rows() == found, day


def test_each_promised_part_is_asked_for() -> None:
    parts = replace(POPULATION, custom={**POPULATION.custom, "parts": [4401, 4405]})
    one = ("2025-09-01", "4401", "accepted", "2025-10-05")
    assert states(one, contract=parts) == [(date(2025, 9, 1), "4405", 9, "missing")]
    whole = ("2025-09-01", "", "accepted", "2025-10-05")
    assert states(whole, contract=parts) == []


def test_other_cadences() -> None:
    housing, disaster = CONTRACTS["housing.housing_security"], CONTRACTS["emergency.disaster"]
    came = ("2025-01-01", "", "accepted", "2025-02-05")
    mine = deliveries(came).with_columns(department=pl.lit("housing"), extract=pl.lit("housing_security"))
    found = missing_partitions([housing, disaster], mine, date(2025, 6, 1))
    assert found["period_month"].to_list() == [date(2025, 4, 1)]  # every third month, events never
    never = missing_partitions([POPULATION], mine, date(2025, 3, 20))
    assert never["state"].to_list() == ["missing", "missing"]  # from the first month anybody delivered
    assert missing_partitions([POPULATION], mine, date(2025, 1, 1)).is_empty()


def test_the_past_is_the_newest_earlier_period_in_force(tmp_path: Path) -> None:
    con = connect(tmp_path / "w.duckdb")
    create(con, {POPULATION.id: POPULATION}, [])
    lives = [
        ("d1", "2025-07-01", "", "2025-08-05", 100, "accepted"),
        ("d2", "2025-08-01", "", "2025-09-05", 110, "accepted"),
        ("d3", "2025-09-01", "", "2025-10-05", 5, "held"),
        ("d4", "2025-10-01", "4401", "2025-11-05", 50, "accepted"),
    ]
    for number, (delivery_id, period, part, known, rows, event) in enumerate(lives):
        con.execute(
            "INSERT INTO ops.delivery (delivery_id, department, extract, known_date, status, rows_loaded, "
            "period_month, part, kind) VALUES (?, 'public_security', 'population', ?, ?, ?, ?, ?, 'full')",
            [delivery_id, known, event, rows, period, part],
        )
        con.execute(
            "INSERT INTO ops.delivery_event (delivery_id, event, effective_date, event_no) "
            "VALUES (?, ?, ?, ?)",
            [delivery_id, event, known, number],
        )
    found = profile_of(stage(1000), POPULATION)
    keep_profile(con, "d2", found)
    past = past_of(con, POPULATION, date(2025, 11, 6), date(2025, 10, 1))
    assert (past.previous_rows, past.last_known_date) == (110, date(2025, 9, 5))  # not the held one
    assert past.previous_profile is not None and past.previous_profile.equals(found)
    assert (past.promised_date, past.delivered_parts) == (date(2025, 11, 11), ("4401",))
    earlier = past_of(con, POPULATION, date(2025, 8, 20), date(2025, 10, 1))  # as it was known then
    assert (earlier.previous_rows, earlier.previous_profile) == (100, None)
    assert past_of(con, POPULATION, date(2025, 11, 6), date(2025, 7, 1)).previous_rows is None
    con.close()
