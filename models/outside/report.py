"""The whole judgement of a frame from outside: learned, tested, and put into tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from models.evaluation.group_gates import GroupRules, group_gates
from models.evaluation.group_rates import LeastCounts
from models.learners.learner import KINDS
from models.outside.compare import Report, SplitPlan, Tested, splits_of, tested_rankings
from models.outside.measures import Capacity
from models.outside.prepare import Prepared
from models.outside.roles import SCORE
from models.outside.tables import capacity_table, group_table, predictions, ranking_table

BEST = "boosting"
# What a list owes each group, and how many must be behind a figure (parameters of the policies).
Owed = tuple[GroupRules, LeastCounts]


@dataclass(frozen=True)
class FrameReport:
    """The tables of a judged frame (see `models.outside.tables`), and what else a reader must know.

    rankings, capacities, groups, predictions; left_out: column, why; macro: with more than two classes, per
    ranking the mean AUC and F1 of the classes.
    facts   plain values: rows, entities, features, classes, splits, best feature, sizes, notes; `breaches`:
            the groups that a list clearly serves worse than all others, in words
    """

    rankings: pl.DataFrame
    capacities: pl.DataFrame
    groups: pl.DataFrame
    predictions: pl.DataFrame
    left_out: pl.DataFrame
    macro: pl.DataFrame = field(default_factory=pl.DataFrame)
    facts: dict[str, Any] = field(default_factory=dict)


def learn_and_judge(
    ready: Prepared, plan: SplitPlan, capacities: list[Capacity], owed: Owed, report: Report
) -> FrameReport:
    """Learn every ranking on every split and judge it on the rows it did not learn from."""
    splits, said = splits_of(ready, plan)
    tested = tested_rankings(ready, splits, plan, report)
    report("measuring", 1, 1)
    facts = _facts(ready, said) | {
        "splits": [{"name": s.name, "learned_cnt": len(s.train), "tested_cnt": len(s.test)} for s in splits],
        "best_feature": {f"{t.split}, {ready.classes[t.class_no]}": t.one_feature for t in tested},
        "sizes": {f"{t.split}, {ready.classes[t.class_no]}": t.sizes for t in tested},
        "seed": plan.seed,
    }
    rankings = ranking_table(ready, tested)
    groups = group_table(ready, tested, capacities, BEST, owed[1])
    return FrameReport(
        rankings=rankings,
        capacities=capacity_table(ready, tested, capacities),
        groups=groups,
        predictions=predictions(ready, tested),
        left_out=_left_out(ready),
        macro=_macro(ready, tested, rankings) if len(ready.classes) > 2 else pl.DataFrame(),
        facts=facts | {"breaches": _breaches(groups, owed[0])},
    )


def judge_score(
    ready: Prepared, capacities: list[Capacity], flag_from: float | None, owed: Owed
) -> FrameReport:
    """Judge somebody else's score; nothing is learned. With `flag_from`, who has at least this is listed."""
    score = ready.rows[SCORE].to_numpy()
    one = Tested("all rows", 1, np.arange(len(score)), {SCORE.removeprefix("zr:"): score})
    lists = [] if flag_from is None else [Capacity(f"score >= {flag_from:g}", at_least=flag_from)]
    names = ("random", "score")
    groups = group_table(ready, [one], lists or capacities, "score", owed[1])
    return FrameReport(
        rankings=ranking_table(ready, [one], names),
        capacities=capacity_table(ready, [one], [*lists, *capacities], names),
        groups=groups,
        predictions=predictions(ready, [one]),
        left_out=_left_out(ready),
        facts=_facts(ready, []) | {"breaches": _breaches(groups, owed[0])},
    )


def _facts(ready: Prepared, said: list[str]) -> dict[str, Any]:
    return {
        "row_cnt": ready.rows.height,
        "entity_cnt": int(ready.entity.max()) + 1,
        "feature_cnt": len(ready.columns.features),
        "category_cnt": len(ready.columns.categories),
        "classes": list(ready.classes),
        "class_cnts": np.bincount(ready.label, minlength=len(ready.classes)).tolist(),
        "notes": [*ready.notes, *said],
    }


def _breaches(groups: pl.DataFrame, rules: GroupRules) -> list[str]:
    """The gates that a list breaks, by class and capacity."""
    parts = groups.partition_by("class", "capacity", as_dict=True, maintain_order=True) if len(groups) else {}
    return [f"{name[-1]}: {b}" for name, part in parts.items() for b in group_gates(part, rules)]


def _left_out(ready: Prepared) -> pl.DataFrame:
    rows = ready.columns.left_out
    return pl.DataFrame(
        {"column": list(rows), "why": list(rows.values())}, schema={"column": pl.String, "why": pl.String}
    )


def _macro(ready: Prepared, tested: list[Tested], rankings: pl.DataFrame) -> pl.DataFrame:
    """Per ranking: the classes' mean auc and average_precision, and the mean F1 of the guessed classes."""
    whole = rankings.filter(pl.col("split") == "all").group_by("ranking", maintain_order=True)
    table = whole.agg(pl.col("auc", "average_precision").mean().round(6))
    names = {"macro_f1": False, "macro_f1_even": True}
    f1 = {name: {kind: _f1(ready, tested, kind, even) for kind in KINDS} for name, even in names.items()}
    guessed = [pl.col("ranking").replace_strict(of, default=None).alias(name) for name, of in f1.items()]
    return table.with_columns(guessed)


def _f1(ready: Prepared, tested: list[Tested], kind: str, even: bool) -> float:
    """The mean over the classes of F1, weighted rows of all splits together.

    Guessed is the class with the highest chance; `even`: with the highest chance over its usual chance, so
    that a rare class is guessed as readily as a common one.
    """
    classes, weight = len(ready.classes), ready.rows["zr:weight"].to_numpy()
    seen = np.zeros((classes, classes))
    for split in dict.fromkeys(t.split for t in tested):
        parts = sorted((t for t in tested if t.split == split), key=lambda t: t.class_no)
        chances = np.column_stack([t.scores[kind] for t in parts])
        guess = np.argmax(chances / chances.mean(axis=0) if even else chances, axis=1)
        rows = parts[0].rows
        np.add.at(seen, (ready.label[rows], guess), weight[rows])
    both = seen.sum(axis=0) + seen.sum(axis=1)
    return round(float(np.mean(2 * np.diag(seen) / np.where(both > 0, both, 1))), 6)
