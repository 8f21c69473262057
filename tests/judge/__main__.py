"""Play made-up provinces of other seeds through the whole pipeline; hold what was found against the truth.

make judge SEED="11 12 13" PERSONS=100000 MONTHS=12     pages into build/judge-SEED.md, and printed
python -m tests.judge --seed 11 --home folder           of a home that was played before
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from flows.context.home import Home
from flows.context.site import open_site
from flows.evaluation.asked_incomes import ALL, asked_incomes
from flows.evaluation.curves import curves_of_home
from flows.evaluation.truth import read_ranking_truth
from tests.judge.goals import goals, page
from warehouse.database.partitions import newest_date

BUILD = Path(__file__).parents[2] / "build"


def play(home: Path, seed: int, persons: int, months: int) -> str:
    """Run the demo in the home; what it took."""
    command = [str(Path(sys.executable).with_name("zhaoren")), "demo", "--home", str(home)]
    command += ["--seed", str(seed), "--persons", str(persons), "--months", str(months)]
    started = time.perf_counter()
    subprocess.run(command, check=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (
        f"{persons:,} persons, {months} months, {time.perf_counter() - started:.0f} s, "
        f"{used.ru_utime + used.ru_stime:.0f} processor seconds, {used.ru_maxrss / 2**20:.1f} GB"
    )


def judge(home: Path, seed: int, made: str) -> str:
    """The page of a home that was played."""
    truth = read_ranking_truth(home / "province" / "truth")
    with open_site(Home(home)) as site:
        curves = curves_of_home(site, truth)
        asked = asked_incomes(site, truth["entitlements"], newest_date(site.con))
    (every,) = asked.filter(as_of=ALL).to_dicts()
    return page(seed, made, list(goals(curves.at_lines, curves.early, every)))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.judge")
    parser.add_argument("--seed", type=int, nargs="+", required=True)
    parser.add_argument("--persons", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--home", type=Path)
    asked = parser.parse_args()
    BUILD.mkdir(exist_ok=True)
    for seed in asked.seed:
        with tempfile.TemporaryDirectory() as scratch:
            home = asked.home or Path(scratch) / "home"
            made = "played before" if asked.home else play(home, seed, asked.persons, asked.months)
            text = judge(home, seed, made)
        (BUILD / f"judge-{seed}.md").write_text(text, encoding="utf-8")
        print(text, flush=True)


if __name__ == "__main__":
    main()
