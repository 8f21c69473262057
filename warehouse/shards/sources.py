"""Which rows of core a date's answers are made from: one query per frame, everything in it written out.

sources(con, contracts, as_of) -> [Source, …]    each extract's facts known by the date and in force on
                                                 it, the memberships as then believed, what older months
                                                 still tell (history.py), what each number says
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb
import polars as pl

from data_contracts.contract.model import Contract
from warehouse.deliveries.deliveries import in_force
from warehouse.shards.history import histories
from warehouse.shards.source import DELIVERY_ORDER, Source, listed

SPELL_ORDER = ("household_id", "person_id", "valid_from")


def sources(con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], as_of: date) -> list[Source]:
    """Every frame that the panel of the date is made from; see the top of this file."""
    standing = in_force(con, as_of)
    found = [_extract(c, standing.filter(extract=c.extract)) for c in contracts.values()]
    return [*found, _members(as_of), *histories(standing), _numbers()]


def _extract(contract: Contract, chosen: pl.DataFrame) -> Source:
    """A full roll repeats everybody each month, so only its two newest months are read."""
    if contract.loads == "roll":
        months = chosen.get_column("period_month").unique().sort(descending=True)[:2]
        chosen = chosen.filter(pl.col("period_month").is_in(months.implode()))
    rows = f"SELECT * FROM core._{contract.extract} WHERE delivery_id IN {listed(chosen['delivery_id'])}"
    everywhere = f"SELECT DISTINCT period_month, known_date, delivery_id FROM ({rows})"
    if not (chosen.get_column("part") == "").all():
        rows = f"SELECT x.*, d.part FROM ({rows}) x JOIN ops.delivery d USING (delivery_id)"
    keyed = not any(name.endswith("person_id") for name in contract.core_key)
    return Source(contract.extract, rows, DELIVERY_ORDER, everywhere, key=contract.core_key if keyed else ())


def _members(as_of: date) -> Source:
    """An end after the date was not known on it: for the date, the membership is open.

    Assistance units and dwellings are derived from the panel made of this: only the register goes in.
    """
    day = f"DATE '{as_of}'"
    rows = (
        "SELECT household_id, person_id, relation_code, kind, valid_from, "
        f"CASE WHEN valid_to <= {day} THEN valid_to END AS valid_to FROM core._household_member "
        f"WHERE kind = 'hukou' AND valid_from <= {day} AND known_from <= {day} "
        f"AND (known_to IS NULL OR known_to > {day})"
    )
    return Source("household_member", rows, SPELL_ORDER)


def _numbers() -> Source:
    """One row per person with a number; ids are the number's own, whatever else goes by them."""
    rows = "SELECT person_id, has_number, id_birth_date, id_sex_code FROM core._identity WHERE has_number"
    return Source("person", rows, ("person_id",), own_ids=True)
