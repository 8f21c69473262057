"""What each step of the main job costs: processor and wall seconds, and the peak of memory.

Meter(begun).runner    a runner for main_job; Meter.end() -> the stages, start-up and remainder included
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_UP, BETWEEN = "start-up", "between and closing"


@dataclass(frozen=True)
class Stage:
    """One stage's cost. peak_bytes: the highest resident memory of the process since the stage began."""

    name: str
    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int


def processor_seconds() -> float:
    """Of this process since it began, in user and system mode, and of the children that have ended."""
    spent = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def forget_peak() -> None:
    """From now on the process' peak is a new one (Linux; elsewhere peaks are those since the start)."""
    if sys.platform == "linux":
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_bytes() -> int:
    """The highest resident memory since `forget_peak`; 0 where the system does not say."""
    if sys.platform != "linux":
        return 0
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


class Meter:
    """Measures one run. begun: when the process was started, by the wall clock (time.time())."""

    def __init__(self, begun: float) -> None:
        self.begun = begun
        self.stages: list[Stage] = []

    def runner(self, step: Any, *args: object) -> Any:
        """Run a step as an ordinary function and note its cost; the first one ends the start-up."""
        if not self.stages:
            cpu, wall = processor_seconds(), time.time() - self.begun
            self.stages.append(Stage(START_UP, cpu, wall, peak_bytes()))
        return self._measured(step.name, lambda: step.work(*args))

    def _measured(self, name: str, work: Callable[[], Any]) -> Any:
        forget_peak()
        cpu, wall = processor_seconds(), time.time()
        try:
            return work()
        finally:
            spent = (processor_seconds() - cpu, time.time() - wall)
            self.stages.append(Stage(name, *spent, peak_bytes()))

    def end(self) -> list[Stage]:
        """All stages; what no step accounts for (notes between steps, closing the files) is the last."""
        cpu = processor_seconds() - sum(stage.cpu_seconds for stage in self.stages)
        wall = time.time() - self.begun - sum(stage.wall_seconds for stage in self.stages)
        return [*self.stages, Stage(BETWEEN, cpu, wall, peak_bytes())]
