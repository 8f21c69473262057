"""Our link models in Splink's words; the only file that calls Splink."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl

from policies.catalogue.linkage import Comparison, LinkModel

ID = "record_id"


def rule_sql(keys: Sequence[str], never: Sequence[str]) -> str:
    """A blocking rule over l and r: the keys are equal, and none of `never` holds."""
    from splink import block_on

    equal: str = block_on(*keys).get_blocking_rule("duckdb").blocking_rule_sql
    return " AND ".join([f"({equal})", *(f"NOT coalesce({condition}, FALSE)" for condition in never)])


class Linking:
    """Splink over one table (likeness within it) or two (links between them) of a connection.

    Splink takes half a second to import: it is met here, and only when something is to be linked.
    """

    def __init__(
        self, con: duckdb.DuckDBPyConnection, model: LinkModel, tables: Sequence[str], rules: Sequence[str],
        prior: float,
    ) -> None:  # fmt: skip
        from splink import Linker
        from splink.backends.duckdb import DuckDBAPI

        self._model, self._api = model, DuckDBAPI(connection=con)
        sides = [self._api.register(table, dataset_display_name=table) for table in tables]
        words = settings(model, rules, prior, is_dedupe=len(tables) == 1)
        self._linker = Linker(sides, words, log_level=logging.ERROR, validate_settings=False)

    def weigh_by(self, column: str, table: str) -> None:
        """Use a table of `column` and tf_`column`, its values' shares, instead of counting them anew."""
        frame = self._api.register(table)
        self._linker.table_management.register_term_frequency_lookup(frame, column)

    def predicted(self, least_weight: float) -> pl.DataFrame:
        """Pairs from that weight on: record_id_l and _r, match_weight, match_probability, gamma_* (the level,
        counted from the last), and of two tables source_dataset_l, whose record the left one is."""
        found = self._linker.inference.predict(threshold_match_weight=least_weight, warning_mode="never")
        levels = [f"gamma_{comparison.id}" for comparison in self._model.comparisons]
        kept = [f"{ID}_l", f"{ID}_r", "match_weight", "match_probability", *levels]
        relation = found.as_duckdbpyrelation()
        origin = [name for name in relation.columns if name == "source_dataset_l"]
        return relation.select(*origin, *kept).pl()

    def estimate_u(self, pairs: int, seed: int) -> None:
        """u from pairs drawn at random: hardly any of them is true."""
        self._linker.training.estimate_u_using_random_sampling(pairs, seed=seed, min_count_per_level=None)

    def estimate_m_by_labels(self, column: str) -> None:
        """m from the pairs that agree in a column that tells the truth."""
        self._linker.training.estimate_m_from_label_column(column)

    def estimate_m_blindly(self, keys: Sequence[str]) -> None:
        """m of what the keys leave open, by expectation maximisation among the pairs that agree in them."""
        self._linker.training.estimate_parameters_using_expectation_maximisation(rule_sql(keys, ()))

    def estimated(self) -> LinkModel:
        """The model with the shares as estimated; those that were not observed stay, and all add up to 1."""
        told = self._linker.misc.save_model_to_json()["comparisons"]
        pairs = zip(self._model.comparisons, told, strict=True)
        return self._model.model_copy(update={"comparisons": tuple(_estimated(*pair) for pair in pairs)})


def settings(model: LinkModel, rules: Sequence[str], prior: float, is_dedupe: bool) -> dict[str, Any]:
    """The model as a Splink settings dictionary."""
    return {
        "link_type": "dedupe_only" if is_dedupe else "link_only",
        "unique_id_column_name": ID,
        "probability_two_random_records_match": prior,
        "blocking_rules_to_generate_predictions": list(rules),
        "comparisons": [_comparison(comparison) for comparison in model.comparisons],
        "retain_matching_columns": True,  # brings the levels (gamma_*)
        "retain_intermediate_calculation_columns": False,
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [{"sql_condition": comparison.says_nothing, "is_null_level": True}]
    for level in comparison.levels:
        made: dict[str, Any] = {"sql_condition": level.sql or "ELSE", "label_for_charts": level.zh}
        made |= {"m_probability": float(level.m), "u_probability": float(level.u)}
        levels.append(made | ({"tf_adjustment_column": level.frequency_of} if level.frequency_of else {}))
    return {"output_column_name": comparison.id, "comparison_levels": levels}


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
