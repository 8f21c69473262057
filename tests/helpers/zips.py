"""Zip files, workbooks among them, with one member rewritten."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path


def changed_member(path: Path, member: str, change: Callable[[bytes], bytes]) -> Path:
    """The file with one member's bytes changed, in place."""
    with zipfile.ZipFile(path) as old:
        parts = {entry.filename: old.read(entry) for entry in old.infolist()}
    parts[member] = change(parts[member])
    with zipfile.ZipFile(path, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return path
