"""Whose name a row bears, found in few names: the department's own, the roll's, then everybody's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.helpers.homes import KEY
from warehouse.database.schema import create
from warehouse.identity.vault import Vault
from warehouse.loading.own_names import other_names

DAY = date(2025, 9, 5)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault(tmp_path / "vault.duckdb", KEY, make=True) as opened:
        yield opened


def _keep(vault: Vault, source: str, **names: str) -> None:
    values = pl.DataFrame({"person_id": list(names), "value": list(names.values())})
    vault.keep_identities(values, "name", source, period_month=DAY, known_date=DAY, delivery_id=f"d {source}")


def test_a_name_is_the_owners_whoever_gave_it_and_mates_are_of_one_household(vault: Vault) -> None:
    con = duckdb.connect()
    create(con, {}, ())
    con.execute(
        "INSERT INTO core._household_member BY NAME SELECT 'H1' AS household_id, unnest(['P2', 'P3']) AS "
        "person_id, 'hukou' AS kind, DATE '2025-09-05' AS valid_from, DATE '2025-09-05' AS known_from"
    )
    _keep(vault, "population", P1="王一", P2="王二", P3="李三", P4="赵四")
    _keep(vault, "custody", P1="王甲", P2="王乙")
    _keep(vault, "disaster", P2="王丙")
    _keep(vault, "unemployment", P4="赵旧")
    vault.retire(["d unemployment"], DAY)
    said = [
        ("P1", "王一"), ("P1", "王甲"), ("P2", "王丙"), ("P2", "李三"), ("P1", "李三"), ("P4", "赵旧"),
        ("P9", "无名"), ("P1", None), (None, "王一"),
    ]  # fmt: skip
    rows = pl.DataFrame(said, schema={"person_id": pl.String, "name": pl.String}, orient="row")
    found = other_names(con, vault, rows, "custody")
    assert sorted(found.rows.get_column("_row")) == [3, 4, 5, 6]
    assert found.names.rows() == [
        (3, "王丙"), (3, "王乙"), (3, "王二"), (4, "王一"), (4, "王甲"), (5, "赵四")
    ]  # fmt: skip
    assert found.mates.to_list() == [3], "who lives elsewhere is no mate"
    assert other_names(con, vault, rows[:3], "custody").rows.is_empty()
