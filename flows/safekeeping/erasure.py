"""Erase one person on request: from vault, warehouse, archive, receipts, lists and the published file.

In this order, each step harmless twice: the task is noted in the vault and the person deleted from both
databases in one step; originals are cut; what was handed out is written anew; both databases' files are
rewritten whole, so that no deleted byte is left in them. Killed at any moment, the next `zhaoren erase` goes
on.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

from exchange.cutting import Cut, Marks, cut_person
from exchange.deliveries.reading import open_delivery
from exchange.sheet_rows import empty_rows
from flows.actions.publishing import publish_home
from flows.context.site import Site
from flows.delivery.receipts import receipts_of, write_second_receipt
from flows.safekeeping.lists_again import write_lists_again
from warehouse.database.archive import archive_path, keep_cut, opened_original
from warehouse.database.connection import transaction
from warehouse.database.rewriting import rewrite
from warehouse.deliveries.deliveries import find_delivery
from warehouse.erasure.records import delete_from_vault, delete_from_warehouse
from warehouse.erasure.scope import lists_of, referring_deliveries
from warehouse.erasure.subject import is_person, person_of_number, rows_of_others, subject_of
from warehouse.erasure.tasks import (
    Record,
    Task,
    cut_counts,
    note_cut,
    note_lists,
    put_away,
    put_down,
    taken_up,
    unfinished,
    was_cut,
    write_record,
)
from warehouse.identity.marks import marked_step
from warehouse.identity.vault import Vault
from warehouse.queries.deliveries import returned_files
from warehouse.wholeness.home_row import note_rewrite_due
from zhaoren.errors import ZhaorenError

BASES = ("person_request", "department_request", "authority_order", "purpose_ended")


def begin_erasure(site: Site, number: str, person_id: str, basis: str) -> bool:
    """Delete the person from both databases and note what is left to do; whether a former one was left.

    number: an ID number, or empty where person_id names the person. Raises ZhaorenError for nobody.
    """
    if unfinished(site.con):
        return True
    with site.open_vault(site.now().date(), "erase") as vault:
        cut_off = taken_up(vault)  # killed after the vault's commit, before the warehouse's
        task = cut_off or _planned(site, vault, person_of_number(vault, number) if number else person_id)
        record = Record(task.erasure_id, site.now(), site.asker.name, basis)
        with marked_step(site.con, vault, f"erase {task.erasure_id}"):
            if not cut_off:
                put_down(vault, task)
            gone = delete_from_vault(vault, task.subject)
            left = delete_from_warehouse(site.con, task.subject)
            note_lists(site.con, task)
            note_rewrite_due(site.con)
            write_record(site.con, replace(record, vault_row_cnt=gone, warehouse_row_cnt=left))
    return cut_off is not None


def _planned(site: Site, vault: Vault, person_id: str | None) -> Task:
    """What the erasure of the person is about."""
    if person_id is None or not is_person(site.con, vault, person_id):
        raise nobody()
    subject = subject_of(site.con, vault, person_id)
    lists, deliveries = lists_of(site.con, subject), referring_deliveries(site.con, subject)
    return Task(secrets.token_hex(4), subject, lists, deliveries, site.home.published.exists())


def finish_erasure(site: Site) -> Record | None:
    """Do what is left of the erasure that was begun; None where there is none.

    For a site that was opened after `begin_erasure`: then the warehouse's file was rewritten whole already.
    """
    record = unfinished(site.con)
    if record is None:
        return None
    with site.open_vault(site.now().date(), "erase", record.erasure_id) as vault:
        task = taken_up(vault)
        if task is not None:
            record = _files(site, vault, task, record)
    if task is not None:
        for as_of, name in _receipts(site, task):
            write_second_receipt(site, name, as_of)
        if task.is_published:
            publish_home(site)
        with Vault(site.home.vault, site.vault_key) as vault, transaction(vault.con):
            write_record(site.con, record)
            put_away(vault, record.erasure_id)
    rewrite(site.home.vault, site.vault_key)
    done = replace(record, finished_at=site.now())
    write_record(site.con, done)
    return done


def _files(site: Site, vault: Vault, task: Task, record: Record) -> Record:
    """Cut the originals, and write lists and reviews anew."""
    names = sorted({*task.subject.rows["delivery_id"].to_list(), *task.deliveries})
    for at, name in enumerate(names):
        _cut(site, task, name, at / len(names))
    for sha256 in returned_files(site.con):
        _empty_returned(site, task, sha256)
    for path in (site.home.root / "reviews").rglob("*.xlsx"):
        empty_rows(path, path, _texts(task))
    written = write_lists_again(site, vault, task.lists)
    for path in site.home.defects.glob("*"):
        if any(number in path.read_text(errors="ignore") for number in task.subject.numbers):
            path.unlink()
    rows, files, removed = cut_counts(site.con, task.erasure_id)
    return replace(record, file_row_cnt=rows, file_cnt=files, removed_file_cnt=removed, list_cnt=written)


def _cut(site: Site, task: Task, delivery_id: str, share: float) -> None:
    """Cut one delivery's original; a file that cannot be cut goes as a whole."""
    row = find_delivery(site.con, delivery_id).row(0, named=True)
    site.progress("cutting the originals", share, 1)
    if (
        was_cut(site.con, task.erasure_id, delivery_id)
        or not archive_path(site.home.archive, row["sha256"]).exists()
    ):
        return
    with _to_be_cut(site, row["sha256"]) as (whole, without):
        cut = _without_person(site, task, row, whole, without)
        if cut.how:
            keep_cut(site.home.archive, row["sha256"], without if without.exists() else None, site.vault_key)
    note_cut(
        site.con, task.erasure_id, delivery_id, rows=len(cut.rows), cells=cut.cell_cnt, how=cut.how or "none"
    )


