"""Learn the test, set its level at the door, judge it on later lists, and register it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from models.evaluation.group_rates import LeastCounts, group_rates
from models.features.groups import GROUPS
from models.learners.leaks import refuse_leaks
from models.proxy_means.door import Door, at_the_door, shifted
from models.proxy_means.fitting import fit_means, refuse_few, sample_of
from models.proxy_means.found import short_share
from models.proxy_means.judging import TOP, Judged, judged_lists
from models.ranking.fitting import Model, predict
from models.ranking.registry import ModelEntry, save
from models.ranking.training import snapshot

# Beyond luck on one list may be luck; a ranking that is to beat the rules has to win on three.
JUDGED_LISTS = 2


@dataclass(frozen=True)
class Learned:
    """What the test learns from: rows (labels and features, see `found_incomes`, `chosen`), and visits of
    unknown incomes with the features of their list's date, `below` and `draw_chance`."""

    rows: pl.DataFrame
    visits: pl.DataFrame


def train_means(
    learned: Learned,
    out_dir: Path,
    as_of: date,
    *,
    least: LeastCounts,
    judged_cnt: int = JUDGED_LISTS,
    seed: int = 0,
    code: str = "",
) -> ModelEntry:
    """Fit on all that is known by the date, judge on the newest lists before it, and register.

    The entry may be used where every judged list put those found later above the others beyond luck, visits
    were enough to set its level, and lines drawn at random do not contradict it.
    Raises ZhaorenError (too_few_found), and those of the learners.
    """
    rows = learned.rows
    refuse_few(rows)
    refuse_leaks(sample_of(rows))
    judged = judged_lists(rows, judged_cnt, seed)
    model = fit_means(rows, seed)
    door = at_the_door(model, learned.visits)
    if door.shift is not None:
        model = shifted(model, door.shift)
    against = objections(judged, door, judged_cnt)
    metrics = _metrics(model, rows, judged=judged, door=door, against=against, as_of=as_of, code=code)
    metrics |= {"groups": _groups(model, rows, least), "settings": {"seed": seed, "judged_lists": judged_cnt}}
    return save(model, metrics, out_dir)


def objections(judged: list[Judged], door: Door, judged_cnt: int) -> list[str]:
    """Why the test may not ask anybody yet; empty where it may."""
    found = [
        f"of {one.as_of} it did not put those found later above the others beyond luck "
        f"(area {one.area:.3f}, from {one.area_low:.3f})"
        for one in judged
        if one.area_low <= 0.5
    ]
    if len(judged) < judged_cnt:
        found.append(f"{len(judged)} of {judged_cnt} lists could judge it")
    if door.shift is None:
        found.append(
            f"too few visits of unknown incomes to set its level: {door.visit_cnt}, {door.below_cnt} of them "
            "below the line"
        )
    if door.contradicts:
        found.append(
            f"lines drawn at random contradict it: it expected {door.random_expected:.3f} below the line, "
            f"{door.random_below_cnt} of {door.random_cnt} were"
        )
    return found


def _metrics(
    model: Model,
    rows: pl.DataFrame,
    *,
    judged: list[Judged],
    door: Door,
    against: list[str],
    as_of: date,
    code: str,
) -> dict[str, Any]:
    assert model.learner is not None
    return {
        "as_of": as_of.isoformat(),
        "kind": model.kind,
        "learner": model.learner.kind,
        "promotable": not against,
        "reasons": against,
        "code": code,
        "snapshot": snapshot(rows),
        "sizes": model.learner.sizes,
        "unknown_cells": model.learner.unknown_cells,
        "short_share": short_share(rows),
        "lists": [day.isoformat() for day in rows["as_of"].unique().sort()],
        "fitted_rows": rows.height,
        "found_cnt": int(rows["label"].sum()),
        "judged": [{**asdict(one), "as_of": one.as_of.isoformat()} for one in judged],
        "door": asdict(door),
    }


def _groups(model: Model, rows: pl.DataFrame, least: LeastCounts) -> list[dict[str, Any]]:
    """Whom the first tenth of the newest list holds, by group: seen after the fact, never an input."""
    newest = rows.filter(pl.col("as_of") == pl.col("as_of").max())
    if not set(GROUPS) <= set(newest.columns):
        return []
    chance = pl.Series("_chance", predict(model, newest))
    order = newest.with_columns(chance).sort("_chance", "household_id", descending=[True, False])
    flagged = order.with_columns(flagged=pl.col("weight").cum_sum() <= TOP * pl.col("weight").sum())
    rates = group_rates(flagged, GROUPS, least, weight="weight", entity="household_id")
    return rates.with_columns(pl.col(pl.Decimal).cast(pl.String)).to_dicts()


def short_share_of(metrics: Mapping[str, Any]) -> float:
    """By how much of the line a family below it falls short, as this test was registered with."""
    return float(metrics["short_share"])
