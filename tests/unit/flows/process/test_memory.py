"""What a run may take: read from what people write, refused where it cannot be meant, shared out."""

from __future__ import annotations

import psutil
import pytest

from flows.process.memory import BASE, GIB, Memory
from flows.process.runners import Local, Processes, runner_of
from zhaoren.errors import ZhaorenError


@pytest.mark.parametrize("text", ["3GB", "3 gb", "3G", "3GiB", "3072MB", "3"])
def test_sizes_are_read_as_people_write_them(text: str) -> None:
    assert Memory.parse(text).total == 3 * GIB


@pytest.mark.parametrize(
    ("text", "why"), [("much", "no size"), ("-4GB", "no size"), ("1GB", "2 GB at least"), ("900000GB", "has")]
)
def test_what_cannot_be_meant_is_refused_before_work_starts(text: str, why: str) -> None:
    with pytest.raises(ZhaorenError, match=why):
        Memory.parse(text)


@pytest.mark.parametrize("gib", [2, 4, 8, 64])
def test_the_parts_of_a_run_fit_into_it_together(gib: int) -> None:
    memory = Memory(gib * GIB)
    assert BASE + memory.warehouse + memory.vault <= memory.total
    assert memory.shard_households >= 1_000


def test_by_itself_a_run_leaves_something_to_others() -> None:
    assert Memory.of_machine().total < max(psutil.virtual_memory().total, 2 * GIB + 1)


def test_a_runner_is_named_or_refused() -> None:
    assert runner_of("local") == Local() and runner_of("processes:3") == Processes(3)
    for text in ("", "process", "processes:0", "dask://", "dask://host", "spark://host:1"):
        with pytest.raises(ZhaorenError, match="no runner"):
            runner_of(text)
