"""A home belongs to one account: folders 700, files 600, also what another version or a copy left open."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from zhaoren.errors import ZhaorenError

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# A key that others could read may be known to them: it is refused where it is read, not put right here.
_KEY = "vault.key"
# A home on two disks: these may be links, and what they lead to is the home's. Other links are left alone,
# for what they lead to, such as an inbox, has an owner and readers of its own.
_MAY_BE_ELSEWHERE = frozenset(
    ("warehouse.duckdb", "vault.duckdb", "archive", "published", "models", "worklists", "counties",
     "referrals", "spot_checks", "compliance", "receipts", "reports", "reviews", "defects", "prefect")
)  # fmt: skip


def close_to_others(home: Path) -> int:
    """Take what other accounts may do with the home's files away; how many could be read, said on stderr.

    Raises ZhaorenError where a file belongs to somebody else.
    """
    opened = 0
    for path, mode in _kept(home):
        if mode & _OTHERS:
            _close(path, mode)
            opened += 1
    if opened:
        what = "1 file or folder" if opened == 1 else f"{opened:,} files and folders"
        sys.stderr.write(f"Note: {what} of {home} could be opened by other accounts; now only by yours.\n")
    return opened


def open_to_others(home: Path) -> Iterator[Path]:
    """What of the home other accounts may open; nothing is changed."""
    return (path for path, mode in _kept(home) if mode & _OTHERS)


def _kept(home: Path) -> Iterator[tuple[Path, int]]:
    """The home, and every folder and file in it, with its mode."""
    yield home, home.stat().st_mode
    folders = [home]
    while folders:
        folder = folders.pop()
        for entry in os.scandir(folder):
            if entry.is_symlink() and not (folder == home and entry.name in _MAY_BE_ELSEWHERE):
                continue
            try:
                mode = entry.stat().st_mode
            except FileNotFoundError:  # another process' temporary file, or a link that leads nowhere
                continue
            path = Path(entry.path)
            if stat.S_ISDIR(mode):
                folders.append(path)
            if not (folder == home and entry.name == _KEY):
                yield path, mode


def _close(path: Path, mode: int) -> None:
    try:
        path.chmod(stat.S_IMODE(mode) & ~_OTHERS)
    except FileNotFoundError:
        return
    except PermissionError:
        raise ZhaorenError(
            "A file of the home is open to other accounts.",
            str(path),
            "It belongs to another account, so that ours cannot close it.",
            "Give the home to the account that runs Zhaoren (chown -R), and run again.",
            code="home_open_to_others",
        ) from None
