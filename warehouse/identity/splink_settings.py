"""Our link models in Splink's words; the only file that calls Splink."""

from __future__ import annotations

import logging
from collections.abc import Sequence
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

        self.model, self._api = model, DuckDBAPI(connection=con)
        sides = [self._api.register(table, dataset_display_name=table) for table in tables]
        words = settings(model, rules, prior, is_dedupe=len(tables) == 1)
        self.linker = Linker(sides, words, log_level=logging.ERROR, validate_settings=False)

    def weigh_by(self, column: str, table: str) -> None:
        """Use a table of `column` and tf_`column`, its values' shares, instead of counting them anew."""
        frame = self._api.register(table)
        self.linker.table_management.register_term_frequency_lookup(frame, column)

    def predicted(self, least_weight: float) -> pl.DataFrame:
        """Pairs from that weight on: record_id_l and _r, match_weight, match_probability, gamma_* (the level,
        counted from the last), and of two tables source_dataset_l, whose record the left one is."""
        found = self.linker.inference.predict(threshold_match_weight=least_weight, warning_mode="never")
        levels = [f"gamma_{comparison.id}" for comparison in self.model.comparisons]
        kept = [f"{ID}_l", f"{ID}_r", "match_weight", "match_probability", *levels]
        relation = found.as_duckdbpyrelation()
        origin = [name for name in relation.columns if name == "source_dataset_l"]
        return relation.select(*origin, *kept).pl()


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
