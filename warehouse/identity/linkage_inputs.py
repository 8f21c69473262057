"""What identity resolution is made from: where people live, when they died, which numbers they bear."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import duckdb
import polars as pl

from data_contracts.contract.model import Contract
from transforms.golden_record.rules import ReportRule
from transforms.households.household_keys import COUNTY, scoped_units
from warehouse.database.connection import fetch
from warehouse.database.extract_tables import core_columns
from warehouse.database.number_hashes import own_numbers
from warehouse.deliveries.deliveries import in_force
from warehouse.identity.vault import Vault
from warehouse.identity.vault_secrets import number_hashes

IN = "delivery_id IN (SELECT unnest($1))"


class LinkageInputs:
    """The facts in force on a date for linkage and households; every frame sorted, ids as loaded."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], as_of: date
    ) -> None:
        self.con, self.contracts = con, {c.extract: c for c in contracts.values()}
        self._standing = in_force(con, as_of)

    def homes(self) -> pl.DataFrame:
        """person_id, household_id, village_code, is_head: from the newest row of the roll of everybody."""
        rolls = [c for c in self.contracts.values() if c.identifies_everybody]
        columns = ["household_id", "village_code", "relation_code = 'head' AS is_head"]
        parts = [self._newest(c, columns) for c in rolls]
        texts = ("person_id", "household_id", "village_code")
        schema = dict.fromkeys(texts, pl.String) | {"is_head": pl.Boolean}
        return pl.concat([pl.DataFrame(schema=schema), *parts])

    def groups(self, homes: pl.DataFrame, wanted: pl.Series) -> pl.DataFrame:
        """extract, household_no, county, household_id of the wanted numbers: where most of its members are at
        home.

        household_no and `wanted` are as core has them, keyed hashes. A number whose members are at home in
        several counties may be that of several: then only a row that names its county points anywhere, and
        `county` is its code; otherwise it is null.
        """
        schema = dict.fromkeys(("extract", "household_no", "county", "household_id"), pl.String)
        parts = [pl.DataFrame(schema=schema)]
        for contract in self.contracts.values():
            column = contract.custom.get("householdNo")
            if column in core_columns(contract):
                rows = self._newest(contract, [column]).rename({column: "household_no"})
                rows = rows.filter(pl.col("household_no").is_in(wanted.implode()))
                homed = rows.join(homes, on="person_id").drop_nulls(["household_no", "household_id"])
                homed = homed.with_columns(county=pl.col("village_code").str.head(COUNTY))
                several = pl.col("county").n_unique().over("household_no") > 1
                homed = homed.with_columns(county=pl.when(several).then("county"))
                key = ["household_no", "county"]
                counts = homed.group_by(*key, "household_id").len()
                # On a tie the smaller id: any choice will do, if only it is the same in every home.
                order = counts.sort(*key, "len", "household_id", descending=[False, False, True, False])
                first = order.unique(key, keep="first", maintain_order=True)
                parts.append(first.select(pl.lit(contract.extract).alias("extract"), *list(schema)[1:]))
        return pl.concat(parts)

    def own_numbers(self, wanted: pl.Series) -> pl.DataFrame:
        """local_column, local_no, person_id: whom departments' own numbers, the wanted ones, mean, each pair
        once.

        local_no and `wanted` are as core has them, keyed hashes.
        """
        schema = {"local_column": pl.String, "local_no": pl.String, "person_id": pl.String}
        parts = [pl.DataFrame(schema=schema)]
        for contract in self.contracts.values():
            column = contract.custom.get("localPersonNo")
            if column in core_columns(contract):
                rows = fetch(
                    self.con,
                    f"SELECT DISTINCT $2 AS local_column, {column} AS local_no, person_id "
                    f"FROM core._{contract.extract} WHERE {IN} "
                    f"AND {column} IN (SELECT local_no FROM wanted) AND person_id IS NOT NULL",
                    [self._deliveries(contract), column],
                    wanted=wanted.to_frame("local_no"),
                )
                parts.append(rows)
        return pl.concat(parts).unique().sort(*schema)

    def listed(self, persons: pl.Series) -> pl.DataFrame:
        """delivery_id, person_id of those of the persons who are on a roll that lists each person once."""
        schema = {"delivery_id": pl.String, "person_id": pl.String}
        parts = [pl.DataFrame(schema=schema)]
        for contract in self.contracts.values():
            if contract.loads == "roll" and contract.key == ("id_number",):
                parts.append(
                    fetch(
                        self.con,
                        f"SELECT DISTINCT delivery_id, person_id FROM core._{contract.extract} "
                        f"WHERE {IN} AND person_id IN (SELECT person_id FROM wanted)",
                        [self._deliveries(contract)[-2:]],  # two ids on one of these lists are two persons
                        wanted=persons.unique().to_frame("person_id"),
                    )
                )
        return pl.concat(parts).unique().sort(*schema)

    def dwellings(self) -> pl.DataFrame:
        """person_id, dwelling_id, is_dwelling_outside: from the newest row that says where somebody lives."""
        schema = {"person_id": pl.String, "dwelling_id": pl.String, "is_dwelling_outside": pl.Boolean}
        with_address = [c for c in self.contracts.values() if {"dwelling_id"} <= set(core_columns(c))]
        parts = [self._newest(c, ["dwelling_id", "is_dwelling_outside"]) for c in with_address]
        return pl.concat([pl.DataFrame(schema=schema), *parts])

    def units(self, vault: Vault, as_of: date) -> pl.DataFrame:
        """person_id, unit_no, category_code of everybody whom the newest benefit roll lists and pays.

        unit_no is the department's own number, from the vault: units keep the names and the order that they
        always had. One that several places or parts give out is told apart as the contract says.
        """
        contract = self.contracts["benefit_roll"]
        rolls = self._deliveries(contract, months=1)
        rows = fetch(
            self.con,
            "SELECT DISTINCT person_id, unit_no, category_code, village_code, is_head, part "
            "FROM core._benefit_roll JOIN (SELECT delivery_id, part FROM ops.delivery) USING (delivery_id) "
            f"WHERE {IN} AND (stop_date IS NULL OR stop_date > $2) AND person_id IS NOT NULL ORDER BY ALL",
            [rolls, as_of],
        )
        rows = rows.with_columns(own_numbers(vault.con, number_hashes(vault.con), "unit_no", rows["unit_no"]))
        named = scoped_units(rows, contract.household_scope).select("person_id", "unit_no", "category_code")
        return named.unique().sort("person_id", "unit_no", "category_code")

    def deaths(self, reports: Iterable[ReportRule]) -> pl.DataFrame:
        """person_id, death_date: the latest day any report gives; only what is surely later conflicts.

        Reports that no extract brings (a social worker's visit) are left out.
        """
        schema = {"person_id": pl.String, "death_date": pl.Date}
        parts = [pl.DataFrame(schema=schema)]
        for report in reports:
            if report.extract in self.contracts:
                coded = f"AND {report.column} = $2 " if report.column else ""
                query = (
                    f"SELECT person_id, max({report.day}) AS death_date FROM core._{report.extract} "
                    f"WHERE {IN} {coded}AND {report.day} IS NOT NULL GROUP BY 1"
                )
                deliveries = self._deliveries(self.contracts[report.extract])
                parts.append(fetch(self.con, query, [deliveries, report.code] if coded else [deliveries]))
        every = pl.concat(parts).group_by("person_id").agg(pl.col("death_date").max())
        return every.sort("person_id")

    def _newest(self, contract: Contract, columns: list[str]) -> pl.DataFrame:
        """Each person's newest row of the two newest months."""
        listed = ", ".join(columns)
        return fetch(
            self.con,
            f"SELECT person_id, {listed} FROM core._{contract.extract} WHERE {IN} AND person_id IS NOT NULL "
            "QUALIFY row_number() OVER (PARTITION BY person_id "
            "ORDER BY period_month DESC, known_date DESC, delivery_id DESC, row_no DESC) = 1 "
            "ORDER BY person_id",
            [self._deliveries(contract, months=2)],
        )

    def _deliveries(self, contract: Contract, months: int | None = None) -> list[str]:
        rows = self._standing.filter(extract=contract.extract).sort("period_month", "delivery_id")
        if months is not None:
            newest = rows.get_column("period_month").unique().sort(descending=True)[:months]
            rows = rows.filter(pl.col("period_month").is_in(newest.implode()))
        return rows.get_column("delivery_id").to_list()
