"""The inbox: <inbox>/<YYYY-MM-DD>/<department>/<extract>.csv, files as the departments sent them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from data_contracts.contract.file_names import KnownWords
from zhaoren.errors import ZhaorenError
from zhaoren.names import safe_name

# No delivery is older: a folder 0001-01-01 is a slip. Months before it would have no date either.
EARLIEST = date(2000, 1, 1)
_DATED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

# What lies in an inbox and is not run: why, and what to do.
LEFT_OUT = {
    "misnamed": (
        "its name is no date YYYY-MM-DD",
        "rename the folder to the day its files came, such as 2025-11-09",
    ),
    "future": (
        "its date has not come yet",
        "rename the folder to the day its files came. If an earlier version took it in: "
        "zhaoren withdraw DELIVERY for each of its deliveries; later months are run as usual then",
    ),
    "unreadable": (
        "the account that runs Zhaoren may not look into it",
        "give it the right to read the folder; the next run takes it",
    ),
    "too_old": (f"its date is before {EARLIEST}", "rename the folder to the day its files came"),
    "no_department": (
        "no department's folder in it holds a file",
        "put its files into YYYY-MM-DD/<department>/",
    ),
    "loose_file": ("it lies in no day's folder", "put it into YYYY-MM-DD/<department>/"),
    "not_run": (
        "it is older than the date that was run, and was never run itself",
        "run it: zhaoren run --all, or --as-of with its date",
    ),
    "same_bytes": (
        "it has the same bytes as a file that was taken in under another name or on another day",
        "delete it, or ask the department for the file that was meant",
    ),
}


@dataclass(frozen=True, order=True)
class LeftOut:
    """A folder or file of the inbox that no run takes, by what it is called; code: a key of LEFT_OUT.

    own: how it is named, for the vault.
    """

    name: str
    code: str
    own: str = field(default="", compare=False, repr=False)

    def __str__(self) -> str:
        why, todo = LEFT_OUT[self.code]
        return f"{self.name}: {why}; {todo}"


def inbox_dates(inbox: Path, today: date) -> list[date]:
    """The delivery dates of an inbox by today, oldest first. Raises ZhaorenError when there is none."""
    judged = [(folder, _date_of(folder, today)) for folder in _entries(inbox)]
    found = sorted(day for _, day in judged if isinstance(day, date))
    if not found:
        left = "; ".join(str(one) for one in left_out(inbox, today, KnownWords())[:5])
        raise ZhaorenError(
            "There is nothing to run.",
            str(inbox),
            "No folder named after a delivery date holds a file." + (f" Left out: {left}." if left else ""),
            "Put deliveries into <inbox>/<YYYY-MM-DD>/<department>/<extract>.csv.",
            code="inbox_empty",
        )
    return found


def left_out(inbox: Path, today: date, words: KnownWords) -> list[LeftOut]:
    """Whatever lies in the inbox and is no delivery date by today; empty and hidden things are none."""
    judged = [(entry, _date_of(entry, today)) for entry in _entries(inbox)]
    found = [_left(entry, why, words) for entry, why in judged if why and isinstance(why, str)]
    days = [entry for entry, day in judged if isinstance(day, date)]
    closed = [one for day in days for one in _entries(day) if one.is_dir() and not _may_look_into(one)]
    return sorted([*found, *(_shut(one, words) for one in closed)])


def _left(entry: Path, why: str, words: KnownWords) -> LeftOut:
    own = safe_name(entry.name)
    return LeftOut(words.entry(own, entry.is_dir()), why, own)


def _shut(folder: Path, words: KnownWords) -> LeftOut:
    day, own = folder.parent.name, safe_name(folder.name)
    return LeftOut(f"{day}/{words.folder(own)}", "unreadable", f"{day}/{own}")


def refuse_future(known: date, today: date) -> None:
    """Raise ZhaorenError for a date that has not come: its lists would come before every later month's."""
    if not EARLIEST <= known <= today:
        raise ZhaorenError(
            "That is no date to run.",
            str(known),
            f"It is after today, {today}." if known > today else f"No delivery is older than {EARLIEST}.",
            "Check the date, and the name of its folder in the inbox.",
            code="date_not_come",
        )


def _entries(inbox: Path) -> list[Path]:
    return sorted(p for p in inbox.glob("*") if not p.name.startswith("."))


def _may_look_into(folder: Path) -> bool:
    return os.access(folder, os.R_OK | os.X_OK)


def _date_of(entry: Path, today: date) -> date | str:
    """The date that a folder of the inbox stands for, or the code why for none; '' if it is empty."""
    if not entry.is_dir():
        return "loose_file"
    if not _may_look_into(entry):
        return "unreadable"
    if not any(not p.name.startswith(".") for p in entry.glob("*")):
        return ""
    try:
        known = date.fromisoformat(entry.name) if _DATED.fullmatch(entry.name) else None
    except ValueError:
        known = None
    if known is None:
        return "misnamed"
    if not EARLIEST <= known <= today:
        return "future" if known > today else "too_old"
    return known if _files(entry.parent, known) else "no_department"


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
