"""Loading one checked delivery: identities to the vault, typed facts to core, the account to ops.

The vault commits first, the warehouse last and at once. Killed in between, a delivery leaves nothing visible,
and loading it again meets the same ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, dataclass
from datetime import date
from itertools import chain
from typing import Any

import duckdb
import polars as pl

from data_contracts.cells.id_numbers import written_birth_date, written_sex_code
from data_contracts.contract.model import Contract
from transforms.households.household_ids import resolve_households
from warehouse.database.connection import fetch, run, transaction
from warehouse.database.extract_tables import core_columns, core_name
from warehouse.deliveries.deliveries import Decision, StatusChanges, record_event, update_statuses
from warehouse.deliveries.profiles import keep_profile, keep_validation
from warehouse.identity.vault import Vault
from warehouse.loading.corrections import list_changes, recount_persons
from warehouse.loading.dwelling_ids import with_dwelling_ids
from warehouse.loading.identify import identify
from warehouse.loading.members import follow_roll, is_next_roll, open_members, rebuild_membership_history


@dataclass(frozen=True)
class Delivery:
    """One row of `ops.delivery`; rows_read = rows_loaded + rows_quarantined + rows_duplicate.

    period_month is the month it speaks of (of extracts that come as things happen: the day), part which part
    of the roll; kind is full, or mended for a receipt sent back, which adds to amends_delivery_id. headers is
    JSON: column -> the header it has in the department's own file, in the file's order. error_code: that of
    the error for which the file could not be read (ZhaorenError.code), else empty.
    """

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
    period_month: date | None = None
    part: str = ""
    kind: str = "full"
    amends_delivery_id: str | None = None
    headers: str = ""
    error_code: str = ""


@dataclass(frozen=True)
class Account:
    """What the checks said of one delivery, row by row and rule by rule.

    quarantine   row_no, rule_id, column_name, reason      one row per broken rejecting rule of a row
    noted        row_no, rule_id, level, column_name, reason    faults that do not keep a row out
    repairs      row_no, column_name, kind
    duplicates   row_no
    results      rule_id, level, passed (null: not checked), failing_cnt, detail
    originals    row_no, column_name, value                the quarantined rows' text, for the vault only
    profile      column_name, value, share, cnt            what the next delivery is compared with
    document     the suite's validation document, {} where none ran
    """

    quarantine: pl.DataFrame
    noted: pl.DataFrame
    repairs: pl.DataFrame
    duplicates: pl.DataFrame
    results: pl.DataFrame
    originals: pl.DataFrame
    profile: pl.DataFrame
    document: Mapping[str, Any]


ACCOUNTS = {
    "quarantine": "quarantine",
    "noted": "noted_fault",
    "repairs": "repair",
    "duplicates": "duplicate",
    "results": "check_result",
}


Chunks = Callable[[], Iterable[pl.DataFrame]]


def load_delivery(
    con: duckdb.DuckDBPyConnection,
    vault: Vault,
    contract: Contract,
    delivery: Delivery,
    good: Chunks,
    account: Account,
    decision: Decision,
    unidentified: pl.DataFrame | None = None,
) -> StatusChanges:
    """Load the good rows (typed, with identifiers) if the delivery is accepted; always keep its account.

    `good` gives the rows in chunks, the same each time it is called. `unidentified`: refused rows that say
    who they speak of though not by a number; they stay refused, and are used under provisional persons
    (`ops.recognised_row`). The facts are known from the decision's
    effective day on. A delivery once held and now released takes the place of its former account. Returns
    what became of other deliveries of the extract.
    """
    accepted = delivery.status == "accepted"
    settled = StatusChanges()
    with transaction(con), transaction(vault.con):  # the vault commits first
        vault.keep_quarantined(delivery.delivery_id, account.originals)
        if decision.event == "released":
            _forget_account(con, delivery)
        _insert_account(con, delivery, account)
        record_event(con, delivery.delivery_id, decision)
        if accepted:
            settled = update_statuses(con, delivery.delivery_id, decision)
            retire_identities(con, vault, delivery, decision.effective_date, settled)
            rows = good if unidentified is None else lambda: chain(good(), [unidentified])
            members = _load_chunks(con, vault, contract, delivery, rows, decision.effective_date)
            _note_recognised(con, delivery, unidentified)
            if delivery.delivery_id in settled.superseded:  # a later one stood already
                vault.retire([delivery.delivery_id], decision.effective_date)
            list_changes(
                con, contract, delivery.delivery_id, settled.superseded_besides(delivery.delivery_id)
            )
            update_derived(con, contract, delivery, decision.effective_date, settled, members)
    return settled


def record_refused(con: duckdb.DuckDBPyConnection, delivery: Delivery, decision: Decision) -> None:
    """A file that could not be read at all: kept in the archive, on record with its reason."""
    with transaction(con):
        _insert_delivery(con, delivery)
        record_event(con, delivery.delivery_id, decision)


def decide(con: duckdb.DuckDBPyConnection, delivery_id: str, decision: Decision) -> StatusChanges:
    """Record a decision by which no row comes or goes."""
    with transaction(con):
        record_event(con, delivery_id, decision)
        return update_statuses(con, delivery_id, decision)


def withdraw_delivery(
    con: duckdb.DuckDBPyConnection, vault: Vault, contract: Contract, delivery: Delivery, decision: Decision
) -> StatusChanges:
    """Take the delivery out of force from the decision's day on; what it had replaced stands again."""
    with transaction(con), transaction(vault.con):
        record_event(con, delivery.delivery_id, decision)
        settled = update_statuses(con, delivery.delivery_id, decision)
        retire_identities(con, vault, delivery, decision.effective_date, settled)
        update_derived(con, contract, delivery, decision.effective_date, settled)
    return settled


