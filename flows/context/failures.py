"""What an error is: a full disk that stops everything, or a defect of ours, whose details stay in a file."""

from __future__ import annotations

import errno
import traceback
from pathlib import Path

from zhaoren.errors import ZhaorenError

DISK_FULL = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT})
_FULL_WORDS = ("no space left", "file too large", "disk full", "out of disk", "disk quota")


def is_disk_full(error: BaseException) -> bool:
    """Whether the system, DuckDB or a library of ours could not write for lack of room."""
    if isinstance(error, ZhaorenError):
        return error.code == "disk_full"
    if isinstance(error, OSError):
        return error.errno in DISK_FULL  # its text would name the file, whatever that is called
    return any(word in str(error).lower() for word in _FULL_WORDS)


def concerns_everybody(error: BaseException) -> bool:
    """Whether the error is of the disk, the database or the user's will, and not of the file in hand."""
    from warehouse.database.connection import is_broken  # heavy: a command that opens no home does without

    if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
        return True
    return is_disk_full(error) or is_broken(error)


def as_defect(folder: Path, error: BaseException) -> ZhaorenError:
    """The words for a defect of ours; where in our code it happened is kept in a file in the folder."""
    path = keep_defect(folder, "zhaoren-defect", error)
    return ZhaorenError(
        "Something went wrong inside Zhaoren.",
        type(error).__name__,
        "This is a defect of ours, not of your data.",
        f"Run again; if it happens again, send us {path} (it holds no personal data).",
        code="defect",
    )


def keep_defect(folder: Path, name: str, error: BaseException) -> Path:
    """Write where in our code the error happened; returns the file.

    Never the messages: those of the errors behind it may quote a cell.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{name}.txt"
    path.write_text("".join(traceback.format_tb(error.__traceback__)) + type(error).__name__)
    return path
