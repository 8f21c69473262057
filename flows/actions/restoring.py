"""Write the archive out again as the inbox it came from, so that a home can be rebuilt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flows.context.site import Site
from warehouse.database.archive import archive_path, restore
from warehouse.queries.deliveries import delivered_files
from zhaoren.errors import ZhaorenError


@dataclass(frozen=True)
class Restored:
    """How many files were written, and which could not be: their path in the inbox, and why."""

    file_cnt: int
    failed: tuple[tuple[str, str], ...] = ()


def restore_inbox(site: Site, out: Path) -> Restored:
    """Write every archived delivery as <out>/<date>/<department>/<file>; one that fails stops no other.

    A new home run over them with --all gets the same persons and households under the same ids. Raises
    ZhaorenError when `out` holds anything.
    """
    if out.exists() and any(out.iterdir()):
        raise ZhaorenError("The folder is not empty.", str(out), "", "Name a new or an empty folder.")
    site.log_opening("restore")
    rows = delivered_files(site.con).drop("delivery_id").unique(maintain_order=True)
    done, failed = 0, []
    for count, (known, department, name, sha256, status) in enumerate(rows.rows()):
        site.progress(f"{known} {department}/{name}", count, rows.height)
        target = out / known.isoformat() / department / name
        if status == "rejected" and not archive_path(site.home.archive, sha256).exists():
            continue  # a link, pipe or folder: on record, never opened and never kept
        if why := _written(site, sha256, target):
            failed.append((f"{known}/{department}/{name}", why))
        else:
            done += 1
    site.progress("restored", rows.height, rows.height)
    return Restored(done, tuple(failed))


def _written(site: Site, sha256: str, target: Path) -> str:
    """Write one file; why it could not be, empty where it was."""
    if not archive_path(site.home.archive, sha256).exists():
        return "its bytes are not below archive/: put the archive back from a backup"
    if target.exists():
        return "another file of this name came on the same day and was written: a folder holds one of them"
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        restore(site.home.archive, sha256, site.vault_key, target)
    except ZhaorenError as error:
        target.unlink(missing_ok=True)  # half of it may be there
        return f"{error.why} {error.todo}"
    return ""
