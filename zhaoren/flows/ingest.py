"""Ingest: every file of one inbox date is archived, read, checked and loaded, or put on record as refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from zhaoren.data_contracts.contract import Contract
from zhaoren.data_contracts.rows import CheckedRows, check_rows
from zhaoren.data_contracts.suite import CheckResult, decide_delivery, run_suite
from zhaoren.errors import ZhaorenError
from zhaoren.exchange.reading import TextRows, read_delivery
from zhaoren.flows.accounting import account_of, conserve
from zhaoren.flows.job import Job
from zhaoren.warehouse.archive import keep, sha256_of
from zhaoren.warehouse.load import Delivery, load_delivery, record_refused
from zhaoren.warehouse.staging import stage
from zhaoren.warehouse.store import previous_rows, received
from zhaoren.warehouse.vault import Vault


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
        )
    return found


def files_of(inbox: Path, known: date) -> list[Path]:
    """The date's files in a fixed order: by department, then file name."""
    folder = inbox / known.isoformat()
    return sorted(p for p in folder.glob("*/*") if p.is_file() and not p.name.startswith("."))


def ingest(job: Job, inbox: Path, known: date) -> int:
    """Take in every new file of the date. Returns how many were new; a known file is a no-op."""
    files = files_of(inbox, known)
    if not files:
        raise ZhaorenError(
            f"Nothing was delivered on {known}.",
            str(inbox / known.isoformat()),
            "There is no such folder, or no file in it.",
            "Name a delivery date of the inbox, or run with --all.",
        )
    job.home.check_room(sum(p.stat().st_size for p in files))
    unseen = [p for p in files if not received(job.con, sha256_of(p), _extract(p))]
    if unseen:
        with job.open_vault(known, "load") as vault:
            for done, path in enumerate(unseen):
                job.tell(f"{known} {path.parent.name}/{path.name}", done, len(unseen))
                _ingest_file(job, vault, path, known)
    job.tell(f"{known} deliveries read", len(files), len(files))
    return len(unseen)


def _extract(path: Path) -> str:
    """The extract a file is named after, whatever follows the first dot."""
    return path.name.split(".")[0]


def _ingest_file(job: Job, vault: Vault, path: Path, known: date) -> None:
    extract, sha256 = _extract(path), sha256_of(path)
    keep(job.home.archive, path, sha256, job.key)
    delivery = Delivery(
        f"{known:%Y%m%d}-{extract}-{sha256[:12]}",
        path.parent.name,
        extract,
        path.name,
        sha256,
        known,
        "rejected",
    )
    try:
        contract = _contract(job, path)
        text = read_delivery(path, contract)
    except ZhaorenError as error:
        record_refused(job.con, replace(delivery, reason=str(error)))
        job.notes.setdefault("refused", []).append((path.name, error))
        return
    verdict = _load(job, vault, contract, delivery, text)
    if verdict != "accepted":
        why = "A delivery check failed; its rows wait in quarantine, see the report."
        job.notes.setdefault("refused", []).append(
            (path.name, ZhaorenError(f"The delivery is {verdict}.", why=why))
        )


def _contract(job: Job, path: Path) -> Contract:
    contract_id = f"{path.parent.name}.{_extract(path)}"
    if contract_id not in job.contracts:
        raise ZhaorenError(
            "No contract covers this file.",
            f"{path.parent.name}/{path.name}",
            f"There is no contract {contract_id}.",
            "Name the folder after the department and the file after the extract, or write a contract.",
        )
    return job.contracts[contract_id]


def _load(job: Job, vault: Vault, contract: Contract, delivery: Delivery, text: TextRows) -> str:
    checked = check_rows(text.frame, contract, job.codes, job.areas)
    results = _suite(job, contract, delivery, checked)
    verdict = decide_delivery(results)
    held = verdict != "accepted"
    quarantined = checked.good.height + checked.quarantined.height if held else checked.quarantined.height
    delivery = replace(
        delivery,
        status=verdict,
        rows_read=text.rows_read,
        rows_loaded=0 if held else checked.good.height,
        rows_quarantined=quarantined,
        rows_duplicate=checked.duplicates.height,
        encoding=text.encoding,
        reason="; ".join(r.rule_id for r in results if not r.passed and r.level.endswith("delivery")),
    )
    conserve(delivery)
    account = account_of(delivery, contract, checked, results)
    load_delivery(job.con, vault, contract, delivery, checked.good, account)
    return verdict


def _suite(job: Job, contract: Contract, delivery: Delivery, checked: CheckedRows) -> list[CheckResult]:
    """The contract's delivery rules, by Great Expectations over a staged copy without identifiers."""
    previous = previous_rows(job.con, contract.extract, delivery.known_date)
    path = stage(job.home.scratch / "staging.duckdb", checked.stage)
    try:
        return run_suite(contract, path, "staged", previous_rows=previous)
    finally:
        path.unlink(missing_ok=True)
