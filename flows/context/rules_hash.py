"""The digest of every file that a list's content rests on; printed on a list, it names what made the list."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import zhaoren
from flows.context.home import Home
from flows.context.rulebook import added_files
from zhaoren.errors import ZhaorenError
from zhaoren.rooms import room

# Room -> the files it ships that change what a list says. The place tables count: they name the town whose
# station gets a household, and date the area codes that ID numbers are checked against.
SHIPPED = {
    "data_contracts": ("*.yaml",),
    "divisions": ("*.csv", "*.parquet"),
    "exchange": ("*.yaml",),
    "policies": ("*.yaml",),
}


def rules_hash(home: Home) -> str:
    """Digest of the version, of the rules, contracts, code and place tables shipped, and of the home's own.

    Raises ZhaorenError when a room ships none of its files: a broken installation must not pass for one that
    has no rules.
    """
    digest = hashlib.sha256(zhaoren.__version__.encode())
    for path, name in (*_shipped(), *_own(home)):
        digest.update(name.encode() + path.read_bytes())
    return digest.hexdigest()


def _shipped() -> Iterator[tuple[Path, str]]:
    """Every shipped file and its name, which begins with the room's: the same wherever the rooms lie."""
    for name, kinds in SHIPPED.items():
        folder = room(name)
        found = sorted(path for kind in kinds for path in folder.rglob(kind))
        if not found:
            raise ZhaorenError(
                f"The installation is broken: {name}/ is empty.",
                str(folder),
                f"It should hold {' and '.join(kinds)} files and holds none.",
                "Install Zhaoren again.",
                code="installation_broken",
            )
        yield from ((path, f"{name}/{path.relative_to(folder).as_posix()}") for path in found)


def _own(home: Home) -> Iterator[tuple[Path, str]]:
    changes = [home.division_changes] if home.division_changes.is_file() else []
    for path in (*added_files(home.root), *changes):
        yield path, path.relative_to(home.root).as_posix()
