"""Every ranking of a frame on the same splits: random, one feature, logistic, boosting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from models.learners.cells import columns_of, matrix
from models.learners.leaks import area, leaks, refuse_leaks
from models.learners.learner import KINDS, SINGLE, fit
from models.learners.sample import Sample, rows_of
from models.outside.prepare import TESTED, Prepared
from models.outside.roles import ENTITY, TIME, WEIGHT, frame_error
from models.outside.splits import (
    LEAST_ANSWERS,
    FrameSplit,
    enough,
    gap_of,
    grouped_splits,
    rolling_splits,
)

RANDOM, ONE = "random", "best_feature"
RANKINGS = (RANDOM, ONE, *KINDS)
_ANSWER = "zr:answer"
Report = Callable[[str, float, float], None]


@dataclass(frozen=True)
class SplitPlan:
    """How the rows are split: folds or tested times, the gap (None: one step), the seed."""

    count: int
    gap: float | None
    seed: int


@dataclass(frozen=True)
class Tested:
    """The tested rows of one split and class: row numbers, and a score per ranking (random has none).

    `one_feature` is the column of the best single feature; `sizes` what boosting chose.
    """

    split: str
    class_no: int
    rows: np.ndarray
    scores: dict[str, np.ndarray]
    one_feature: str = ""
    sizes: dict[str, float] = field(default_factory=dict)


def splits_of(ready: Prepared, plan: SplitPlan) -> tuple[list[FrameSplit], list[str]]:
    """The splits that hold enough answers, and a sentence for each that does not."""
    tested = ready.rows[TESTED].to_numpy()
    if tested.any():
        every = [FrameSplit("test file", np.flatnonzero(~tested), np.flatnonzero(tested))]
    elif TIME in ready.rows.columns:
        every = rolling_splits(ready.rows[TIME].to_numpy(), count=plan.count, gap=plan.gap)
    else:
        every = grouped_splits(ready.entity, ready.label, folds=plan.count, seed=plan.seed)
    good = [s for s in every if enough(s, ready.label, len(ready.classes))]
    if not good:
        raise frame_error(
            "frame_few_answers",
            f"none of {len(every)} splits holds every answer often enough",
            f"at least {LEAST_ANSWERS} of each are learned from, and one of each is tested on",
            "give more rows, fewer --splits, or a label that is less rare",
        )
    lost = [f"split {s.name} is left out: too few answers of one kind" for s in every if s not in good]
    return good, lost


def tested_rankings(
    ready: Prepared, splits: list[FrameSplit], plan: SplitPlan, report: Report
) -> list[Tested]:
    """Fit every ranking on each split, one class against the rest where there are more than two.

    Raises ZhaorenError where one feature alone is the answer.
    """
    found = [1] if len(ready.classes) == 2 else list(range(len(ready.classes)))
    work = [(split, k) for split in splits for k in found]
    _refuse_answers(ready, found, plan)
    done = []
    for number, (split, k) in enumerate(work):
        report(f"learning, {split.name}", number, len(work))
        done.append(_tested(ready, split, k, plan))
    return done


def _refuse_answers(ready: Prepared, found: list[int], plan: SplitPlan) -> None:
    """A column that alone is the answer; with several classes, only where it gives all of them away."""
    first = ~ready.rows[TESTED].to_numpy()
    if len(found) == 1:
        refuse_leaks(sample_of(ready, first, found[0], plan))
        return
    samples = [sample_of(ready, first, k, plan) for k in found]
    columns, rows = columns_of(samples[0], rows_of(samples[0])), [rows_of(s) for s in samples]
    told = [set(leaks(matrix(r.frame, columns), r.label, columns)) for r in rows]
    if every := set.intersection(*told):
        one = min(every)
        refuse_leaks(replace(next(s for s in samples), features=(one,)))


def sample_of(ready: Prepared, chosen: np.ndarray, k: int, plan: SplitPlan) -> Sample:
    """The rows of these numbers (or where True), to learn class `k` from against the rest."""
    frame = ready.rows[chosen] if chosen.dtype != bool else ready.rows.filter(pl.Series(chosen))
    frame = frame.with_columns((pl.col("zr:label") == k).alias(_ANSWER))
    return Sample(
        frame=frame,
        label=_ANSWER,
        features=ready.columns.features,
        categories=ready.columns.categories,
        entity=ENTITY,
        time=TIME if TIME in frame.columns else None,
        weight=WEIGHT,
        gap_days=int(np.ceil(_width(ready, plan))),
    )


def _width(ready: Prepared, plan: SplitPlan) -> float:
    """The gap inside the learned rows: that of the splits themselves."""
    return gap_of(ready.rows[TIME].to_numpy(), plan.gap) if TIME in ready.rows.columns else 0.0


def _tested(ready: Prepared, split: FrameSplit, k: int, plan: SplitPlan) -> Tested:
    sample = sample_of(ready, split.train, k, plan)
    tested = ready.rows[split.test]
    one = best_feature(sample)
    learners = {kind: fit(kind, sample, plan.seed) for kind in KINDS}
    scores = {kind: learner.chance(tested) for kind, learner in learners.items()}
    scores[ONE] = fit(f"{SINGLE}{one}", sample, plan.seed).score(tested)
    return Tested(
        split=split.name,
        class_no=k,
        rows=split.test,
        scores=scores,
        one_feature=one,
        sizes=learners["boosting"].sizes,
    )


def best_feature(sample: Sample) -> str:
    """The number column (else the category) that orders the training rows best, either way round."""
    rows = rows_of(sample)
    columns = columns_of(sample, rows)
    usable = [c for c in columns if c.levels is None] or list(columns)
    x = np.nan_to_num(matrix(rows.frame, tuple(usable)), nan=-np.inf)
    reached = [abs(area(x[:, j], rows.label, rows.weight) - 0.5) for j in range(len(usable))]
    return usable[int(np.argmax(reached))].name
