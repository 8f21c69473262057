"""The bench's provinces: made once by the province maker, kept in build/bench/, used again.

    build/bench/province-50000-1/inbox     50,000 persons, one month; `-12` twelve
A folder or link of that name that is there already is used as it is: a province made elsewhere will do.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from province.make import make_province
from tests.bench.alone import alone
from tests.bench.job.changed import next_month, write_changed

SEED, DIRT = 7, 0.02


def inbox_of(cache: Path, persons: int, months: int) -> Path:
    """The inbox of the province of that size, made now where it is not there."""
    folder = cache / f"province-{persons}-{months}"
    if not (folder / "inbox").exists():
        cache.mkdir(parents=True, exist_ok=True)
        fresh = cache / f"{folder.name}.partial"
        shutil.rmtree(fresh, ignore_errors=True)
        alone(make_province, persons, months, SEED, fresh, DIRT)
        shutil.rmtree(fresh / "truth")  # the bench asks what a run costs, not whether it is right
        fresh.rename(folder)
    return folder / "inbox"


def dates_of(inbox: Path) -> list[date]:
    """The delivery dates of an inbox, in order."""
    return sorted(date.fromisoformat(path.name) for path in inbox.iterdir() if path.is_dir())


@contextmanager
def with_changed_month(cache: Path, inbox: Path, first: date) -> Iterator[tuple[Path, date]]:
    """An inbox with the first date's files and, a month later, the same with one row in a hundred changed.

    It goes afterwards: at four million persons it is as large as the month itself.
    """
    with scratch(cache) as folder:
        own = folder / "inbox"
        shutil.copytree(inbox / str(first), own / str(first), copy_function=_linked)
        later = next_month(first)
        write_changed(own, first, later)
        yield own, later


@contextmanager
def scratch(cache: Path) -> Iterator[Path]:
    """A folder beside the provinces for a home and what else a measurement needs; gone afterwards."""
    cache.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=cache, prefix="scratch-") as name:
        yield Path(name)


def _linked(source: str, target: str) -> None:
    """The same file under a second name; a copy where the two lie on different disks."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