def _without_person(site: Site, task: Task, row: dict[str, str], whole: Path, without: Path) -> Cut:
    subject = task.subject
    if row["kind"] == "mended":  # known as a receipt of ours by its form, which must stay
        gone = empty_rows(whole, without, _texts(task))
        return Cut(tuple(gone), 0, "cells" if gone else "")
    theirs = subject.rows.filter(delivery_id=row["delivery_id"])["row_no"].to_list()
    contract = site.contracts.get(f"{row['department']}.{row['extract']}")
    others = partial(rows_of_others, site.con, row["delivery_id"], row["extract"], subject)
    if contract is not None:
        try:
            return cut_person(
                whole, contract, Marks(frozenset(theirs), subject.numbers, others), without, open_delivery
            )
        except ZhaorenError:
            without.unlink(missing_ok=True)
    return Cut(tuple(theirs), 0, "removed")


def _empty_returned(site: Site, task: Task, sha256: str) -> None:
    """Empty the lines of a returned list that are about a household which the person alone was."""
    if not archive_path(site.home.archive, sha256).exists():
        return
    with _to_be_cut(site, sha256) as (whole, without):
        if empty_rows(whole, without, _texts(task)):
            keep_cut(site.home.archive, sha256, without, site.vault_key)


@contextmanager
def _to_be_cut(site: Site, sha256: str) -> Iterator[tuple[Path, Path]]:
    """An archived original, and where to write what is left of it; neither stays."""
    without = site.home.scratch / "without"
    try:
        with opened_original(site.home.archive, sha256, site.vault_key, site.home.scratch) as whole:
            yield whole, without
    finally:
        without.unlink(missing_ok=True)


def _texts(task: Task) -> tuple[frozenset[str], tuple[str, ...]]:
    """What a cell must be, and what it must hold, for its row to be the person's."""
    subject = task.subject
    return frozenset({*subject.names, *subject.ids}), (*subject.numbers, *subject.alone, *subject.ids)


def _receipts(site: Site, task: Task) -> list[tuple[date, str]]:
    """The receipts that stand for the person's deliveries: date and delivery."""
    wanted = {*task.subject.rows["delivery_id"].to_list(), *task.deliveries}
    found = []
    for folder in sorted((site.home.root / "receipts").glob("*-*-*")):
        as_of = date.fromisoformat(folder.name)
        for name, path in receipts_of(site.con, as_of).select("delivery_id", "receipt").rows():
            if name in wanted and (folder / path).exists():
                found.append((as_of, name))
    return found


def nobody() -> ZhaorenError:
    """What is said where a number or an id is no person's."""
    return ZhaorenError(
        "Nobody of that number is known.",
        "",
        "Neither the vault nor any delivery has a person of it; perhaps the erasure was done before.",
        "Check the number. `zhaoren erasures` lists what was erased, without names.",
        code="nobody",
    )
