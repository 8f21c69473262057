"""Loading one checked delivery: identities to the vault, typed facts to core, the account to ops.

The vault commits first, the warehouse last and at once. Killed in between, a delivery leaves nothing visible,
and loading it again meets the same ids.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import date

import duckdb
import polars as pl

from zhaoren.data_contracts.contract import Contract
from zhaoren.transforms.households import resolve_households
from zhaoren.warehouse.connection import fetch, run, transaction
from zhaoren.warehouse.schema import core_columns, core_name
from zhaoren.warehouse.vault import Vault


@dataclass(frozen=True)
class Delivery:
    """One row of `ops.delivery`; rows_read = rows_loaded + rows_quarantined + rows_duplicate."""

    delivery_id: str
    department: str
    extract: str
    file_name: str
    sha256: str
    known_date: date
    status: str
    rows_read: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    rows_duplicate: int = 0
    encoding: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Account:
    """What the checks said of one delivery, row by row and rule by rule.

    quarantine   row_no, rule_id, column_name, reason      one row per broken rejecting rule of a row
    noted        row_no, rule_id, level, column_name, reason    faults that do not keep a row out
    repairs      row_no, column_name, kind
    duplicates   row_no
    results      rule_id, level, passed, failing_cnt
    originals    row_no, column_name, value                the quarantined rows' text, for the vault only
    """

    quarantine: pl.DataFrame
    noted: pl.DataFrame
    repairs: pl.DataFrame
    duplicates: pl.DataFrame
    results: pl.DataFrame
    originals: pl.DataFrame


ACCOUNTS = {
    "quarantine": "quarantine",
    "noted": "noted_fault",
    "repairs": "repair",
    "duplicates": "duplicate",
    "results": "check_result",
}


def load_delivery(
    con: duckdb.DuckDBPyConnection,
    vault: Vault,
    contract: Contract,
    delivery: Delivery,
    good: pl.DataFrame,
    account: Account,
) -> None:
    """Load the good rows (typed, with identifiers) if the delivery is accepted; always keep its account."""
    accepted = delivery.status == "accepted"
    with transaction(vault.con):
        vault.keep_quarantined(delivery.delivery_id, account.originals)
        facts, members = _identify(con, vault, contract, delivery, good) if accepted else (None, None)
    with transaction(con):
        if facts is not None:
            _insert_facts(con, contract, delivery, facts)
        if members is not None:
            _update_members(con, members, delivery.known_date)
        _insert_account(con, delivery, account)


def record_refused(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    """A file that could not be read at all: kept in the archive, on record with its reason."""
    with transaction(con):
        _insert_delivery(con, delivery)


def _identify(
    con: duckdb.DuckDBPyConnection, vault: Vault, contract: Contract, delivery: Delivery, good: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """The rows with ids in place of identifiers, and the household members when it is the population."""
    rows = _person_ids(vault, contract, delivery, good)
    vault.remember(_identity_values(contract, delivery, rows))
    members = None
    if contract.extract == "population":
        rows = _household_ids(con, vault, delivery, rows)
        living = rows.filter(pl.col("registration_status_code") == "active")
        members = living.select("household_id", "person_id", "relation_code")
    return rows, members


def _person_ids(vault: Vault, contract: Contract, delivery: Delivery, good: pl.DataFrame) -> pl.DataFrame:
    numbers = [c.name for c in contract.columns if c.reads_as == "cn_id"]
    every = pl.concat([good.get_column(n).alias("id_number") for n in numbers])
    aliases = vault.mint_persons(every, contract.extract, delivery.known_date)
    for name in numbers:
        named = aliases.select(
            pl.col("id_number").alias(name), pl.col("person_id").alias(name.replace("id_number", "person_id"))
        )
        good = good.join(named, on=name, how="left", maintain_order="left")
    return good


def _household_ids(
    con: duckdb.DuckDBPyConnection, vault: Vault, delivery: Delivery, rows: pl.DataFrame
) -> pl.DataFrame:
    open_members = fetch(
        con,
        "SELECT household_id, person_id FROM core.household_member WHERE kind = 'hukou' AND valid_to IS NULL",
    )
    known = vault.household_aliases()
    resolved = resolve_households(rows, known, open_members)
    unseen = resolved.filter(pl.col("how") != "known").select("household_no", "household_id")
    minted = vault.mint_households(unseen, delivery.known_date)
    return rows.join(pl.concat([known, minted]), on="household_no", how="left", maintain_order="left")


def _identity_values(contract: Contract, delivery: Delivery, rows: pl.DataFrame) -> pl.DataFrame:
    """person_id, attribute, value, source, known_date of the columns that only the vault may hold."""
    kept = [c.name for c in contract.columns if core_name(c) is None]
    return (
        rows.select("person_id", *kept)
        .unpivot(index="person_id", variable_name="attribute", value_name="value")
        .drop_nulls("value")
        .unique(subset=["person_id", "attribute", "value"], keep="first", maintain_order=True)
        .with_columns(source=pl.lit(contract.extract), known_date=pl.lit(delivery.known_date))
    )


def _insert_facts(
    con: duckdb.DuckDBPyConnection, contract: Contract, delivery: Delivery, rows: pl.DataFrame
) -> None:
    event = pl.col(contract.event_date) if contract.event_date else pl.lit(None, dtype=pl.Date)
    facts = rows.with_columns(
        event_date=pl.coalesce(event, pl.lit(delivery.known_date)),
        known_date=pl.lit(delivery.known_date),
        delivery_id=pl.lit(delivery.delivery_id),
    ).select(*core_columns(contract))
    run(con, f"INSERT INTO core.{contract.extract} BY NAME SELECT * FROM facts", facts=facts)
    named = [c for c in facts.columns if c.endswith("person_id")]
    everyone = pl.concat([facts.get_column(c).alias("person_id") for c in named]).drop_nulls()
    run(
        con,
        "INSERT INTO core.person SELECT person_id, ?, ? FROM new ANTI JOIN core.person USING (person_id)",
        [delivery.known_date, delivery.extract],
        new=pl.DataFrame({"person_id": everyone.unique(maintain_order=True)}),
    )


def _update_members(con: duckdb.DuckDBPyConnection, members: pl.DataFrame, known: date) -> None:
    """Open and close hukou membership spells so that the open ones equal the delivered list."""
    same = (
        "n.household_id = m.household_id AND n.person_id = m.person_id AND n.relation_code = m.relation_code"
    )
    run(
        con,
        "INSERT INTO core.household SELECT DISTINCT household_id, 'hukou', ? FROM members "
        "ANTI JOIN core.household USING (household_id) ORDER BY 1",
        [known],
        members=members,
    )
    run(
        con,
        "UPDATE core.household_member m SET valid_to = ? WHERE kind = 'hukou' AND valid_to IS NULL "
        f"AND NOT EXISTS (SELECT 1 FROM members n WHERE {same})",
        [known],
        members=members,
    )
    run(
        con,
        "INSERT INTO core.household_member SELECT household_id, person_id, relation_code, 'hukou', ?, NULL "
        "FROM members n WHERE NOT EXISTS (SELECT 1 FROM core.household_member m WHERE m.kind = 'hukou' "
        f"AND m.valid_to IS NULL AND {same})",
        [known],
        members=members,
    )


def _insert_account(con: duckdb.DuckDBPyConnection, delivery: Delivery, account: Account) -> None:
    _insert_delivery(con, delivery)
    for table, name in ACCOUNTS.items():
        run(
            con,
            f"INSERT INTO ops.{name} BY NAME SELECT ? AS delivery_id, * FROM part",
            [delivery.delivery_id],
            part=getattr(account, table),
        )


def _insert_delivery(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    con.execute(f"INSERT INTO ops.delivery VALUES ({', '.join('?' * 13)})", list(astuple(delivery)))
