"""Zip files, workbooks among them, with one member rewritten."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
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


def replaced_in(path: Path, member: str, pattern: bytes, instead: bytes) -> Path:
    """The file with every match in one member replaced, in place; fails where nothing matches."""

    def change(part: bytes) -> bytes:
        again = re.sub(pattern, instead, part)
        assert again != part, pattern
        return again

    return changed_member(path, member, change)


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A zip file's bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()