def retire_identities(
    con: duckdb.DuckDBPyConnection, vault: Vault, delivery: Delivery, on: date, settled: StatusChanges
) -> None:
    """Stop using the names and addresses that only deliveries now out of force brought."""
    if settled.is_empty:
        return
    named = fetch(
        con,
        f"SELECT DISTINCT person_id FROM core.{delivery.extract} WHERE period_month > ? ORDER BY 1",
        [delivery.period_month],
    )
    vault.retire(list(settled.superseded), on, but=named)
    vault.revive(list(settled.reinstated), on)


def update_derived(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    delivery: Delivery,
    on: date,
    settled: StatusChanges,
    members: pl.DataFrame | None = None,
) -> None:
    """What follows from a delivery that came or went: who lives with whom, and who is known at all."""
    if contract.extract == "population":
        if members is not None and settled.is_empty and is_next_roll(con, delivery.delivery_id):
            follow_roll(con, members, on)
        else:
            rebuild_membership_history(con, on)
    if not settled.is_empty:
        recount_persons(
            con, contract.extract, (delivery.delivery_id, *settled.superseded, *settled.reinstated)
        )


def _load_chunks(
    con: duckdb.DuckDBPyConnection,
    vault: Vault,
    contract: Contract,
    delivery: Delivery,
    good: Chunks,
    known: date,
) -> pl.DataFrame | None:
    """Every chunk's rows with ids in place of identifiers, to core; returns the members of a population."""
    if contract.extract != "population":
        for chunk in good():
            rows = identify(con, vault, contract, chunk, delivery.delivery_id, known)
            _load_rows(con, vault, contract, delivery, rows, known)
        return None
    # A number's household is decided by everybody who carries it, so all are looked at before any is loaded.
    slim: list[pl.DataFrame] = []
    kept: list[pl.DataFrame] = []
    for chunk in good():
        rows = identify(con, vault, contract, chunk, delivery.delivery_id, known)
        slim.append(rows.select(*MEMBER, "household_no", "registration_status_code"))
        kept = [*kept, rows] if len(slim) <= FEW else []
    if not slim:
        return None
    everybody = pl.concat(slim)
    homes = _household_ids(con, vault, everybody, known)
    again = (identify(con, vault, contract, c, delivery.delivery_id, known) for c in good())
    for part in kept or again:
        housed = part.join(homes, on="household_no", how="left", maintain_order="left")
        _load_rows(con, vault, contract, delivery, with_dwelling_ids(vault, housed, known), known)
    living = everybody.filter(pl.col("registration_status_code") == "active")
    return living.join(homes, on="household_no").select("household_id", *MEMBER)


FEW = 2  # chunks that may stay in memory: the one of an ordinary file, and its rows without a usable number
MEMBER = ("person_id", "relation_code")


def _load_rows(
    con: duckdb.DuckDBPyConnection,
    vault: Vault,
    contract: Contract,
    delivery: Delivery,
    rows: pl.DataFrame,
    known: date,
) -> None:
    vault.remember(_identity_values(contract, delivery, rows, known))
    _insert_facts(con, contract, delivery, rows, known)


