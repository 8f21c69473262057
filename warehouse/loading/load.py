"""Loading one checked delivery, or taking one out of force, with all that follows from it.

The vault commits first, the warehouse last and at once. Killed in between, a delivery leaves nothing visible,
and loading it again meets the same ids.
"""

from __future__ import annotations

from datetime import date
from itertools import chain

import polars as pl

from data_contracts.contract.model import Contract
from warehouse.database.connection import Connection, fetch, transaction
from warehouse.deliveries.account import Account, Delivery, insert_account, insert_delivery, remove_account
from warehouse.deliveries.deliveries import Decision, StatusChanges, record_event, update_statuses
from warehouse.identity.marks import marked_step
from warehouse.identity.vault import Vault
from warehouse.loading.corrections import list_changes, recount_persons
from warehouse.loading.facts import Chunks, FactWriter
from warehouse.loading.members import follow_roll, is_next_roll, rebuild_membership_history
from warehouse.written.names import keep_headers
from warehouse.written.personal_corrections import end_overtaken


def load_delivery(
    con: Connection,
    vault: Vault,
    contract: Contract,
    delivery: Delivery,
    *,
    good: Chunks,
    account: Account,
    decision: Decision,
    unidentified: pl.DataFrame | None = None,
) -> StatusChanges:
    """Load the good rows (typed, with identifiers) if the delivery is accepted; always keep its account.

    `good` gives the rows in chunks, the same each time it is called. `unidentified`: refused rows that say
    who they speak of though not by a number; they stay refused, and are used under provisional persons
    (`ops.recognised_row`). The facts are known from the decision's effective day on. A delivery once held and
    now released takes the place of its former account. Returns what became of the extract's other deliveries.
    """
    changes, on = StatusChanges(), decision.effective_date
    with marked_step(con, vault, _step(delivery, decision)):
        vault.keep_quarantined(delivery.delivery_id, account.originals)
        keep_headers(vault, delivery.delivery_id, account.headers)
        if decision.event == "released":
            remove_account(con, delivery)
        insert_account(con, delivery, account)
        record_event(con, delivery.delivery_id, decision)
        if delivery.status == "accepted":
            changes = update_statuses(con, delivery.delivery_id, decision)
            _retire_identities(con, vault, delivery, on, changes)
            writer = FactWriter(con, vault, contract, delivery, on)
            members = writer.write(good if unidentified is None else lambda: chain(good(), [unidentified]))
            writer.note_recognised(unidentified)
            if delivery.delivery_id in changes.superseded:  # a later file of the same month came before it
                vault.retire([delivery.delivery_id], on)
            end_overtaken(con, vault, on)
            replaced = changes.superseded_besides(delivery.delivery_id)
            list_changes(con, contract, delivery.delivery_id, replaced)
            update_derived(con, contract, delivery, on, changes, members=members)
    return changes


def record_refused(con: Connection, vault: Vault, delivery: Delivery, decision: Decision) -> None:
    """A file that could not be read at all: kept in the archive, on record with its reason."""
    with marked_step(con, vault, _step(delivery, decision)):  # the vault holds how the file is named
        insert_delivery(con, delivery)
        record_event(con, delivery.delivery_id, decision)


def decide(con: Connection, delivery_id: str, decision: Decision) -> StatusChanges:
    """Record a decision by which no row comes or goes."""
    with transaction(con):
        record_event(con, delivery_id, decision)
        return update_statuses(con, delivery_id, decision)


def withdraw_delivery(
    con: Connection, vault: Vault, contract: Contract, delivery: Delivery, decision: Decision
) -> StatusChanges:
    """Take the delivery out of force from the decision's day on; what it had superseded is in force again."""
    with marked_step(con, vault, _step(delivery, decision)):
        record_event(con, delivery.delivery_id, decision)
        changes = update_statuses(con, delivery.delivery_id, decision)
        _retire_identities(con, vault, delivery, decision.effective_date, changes)
        update_derived(con, contract, delivery, decision.effective_date, changes)
    return changes


def _step(delivery: Delivery, decision: Decision) -> str:
    """What marks name the step by; the file's digest is in the delivery's id."""
    return f"{decision.event} {delivery.delivery_id} on {decision.effective_date}"


def _retire_identities(
    con: Connection, vault: Vault, delivery: Delivery, on: date, changes: StatusChanges
) -> None:
    """Stop using the names and addresses that only deliveries now out of force brought.

    Whoever a later month names again keeps theirs: the vault holds each value once, under the delivery that
    brought it first.
    """
    if changes.is_empty:
        return
    named = fetch(
        con,
        f"SELECT DISTINCT person_id FROM core.{delivery.extract} WHERE period_month > ? ORDER BY 1",
        [delivery.period_month],
    )
    vault.retire(list(changes.superseded), on, but=named)
    vault.revive(list(changes.reinstated), on)


def update_derived(
    con: Connection,
    contract: Contract,
    delivery: Delivery,
    on: date,
    changes: StatusChanges,
    *,
    members: pl.DataFrame | None = None,
) -> None:
    """What follows from a delivery that came or went: who lives with whom, and who is known at all."""
    if contract.identifies_everybody:
        roll = contract.extract
        if members is not None and changes.is_empty and is_next_roll(con, roll, delivery.delivery_id):
            follow_roll(con, members, on)
        else:
            rebuild_membership_history(con, roll, on)
    if not changes.is_empty:
        touched = (delivery.delivery_id, *changes.superseded, *changes.reinstated)
        recount_persons(con, contract.extract, touched)
