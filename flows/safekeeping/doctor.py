"""Whether a home is whole, in one page. It is only read: nothing is put right, and no lock is kept.

Works on a home that every other command refuses to open: what cannot be looked at is a finding, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flows.context.home import Home
from flows.safekeeping.file_checks import (
    disk,
    key_file,
    leftovers,
    modes,
    programs,
    published,
)
from flows.safekeeping.findings import Finding, fine, named, note, of_error, wrong
from warehouse.database.archive import archive_path, refuse_damaged
from warehouse.database.catalogue import database_of
from warehouse.database.connection import Connection
from warehouse.identity.key_change import is_under_way
from warehouse.identity.vault import Vault
from warehouse.identity.vault_faults import damage_of
from warehouse.migrations.migrate import MIGRATIONS
from warehouse.wholeness.adoption import unknown_ids, warehouse_ids
from warehouse.wholeness.compare import has_marks, never_repeated
from warehouse.wholeness.home_row import is_rewrite_due, layout_of
from warehouse.wholeness.inspection import (
    is_erasing,
    looked_into,
    newest_lists,
    originals,
    read_through,
    unaccounted,
    unfinished_runs,
)
from warehouse.wholeness.opening import home_holds, look_at_both, refuse_missing_warehouse, vault_missing_from
from warehouse.wholeness.vault_key import GivenKey
from zhaoren.errors import ZhaorenError

SAMPLE = 12  # originals read back where not all are asked for: the newest, and others spread over the rest


def examine(home: Home, *, deep: bool = False) -> list[Finding]:
    """Everything worth knowing of the home. deep: every original and every table is read, not a sample."""
    key, findings = key_file(home)
    found = [*programs(), *findings, *modes(home)]
    try:
        refuse_missing_warehouse(home)
        with looked_into(home.warehouse) as con:
            found += [*_warehouse(con, deep), *_together(con, home, key, deep), *_work(con, home)]
            found += published(home, newest_lists(con))
    except ZhaorenError as error:
        return [*found, of_error("warehouse", error), *disk(home), *leftovers(home, held=_is_held(error))]
    except Exception as error:
        if damage := damage_of(error):
            return [*found, of_error("warehouse", damage), *disk(home), *leftovers(home, held=False)]
        raise
    return [*found, *disk(home), *leftovers(home, held=False)]


def _is_held(error: ZhaorenError) -> bool:
    return error.what == "The warehouse is in use."


def _warehouse(con: Connection, deep: bool) -> Iterator[Finding]:
    layout, newest = layout_of(con), len(MIGRATIONS)
    if layout > newest:
        yield wrong(
            "layout",
            f"The home was made by a newer version (layout {layout}; this program knows up to {newest}).",
            "Use that version, or a newer one.",
        )
    elif layout < newest:
        yield note("layout", f"Layout {layout} of {newest}: the next command that opens the home renews it.")
    else:
        yield fine("layout", f"Layout {layout}, the newest.")
    lost = unaccounted(con)
    if lost:
        text = f"{len(lost)} deliveries do not add up: rows were lost ({named(lost)})."
        yield wrong(
            "conservation", text, "Report it with `zhaoren status --json`; hand those files in again."
        )
    else:
        yield fine("conservation", "Every row of every delivery is loaded, quarantined or a duplicate.")
    if deep:
        yield _read("warehouse", con, database_of(con))


def _read(area: str, con: Connection, database: str) -> Finding:
    try:
        return fine(area, f"All {read_through(con, database)} tables can be read to the end.")
    except Exception as error:
        if damage := damage_of(error):
            return of_error(area, damage)
        raise


def _together(con: Connection, home: Home, key: GivenKey | None, deep: bool) -> Iterator[Finding]:
    """Vault and warehouse; with a vault that opens, who is known to it and whether originals can be read."""
    if is_under_way(home.root):
        yield wrong(
            "key",
            "The change of the key was begun and is not finished: part of the home opens with either key.",
            "Type `zhaoren rotate-key`: it goes on where it stopped.",
        )
    expected = originals(con)
    missing = [delivery for sha, delivery in expected if not archive_path(home.archive, sha).is_file()]
    if missing:
        text = f"{len(missing)} of {len(expected)} originals are not in the archive (of {named(missing)})."
        yield wrong("archive", text, "Put archive/ back from the backup.")
    elif expected:
        yield fine("archive", f"All {len(expected)} originals are there.")
    try:
        if not home.vault.exists():
            if home_holds(con):
                raise vault_missing_from(con, home, key)
            yield note("vault", "There is none yet: nothing was taken in.")
            return
        vault, value, notices = look_at_both(con, home, key)
    except ZhaorenError as error:
        yield of_error("vault", error)
        return
    with vault:
        yield from (wrong("vault", text, "") for text in notices)
        if skipped := never_repeated(con, vault):
            steps = named([mark.in_words for mark in skipped])
            text = f"The warehouse lacks {len(skipped)} steps that the vault went through: {steps}."
            todo = "Hand in the files of those days again: `zhaoren run --all` with their inbox."
            yield wrong("vault", text, todo)
        if not has_marks(con):
            text = "It opens; vault and warehouse bear no common mark yet: a former version made them."
            yield note("vault", text, "The next command that opens the home writes it.")
        elif not notices and not skipped:
            yield fine("vault", "It is at the warehouse's mark, and the key opens it.")
        yield from _vault(con, vault, deep)
    here = [sha for sha, _ in expected if archive_path(home.archive, sha).is_file()]
    yield from _read_back(home.archive, here if deep else _sample(here), value, of=len(here))


def _vault(con: Connection, vault: Vault, deep: bool) -> Iterator[Finding]:
    ids = warehouse_ids(con)
    unknown = unknown_ids(vault, ids).height
    if unknown:
        text = f"{unknown} of {ids.height} persons and households of the warehouse are unknown to the vault."
        yield wrong("people", text, "Put back a vault.duckdb that was copied with this warehouse, or later.")
    else:
        yield fine("people", f"All {ids.height} persons and households are known to the vault.")
    if deep:
        yield _read("vault", vault.con, "v")


def _sample(hashes: list[str]) -> list[str]:
    newest, rest = hashes[: SAMPLE // 2], hashes[SAMPLE // 2 :]
    return newest + rest[:: max(1, len(rest) // (SAMPLE // 2))][: SAMPLE // 2]


def _read_back(archive: Path, hashes: list[str], key: str, of: int) -> Iterator[Finding]:
    faults = []
    for sha in hashes:
        try:
            refuse_damaged(archive, sha, key)
        except ZhaorenError as error:
            faults.append(error)
    if faults:
        shown = named([f"{error.where}: {error.why}" for error in faults])
        text = f"{len(faults)} of {len(hashes)} originals cannot be read back ({shown})."
        yield wrong("archive", text, "Put these files back from the backup.")
    elif hashes:
        rest = "" if len(hashes) == of else "; --deep reads all"
        yield fine("archive", f"{len(hashes)} of {of} originals were read back, equal by their hash{rest}.")


def _work(con: Connection, home: Home) -> Iterator[Finding]:
    """What was begun and not finished."""
    begun, is_due, erasing = unfinished_runs(con), is_rewrite_due(con), is_erasing(con)
    if begun:
        text = f"The lists of {named(begun)} were begun and are not finished."
        yield note("work", text, "Give the same `zhaoren run` again: it goes on where it stopped.")
    if is_due:
        text = "The warehouse's file still holds what a migration took out of its tables."
        yield note("work", text, "The next command that opens the home rewrites it.")
    if erasing:
        text = "A person's erasure was begun and is not finished: originals or lists may still name them."
        yield wrong("work", text, "Give the same `zhaoren erase` again: it goes on where it stopped.")
    if not (begun or is_due or erasing or is_under_way(home.root)):
        yield fine("work", "Nothing is unfinished.")
