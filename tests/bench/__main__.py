"""Print each figure beside its goal. Machines are shared and noisy: only ratios within one run are goals."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.bench.identity import bench_identity
from tests.bench.intake import bench_intake, bench_memory
from tests.bench.linkage import bench_linkage
from tests.bench.made import id_numbers
from tests.bench.rules import bench_rules
from tests.helpers.id_numbers import check_ids

ROWS = 1_000_000


def best(work: Callable[[], object], times: int = 3) -> float:
    """The shortest of a few runs, in seconds."""
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        spent.append(time.perf_counter() - started)
    return min(spent)


def say(what: str, figure: str, goal: str) -> None:
    print(f"{what:<74} {figure:>16}   goal {goal}", flush=True)


def bench_ids() -> None:
    numbers = id_numbers(np.random.default_rng(2), ROWS)
    floor = best(lambda: numbers.str.len_chars().sum())
    spent = best(lambda: check_ids(numbers))
    say(f"examine {ROWS:,} ID numbers", f"{spent:.2f} s", "<= 2 s on a quiet machine")
    say("  / one scan of the column", f"{spent / floor:.0f} x", "-")


def bench_demo(folder: Path) -> None:
    started = time.perf_counter()
    command = [str(Path(sys.executable).with_name("zhaoren")), "demo", "--home", str(folder / "home")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    spent = time.perf_counter() - started
    say("zhaoren demo, 50,000 persons, 6 months", f"{spent:.0f} s", "< 180 s on a quiet machine")


def main() -> None:
    """All but the memory of a 2 GB file, which needs 2 GB of disk and minutes: `--memory` does that alone."""
    with tempfile.TemporaryDirectory() as name:
        if "--memory" in sys.argv[1:]:
            bench_memory(Path(name), say)
            return
        bench_ids()
        bench_identity(Path(name), say)
        bench_linkage(say)
        bench_rules(Path(name), say)
        bench_intake(Path(name), say)
        bench_demo(Path(name))


if __name__ == "__main__":
    main()
