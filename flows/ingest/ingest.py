"""Ingest: every file of one inbox date is archived, read, checked and loaded, or put on record as refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path

from data_contracts.delivery_checks.gx import warm_up
from exchange.receipts.refusals import SAME_BYTES
from flows.context.site import Site
from flows.ingest.arrivals import NOWHERE, Arrival, Placement, delivery_of, is_known, place
from flows.ingest.guarding import guarded
from flows.ingest.inbox import LeftOut, files_of, misplaced_files
from flows.ingest.loader import Loader, decided
from flows.ingest.lookups import Lookups
from flows.ingest.scanning import confirm, room_for, scan
from transforms.deliveries.partitions import missing_partitions
from warehouse.database.archive import keep
from warehouse.database.connection import transaction
from warehouse.deliveries.account import Delivery
from warehouse.deliveries.deliveries import deliveries_at, find_delivery
from warehouse.deliveries.profiles import keep_partitions
from warehouse.identity.vault import Vault
from warehouse.loading.load import record_refused
from warehouse.queries.deliveries import is_on_record
from warehouse.written.names import keep_delivery_name
from zhaoren.errors import ZhaorenError
from zhaoren.names import safe_name

# Of these no bytes are known for good: they are told and not put on record, and the next run meets them anew.
NOT_YET = frozenset({"still_being_written", "file_vanished", "no_such_file"})


@dataclass(frozen=True)
class Refusal:
    """A file of which nothing was loaded, by what it is called, and why."""

    called: str
    error: ZhaorenError


@dataclass(frozen=True)
class IngestResult:
    """How many files of the date were new, and what was refused this time: new files, and misplaced ones.

    repeated: files that hold nothing new, being the same bytes as others.
    """

    new_cnt: int
    refused: tuple[Refusal, ...] = ()
    repeated: tuple[LeftOut, ...] = ()


@dataclass
class SoFar:
    """What the intake of one date did; it outlives an attempt that was cut off, so that all is told."""

    new_cnt: int = 0
    refused: list[Refusal] = field(default_factory=list)
    repeated: set[LeftOut] = field(default_factory=set)

    def tell(self, called: str, error: ZhaorenError) -> None:
        """Add what is not told yet: a second attempt meets the same misplaced files again."""
        if (called, str(error)) not in {(one.called, str(one.error)) for one in self.refused}:
            self.refused.append(Refusal(called, error))


def ingest(site: Site, inbox: Path, known: date, so_far: SoFar | None = None) -> IngestResult:
    """Take in every file of the date that was not taken in before. `so_far`: what a former attempt did.

    Whatever is wrong with one file refuses that file alone. Raises ZhaorenError when the date has no file,
    or the disk cannot hold what came.
    """
    done = so_far or SoFar()
    paths = files_of(inbox, known)
    found = scan(paths, known, site.words, site.home.defects)
    for path in misplaced_files(inbox, known):
        error = _misplaced(site.words.entry(safe_name(path.name), is_folder=False), known)
        done.tell(error.where, error)
    unseen = _unseen(site, found.files, done)
    site.home.check_room(sum(room_for(arrival.path) for arrival in unseen))
    unopened = [pair for pair in found.unopened if not _is_refused(site, *pair)]
    if unseen or unopened:
        _take_in(site, unseen, unopened, known, done)
    _note_missing(site, known)
    site.progress(f"{known} deliveries read", len(paths), len(paths))
    return IngestResult(done.new_cnt, tuple(done.refused), tuple(sorted(done.repeated)))


def _unseen(site: Site, arrivals: Iterable[Arrival], done: SoFar) -> list[Arrival]:
    """The new files; those first that list everybody, so that others find the persons they speak of."""
    ordered = sorted(arrivals, key=lambda arrival: not _lists_everybody(site, arrival))
    return [arrival for arrival in ordered if not _is_repeated(site, arrival, done)]


def _is_repeated(site: Site, arrival: Arrival, done: SoFar) -> bool:
    """Whether the file is nothing new; told where it came under another name or on another day."""
    if not is_known(site.con, site.contracts, arrival):
        return False
    if not is_on_record(site.con, arrival.known_date, arrival.name_hash):
        own = f"{arrival.known_date}/{arrival.own_folder}/{arrival.own_name}"
        done.repeated.add(LeftOut(f"{arrival.known_date}/{arrival.where}", "same_bytes", own))
    return True


def _lists_everybody(site: Site, arrival: Arrival) -> bool:
    contract = site.contracts.get(arrival.contract_id)
    return contract is not None and contract.identifies_everybody


def _is_refused(site: Site, arrival: Arrival, error: ZhaorenError) -> bool:
    """Whether what cannot be opened was put on record by a former run."""
    delivery = delivery_of(arrival, _placement(site, arrival))
    return error.code not in NOT_YET and bool(find_delivery(site.con, delivery.delivery_id).height)


def _take_in(
    site: Site,
    arrivals: list[Arrival],
    unopened: list[tuple[Arrival, ZhaorenError]],
    known: date,
    done: SoFar,
) -> None:
    """Load one file after the other; a file that is refused stops no other."""
    warm_up()
    with site.open_vault(known, "load") as vault:
        for arrival, error in unopened:
            _refuse(site, vault, done, arrival, error)
        lookups = Lookups(site.con, vault)
        for count, arrival in enumerate(arrivals):
            site.progress(f"{known} {arrival.where}", count, len(arrivals))
            again = arrival.sha256 in {before.sha256 for before in arrivals[:count]}
            if again and _is_repeated(site, arrival, done):
                continue  # the same bytes lay in the folder twice, and were taken in a moment ago
            loaded = guarded(partial(_load_file, site, vault, lookups, arrival), arrival, site.home.defects)
            if isinstance(loaded, ZhaorenError):
                _refuse(site, vault, done, arrival, _still_whole(site, arrival, loaded))
                continue
            done.new_cnt += 1
            if loaded.status != "accepted":
                done.tell(arrival.where, _not_accepted(loaded))


def _load_file(site: Site, vault: Vault, lookups: Lookups, arrival: Arrival) -> Delivery:
    """Archive, check and load one file."""
    keep(site.home.archive, arrival.path, arrival.sha256, site.vault_key)
    delivery = delivery_of(arrival, place(site.con, site.contracts, arrival))
    _keep_name(vault, delivery, arrival)
    contract = site.contracts[arrival.contract_id]
    loader = Loader(site, vault, lookups, contract, delivery, confirm=partial(confirm, arrival))
    return loader.load(loader.check(arrival.path))


def _still_whole(site: Site, arrival: Arrival, error: ZhaorenError) -> ZhaorenError:
    """The error, or that the file has changed meanwhile, which would explain it."""
    changed = guarded(partial(confirm, arrival), arrival, site.home.defects)
    return changed if isinstance(changed, ZhaorenError) else error


def _keep_name(vault: Vault, delivery: Delivery, arrival: Arrival) -> None:
    """Before anything of the file: the warehouse never knows a delivery whose name the vault lacks."""
    with transaction(vault.con):
        opened = delivery.sha256 if arrival.state else None
        keep_delivery_name(vault, delivery, (arrival.own_folder, arrival.own_name), opened)


def _refuse(site: Site, vault: Vault, done: SoFar, arrival: Arrival, error: ZhaorenError) -> None:
    """Put a file on record as refused, once; one that is not whole yet is told, for the next run takes it."""
    if error.code not in NOT_YET:
        delivery = delivery_of(arrival, _placement(site, arrival))
        if find_delivery(site.con, delivery.delivery_id).height:
            return
        delivery = replace(delivery, reason=str(error), error_code=error.code)
        _keep_name(vault, delivery, arrival)
        record_refused(site.con, vault, delivery, decided(site, delivery))
        done.new_cnt += 1
    done.tell(arrival.where, error)


def _placement(site: Site, arrival: Arrival) -> Placement:
    """What a refused file speaks of, where that can be said without opening what is no file."""
    if not arrival.state:
        return NOWHERE
    found = guarded(partial(place, site.con, site.contracts, arrival), arrival, site.home.defects)
    return NOWHERE if isinstance(found, ZhaorenError) else found


def _misplaced(called: str, known: date) -> ZhaorenError:
    """A file in no department's folder is told, and left where it lies."""
    return ZhaorenError(
        "The file lies in no department's folder.",
        f"{known}/{called}",
        "Who sent it is known by the folder it lies in.",
        f"Move it to {known}/<department>/.",
        code="file_misplaced",
    )


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
