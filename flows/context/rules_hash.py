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

# Room -> the files it ships that change what a list says; declarations of tables and texts of documents do
# not. The place tables count: they name the town whose station gets a household, and date the area codes that
# ID numbers are checked against.
SHIPPED = {
    "data_contracts": ("codes/*.yaml", "extracts/*/*.yaml"),
    "divisions": ("*.csv", "*.parquet"),
    "exchange": ("templates/*.yaml",),
    "policies": ("**/*.yaml",),
}


def rules_hash(home: Home) -> str:
    """Digest of the version, of the rules, contracts, code and place tables shipped, and of the home's own.

    Raises ZhaorenError when not one file of a kind is there: a broken installation must not pass for one that
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
        found = {kind: list(folder.glob(kind)) for kind in kinds}
        for kind in (kind for kind, paths in found.items() if not paths):
            raise _missing(f"{name}/{kind}", folder)
        for path in sorted(path for paths in found.values() for path in paths):
            yield path, f"{name}/{path.relative_to(folder).as_posix()}"


def _missing(files: str, folder: Path) -> ZhaorenError:
    return ZhaorenError(
        f"The installation is broken: it has no {files}.",
        str(folder),
        "Such files are shipped with Zhaoren, and no list can be made without them.",
        "Install Zhaoren again.",
        code="installation_broken",
    )


def _own(home: Home) -> Iterator[tuple[Path, str]]:
    for path in added_files(home.root):
        yield path, path.relative_to(home.root).as_posix()
