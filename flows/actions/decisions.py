"""A person's decision on a delivery: release what is held, reject it, withdraw what was accepted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from flows.actions.publishing import publish_home
from flows.context.site import Site
from flows.delivery.receipts import second_receipt
from flows.ingest.loader import Loader
from flows.ingest.lookups import Lookups
from warehouse.database.archive import opened_original
from warehouse.database.connection import Connection
from warehouse.database.partitions import as_of_dates
from warehouse.deliveries.account import Delivery
from warehouse.deliveries.deliveries import Decision, decided_on, find_delivery, held_deliveries
from warehouse.identity.marks import marked_step
from warehouse.identity.vault import Vault
from warehouse.loading.load import decide, withdraw_delivery
from warehouse.written.words import DELIVERY_DECISION, keep_one
from zhaoren.errors import ZhaorenError

# The states a delivery may be in for a decision. What was superseded counted once, and would count again if
# what replaced it were withdrawn, so it can be withdrawn as well.
_HELD = ("held",)
_ACCEPTED = ("accepted", "superseded")


def release(site: Site, delivery_id: str, reason: str, by: str, on: date | None = None) -> Delivery:
    """Take a held delivery in: its kept original is read and checked again, its facts are known from now.

    Raises ZhaorenError when there is no such delivery, it is not held, no reason is given, or a rule that
    refuses the whole delivery is broken. A release that was cut off is completed by the same command.
    """
    if begun := _completed(site, delivery_id, "released"):
        return begun
    delivery, decision = _prepared(site, delivery_id, _HELD, "released", reason=reason, by=by, on=on)
    contract = site.contracts[f"{delivery.department}.{delivery.extract}"]
    with site.open_vault(decision.effective_date, "release", delivery_id) as vault:
        _keep_reason(site.con, vault, delivery, decision, reason)
        with opened_original(
            site.home.archive, delivery.sha256, site.vault_key, site.home.scratch
        ) as original:
            loader = Loader(site, vault, Lookups(site.con, vault), contract, delivery)
            loaded = loader.load(loader.check(original), released=decision)
    _tell(site, delivery.delivery_id, decision.effective_date)
    return loaded


def reject(site: Site, delivery_id: str, reason: str, by: str, on: date | None = None) -> Delivery:
    """Refuse a held delivery for good; its rows stay in its account. Raises ZhaorenError as `release`."""
    if begun := _completed(site, delivery_id, "rejected"):
        return begun
    delivery, decision = _prepared(site, delivery_id, _HELD, "rejected", reason=reason, by=by, on=on)
    with site.open_vault(decision.effective_date, "reject", delivery_id) as vault:
        _keep_reason(site.con, vault, delivery, decision, reason)
    decide(site.con, delivery.delivery_id, decision)
    _tell(site, delivery.delivery_id, decision.effective_date)
    return replace(delivery, status="rejected")


def withdraw(site: Site, delivery_id: str, reason: str, by: str, on: date | None = None) -> Delivery:
    """From the day on, every table shows the world without the delivery; what it replaced is in force again.

    Raises ZhaorenError when there is no such delivery, it was never accepted, or no reason is given.
    """
    if begun := _completed(site, delivery_id, "withdrawn"):
        return begun
    delivery, decision = _prepared(site, delivery_id, _ACCEPTED, "withdrawn", reason=reason, by=by, on=on)
    contract = site.contracts[f"{delivery.department}.{delivery.extract}"]
    with site.open_vault(decision.effective_date, "withdraw", delivery_id) as vault:
        _keep_reason(site.con, vault, delivery, decision, reason)
        withdraw_delivery(site.con, vault, contract, delivery, decision)
    _tell(site, delivery.delivery_id, decision.effective_date)
    return replace(delivery, status="withdrawn")


def lists_to_make_anew(site: Site, on: date) -> list[date]:
    """Dates already scored that a decision of that day concerns."""
    return [day for day in as_of_dates(site.con) if day >= on]


def effective_day(site: Site, delivery: Delivery, since: date | None) -> date:
    """The day a decision takes effect unless one is named.

    Not before the newest list of today or earlier: lists handed out stay as they were, and can be rebuilt.
    """
    listed = [day for day in as_of_dates(site.con) if day <= site.now().date()]
    return max([delivery.known_date, since or delivery.known_date, *listed[-1:]])


def _prepared(
    site: Site,
    delivery_id: str,
    states: tuple[str, ...],
    event: str,
    *,
    reason: str,
    by: str,
    on: date | None,
) -> tuple[Delivery, Decision]:
    found = find_delivery(site.con, delivery_id)
    if found.is_empty():
        raise _error(site, "There is no such delivery.", delivery_id, "No delivery has this number.")
    row = found.row(0, named=True)
    if row["status"] not in states:
        why = f"It is {row['status']}; only one that is {' or '.join(states)} can be {event}."
        raise _error(site, f"The delivery cannot be {event}.", delivery_id, why)
    if not reason.strip():
        raise _error(site, "A decision needs a reason.", delivery_id, "The reason given is empty.")
    delivery = Delivery(**{name: row[name] for name in Delivery.__dataclass_fields__})
    earliest = row["since_date"] or delivery.known_date
    if on is not None and on < earliest:
        why = f"It came, or took effect, on {earliest}; {on} is earlier."
        raise _error(site, f"The delivery cannot be {event} on {on}.", delivery_id, why)
    day = on or effective_day(site, delivery, row["since_date"])
    return delivery, Decision(event, day, site.now(), by)


def _keep_reason(con: Connection, vault: Vault, delivery: Delivery, decision: Decision, reason: str) -> None:
    """Why somebody decided so, in the vault: whoever explains a decision may name people."""
    about = f"{delivery.delivery_id}|{decision.event}|{decision.decided_at}"
    with marked_step(con, vault, f"reason of {about}"):
        keep_one(
            vault,
            DELIVERY_DECISION,
            about,
            known=decision.effective_date,
            author=decision.decided_by,
            text=reason.strip(),
        )


def _error(site: Site, what: str, where: str, why: str) -> ZhaorenError:
    waiting = held_deliveries(site.con).get_column("delivery_id").to_list()
    todo = f"Held now: {', '.join(waiting)}." if waiting else "No delivery is held now."
    return ZhaorenError(
        what, where, why, f"{todo} A delivery's number is on its receipt and in ops.delivery."
    )


def _completed(site: Site, delivery_id: str, event: str) -> Delivery | None:
    """The delivery, where a person's decision on it was cut off before everybody was told, and now is told.

    None where it was never decided so, or nothing was left to do.
    """
    on = decided_on(site.con, delivery_id, event)
    if on is None or not _tell(site, delivery_id, on):
        return None
    row = find_delivery(site.con, delivery_id).row(0, named=True)
    return Delivery(**{name: row[name] for name in Delivery.__dataclass_fields__})


def _tell(site: Site, delivery_id: str, on: date) -> bool:
    """Analysts see the decision where anything was published before; the department gets a second receipt.

    The receipt goes last: where it is there, everybody was told. Returns False where it was.
    """
    with second_receipt(site, delivery_id, on) as is_new:
        if is_new and site.home.published.exists():
            publish_home(site)
    return is_new
