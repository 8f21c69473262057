"""Estimate a link model anew on other records: with labels, or blindly where nobody knows the truth.

So the shipped weights were found (tests/bench/linkage.py), and so Splink is held against other people's data.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl

from policies.catalogue.linkage import Comparison, LinkModel
from warehouse.identity.probabilistic_linkage import in_memory
from warehouse.identity.splink_settings import Linking, rule_sql

PAIRS = 2_000_000  # drawn at random for u; a level that none of them is on stays as the model says


class Estimating(Linking):
    """Splink over one or two tables, to estimate how often each level is met among true and random pairs."""

    def estimate_u(self, pairs: int, seed: int) -> None:
        """u from pairs drawn at random: hardly any of them is true."""
        self.linker.training.estimate_u_using_random_sampling(pairs, seed=seed, min_count_per_level=None)

    def estimate_m_by_labels(self, column: str) -> None:
        """m from the pairs that agree in a column that tells the truth."""
        self.linker.training.estimate_m_from_label_column(column)

    def estimate_m_blindly(self, keys: Sequence[str]) -> None:
        """m of what the keys leave open, by expectation maximisation among the pairs that agree in them."""
        self.linker.training.estimate_parameters_using_expectation_maximisation(rule_sql(keys, ()))

    def estimated(self) -> LinkModel:
        """The model with the shares as estimated; those that were not observed stay, and all add up to 1."""
        told = self.linker.misc.save_model_to_json()["comparisons"]
        pairs = zip(self.model.comparisons, told, strict=True)
        return self.model.model_copy(update={"comparisons": tuple(_estimated(*pair) for pair in pairs)})


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
) -> Estimating:
    sides = {"lost": left} if right is None else {"lost": left, "known": right}
    for name, frame in sides.items():
        con.register(name, frame.to_arrow())
    known_cnt = (left if right is None else right).height
    rules = [rule_sql(keys, model.never) for keys in model.blocking]
    return Estimating(con, model, list(sides), rules, model.prior(known_cnt))


def _estimated(comparison: Comparison, told: dict[str, Any]) -> Comparison:
    """The comparison with Splink's shares, in four significant digits; what it left open stays as it was."""
    found = [level for level in told["comparison_levels"] if not level.get("is_null_level")]
    shares = {}
    for name, key in (("m", "m_probability"), ("u", "u_probability")):
        old = [float(getattr(level, name)) for level in comparison.levels]
        raw = [level.get(key) or before for level, before in zip(found, old, strict=True)]
        shares[name] = [Decimal(f"{share / sum(raw):.4g}") for share in raw]
    levels = tuple(
        level.model_copy(update={"m": m, "u": u})
        for level, m, u in zip(comparison.levels, shares["m"], shares["u"], strict=True)
    )
    return comparison.model_copy(update={"levels": levels})
