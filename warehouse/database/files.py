"""Database files on the disk: what belongs to one, and that what was written stays."""

from __future__ import annotations

import os
from pathlib import Path


def log_of(path: Path) -> Path:
    """The write-ahead log that DuckDB keeps beside a database file."""
    return path.with_name(f"{path.name}.wal")


def sync(path: Path) -> None:
    """Have the disk keep a file's bytes, or a folder's list of names, before this returns."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
