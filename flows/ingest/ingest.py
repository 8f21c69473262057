"""Ingest: every file of one inbox date is archived, read, checked and loaded, or put on record as refused."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from data_contracts.delivery_checks.gx import warmed_up
from exchange.deliveries.packed import plain_source
from flows.context.site import Site
from flows.ingest.arrivals import Arrival, delivery_of, is_known, place
from flows.ingest.inbox import files_of, misplaced_files
from flows.ingest.loader import SAME_BYTES, Loader, decided
from flows.ingest.lookups import Lookups
from transforms.deliveries.partitions import missing_partitions
from warehouse.database.archive import keep, sha256_of
from warehouse.database.connection import transaction
from warehouse.deliveries.account import Delivery
from warehouse.deliveries.deliveries import deliveries_at, find_delivery
from warehouse.deliveries.profiles import keep_partitions
from warehouse.identity.vault import Vault
from warehouse.loading.load import record_refused
from zhaoren.errors import ZhaorenError


@dataclass(frozen=True)
class Refusal:
    """A file of which nothing was loaded, and why."""

    file_name: str
    error: ZhaorenError


@dataclass(frozen=True)
class IngestResult:
    """How many files of the date were new, and what was refused this time: new files, and misplaced ones."""

    new_cnt: int
    refused: tuple[Refusal, ...] = ()


def ingest(site: Site, inbox: Path, known: date) -> IngestResult:
    """Take in every file of the date that was not taken in before.

    Raises ZhaorenError when the date has no file, or the disk cannot hold what came.
    """
    files = files_of(inbox, known)
    plain = [p for p in files if p.is_file() and not p.is_symlink()]
    site.home.check_room(sum(p.stat().st_size for p in plain))
    strange = [refusal for p in files if p not in plain for refusal in _refuse_strange(site, p, known)]
    misplaced = [_misplaced(path, known) for path in misplaced_files(inbox, known)]
    unseen = _unseen(site, plain, known)
    refused = _take_in(site, unseen, known) if unseen else []
    _note_missing(site, known)
    site.progress(f"{known} deliveries read", len(files), len(files))
    return IngestResult(len(unseen) + len(strange), (*strange, *misplaced, *refused))


def _unseen(site: Site, files: list[Path], known: date) -> list[Arrival]:
    """The new files; those first that list everybody, so that others find the persons they speak of."""
    arrivals = [Arrival(path, sha256_of(path), known) for path in files]
    arrivals.sort(key=lambda arrival: not _lists_everybody(site, arrival))
    return [arrival for arrival in arrivals if not is_known(site.con, site.contracts, arrival)]


def _lists_everybody(site: Site, arrival: Arrival) -> bool:
    contract = site.contracts.get(arrival.contract_id)
    return contract is not None and contract.identifies_everybody


def _take_in(site: Site, arrivals: list[Arrival], known: date) -> list[Refusal]:
    """Load one file after the other; a file that is refused stops no other."""
    refused = []
    with site.open_vault(known, "load") as vault, warmed_up():
        lookups = Lookups(site.con, vault)
        for done, arrival in enumerate(arrivals):
            site.progress(f"{known} {arrival.where}", done, len(arrivals))
            again = arrival.sha256 in {before.sha256 for before in arrivals[:done]}
            if again and is_known(site.con, site.contracts, arrival):
                continue  # the same bytes lay in the folder twice, and were taken in a moment ago
            refused += _load_file(site, vault, lookups, arrival)
    return refused


def _load_file(site: Site, vault: Vault, lookups: Lookups, arrival: Arrival) -> list[Refusal]:
    """Archive, check and load one file. Returns why, when nothing of it was loaded."""
    keep(site.home.archive, arrival.path, arrival.sha256, site.vault_key)
    delivery = delivery_of(arrival)
    try:
        delivery = delivery_of(arrival, place(site.con, site.contracts, arrival))
        loader = Loader(site, vault, lookups, site.contracts[arrival.contract_id], delivery)
        rows = loader.check(arrival.path)
    except ZhaorenError as error:
        return [_record_refused(site, delivery, error)]
    loaded = loader.load(rows)
    return [] if loaded.status == "accepted" else [Refusal(loaded.file_name, _not_accepted(loaded))]


def _refuse_strange(site: Site, path: Path, known: date) -> list[Refusal]:
    """Put a link, pipe or folder on record, unopened; none when it is on record already."""
    # Its content is nobody's to read, so its name stands in for the digest that would tell it apart.
    delivery = delivery_of(Arrival(path, hashlib.sha256(path.name.encode()).hexdigest(), known))
    if find_delivery(site.con, delivery.delivery_id).height:
        return []
    try:
        plain_source(path)
    except ZhaorenError as error:
        return [_record_refused(site, delivery, error)]
    return []


def _record_refused(site: Site, delivery: Delivery, error: ZhaorenError) -> Refusal:
    delivery = replace(delivery, reason=str(error), error_code=error.code)
    record_refused(site.con, delivery, decided(site, delivery))
    return Refusal(delivery.file_name, error)


def _misplaced(path: Path, known: date) -> Refusal:
    """A file in no department's folder is named, and left where it lies."""
    error = ZhaorenError(
        "The file lies in no department's folder.",
        f"{known}/{path.name}",
        "Who sent it is known by the folder it lies in.",
        f"Move it to {known}/<department>/.",
        code="file_misplaced",
    )
    return Refusal(path.name, error)


def _note_missing(site: Site, known: date) -> None:
    """Keep which promised months and parts are not there on the date."""
    with transaction(site.con):
        missing = missing_partitions(site.contracts.values(), deliveries_at(site.con, known), known)
        keep_partitions(site.con, known, missing)


def _not_accepted(delivery: Delivery) -> ZhaorenError:
    if delivery.reason.startswith(SAME_BYTES):
        why = f"It has the {delivery.reason}: somebody must say that nothing changed."
    else:
        why = "A delivery check failed; its rows wait in quarantine, see the report."
    if delivery.status == "held":
        why += f" To take it in: zhaoren release {delivery.delivery_id} --reason …"
    return ZhaorenError(f"The delivery is {delivery.status}.", why=why, code=f"delivery_{delivery.status}")
