"""A home: the folder that holds one installation's warehouse, vault, archive, lists and reports."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psutil

from flows.context.failures import DEFECTS
from flows.process.modes import close_to_others
from zhaoren.errors import ZhaorenError

SPARE_BYTES = 64 << 20


@dataclass(frozen=True)
class Home:
    """Paths below one root; nothing outside it is written."""

    root: Path

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse.duckdb"

    @property
    def vault(self) -> Path:
        return self.root / "vault.duckdb"

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def published(self) -> Path:
        return self.root / "published" / "analytics.duckdb"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def scratch(self) -> Path:
        """Files of a step in progress; emptied when a run starts."""
        return self.root / "scratch"

    @property
    def defects(self) -> Path:
        """Where in our code something went wrong, one text per defect, without any of the data."""
        return self.root / DEFECTS

    def dated(self, kind: str, as_of: date) -> Path:
        """One date's folder of a kind, such as `worklists`, `counties`, `receipts` or `reports`."""
        return self.root / kind / as_of.isoformat()

    def prepare(self) -> Home:
        """Make the folder, open to its owner only, and close what in it is open to others."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        close_to_others(self.root)
        return self

    def clear_scratch(self) -> None:
        """Remove what a killed run left half-done; only for who holds the warehouse, hence runs alone."""
        if self.scratch.is_symlink():
            self.scratch.unlink()  # what it leads to is not ours to clear, and nothing is to be written there
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(mode=0o700)

    def check_room(self, incoming: int) -> None:
        """Raise ZhaorenError before anything is touched when the disk cannot hold what is coming in."""
        free = psutil.disk_usage(str(self.root)).free
        need = (
            SPARE_BYTES + 3 * incoming
        )  # the archive, the warehouse, and a copy while a step is in progress
        if free < need:
            raise ZhaorenError(
                "The disk is too full to run.",
                str(self.root),
                f"{free >> 20} MB are free and about {need >> 20} MB are needed.",
                "Free some space and run again. Nothing was changed.",
            )


def home_from(option: Path | None) -> Home:
    """The home named by --home, else by ZHAOREN_HOME, else ./var."""
    return Home(option or Path(os.environ.get("ZHAOREN_HOME", "var")))


def existing_home(option: Path | None) -> Home:
    """The same, for commands that read or add to a home and never make one.

    Raises ZhaorenError, and touches nothing, where there is none.
    """
    from warehouse.wholeness.opening import refuse_missing_warehouse  # heavy: what opens no home does without

    home = home_from(option)
    folder = existing_folder(home.root)
    refuse_missing_warehouse(home)
    if not home.warehouse.is_file():
        raise ZhaorenError(
            "This folder is no home of Zhaoren.", str(folder), f"It holds no {home.warehouse.name}.", NO_HOME
        )
    return home


def existing_folder(folder: Path) -> Path:
    """The folder. Raises ZhaorenError when there is none."""
    if not folder.is_dir():
        raise ZhaorenError("There is no such home.", str(folder), "No folder lies there.", NO_HOME)
    return folder


NO_HOME = "Name the home with --home or in ZHAOREN_HOME; `zhaoren run --inbox INBOX` makes a new one."


@contextmanager
def replaced_folder(target: Path, scratch: Path) -> Iterator[Path]:
    """A new folder to fill; it takes the target's place only when everything in it was written."""
    fresh = scratch / f"{target.parent.name}-{target.name}"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    yield fresh
    target.parent.mkdir(parents=True, exist_ok=True)
    old = scratch / f"old-{target.parent.name}-{target.name}"
    if target.exists():
        target.replace(old)
    fresh.replace(target)
    shutil.rmtree(old, ignore_errors=True)
