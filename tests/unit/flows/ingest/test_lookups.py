"""What deliveries of one step look up is kept while it holds, and asked again when it may have changed."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from data_contracts.delivery_checks.foreign_keys import hashes
from flows.ingest import lookups as module
from flows.ingest.lookups import Lookups
from warehouse.deliveries.account import Delivery

DAY, NEXT = date(2025, 10, 5), date(2025, 11, 5)


class Warehouse:
    """Stands in for the queries: answers as set, and counts how often it is asked."""

    def __init__(self) -> None:
        self.accepted = ["a"]
        self.persons, self.in_force = 0, 0

    def accepted_ids(self, con: Any, extract: str, known: date) -> list[str]:
        return list(self.accepted)

    def persons_known(self, con: Any, extract: str, column: str, known: date) -> pl.Series:
        self.persons += 1
        return pl.Series([f"{extract}.{column}"])

    def whole_deliveries_at(self, con: Any, known: date) -> pl.DataFrame:
        self.in_force += 1
        return pl.DataFrame({"known_date": [known]})

    def numbers(self, persons: pl.Series) -> pl.Series:
        """As the vault gives them."""
        return "number of " + persons


@pytest.fixture
def warehouse(monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    fake = Warehouse()
    for name in ("accepted_ids", "persons_known", "whole_deliveries_at"):
        monkeypatch.setattr(module, name, getattr(fake, name))
    return fake


def lookups_of(warehouse: Warehouse) -> Lookups:
    return Lookups(con=None, vault=warehouse)  # type: ignore[arg-type]  # neither is asked directly


def delivery(extract: str, day: date = DAY) -> Delivery:
    return Delivery(
        delivery_id=f"{day}-{extract}",
        department="a",
        extract=extract,
        file_name="f",
        sha256="0",
        known_date=day,
        status="rejected",
    )


def test_numbers_are_looked_up_once_for_each_column(warehouse: Warehouse) -> None:
    lookups = lookups_of(warehouse)
    for _ in range(3):
        found = lookups.number_hashes("population", "id_number", DAY)
        assert found.equals(hashes(pl.Series(["number of population.person_id"])))
    assert warehouse.persons == 1
    found = lookups.number_hashes("population", "guardian_id_number", DAY)
    assert found.equals(hashes(pl.Series(["number of population.guardian_person_id"])))
    assert warehouse.persons == 2


def test_numbers_are_looked_up_again_when_a_delivery_came_or_went(warehouse: Warehouse) -> None:
    lookups = lookups_of(warehouse)
    lookups.number_hashes("population", "id_number", DAY)
    warehouse.accepted = ["a", "b"]
    lookups.number_hashes("population", "id_number", DAY)
    warehouse.accepted = ["b"]
    lookups.number_hashes("population", "id_number", DAY)
    assert warehouse.persons == 3


def test_one_answer_of_what_is_in_force_serves_every_extract_of_a_day(warehouse: Warehouse) -> None:
    lookups = lookups_of(warehouse)
    for extract in ("population", "benefit_roll", "custody"):
        assert lookups.in_force(delivery(extract)).item() == DAY
    assert warehouse.in_force == 1


def test_what_is_in_force_is_asked_again_for_a_second_file_of_an_extract(warehouse: Warehouse) -> None:
    """The first of the two may be in force by now; the other extracts' files may not have come."""
    lookups = lookups_of(warehouse)
    for extract in ("population", "benefit_roll", "population"):
        lookups.in_force(delivery(extract))
    assert warehouse.in_force == 2
    lookups.in_force(delivery("benefit_roll"))
    assert warehouse.in_force == 2
    lookups.in_force(delivery("population"))
    assert warehouse.in_force == 3


def test_what_is_in_force_is_asked_again_on_another_day(warehouse: Warehouse) -> None:
    lookups = lookups_of(warehouse)
    lookups.in_force(delivery("population"))
    assert lookups.in_force(delivery("benefit_roll", NEXT)).item() == NEXT
