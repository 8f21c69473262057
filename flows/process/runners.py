"""Who works on the parts of a date: this process, several on this machine, or a Dask cluster.

    runner_of("local" | "processes" | "processes:4" | "dask://host:port") -> Runner

The work is the same function wherever it runs, and its results lie in files; a part that is done twice is
written twice alike. So a worker that is lost costs its part and nothing else.
"""

from __future__ import annotations

import multiprocessing
import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import ClassVar

from flows.process.work import Runner, Work
from zhaoren.errors import ZhaorenError

ENDED = 3  # times that workers may be lost before the machine, not chance, is to blame


@dataclass(frozen=True)
class Local:
    """One part after the other, in this process."""

    wants_prefect: ClassVar[bool] = False

    def map(self, work: Work, parts: Sequence[int]) -> Iterator[int]:
        """See Runner."""
        return map(work, parts)


@dataclass(frozen=True)
class Processes:
    """Several processes on this machine."""

    wants_prefect: ClassVar[bool] = False
    count: int

    def map(self, work: Work, parts: Sequence[int]) -> Iterator[int]:
        """See Runner. Parts of a process that was killed are done again by new ones."""
        left = list(parts)
        for attempt in range(ENDED):
            try:
                for part in self._once(work, left):
                    left.remove(part)
                    yield part
                return
            except BrokenProcessPool:
                if attempt == ENDED - 1:
                    raise _lost(len(left)) from None

    def _once(self, work: Work, parts: Sequence[int]) -> Iterator[int]:
        # Not forked: polars and DuckDB have threads of their own, which a fork would leave hanging.
        fresh = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(self.count, len(parts)), mp_context=fresh) as pool:
            waiting = [pool.submit(work, part) for part in list(parts)]
            try:
                yield from (done.result() for done in as_completed(waiting))
            finally:
                for one in waiting:
                    one.cancel()


def runner_of(text: str) -> Runner:
    """The runner that an installation or a command names; ZhaorenError for what is none."""
    if text == "local":
        return Local()
    if found := re.fullmatch(r"processes(?::([1-9]\d?))?", text):
        return Processes(int(found[1] or os.cpu_count() or 1))
    if re.fullmatch(r"dask://[\w.\-\[\]:]+:\d+", text):
        from flows.process.dask_runner import OnDask  # Dask takes a second to import

        return OnDask(text.removeprefix("dask://"))
    raise ZhaorenError(
        f"“{text}” is no runner.",
        "--runner",
        "It says who works on the households: this process, several, or a cluster.",
        "Write local, processes, processes:4 or dask://host:port.",
        code="no_such_runner",
    )


def _lost(count: int) -> ZhaorenError:
    return ZhaorenError(
        "Processes at work were ended from outside, again and again.",
        f"{count} parts",
        "The machine may lack memory for so many at once.",
        "Run again with --runner local, or with a smaller --memory.",
        code="workers_lost",
    )
