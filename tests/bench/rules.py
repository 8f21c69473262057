"""All rules over a million persons; and ten of them beside OpenFisca's, for speed and answers.

`python -m tests.bench.rules` runs it alone.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from policies.catalogue.model import Catalogue
from policies.catalogue.parameter import Parameter, Value
from policies.engine.evaluate_benefits import evaluate_benefits
from policies.engine.evaluate_signals import evaluate_signals
from policies.loading import load_catalogue
from policies.values.workspace import Workspace
from tests.bench.alone import alone
from tests.bench.openfisca_rules import AS_OF, FORMULAS, MONTH, inputs, rules_of, simulation, ten_rules
from tests.bench.panel import panel

PERSONS, HOUSEHOLDS = 1_000_000, 400_000
ALL_KNOWN = (200_000, 80_000)  # persons and households of the panel in which nothing is unknown
Frames = tuple[pl.DataFrame, pl.DataFrame]
Say = Callable[[str, str, str], None]


def bench_rules(folder: Path, say: Say) -> None:
    """Time and memory of the whole catalogue; ten rules beside OpenFisca's; whether the answers are equal."""
    cat = load_catalogue()
    frames = panel(cat, PERSONS, HOUSEHOLDS)
    ours(cat, frames)  # first uses are not what is measured
    began = time.process_time()
    spent, rows = best_of_two(lambda: ours(cat, frames))
    processor = (time.process_time() - began) / 2
    count = len(cat.benefits_at(AS_OF)) + len(cat.signals_at(AS_OF))
    what = f"{count} rules over {PERSONS:,} persons, {HOUSEHOLDS:,} households"
    say(what, f"{spent:.2f} s", "< 3 s on two quiet cores")
    say("  processor time, which other work on the machine lengthens less", f"{processor:.2f} s", "-")
    say("  rows written", f"{sum(frame.height for frame in rows):,}", "-")
    for name, frame in zip(("person", "household"), frames, strict=True):
        frame.write_parquet(folder / f"{name}.parquet")
    peak = alone(_in_a_process, folder, folder).peak_bytes
    say("  peak memory, the panel and the interpreter with it", f"{peak / 1e9:.2f} GB", "2 GB")
    _tables(cat, frames, say)
    _beside_openfisca(ten_rules(cat), frames, say)
    _agreement(ten_rules(cat), panel(cat, *ALL_KNOWN, all_known=True), say)


def best_of_two(work: Callable[[], Any]) -> tuple[float, Any]:
    """The shorter of two runs, in seconds, and what the second gave."""
    spent = []
    for _ in range(2):
        started = time.perf_counter()
        found = work()
        spent.append(time.perf_counter() - started)
    return min(spent), found


def ours(cat: Catalogue, frames: Frames) -> Frames:
    """Entitlements and signals."""
    return evaluate_benefits(cat, *frames, AS_OF), evaluate_signals(cat, *frames, AS_OF)


def _tables(cat: Catalogue, frames: Frames, say: Say) -> None:
    """One lookup for every household by income and tier, in a small table and in a large one."""
    spent = {}
    for keys in (5, 5_000):
        bands, tiers = keys // 5, ["none", "dibao", "marginal", "watch", "tekun"]
        rows = [
            {"income_yuan_month": {"from": 2 * i, **({"below": 2 * i + 2} if i + 1 < bands else {})},
             "tier_code": tier, "value": i}
            for i in range(bands) for tier in tiers
        ]  # fmt: skip
        by = [{"fact": "income_yuan_month", "by": "range"}, {"fact": "tier_code", "by": "value"}]
        shape = {"keys": tuple(by), "rows": tuple(rows), "otherwise": 0}
        entry = {
            "valid_from": AS_OF,
            "table": shape,
            "status": "unverified",
            "source": {"document": "made up"},
        }
        named = {
            "name": "table",
            "zh": "表",
            "unit": "",
            "region": "—",
            "values": (Value.model_validate(entry),),
        }
        wide = replace(cat, parameters={**cat.parameters, "bench.table": Parameter.model_validate(named)})
        began = time.process_time()
        Workspace(wide, *frames, AS_OF).column("household", "$bench.table")
        spent[keys] = time.process_time() - began
    say(f"a table of 5,000 keys over {HOUSEHOLDS:,} households, processor time", f"{spent[5_000]:.2f} s", "-")
    say("  / one of five keys", f"{spent[5_000] / spent[5]:.1f} x", "no more")


