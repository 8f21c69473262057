"""What goes wrong with one file is an answer; what concerns everybody is raised."""

from __future__ import annotations

import errno
from datetime import date
from pathlib import Path
from typing import NoReturn

import duckdb
import pytest
from polars.exceptions import PanicException

from data_contracts.contract.file_names import KnownWords
from flows.ingest.arrivals import Arrival
from flows.ingest.guarding import guarded
from zhaoren.errors import ZhaorenError

FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def arrival(tmp_path: Path) -> Arrival:
    path = tmp_path / "2025-09-05" / "a" / "no space left.csv"
    path.parent.mkdir(parents=True)
    path.write_text("x")
    return Arrival(path, "0" * 64, date(2025, 9, 5), KnownWords(frozenset("a"), key="a key"))


def outcome(error: BaseException, arrival: Arrival) -> object:
    """What a work that fails so leads to."""

    def fails() -> NoReturn:
        raise error

    return guarded(fails, arrival, arrival.path.parents[2] / "defects")


def test_what_works_is_returned(arrival: Arrival) -> None:
    assert guarded(lambda: 7, arrival, Path()) == 7


@pytest.mark.parametrize(
    "error",
    [PanicException("张三"), ValueError("张三"), RecursionError(), MemoryError(), AssertionError()]
    + [duckdb.ConversionException("张三"), duckdb.OutOfMemoryException("张三"), OverflowError("张三")],
)  # fmt: skip
def test_a_defect_is_told_by_its_kind_and_its_message_kept_nowhere(
    error: BaseException, arrival: Arrival
) -> None:
    told = outcome(error, arrival)
    assert isinstance(told, ZhaorenError) and told.code == "defect"
    assert type(error).__name__ in told.why
    (kept,) = (arrival.path.parents[2] / "defects").iterdir()
    assert "in fails" in kept.read_text()
    assert "张三" not in kept.read_text() + str(told)


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.EACCES, "file_not_openable"), (errno.ENOENT, "file_vanished"), (errno.EIO, "file_not_openable")]
    + [(errno.ENAMETOOLONG, "file_not_openable"), (errno.ELOOP, "file_not_openable")],
)
def test_what_the_system_says_of_the_file_refuses_it(number: int, code: str, arrival: Arrival) -> None:
    told = outcome(OSError(number, "no", str(arrival.path)), arrival)
    assert isinstance(told, ZhaorenError) and told.code == code and told.todo
    assert told.where == "a/file-000000000000.csv"


@pytest.mark.parametrize(
    "error",
    [FULL, OSError(errno.EDQUOT, "quota"), PermissionError(errno.EACCES, "no", "archive/ab/cd")]
    + [duckdb.IOException("could not write"), duckdb.FatalException("invalidated"), KeyboardInterrupt()]
    + [ZhaorenError("The disk is full.", code="disk_full"), RuntimeError("No space left on device")],
)
def test_what_concerns_everybody_goes_on_up(error: BaseException, arrival: Arrival) -> None:
    with pytest.raises(type(error)):
        outcome(error, arrival)


def test_an_inbox_that_is_gone_stops_the_run(arrival: Arrival) -> None:
    """A share that went away: trying again may help, and each of its files would look vanished."""
    arrival.path.unlink()
    arrival.path.parent.rmdir()
    arrival.path.parents[1].rmdir()
    with pytest.raises(OSError) as stopped:
        outcome(OSError(errno.ENOENT, "no", str(arrival.path)), arrival)
    assert stopped.value.filename == arrival.where, "the screen and Prefect print it"
