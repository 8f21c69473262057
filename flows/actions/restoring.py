"""Write the archive out again as the inbox it came from, so that a home can be rebuilt."""

from __future__ import annotations

from pathlib import Path

from flows.context.site import Site
from warehouse.database.archive import archive_path, restore
from warehouse.queries.deliveries import delivered_files
from zhaoren.errors import ZhaorenError


def restore_inbox(site: Site, out: Path) -> int:
    """Every archived delivery as <out>/<date>/<department>/<file>; returns how many.

    A new home run over them with --all gets the same persons and households under the same ids. Raises
    ZhaorenError when `out` holds anything, or a file of the archive is missing or damaged.
    """
    if out.exists() and any(out.iterdir()):
        raise ZhaorenError("The folder is not empty.", str(out), "", "Name a new or an empty folder.")
    rows = delivered_files(site.con).drop("delivery_id").unique(maintain_order=True)
    done = 0
    for known, department, name, sha256, status in rows.rows():
        if not archive_path(site.home.archive, sha256).exists():
            if status == "rejected":
                continue  # a link, pipe or folder: on record, never opened and never kept
            raise _lost(f"{known}/{department}/{name}")
        site.progress(f"{known} {department}/{name}", done, rows.height)
        target = out / known.isoformat() / department / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        restore(site.home.archive, sha256, site.vault_key, target)
        done += 1
    site.progress("restored", rows.height, rows.height)
    return done


def _lost(name: str) -> ZhaorenError:
    return ZhaorenError(
        "A file is missing from the archive.",
        name,
        "The warehouse knows it, and its bytes are not below archive/.",
        "Put the archive back from a backup; what was written so far stays.",
    )
