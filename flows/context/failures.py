"""What an error is: a full disk that stops everything, or a defect of ours, whose details stay in a file."""

from __future__ import annotations

import errno
import traceback
from pathlib import Path

from zhaoren.errors import ZhaorenError
from zhaoren.rooms import room

DEFECTS = "defects"  # the folder of a home
_OURS = room("flows").parent
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


def as_defect(home: Path | None, error: BaseException) -> ZhaorenError:
    """The words for a defect of ours; where in our code it happened is kept in a file below the home.

    Without a home nothing is written anywhere: the words say where it was.
    """
    todo = "Run again; if it happens again, send us these lines (they hold no personal data)."
    if home is not None and home.is_dir():
        path = keep_defect(home / DEFECTS, "zhaoren-defect", error)
        todo = f"Run again; if it happens again, send us {path} (it holds no personal data)."
    return ZhaorenError(
        "Something went wrong inside Zhaoren.",
        f"{type(error).__name__}{_place(error)}",
        "This is a defect of ours, not of your data.",
        todo,
        code="defect",
    )


def _place(error: BaseException) -> str:
    """The last line of our own code that the error came through."""
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(_OURS) and "site-packages" not in frame.filename
    ]
    return f" in {Path(own[-1].filename).relative_to(_OURS)}:{own[-1].lineno}" if own else ""


def keep_defect(folder: Path, name: str, error: BaseException) -> Path:
    """Write where in our code the error happened; returns the file.

    Never the messages: those of the errors behind it may quote a cell.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{name}.txt"
    path.write_text("".join(traceback.format_tb(error.__traceback__)) + type(error).__name__)
    return path
