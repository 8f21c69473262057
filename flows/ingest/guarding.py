"""A net around the work on one file: whatever goes wrong with it refuses that file and stops no other.

What concerns everybody (a full disk, a broken database, an inbox that is gone) goes on up: the
run stops, and the next one takes up where it was.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from flows.context.failures import concerns_everybody, keep_defect
from flows.ingest.arrivals import Arrival
from zhaoren.errors import ZhaorenError

Work = TypeVar("Work")


def guarded(work: Callable[[], Work], arrival: Arrival, defects: Path) -> Work | ZhaorenError:
    """What the work returns, or why the file is refused. Raises only what concerns everybody.

    defects: the folder in which a defect of ours leaves where it happened.
    """
    try:
        return work()
    except BaseException as error:  # a panic in a reader's native code is no Exception
        if isinstance(error, OSError):
            error.filename = _called(error.filename, arrival)
        if concerns_everybody(error):
            raise
        if isinstance(error, ZhaorenError):
            return _without_names(error, arrival)
        if not isinstance(error, OSError):
            return _defect(error, arrival, defects)
        if error.filename not in (None, arrival.where) or not arrival.path.parent.parent.exists():
            raise  # the home cannot be written, or the share that the inbox lies on is gone
        return _refused_by_system(error, arrival)


def _called(filename: object, arrival: Arrival) -> object:
    """The path of a system's error; that of the file in hand as it may be shown."""
    return arrival.where if filename == str(arrival.path) else filename


def _without_names(error: ZhaorenError, arrival: Arrival) -> ZhaorenError:
    """The error as it may be shown and kept: readers name the file by its path."""
    for own in (str(arrival.path), arrival.path.name):
        if error.where.startswith(own):
            error.where = arrival.where + error.where.removeprefix(own)
    return error


def _refused_by_system(error: OSError, arrival: Arrival) -> ZhaorenError:
    if isinstance(error, FileNotFoundError):
        return ZhaorenError(
            "The file vanished while it was taken in.",
            arrival.where,
            "It was there when the inbox was looked through, and is gone.",
            "Put it back; the next run takes it.",
            code="file_vanished",
        )
    return ZhaorenError(
        "The file cannot be opened.",
        arrival.where,
        error.strerror or type(error).__name__,
        "Check that the account that runs Zhaoren may read it; the next run takes it.",
        code="file_not_openable",
    )


def _defect(error: BaseException, arrival: Arrival, defects: Path) -> ZhaorenError:
    kept = keep_defect(defects, f"{arrival.known_date}-{arrival.sha256[:12]}", error)
    return ZhaorenError(
        "Something went wrong inside Zhaoren with this file.",
        arrival.where,
        f"{type(error).__name__}: a defect of ours, or a file of a kind we never met. The others went on.",
        f"Send us {kept.parent.name}/{kept.name} of the home (it holds no personal data); deliver the file "
        "again on a later day.",
        code="defect",
    )
