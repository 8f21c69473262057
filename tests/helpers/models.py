"""Small trained models for the tests of their use."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from pathlib import Path

import polars as pl

from models.learners.learner import fit
from models.learners.sample import Sample
from models.proxy_means.door import Door
from models.ranking.fitting import Model
from models.ranking.registry import ModelEntry, save


def smallest_first(folder: Path, as_of: date, *, promotable: bool = True) -> ModelEntry:
    """A model that knows nothing but members, the fewest first: no rule does, so its lists are told apart."""
    members = pl.DataFrame({"member_cnt": [*range(1, 9)] * 2}).cast(pl.Float32)
    rows = members.with_columns(label=pl.col("member_cnt") < 4)
    learner = fit("single:member_cnt", Sample(rows, "label", ("member_cnt",)), seed=0)
    metrics = {
        "as_of": as_of.isoformat(),
        "kind": "logistic",
        "promotable": promotable,
        "reasons": {},
        "cut": as_of.isoformat(),
        "train_lists": [as_of.isoformat()],
        "holdout_lists": [as_of.isoformat()],
        **dict.fromkeys(("train_rows", "holdout_rows", "fitted_rows", "fitted_verified"), 0),
        **{name: [] for name in ("arms", "comparison", "groups", "lists", "entry")},
        "settings": {},
    }
    return save(Model("logistic", learner.features, learner), metrics, folder)


def asks_the_largest(folder: Path, as_of: date) -> ModelEntry:
    """A proxy means test that holds a low income likely of large families, and says so with a fair chance."""
    members = pl.DataFrame({"member_cnt": [*range(1, 9)] * 20}).cast(pl.Float32)
    rows = members.with_columns(label=pl.col("member_cnt") > 2)
    learner = fit("single:member_cnt", Sample(rows, "label", ("member_cnt",)), seed=0)
    metrics = {
        "as_of": as_of.isoformat(),
        "kind": "means",
        "learner": learner.kind,
        "promotable": True,
        "reasons": [],
        "short_share": 0.4,
        "lists": [as_of.isoformat()],
        "door": {name.name: None for name in fields(Door)},
        **dict.fromkeys(("fitted_rows", "found_cnt"), 0),
        **{name: [] for name in ("judged", "groups")},
        "settings": {},
    }
    return save(Model("means", learner.features, learner), metrics, folder)
