"""Ingest: every file of one inbox date is archived, read, checked and loaded, or put on record as refused."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

from data_contracts.delivery_checks.runner import warmed_up
from exchange.deliveries.packed import plain_source
from exchange.deliveries.reading import open_delivery
from flows.context.site import Site
from flows.ingest.arrivals import SAME_BYTES, arrival, delivery_id, is_known
from flows.ingest.filenames import extract_of
from flows.ingest.intake import check_opened, decided, load_checked
from transforms.deliveries.partitions import missing_partitions
from warehouse.database.archive import keep, sha256_of
from warehouse.database.connection import transaction
from warehouse.deliveries.deliveries import deliveries_at, find
from warehouse.deliveries.profiles import keep_partitions
from warehouse.identity.vault import Vault
from warehouse.loading.load import Delivery, record_refused
from zhaoren.errors import ZhaorenError


def inbox_dates(inbox: Path) -> list[date]:
    """The delivery dates of an inbox, oldest first. Raises ZhaorenError when there is none."""
    found = []
    for folder in sorted(p for p in inbox.glob("*/") if p.is_dir()):
        try:
            known = date.fromisoformat(folder.name)
        except ValueError:
            continue
        if files_of(inbox, known):
            found.append(known)
    if not found:
        raise ZhaorenError(
            "There is nothing to run.",
            str(inbox),
            "No folder named after a delivery date holds a file.",
            "Put deliveries into <inbox>/<YYYY-MM-DD>/<department>/<extract>.csv.",
            code="inbox_empty",
        )
    return found


def files_of(inbox: Path, known: date) -> list[Path]:
    """What lies in the date's department folders, in a fixed order: by department, then file name."""
    folder = inbox / known.isoformat()
    return sorted(p for p in folder.glob("*/*") if not p.name.startswith("."))


def ingest(site: Site, inbox: Path, known: date) -> int:
    """Take in every new file of the date. Returns how many were new; a known file is a no-op."""
    files = files_of(inbox, known)
    if not files:
        raise ZhaorenError(
            f"Nothing was delivered on {known}.",
            str(inbox / known.isoformat()),
            "There is no such folder, or no file in it.",
            "Name a delivery date of the inbox, or run with --all.",
            code="nothing_delivered",
        )
    plain = [p for p in files if p.is_file() and not p.is_symlink()]
    plain.sort(key=lambda p: not _lists_everybody(site, p))  # who is who is known before others speak of them
    site.home.check_room(sum(p.stat().st_size for p in plain))
    strange = [p for p in files if p not in plain and _refuse_strange(site, p, known)]
    _tell_misplaced(site, inbox / known.isoformat())
    unseen = [(p, sha) for p in plain if not is_known(site, p, sha := sha256_of(p), known)]
    if unseen:
        with site.open_vault(known, "load") as vault, warmed_up():
            for done, (path, sha256) in enumerate(unseen):
                site.progress(f"{known} {path.parent.name}/{path.name}", done, len(unseen))
                twin = sha256 in (sha for _, sha in unseen[:done])  # it may have come in a moment ago
                if not (twin and is_known(site, path, sha256, known)):
                    _ingest_file(site, vault, path, sha256, known)
    with transaction(site.con):
        late = missing_partitions(site.contracts.values(), deliveries_at(site.con, known), known)
        keep_partitions(site.con, known, late)
    site.progress(f"{known} deliveries read", len(files), len(files))
    return len(unseen) + len(strange)


def _lists_everybody(site: Site, path: Path) -> bool:
    """Whether the file's contract is that of the roll that holds everybody."""
    contract = site.contracts.get(f"{path.parent.name}.{extract_of(path.name)}")
    return contract is not None and contract.custom.get("identifies") == "everybody"


def _refuse_strange(site: Site, path: Path, known: date) -> bool:
    """Put a link, pipe or folder on record, unopened. Returns whether it was new."""
    named = hashlib.sha256(path.name.encode()).hexdigest()
    delivery = Delivery("", path.parent.name, extract_of(path.name), path.name, named, known, "rejected")
    delivery = replace(delivery, delivery_id=delivery_id(delivery))
    if find(site.con, delivery.delivery_id).height:
        return False
    try:
        plain_source(path)
    except ZhaorenError as error:
        _refuse(site, delivery, error)
    return True


def _tell_misplaced(site: Site, folder: Path) -> None:
    """Files outside every department's folder are nobody's: they are named, and left where they lie."""
    for path in sorted(p for p in folder.glob("*") if not p.is_dir() and not p.name.startswith(".")):
        error = ZhaorenError(
            "The file lies in no department's folder.",
            f"{folder.name}/{path.name}",
            "Who sent it is told by the folder it lies in.",
            f"Move it to {folder.name}/<department>/.",
            code="file_misplaced",
        )
        site.notes.setdefault("refused", []).append((path.name, error))


def _ingest_file(site: Site, vault: Vault, path: Path, sha256: str, known: date) -> None:
    keep(site.home.archive, path, sha256, site.vault_key)
    delivery = Delivery("", path.parent.name, extract_of(path.name), path.name, sha256, known, "rejected")
    try:
        delivery = arrival(site, path, delivery)
        contract = site.contracts[f"{delivery.department}.{delivery.extract}"]
        opened = open_delivery(path, contract, site.contracts)
        checked = check_opened(contract, opened, site.codes, site.areas)
    except ZhaorenError as error:
        _refuse(site, delivery, error)
        return
    delivery = load_checked(site, vault, contract, delivery, opened, checked)
    if delivery.status != "accepted":
        waits = ZhaorenError(
            f"The delivery is {delivery.status}.", why=_why(delivery), code=f"delivery_{delivery.status}"
        )
        _tell_refused(site, delivery, waits)


def _refuse(site: Site, delivery: Delivery, error: ZhaorenError) -> None:
    """A file that cannot be read: on record with its reason, and told."""
    delivery = replace(delivery, delivery_id=delivery_id(delivery), reason=str(error), error_code=error.code)
    record_refused(site.con, delivery, decided(site, delivery))
    _tell_refused(site, delivery, error)


def _tell_refused(site: Site, delivery: Delivery, error: ZhaorenError) -> None:
    site.notes.setdefault("refused", []).append((delivery.file_name, error))


def _why(delivery: Delivery) -> str:
    if delivery.reason.startswith(SAME_BYTES):
        why = f"It has the {delivery.reason}: somebody must say that nothing changed."
    else:
        why = "A delivery check failed; its rows wait in quarantine, see the report."
    if delivery.status == "held":
        why += f" To take it in: zhaoren release {delivery.delivery_id} --reason …"
    return why
