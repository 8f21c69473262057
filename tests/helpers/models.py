"""Small trained models for the tests of their use."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from models.ranking.fitting import Model
from models.ranking.registry import ModelEntry, save


def smallest_first(folder: Path, as_of: date, *, promotable: bool = True) -> ModelEntry:
    """A model that knows nothing but members, the fewest first: no rule does, so its lists are told apart."""
    members = np.arange(1, 9, dtype=np.float32).reshape(-1, 1)
    estimator = LogisticRegression().fit(members, members[:, 0] < 4)
    metrics = {
        "as_of": as_of.isoformat(),
        "kind": "logistic",
        "promotable": promotable,
        "cut": as_of.isoformat(),
        "train_lists": [as_of.isoformat()],
        "holdout_lists": [as_of.isoformat()],
        **dict.fromkeys(("train_rows", "holdout_rows", "fitted_rows", "fitted_verified"), 0),
        **{name: [] for name in ("arms", "comparison", "groups")},
        "settings": {},
    }
    return save(Model("logistic", ("member_cnt",), estimator), metrics, folder)
