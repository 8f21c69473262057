"""Tier 3: how likely two records are one person, scored by Splink on DuckDB with a model's fixed weights.

Nothing is estimated while scoring, so the same records give the same pairs in any home. The connection
lives in memory and may not spill to disk: names and numbers never lie there in the clear.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import duckdb
import polars as pl

from zhaoren.policies.linkage import Comparison, LinkModel
from zhaoren.warehouse.connection import OFFLINE, settled

ID = "record_id"
PAIRS = {"left_id": pl.String, "right_id": pl.String, "match_weight": pl.Float64, "probability": pl.Float64}


@dataclass(frozen=True)
class Scored:
    """pairs: left_id, right_id, match_weight (log2 of the odds), probability; sorted by the ids, each pair
    once.

    rules: rule, pair_cnt, is_refused: how many pairs each blocking rule makes by itself, and whether it was
    too many to look at.
    """

    pairs: pl.DataFrame
    rules: pl.DataFrame


def score_pairs(left: pl.DataFrame, right: pl.DataFrame | None, model: LinkModel) -> Scored:
    """Every pair that a blocking rule within the budget makes and that weighs as much as a doubt.

    left: records to be found; right: known persons, or None to look for likeness within left. Both have
    record_id (unique) and the columns that the model names; nulls say nothing.
    """
    con = settled(duckdb.connect(":memory:", config={**OFFLINE, "temp_directory": ""}))
    try:
        frames = {"lost": left} if right is None else {"lost": left, "known": right}
        columns = [c for c in left.columns if right is None or c in right.columns]
        for name, frame in frames.items():
            con.register(name, frame.select(columns))
        rules = _count(con, left.height, model, "known" if right is not None else "lost")
        kept = rules.filter(~pl.col("is_refused")).get_column("rule").to_list()
        pairs = _predict(con, frames, columns, model, kept) if kept and _has_rows(frames) else _none()
        return Scored(pairs, rules)
    finally:
        con.close()


def _has_rows(frames: dict[str, pl.DataFrame]) -> bool:
    return all(frame.height for frame in frames.values())


def _none() -> pl.DataFrame:
    return pl.DataFrame(schema=PAIRS)


def _count(con: duckdb.DuckDBPyConnection, height: int, model: LinkModel, other: str) -> pl.DataFrame:
    """Each rule's pairs, counted by its keys without making them where it is made of equalities."""
    budget, total = model.pair_budget, 0
    found = []
    for rule in model.blocking:
        count = int(con.execute(_count_sql(rule, other)).fetchall()[0][0] or 0)
        refused = count > budget.per_record * max(height, 1) or total + count > budget.total
        total += 0 if refused else count
        found.append((rule, count, refused))
    schema = {"rule": pl.String, "pair_cnt": pl.Int64, "is_refused": pl.Boolean}
    return pl.DataFrame(found, schema=schema, orient="row")


def _count_sql(rule: str, other: str) -> str:
    sides = [part.split("=") for part in rule.split(" AND ")]
    if any(len(side) != 2 for side in sides):
        return f"SELECT count(*) FROM lost l JOIN {other} r ON {rule}"
    one, two = (
        _keys([side[i].strip() for side in sides], table) for i, table in enumerate(("lost l", f"{other} r"))
    )
    return f"SELECT sum(a.n * b.n)::BIGINT FROM ({one}) a JOIN ({two}) b USING (k)"


def _keys(keys: list[str], table: str) -> str:
    known = " AND ".join(f"{key} IS NOT NULL" for key in keys)
    return f"SELECT ({', '.join(keys)}, 0) AS k, count(*) AS n FROM {table} WHERE {known} GROUP BY 1"


def _predict(
    con: duckdb.DuckDBPyConnection,
    frames: dict[str, pl.DataFrame],
    columns: list[str],
    model: LinkModel,
    rules: list[str],
) -> pl.DataFrame:
    from splink import Linker
    from splink.backends.duckdb import DuckDBAPI

    logging.getLogger("splink").setLevel(logging.ERROR)
    api = DuckDBAPI(connection=con)
    tables = [
        api.register(frame.select(columns).to_arrow(), table_name=f"in_{n}") for n, frame in frames.items()
    ]
    linker = Linker(tables, settings(model, rules, is_dedupe=len(tables) == 1))
    odds = float(model.weights.doubt)
    found = linker.inference.predict(threshold_match_weight=odds, warning_mode="never").as_duckdbpyrelation()
    return _oriented(con, found.pl(), is_dedupe=len(tables) == 1)


def _oriented(con: duckdb.DuckDBPyConnection, found: pl.DataFrame, is_dedupe: bool) -> pl.DataFrame:
    """The record to be found on the left; of a pair made by several rules, once."""
    one, other = pl.col(f"{ID}_l"), pl.col(f"{ID}_r")
    turned = pl.lit(False) if is_dedupe else pl.col("source_dataset_l") != "in_lost"
    pairs = found.select(
        left_id=pl.when(turned).then(other).otherwise(one),
        right_id=pl.when(turned).then(one).otherwise(other),
        match_weight=pl.col("match_weight").cast(pl.Float64),
        probability=pl.col("match_probability").cast(pl.Float64),
    )
    return pairs.sort("left_id", "right_id").unique(
        ["left_id", "right_id"], keep="first", maintain_order=True
    )


def settings(model: LinkModel, rules: list[str], is_dedupe: bool) -> dict[str, Any]:
    """The model in Splink's words."""
    return {
        "link_type": "dedupe_only" if is_dedupe else "link_only",
        "unique_id_column_name": ID,
        "probability_two_random_records_match": float(model.prior),
        "blocking_rules_to_generate_predictions": rules,
        "comparisons": [_comparison(comparison) for comparison in model.comparisons],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    column = comparison.column
    levels: list[dict[str, Any]] = [
        {"sql_condition": f"{column}_l IS NULL OR {column}_r IS NULL", "is_null_level": True}
    ]
    for level in comparison.levels:
        made = {"sql_condition": level.sql or "ELSE", "label_for_charts": level.zh}
        made |= {"m_probability": float(level.m), "u_probability": float(level.u)}
        levels.append(made | ({"tf_adjustment_column": column} if level.name_frequency else {}))
    return {"output_column_name": column, "comparison_levels": levels}