def _household_ids(
    con: duckdb.DuckDBPyConnection, vault: Vault, everybody: pl.DataFrame, known: date
) -> pl.DataFrame:
    """household_no, household_id of every number ever seen, those of this roll included."""
    aliases = vault.household_aliases()
    resolved = resolve_households(everybody, aliases, open_members(con))
    vault.see_households(resolved.filter(how="known"), known)
    unseen = resolved.filter(pl.col("how") != "known").select("household_no", "household_id")
    return pl.concat([aliases, vault.mint_households(unseen, known)])


def _identity_values(contract: Contract, delivery: Delivery, rows: pl.DataFrame, known: date) -> pl.DataFrame:
    """person_id, attribute, value and where it comes from, of the columns that only the vault may hold."""
    kept = [c.name for c in contract.columns if core_name(c) is None]
    return (
        rows.select("person_id", *kept)
        .unpivot(index="person_id", variable_name="attribute", value_name="value")
        .drop_nulls("value")
        .unique(subset=["person_id", "attribute", "value"], keep="first", maintain_order=True)
        .with_columns(
            source=pl.lit(contract.extract),
            period_month=pl.lit(delivery.period_month),
            known_date=pl.lit(known),
            delivery_id=pl.lit(delivery.delivery_id),
        )
    )


def _insert_facts(
    con: duckdb.DuckDBPyConnection, contract: Contract, delivery: Delivery, rows: pl.DataFrame, known: date
) -> None:
    event = pl.col(contract.event_date) if contract.event_date else pl.lit(None, dtype=pl.Date)
    facts = rows.with_columns(
        period_month=pl.lit(delivery.period_month),
        event_date=pl.coalesce(event, pl.lit(known)),
        known_date=pl.lit(known),
        delivery_id=pl.lit(delivery.delivery_id),
    ).select(*core_columns(contract))
    run(con, f"INSERT INTO core._{contract.extract} BY NAME SELECT * FROM facts", facts=facts)
    named = [c for c in facts.columns if c.endswith("person_id")]
    everyone = pl.concat([facts.get_column(c).alias("person_id") for c in named]).drop_nulls()
    run(
        con,
        "INSERT INTO core._person SELECT person_id, ?, ? FROM new ANTI JOIN core._person USING (person_id)",
        [known, delivery.extract],
        new=pl.DataFrame({"person_id": everyone.unique(maintain_order=True)}),
    )
    _insert_identities(con, contract, rows)


def _insert_identities(con: duckdb.DuckDBPyConnection, contract: Contract, rows: pl.DataFrame) -> None:
    """What the number itself says of each new person: birth date and sex, never a place."""
    numbers = [c.name for c in contract.columns if c.reads_as == "cn_id"]
    pairs = pl.concat(
        rows.select(number=name, person_id=name.replace("id_number", "person_id")) for name in numbers
    )
    number = pl.col("number")
    told = pairs.drop_nulls("person_id").select(
        "person_id",
        has_number=number.is_not_null(),
        id_birth_date=written_birth_date(number),
        id_sex_code=written_sex_code(number),
    )
    run(
        con,
        "INSERT INTO core._identity SELECT * FROM told ANTI JOIN core._identity USING (person_id)",
        told=told.sort("person_id", "has_number", descending=[False, True]).unique(
            "person_id", keep="first", maintain_order=True
        ),
    )


def _note_recognised(
    con: duckdb.DuckDBPyConnection, delivery: Delivery, unidentified: pl.DataFrame | None
) -> None:
    if unidentified is None:
        return
    run(
        con,
        f"INSERT INTO ops.recognised_row SELECT delivery_id, row_no, person_id FROM core._{delivery.extract} "
        "WHERE delivery_id = $1 AND row_no IN (SELECT row_no FROM told) ORDER BY row_no",
        [delivery.delivery_id],
        told=unidentified.select("row_no"),
    )


def _forget_account(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    for name in ("delivery", *ACCOUNTS.values()):
        con.execute(f"DELETE FROM ops.{name} WHERE delivery_id = ?", [delivery.delivery_id])


def _insert_account(con: duckdb.DuckDBPyConnection, delivery: Delivery, account: Account) -> None:
    _insert_delivery(con, delivery)
    for table, name in ACCOUNTS.items():
        run(
            con,
            f"INSERT INTO ops.{name} BY NAME SELECT ? AS delivery_id, * FROM part",
            [delivery.delivery_id],
            part=getattr(account, table),
        )
    keep_profile(con, delivery.delivery_id, account.profile)
    if account.document:
        keep_validation(con, delivery.delivery_id, account.document)


def _insert_delivery(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> None:
    con.execute(f"INSERT INTO ops.delivery VALUES ({', '.join('?' * 19)})", list(astuple(delivery)))
