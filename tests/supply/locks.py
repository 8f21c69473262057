"""The two locks: what runs, and what tests and tools need beside it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCTION, DEVELOPMENT = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
_LOCKED = re.compile(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==(\S+)((?: \\\n +--hash=sha256:[0-9a-f]{64})+)$", re.M)


@dataclass(frozen=True)
class Locked:
    """One distribution as a lock names it; hashes: SHA-256 of each file that may be installed for it."""

    name: str
    version: str
    hashes: tuple[str, ...]


def locked(lock: Path = PRODUCTION) -> list[Locked]:
    """The distributions of a lock, by name."""
    found = [
        Locked(name, version, tuple(re.findall("[0-9a-f]{64}", hashes)))
        for name, version, hashes in _LOCKED.findall(lock.read_text(encoding="utf-8"))
    ]
    return sorted(found, key=lambda one: one.name)


def declared(extra: str = "") -> set[str]:
    """The distributions that pyproject.toml names: to run, or under one of its extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return {normal(re.split(r"[\[<>=~! ]", entry)[0]) for entry in listed}


def normal(name: str) -> str:
    """A distribution's name as locks write it."""
    return re.sub(r"[-_.]+", "-", name).lower()
