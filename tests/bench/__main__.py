"""Print each figure beside its goal. Machines are shared and noisy: only ratios within one run are goals.

make bench                                          sizes and months of the main job, into docs/bench.*
make bench SIZES=4040000 MONTHS= PROVINCE=folder    one size, over a province that is there already
make bench SIZES=400000 MEMORY=4GB RUNNER=processes the job alone, under a budget or by other workers
make bench PARTS=ids,identity,linkage,learning,rules,intake,memory,demo      single parts, printed only
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
# What `make bench` does in about a quarter of an hour on two quiet cores.
SIZES, MONTHS, MONTHS_AT = "50000,400000", "1,6,12", "50000"
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
    import numpy as np

    from tests.bench.made import id_numbers
    from tests.helpers.id_numbers import check_ids

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
    say("zhaoren demo, 50,000 persons, 6 months", f"{spent:.0f} s", "< 120 s on a quiet machine")


def single(folder: Path) -> dict[str, Callable[[], None]]:
    """The parts that are printed only; each imports what it measures when it is run."""
    from tests.bench.identity import bench_identity
    from tests.bench.intake import bench_intake, bench_memory
    from tests.bench.learning import bench_learning
    from tests.bench.linkage import bench_linkage
    from tests.bench.rules import bench_rules

    return {
        "ids": bench_ids,
        "identity": lambda: bench_identity(folder, say),
        "linkage": lambda: bench_linkage(say),
        "learning": lambda: bench_learning(say),
        "rules": lambda: bench_rules(folder, say),
        "intake": lambda: bench_intake(folder, say),
        "memory": lambda: bench_memory(folder, say),  # 2 GB of disk, and minutes
        "demo": lambda: bench_demo(folder),
    }


def numbers(text: str) -> list[int]:
    """Numbers with commas between them; an empty text is none."""
    return [int(part) for part in text.split(",") if part]


def options() -> argparse.Namespace:
    """What is asked for; `make` hands its own words over in the environment."""
    given = os.environ.get
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    add = parser.add_argument
    add("--parts", default=given("PARTS", "job"), help="job, or single parts with commas between them")
    add("--sizes", type=numbers, default=given("SIZES", SIZES), help="persons; empty: none")
    add("--months", type=numbers, default=given("MONTHS", MONTHS), help="which months of a year; empty: none")
    add(
        "--months-at",
        type=numbers,
        default=given("MONTHS_AT", MONTHS_AT),
        help="persons of the year's province",
    )
    add("--province", type=Path, default=given("PROVINCE"), help="a folder with an inbox, for the one size")
    add("--memory", default=given("MEMORY"), help="a budget, as 4GB: only this is measured, for the sizes")
    add("--runner", default=given("RUNNER"), help="processes, dask://…: only this is measured, for the sizes")
    add("--cache", type=Path, default=ROOT / "build" / "bench", help="where provinces are kept")
    add("--out", type=Path, default=ROOT / "docs", help="where bench.md and bench.json go")
    asked = parser.parse_args()
    if asked.province and len(asked.sizes) != 1:
        parser.error("with a province of your own, say its one size: SIZES=4040000")
    return asked


def bench_job(asked: argparse.Namespace) -> None:
    """Sizes, then months; each is kept as soon as it is measured."""
    from tests.bench.job.bench import Places, bench_means, bench_months, bench_sizes
    from tests.bench.job.date_run import Means

    places, means = Places(asked.cache, asked.out, asked.province), Means(asked.memory, asked.runner)
    if str(means):
        bench_means(places, asked.sizes, means, say)
    else:
        bench_sizes(places, asked.sizes, say)
    if asked.months and not str(means):
        bench_months(places, asked.months_at, asked.months, say)
    print((asked.out / "bench.md").read_text(encoding="utf-8"))


def main() -> None:
    """The parts asked for, in their order."""
    asked = options()
    for part in asked.parts.split(","):
        if part == "job":
            bench_job(asked)
            continue
        with tempfile.TemporaryDirectory() as name:
            single(Path(name))[part]()


if __name__ == "__main__":
    main()
