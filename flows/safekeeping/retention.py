"""Delete what was kept long enough: what would go is told first, what went is on record."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from flows.context.site import CHINA, Site
from flows.safekeeping.periods import KINDS, Kind
from warehouse.database.archive import keep_cut
from warehouse.database.rewriting import rewrite
from warehouse.erasure.outdated import (
    count_older,
    delete_older,
    delete_texts,
    note_retained,
    outdated_originals,
    tables_of,
    texts_of,
)
from warehouse.identity.marks import marked_step
from warehouse.wholeness.home_row import note_rewrite_due
from zhaoren.errors import ZhaorenError


@dataclass(frozen=True)
class Outdated:
    """What of one kind is older than it is kept: how many files or rows from before which day."""

    kind: Kind
    months: int | None
    before: date | None
    cnt: int


def outdated(site: Site) -> list[Outdated]:
    """What would go today, one for each kind, those that keep everything included."""
    kept = site.settings.keep
    if unknown := sorted(kept.keys() - {kind.name for kind in KINDS}):
        raise ZhaorenError(
            f"settings.yaml keeps what is no kind: {', '.join(unknown)}.",
            str(site.home.root / "settings.yaml"),
            "",
            f"The kinds are {', '.join(kind.name for kind in KINDS)}.",
        )
    return [_outdated(site, kind, kept.get(kind.name, kind.months)) for kind in KINDS]


def _outdated(site: Site, kind: Kind, months: int | None) -> Outdated:
    if months is None:
        return Outdated(kind, None, None, 0)
    before = months_before(site.now().date(), months)
    return Outdated(kind, months, before, _COUNT[_way(kind)](site, kind, before))


def retain(site: Site) -> list[Outdated]:
    """Delete it; each kind is on record once it is gone. Killed, the same command goes on."""
    done = []
    for found in outdated(site):
        if found.cnt and found.before:
            _DELETE[_way(found.kind)](site, found.kind, found.before)
            note_retained(
                site.con,
                found.kind.name,
                before=found.before,
                at=site.now(),
                by=site.asker.name,
                cnt=found.cnt,
            )
            done.append(found)
    if any("." in found.kind.place for found in done):
        note_rewrite_due(site.con)
    return done


def months_before(day: date, months: int) -> date:
    """The first day of the month so many months before the day's."""
    month = day.year * 12 + day.month - 1 - months
    return date(month // 12, month % 12 + 1, 1)


def _way(kind: Kind) -> str:
    return "rows" if "." in kind.place else kind.place


def _folders(site: Site, kind: Kind, before: date) -> Iterator[Path]:
    for path in sorted((site.home.root / kind.name).glob("????-??-??")):
        try:
            if date.fromisoformat(path.name) < before:
                yield path
        except ValueError:
            continue


def _files(site: Site, kind: Kind, before: date) -> Iterator[Path]:
    for path in sorted((site.home.root / kind.name).glob("*")):
        if path.is_file() and datetime.fromtimestamp(path.stat().st_mtime, CHINA).date() < before:
            yield path


def _remove_folders(site: Site, kind: Kind, before: date) -> None:
    for path in _folders(site, kind, before):
        shutil.rmtree(path)


def _remove_files(site: Site, kind: Kind, before: date) -> None:
    for path in _files(site, kind, before):
        path.unlink()


def _count_texts(site: Site, kind: Kind, before: date) -> int:
    with site.open_vault(site.now().date(), "retain") as vault:
        return texts_of(site.con, vault, before)


def _remove_texts(site: Site, kind: Kind, before: date) -> None:
    with (
        site.open_vault(site.now().date(), "retain") as vault,
        marked_step(site.con, vault, f"retain texts from {before}"),
    ):
        delete_texts(site.con, vault, before)
    rewrite(site.home.vault, site.vault_key)


def _remove_originals(site: Site, kind: Kind, before: date) -> None:
    site.log_opening("retain")
    for sha256 in outdated_originals(site.con, before):
        keep_cut(site.home.archive, sha256, None, site.vault_key)


def _originals_there(site: Site, kind: Kind, before: date) -> int:
    root = site.home.archive
    return sum(any((root / sha[:2]).glob(f"{sha}*")) for sha in outdated_originals(site.con, before))


def _remove_rows(site: Site, kind: Kind, before: date) -> None:
    delete_older(site.con, tables_of(site.con, kind.place), before)


def _count_rows(site: Site, kind: Kind, before: date) -> int:
    return count_older(site.con, tables_of(site.con, kind.place), before)


_COUNT: dict[str, Callable[[Site, Kind, date], int]] = {
    "folder": lambda site, kind, before: len(list(_folders(site, kind, before))),
    "files": lambda site, kind, before: len(list(_files(site, kind, before))),
    "vault": _count_texts,
    "archive": _originals_there,
    "rows": _count_rows,
}
_DELETE: dict[str, Callable[[Site, Kind, date], None]] = {
    "folder": _remove_folders,
    "files": _remove_files,
    "vault": _remove_texts,
    "archive": _remove_originals,
    "rows": _remove_rows,
}