def _in_a_process(folder: Path, _: Path) -> str:
    persons, households = (
        pl.read_parquet(folder / f"{name}.parquet").rechunk() for name in ("person", "household")
    )
    return str(len(ours(load_catalogue(), (persons, households))))


def _beside_openfisca(ten: Catalogue, frames: Frames, say: Say) -> None:
    mine, _ = best_of_two(lambda: ours(ten, frames))
    facts, lives = inputs(ten, _by_entity(frames)), _lives(frames)
    build, built = best_of_two(lambda: simulation(ten, facts, lives))
    again = simulation(ten, facts, lives)  # an answer is kept, so each is timed in two simulations
    theirs = {rule: min(_calculated(built, rule), _calculated(again, rule)) for rule in FORMULAS}
    run = sum(theirs.values())
    for rule, spent in theirs.items():
        say(f"  OpenFisca: {rule}", f"{spent:.3f} s", "-")
    say("OpenFisca: build the system and the simulation", f"{build:.2f} s", "-")
    say("OpenFisca: run ten rules, numbers only", f"{run:.2f} s", "-")
    say("ours: the same ten, with gaps, reasons, sentences, what is missing", f"{mine:.2f} s", "-")
    say("  / OpenFisca's run", f"{mine / run:.1f} x", "-")
    say("  / OpenFisca's build and run", f"{mine / (build + run):.1f} x", "-")


def _calculated(built: Any, rule: str) -> float:
    started = time.perf_counter()
    built.calculate(rule, MONTH)
    return time.perf_counter() - started


def _agreement(ten: Catalogue, frames: Frames, say: Say) -> None:
    """The share of equal answers over a panel without a null: sums of benefits, yes or no of signals."""
    benefits, signals = ours(ten, frames)
    keys = ["person_id", "household_id"]
    told = pl.concat(
        [
            benefits.select(*keys, rule="benefit_id", answer=pl.col("amount_yuan_month").cast(pl.Float64)),
            signals.select(*keys, rule="signal_id", answer=pl.lit(1.0)),
        ]
    )
    by_entity = _by_entity(frames)
    built = simulation(ten, inputs(ten, by_entity), _lives(frames))
    equal, total, positive = 0, 0, 0
    for rule in rules_of(ten):
        key = by_entity[rule.entity].select(f"{rule.entity}_id")
        mine = _beside(key, told.filter(pl.col("rule") == rule.id), "answer").fill_null(0).to_numpy()
        theirs = built.calculate(rule.id, MONTH).astype(float)
        same = np.isclose(theirs, mine, rtol=0, atol=0.001)
        equal, total, positive = equal + same.sum(), total + same.size, positive + (mine > 0).sum()
        if not same.all():
            say(f"  {rule.id}: unequal", f"{(~same).sum():,}", "0")
    what = f"equal answers where every fact is known, {positive:,} of them yes"
    say(what, f"{equal / total:.4%}", "100 %")


def _by_entity(frames: Frames) -> dict[str, pl.DataFrame]:
    return dict(zip(("person", "household"), frames, strict=True))


def _lives(frames: Frames) -> np.ndarray:
    """The place of each person's household among the households."""
    persons, households = frames
    return _beside(persons.select("household_id"), households.with_row_index("place"), "place").to_numpy()


def _beside(key: pl.DataFrame, frame: pl.DataFrame, column: str) -> pl.Series:
    """A column of the frame, one value per row of `key`, a frame of one id."""
    (name,) = key.columns
    return key.join(frame.select(name, column), on=name, how="left", maintain_order="left")[column]


def main() -> None:
    """Print the figures of this bench alone."""
    from tests.bench.__main__ import say

    with tempfile.TemporaryDirectory() as name:
        bench_rules(Path(name), say)


if __name__ == "__main__":
    main()
