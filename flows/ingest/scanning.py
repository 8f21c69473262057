"""What lies in a date's folders, looked at once: files with the digest of their bytes, and what is none."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from data_contracts.contract.file_names import KnownWords
from exchange import limits
from exchange.deliveries.packed import plain_source, unreadable
from flows.ingest.arrivals import Arrival
from flows.ingest.guarding import guarded
from warehouse.database.archive import changed_meanwhile, sha256_of
from zhaoren.errors import ZhaorenError


@dataclass(frozen=True)
class Scan:
    """files: to be opened. unopened: what is no file or cannot be read, with the reason."""

    files: tuple[Arrival, ...]
    unopened: tuple[tuple[Arrival, ZhaorenError], ...]


def scan(paths: Iterable[Path], known: date, words: KnownWords, defects: Path) -> Scan:
    """Look at each path of the date; nothing that is no plain file is opened."""
    files: list[Arrival] = []
    unopened: list[tuple[Arrival, ZhaorenError]] = []
    for path in paths:
        # Until its content is known, its name's hash stands in for the digest that tells a file apart.
        unread = Arrival(path, words.hashed(path.name), known, words)
        found = guarded(partial(_digested, unread), unread, defects)
        if isinstance(found, ZhaorenError):
            unopened.append((unread, found))
        else:
            files.append(found)
    return Scan(tuple(files), tuple(unopened))


def room_for(path: Path) -> int:
    """Bytes that the file takes up; those of a hole are none. 0 for one that is gone meanwhile."""
    with suppress(OSError):
        seen = path.lstat()
        return min(seen.st_size, seen.st_blocks * 512)
    return 0


def confirm(arrival: Arrival) -> None:
    """Raise ZhaorenError when the file is not what it was when its bytes were hashed."""
    if _state(arrival.path) != arrival.state or sha256_of(arrival.path) != arrival.sha256:
        raise changed_meanwhile(arrival.where)


def _digested(unread: Arrival) -> Arrival:
    if unread.path.is_symlink() or not unread.path.is_file():
        plain_source(unread.path)  # says what it is instead
    state = _state(unread.path)
    if state[0] > limits.MOST_UNPACKED_BYTES:
        gib = limits.MOST_UNPACKED_BYTES // limits.GIB
        raise unreadable("file_too_large", unread.name, f"it is larger than {gib} GiB", "deliver it in parts")
    return replace(unread, sha256=sha256_of(unread.path), state=state)


def _state(path: Path) -> tuple[int, ...]:
    """Size first, then whatever else tells that a file was written to or exchanged."""
    seen = path.lstat()
    return (seen.st_size, seen.st_mtime_ns, seen.st_ino, seen.st_mode)
