"""The inbox: <inbox>/<YYYY-MM-DD>/<department>/<extract>.csv, files as the departments sent them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from zhaoren.errors import ZhaorenError


def inbox_dates(inbox: Path) -> list[date]:
    """The delivery dates of an inbox, oldest first. Raises ZhaorenError when there is none."""
    found = []
    for folder in sorted(p for p in inbox.glob("*/") if p.is_dir()):
        try:
            known = date.fromisoformat(folder.name)
        except ValueError:
            continue
        if _files(inbox, known):
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
    """What the date's department folders hold, in a fixed order: by department, then file name.

    Links, pipes and folders are among it, for they are put on record. Raises ZhaorenError when there is
    nothing.
    """
    files = _files(inbox, known)
    if not files:
        raise ZhaorenError(
            f"Nothing was delivered on {known}.",
            str(inbox / known.isoformat()),
            "There is no such folder, or no file in it.",
            "Name a delivery date of the inbox, or run with --all.",
            code="nothing_delivered",
        )
    return files


def has_files(inbox: Path, known: date) -> bool:
    """Whether anything was delivered on the day."""
    return bool(_files(inbox, known))


def misplaced_files(inbox: Path, known: date) -> list[Path]:
    """Files beside the department folders: only its folder says who sent a file, so these are nobody's."""
    folder = inbox / known.isoformat()
    return sorted(p for p in folder.glob("*") if not p.is_dir() and not p.name.startswith("."))


def _files(inbox: Path, known: date) -> list[Path]:
    return sorted(p for p in (inbox / known.isoformat()).glob("*/*") if not p.name.startswith("."))
