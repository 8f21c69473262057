"""Whoever works on the parts of a date, every part is done, also when workers are killed."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

import pytest

from flows.process.runners import Local, Processes
from zhaoren.errors import ZhaorenError


def note(part: int, folder: Path, ends: int = 0) -> int:
    """Leave a file; be killed the first `ends` times that part 1 is tried."""
    tries = len(list(folder.glob(f"try-{part}-*")))
    (folder / f"try-{part}-{tries}").touch()
    if part == 1 and tries < ends:
        os.kill(os.getpid(), signal.SIGKILL)
    (folder / f"done-{part}").touch()
    return part


def done(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("done-*")}


def test_one_after_the_other(tmp_path: Path) -> None:
    assert list(Local().map(partial(note, folder=tmp_path), range(3))) == [0, 1, 2]


def test_what_a_killed_process_was_at_is_done_again(tmp_path: Path) -> None:
    parts = Processes(2).map(partial(note, folder=tmp_path, ends=1), range(3))
    assert sorted(parts) == [0, 1, 2]
    assert done(tmp_path) == {"done-0", "done-1", "done-2"}


def test_processes_that_are_ended_again_and_again_are_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(ZhaorenError, match="again and again"):
        list(Processes(1).map(partial(note, folder=tmp_path, ends=9), range(2)))
