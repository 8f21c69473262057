"""Tier 3: how likely two records are one person, scored by Splink on DuckDB with a model's fixed weights.

Nothing is estimated while scoring, so the same records give the same pairs in any home. The connection
lives in memory and may not spill to disk: names and numbers never lie there in the clear.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import log2

import duckdb
import polars as pl

from policies.catalogue.linkage import Comparison, LinkModel
from warehouse.database.connection import OFFLINE, configured
from warehouse.identity.splink_settings import ID, Linking, rule_sql

LOST, KNOWN = "lost", "known"
PAIRS = {
    "left_id": pl.String, "right_id": pl.String, "match_weight": pl.Float64, "whole_weight": pl.Float64,
    "probability": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True)
class Scored:
    """pairs: left_id, right_id, match_weight (log2 of the odds), whole_weight (without what comparisons
    that may only ask add to it), probability, and per comparison a column {comparison}_level with the
    level's Chinese name, null where nothing could be compared; sorted by the ids, each pair once.

    rules: rule, pair_cnt, is_refused: how many pairs each blocking rule makes by itself, and whether it was
    too many to look at.
    """

    pairs: pl.DataFrame
    rules: pl.DataFrame


def score_pairs(left: pl.DataFrame, right: pl.DataFrame | None, model: LinkModel) -> Scored:
    """Every pair that a blocking rule within the budget makes and that weighs as much as a doubt.

    left: records to be found; right: known persons, or None to look for likeness within left. Both have
    record_id and the columns that the model names; nulls say nothing. A record_id that occurs twice (a person
    with two numbers) counts with its best pair.
    """
    with in_memory() as con:
        known_cnt = _registered(con, left, right)
        rules = _counted(con, left.height, model)
        kept = [
            keys for keys, refused in zip(model.blocking, rules["is_refused"], strict=True) if not refused
        ]
        if not kept or not left.height or not known_cnt:
            return Scored(_none(model), rules)
        return Scored(_predicted(con, model, kept, right is None, known_cnt), rules)


@contextmanager
def in_memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads no file, writes none and asks no server; Splink is silent beside it."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    con = configured(duckdb.connect(":memory:", config={**OFFLINE, "temp_directory": ""}))
    try:
        yield con
    finally:
        con.close()


def _registered(con: duckdb.DuckDBPyConnection, left: pl.DataFrame, right: pl.DataFrame | None) -> int:
    """Both sides' common columns as lost and known; returns how many are known."""
    columns = [name for name in left.columns if right is None or name in right.columns]
    con.register(LOST, left.select(columns).to_arrow())
    if right is None:
        con.execute(f"CREATE VIEW {KNOWN} AS FROM {LOST}")
        return left.height
    con.register(KNOWN, right.select(columns).to_arrow())
    return right.height


def _counted(con: duckdb.DuckDBPyConnection, height: int, model: LinkModel) -> pl.DataFrame:
    """Each rule's pairs, counted by its keys without making them."""
    # A rule on a common surname could make thousands of millions of pairs; counted first, it never does.
    budget, total, found = model.pair_budget, 0, []
    for keys in model.blocking:
        wanted = f"SELECT {_names(keys)}, count(*) AS n FROM {_keyed(LOST, keys)} GROUP BY ALL"
        counted = con.execute(
            f"SELECT sum(n) FROM {_keyed(KNOWN, keys)} JOIN ({wanted}) USING ({_names(keys)})"
        )
        pair_cnt = int((counted.fetchone() or (0,))[0] or 0)
        refused = pair_cnt > budget.per_record * height or total + pair_cnt > budget.total
        total += 0 if refused else pair_cnt
        found.append((" + ".join(keys), pair_cnt, refused))
    schema = {"rule": pl.String, "pair_cnt": pl.Int64, "is_refused": pl.Boolean}
    return pl.DataFrame(found, schema=schema, orient="row")


def _names(keys: Sequence[str]) -> str:
    return ", ".join(f"k{at}" for at in range(len(keys)))


def _keyed(side: str, keys: Sequence[str]) -> str:
    """The side's records and the values of the keys, to be joined by: k0, k1 and so on."""
    values = ", ".join(f"{key} AS k{at}" for at, key in enumerate(keys))
    return f"(SELECT {ID}, {values} FROM {side})"


