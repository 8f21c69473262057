"""Estimate a link model anew on one's own records: with labels, or blindly where nobody knows the truth."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import polars as pl

from policies.catalogue.linkage import LinkModel
from warehouse.identity.probabilistic_linkage import in_memory
from warehouse.identity.splink_settings import Linking, rule_sql

PAIRS = 2_000_000  # drawn at random for u; a level that none of them is on stays as the model says


def trained_by_labels(
    left: pl.DataFrame, right: pl.DataFrame | None, model: LinkModel, truth: str, seed: int = 1
) -> LinkModel:
    """The model with m of the pairs whose column `truth` agrees, and u of pairs drawn at random.

    left, right: as in score_pairs. Levels that never occur keep the model's shares. Same seed, same model.
    """
    with in_memory() as con:
        linking = _linking(con, left, right, model)
        linking.estimate_u(PAIRS, seed)
        linking.estimate_m_by_labels(truth)
        return linking.estimated()


def trained_blindly(
    left: pl.DataFrame,
    right: pl.DataFrame | None,
    model: LinkModel,
    passes: Sequence[Sequence[str]],
    seed: int = 1,
) -> LinkModel:
    """The model with m by expectation maximisation and u of pairs drawn at random, without any label.

    passes: for each, what must be equal for a pair to be looked at; its own comparisons stay open in that
    pass, so every comparison needs a pass that does not use it.
    """
    with in_memory() as con:
        linking = _linking(con, left, right, model)
        linking.estimate_u(PAIRS, seed)
        for keys in passes:
            linking.estimate_m_blindly(keys)
        return linking.estimated()


def _linking(
    con: duckdb.DuckDBPyConnection, left: pl.DataFrame, right: pl.DataFrame | None, model: LinkModel
) -> Linking:
    sides = {"lost": left} if right is None else {"lost": left, "known": right}
    for name, frame in sides.items():
        con.register(name, frame.to_arrow())
    known_cnt = (left if right is None else right).height
    rules = [rule_sql(keys, model.never) for keys in model.blocking]
    return Linking(con, model, list(sides), rules, model.prior(known_cnt))
