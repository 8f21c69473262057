"""The chain of numbers, names and roofs that every household keeps in the vault."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from warehouse.identity.vault import Vault
from warehouse.loading.dwelling_ids import with_dwelling_ids

SEP, OCT, NOV = date(2025, 9, 5), date(2025, 10, 5), date(2025, 11, 5)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault(tmp_path / "vault.duckdb", "the key of the tests", make=True) as opened:
        yield opened


def pairs(*rows: tuple[str, str | None]) -> pl.DataFrame:
    return pl.DataFrame(
        list(rows), schema={"household_no": pl.String, "household_id": pl.String}, orient="row"
    )


def chain(vault: Vault) -> list[tuple]:
    query = (
        "SELECT household_no, household_id, first_seen, last_seen FROM v.household_alias ORDER BY first_seen"
    )
    return vault.con.execute(query).fetchall()


@pytest.mark.parametrize(
    ("kind", "first"), [("hukou", "H000000001"), ("assistance", "A000000001"), ("dwelling", "D000000001")]
)
def test_each_kind_counts_for_itself_under_its_own_letter(vault: Vault, kind: str, first: str) -> None:
    for other in ("hukou", "assistance", "dwelling"):
        if other != kind:
            vault.mint_households(pairs(("n1", None), ("n2", None)), SEP, other)
    assert vault.mint_households(pairs(("n1", None)), SEP, kind).rows() == [("n1", first)]
    assert vault.household_aliases(kind).rows() == [("n1", first)]


def test_a_household_renumbered_twice_shows_its_chain_with_dates(vault: Vault) -> None:
    (old,) = vault.mint_households(pairs(("n1", None)), SEP)["household_id"]
    vault.mint_households(pairs(("n2", old)), OCT)
    vault.note_households(pairs(("n2", old)), NOV)
    vault.mint_households(pairs(("n3", old)), NOV)
    assert chain(vault) == [("n1", old, SEP, SEP), ("n2", old, OCT, NOV), ("n3", old, NOV, NOV)]
    assert vault.mint_households(pairs(("n4", None)), NOV).item(0, "household_id") == "H000000002"


def test_a_units_name_may_pass_to_another_unit_and_back(vault: Vault) -> None:
    vault.mint_households(pairs(("hukou:H1", "A000000001")), SEP, "assistance")
    vault.mint_households(pairs(("hukou:H1", None)), OCT, "assistance")
    newest = [("hukou:H1", "A000000002"), ("hukou:H1", "A000000001")]
    assert vault.household_aliases("assistance").rows() == newest
    vault.note_households(pairs(("hukou:H1", "A000000001")), NOV, "assistance")
    assert vault.household_aliases("assistance").rows() == newest[::-1]
    assert chain(vault) == [("hukou:H1", "A000000001", SEP, NOV), ("hukou:H1", "A000000002", OCT, OCT)]


HERE, THERE = "440512001001", "440512001002"
ROWS = pl.DataFrame(
    [
        ("registered", HERE, "石门村12号", None, None),
        ("written otherwise", HERE, "石门村十二號", None, None),
        ("lives elsewhere", HERE, "石门村12号", THERE, "3组5号"),
        ("outside the province", HERE, "石门村12号", None, "某省某市某路8号"),
        ("no address", HERE, None, None, None),
    ],
    schema=["who", "village_code", "address", "dwelling_village_code", "dwelling_address"],
    orient="row",
)


def test_a_roof_is_an_opaque_id_that_stays(vault: Vault) -> None:
    found = with_dwelling_ids(vault, ROWS, SEP)
    assert found.select("who", "dwelling_id", "is_dwelling_outside").rows() == [
        ("registered", "D000000001", False),
        ("written otherwise", "D000000001", False),
        ("lives elsewhere", "D000000002", False),
        ("outside the province", None, True),
        ("no address", None, False),
    ]
    again = with_dwelling_ids(vault, ROWS.reverse(), OCT)
    assert again.sort("who")["dwelling_id"].to_list() == found.sort("who")["dwelling_id"].to_list()
    assert {row[2:] for row in chain(vault)} == {(SEP, OCT)}


def test_rows_without_addresses_are_as_they_were(vault: Vault) -> None:
    bare = ROWS.drop("dwelling_address")
    assert with_dwelling_ids(vault, bare, SEP).equals(bare)