def _predicted(
    con: duckdb.DuckDBPyConnection,
    model: LinkModel,
    kept: Sequence[Sequence[str]],
    is_dedupe: bool,
    known_cnt: int,
) -> pl.DataFrame:
    """Score with Splink. Of the known it sees only whom some rule reaches: a few of millions."""
    rules = [rule_sql(keys, model.never) for keys in kept]
    sides = [LOST] if is_dedupe else [LOST, _reached(con, kept)]
    linking = Linking(con, model, sides, rules, model.prior(known_cnt))
    for column in model.frequency_columns:
        linking.weigh_by(column, _frequencies(con, column, sides[-1]))
    return _oriented(linking.predicted(float(model.weights.doubt)), model, is_dedupe)


def _reached(con: duckdb.DuckDBPyConnection, kept: Sequence[Sequence[str]]) -> str:
    """A table of the known who share some rule's keys with a record to be found."""
    found = [
        f"SELECT {ID} FROM {_keyed(KNOWN, keys)} SEMI JOIN {_keyed(LOST, keys)} USING ({_names(keys)})"
        for keys in kept
    ]
    con.execute(f"CREATE TABLE reached AS FROM {KNOWN} SEMI JOIN ({' UNION '.join(found)}) USING ({ID})")
    return "reached"


def _frequencies(con: duckdb.DuckDBPyConnection, column: str, side: str) -> str:
    """A table of the values within reach and their share among all the known."""
    con.execute(
        f"CREATE TABLE frequency_of_{column} AS SELECT {column}, "
        f"count(*) / (SELECT count({column}) FROM {KNOWN})::DOUBLE AS tf_{column} "
        f"FROM {KNOWN} SEMI JOIN (SELECT DISTINCT {column} FROM {side}) USING ({column}) GROUP BY {column}"
    )
    return f"frequency_of_{column}"


def _none(model: LinkModel) -> pl.DataFrame:
    levels = {f"{comparison.id}_level": pl.String for comparison in model.comparisons}
    return pl.DataFrame(schema={**PAIRS, **levels})


def _oriented(found: pl.DataFrame, model: LinkModel, is_dedupe: bool) -> pl.DataFrame:
    """The record to be found on the left, each pair once, the levels by name."""
    one, other = pl.col(f"{ID}_l"), pl.col(f"{ID}_r")
    turned = pl.lit(False) if is_dedupe else pl.col("source_dataset_l") != LOST
    pairs = found.select(
        pl.when(turned).then(other).otherwise(one).cast(pl.String).alias("left_id"),
        pl.when(turned).then(one).otherwise(other).cast(pl.String).alias("right_id"),
        pl.col("match_weight").cast(pl.Float64),
        (pl.col("match_weight").cast(pl.Float64) - _only_asking(model)).alias("whole_weight"),
        pl.col("match_probability").cast(pl.Float64).alias("probability"),
        *(_level(comparison) for comparison in model.comparisons),
    )
    names = pl.exclude("left_id", "right_id", "match_weight", "whole_weight")
    pairs = pairs.sort(pl.col("left_id", "right_id"), -pl.col("match_weight"), -pl.col("whole_weight"), names)
    return pairs.unique(["left_id", "right_id"], keep="first", maintain_order=True)


def _only_asking(model: LinkModel) -> pl.Expr:
    """What comparisons that may only ask add to a pair's weight; where they speak against it, nothing."""
    weight = pl.lit(0.0)
    for comparison in model.comparisons:
        if comparison.only_asks:
            levels = enumerate(reversed(comparison.levels))
            added = {at: max(0.0, log2(float(level.m) / float(level.u))) for at, level in levels}
            gamma = pl.col(f"gamma_{comparison.id}")
            weight = weight + gamma.replace_strict(added, default=0.0, return_dtype=pl.Float64)
    return weight


def _level(comparison: Comparison) -> pl.Expr:
    """Splink counts levels from the last; -1, where nothing could be compared, becomes null."""
    names = {at: level.zh for at, level in enumerate(reversed(comparison.levels))}
    named = pl.col(f"gamma_{comparison.id}").replace_strict(names, default=None, return_dtype=pl.String)
    return named.alias(f"{comparison.id}_level")
