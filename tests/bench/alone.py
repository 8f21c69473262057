"""A piece of work in a fresh process, so that its start-up and its peak of memory are its own."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psutil

from flows.process.lifetime import end_with_parent

# How often memory is looked at, in seconds: a peak that lasts as long is seen.
INTERVAL = 0.05


@dataclass(frozen=True)
class Alone:
    """What the work answered, and the peak of resident memory of its process and of all that it started."""

    answer: Any
    peak_bytes: int
    wall_seconds: float


def alone(work: Callable[..., Any], *args: object) -> Alone:
    """Call `work(*args)`, which a module must offer by name, in a process started for it.

    Raises RuntimeError where the process ended without an answer; its error is on stderr.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_answer, args=(sender, work, *args))
    started, peak, answer = time.perf_counter(), 0, None
    child.start()
    sender.close()
    try:
        while not receiver.poll(INTERVAL):
            peak = max(peak, _resident(child.pid))
        answer = receiver.recv()
    except EOFError as error:
        child.join()
        raise RuntimeError(f"{work.__name__} ended with {child.exitcode} and no answer") from error
    child.join()
    return Alone(answer, peak, time.perf_counter() - started)


def _answer(sender: Any, work: Callable[..., Any], *args: object) -> None:
    end_with_parent()
    sender.send(work(*args))
    sender.close()


def _resident(pid: int | None) -> int:
    """Bytes of a process and its children; pages that they share are counted for each."""
    total = 0
    try:
        first = psutil.Process(pid)
        for one in (first, *first.children(recursive=True)):
            total += one.memory_info().rss
    except psutil.NoSuchProcess:
        pass
    return total
