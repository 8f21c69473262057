"""Public frames: this project's boosting beside scikit-learn's, tuned, on the same splits and columns.

    python -m tests.bench.outside_frames FOLDER [name …]

FOLDER holds the parquet files of docs/outside-frames.md. The other boosting is scikit-learn's
HistGradientBoostingClassifier tuned by RandomizedSearchCV: 40 draws, three inner folds by entity, scored by
AUC. Three seeds: a fold of four by entity each, or, where there is a time, one tested wave each. One JSON
line per frame and seed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from models.learners.cells import columns_of, matrix
from models.learners.learner import fit
from models.learners.sample import rows_of
from models.outside.compare import SplitPlan, sample_of, splits_of
from models.outside.measures import Judged, auc, calibration_line
from models.outside.prepare import Prepared, prepare
from models.outside.roles import Roles
from models.outside.splits import FrameSplit

SEEDS, DRAWS = (1, 2, 3), 40
TASKS = {
    "vietnam": Roles("poor"),
    "spain": Roles("poor"),
    "germany_income": Roles("entry", "id", time="year"),
    "germany_work": Roles("entry", "id", time="year"),
    "males": Roles("entry", "nr", time="year"),
    "us_insurance": Roles("insured", positive="no"),
    "hmda": Roles("deny"),
    "nmes": Roles("medicaid"),
    "compas_recid": Roles("two_year_recid", "id"),
    "german": Roles("credit-label"),
    "credit": Roles("default-payment-next-month"),
    "adult": Roles("salary_>50K"),
}


def main(folder: Path, names: list[str]) -> None:
    """Run the named tasks, or all."""
    for name in names or TASKS:
        ready = prepare(pl.read_parquet(folder / f"{name}.parquet"), TASKS[name])
        for number, seed in enumerate(SEEDS):
            plan = SplitPlan(len(SEEDS) if TASKS[name].time else 4, 0, seed)
            splits = splits_of(ready, plan)[0]
            split = splits[number % len(splits)] if TASKS[name].time else splits[0]
            print(json.dumps({"frame": name, "seed": seed} | compared(ready, split, plan)), flush=True)


def compared(ready: Prepared, split: FrameSplit, plan: SplitPlan) -> dict[str, Any]:
    """AUC and calibration slope of both boostings and of the line, learned and tested on one split."""
    sample = sample_of(ready, split.train, 1, plan)
    tested = ready.rows[split.test]
    found: dict[str, Any] = {"learned": len(split.train), "tested": len(split.test)}
    for kind in ("logistic", "boosting"):
        learner = fit(kind, sample, plan.seed)
        found |= _measured(kind, ready, split, learner.chance(tested)) | {f"{kind}_sizes": learner.sizes}
    rows = rows_of(sample)
    columns = columns_of(sample, rows)
    other = tuned(
        matrix(rows.frame, columns),
        rows.label,
        rows.entity,
        [c.levels is not None for c in columns],
        plan.seed,
    )
    chance = other.predict_proba(matrix(tested, columns))[:, 1]
    return found | _measured("tuned", ready, split, chance)


def tuned(x: np.ndarray, y: np.ndarray, entity: np.ndarray | None, is_category: list[bool], seed: int) -> Any:
    """scikit-learn's boosting, its sizes drawn forty times and chosen by inner AUC."""
    from scipy.stats import loguniform
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.model_selection import GroupKFold, RandomizedSearchCV

    space = {
        "learning_rate": loguniform(0.02, 0.3),
        "max_iter": [50, 100, 200, 300],
        "max_leaf_nodes": [4, 8, 16, 31],
        "min_samples_leaf": [10, 20, 50, 100],
        "l2_regularization": [0.0, 1.0, 10.0],
        "max_features": [0.3, 0.6, 1.0],
    }
    model = HistGradientBoostingClassifier(
        categorical_features=is_category, early_stopping=False, random_state=seed
    )
    search = RandomizedSearchCV(
        model, space, n_iter=DRAWS, scoring="roc_auc", cv=GroupKFold(3), random_state=seed
    )
    return search.fit(x, y, groups=entity)


def _measured(name: str, ready: Prepared, split: FrameSplit, chance: np.ndarray) -> dict[str, Any]:
    rows = Judged(ready.label[split.test], chance, np.ones(len(chance)), ready.entity[split.test])
    return {f"{name}_auc": round(auc(rows), 4), f"{name}_slope": round(calibration_line(rows)[0], 3)}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
