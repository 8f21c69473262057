"""A delivery's profile: how empty each column is, and how its codes are spread.

    profile_of(stage, contract) -> DataFrame(column_name, value, share, cnt), sorted

One row per column with `value` null: the share of empty cells. One row per value of each code, flag or
prefix column: its share of the filled cells. Never an identifier; values with fewer than ten rows are
folded into one `other`, so that nobody is singled out.
"""

from __future__ import annotations

import polars as pl

from data_contracts.contract.model import Contract
from data_contracts.registry.tables import schema

FEWEST_SHOWN = 10
# More would be a list of places or firms rather than the shape of a code; the rest is folded as well.
MOST_VALUES = 50
OTHER = "other"
PROFILE_SCHEMA = schema("ops.profile", without=("delivery_id",))


def profile_of(stage: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """The profile of the staged rows (`CheckedRows.stage`); empty for a delivery without rows."""
    if stage.is_empty():
        return pl.DataFrame(schema=PROFILE_SCHEMA)
    spread = [
        _spread(stage[column], digits)
        for column, digits in profiled(contract).items()
        if column in stage.columns
    ]
    return pl.concat([_empty(stage, contract), *spread]).sort("column_name", "value", nulls_last=False)


def profiled(contract: Contract) -> dict[str, int | None]:
    """The columns whose values are counted, and how many first characters of them (None: all)."""
    columns: dict[str, int | None] = {
        c.name: None for c in contract.columns if c.reads_as in ("code", "bool") and not c.is_identifier
    }
    for rule in contract.rules_in("suite"):
        if rule.kind == "partition" and rule.column and rule.options.get("digits"):
            if contract.column(rule.column).is_open_text:
                continue  # what a text begins with may be a name
            columns[rule.column] = int(rule.options["digits"])
    return columns


def _empty(stage: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """The share of empty cells of every column."""
    names = [c.name for c in contract.columns if f"has_{c.name}" in stage.columns]
    counts = stage.select((~pl.col(f"has_{n}")).sum().cast(pl.Int64).alias(n) for n in names)
    long = counts.unpivot(variable_name="column_name", value_name="cnt")
    return long.select(
        "column_name",
        value=pl.lit(None, pl.String),
        share=pl.col("cnt") / stage.height,
        cnt="cnt",
    )


def _spread(values: pl.Series, digits: int | None) -> pl.DataFrame:
    """The value shares of one column, rare values folded together."""
    text = values.cast(pl.String).alias("value")
    text = text.str.head(digits) if digits else text
    counted = text.drop_nulls().value_counts(name="cnt").sort("cnt", "value", descending=[True, False])
    shown = (pl.col("cnt") >= FEWEST_SHOWN) & (pl.row_index() < MOST_VALUES)
    folded = counted.with_columns(value=pl.when(shown).then("value").otherwise(pl.lit(OTHER)))
    folded = folded.group_by("value").agg(pl.col("cnt").sum().cast(pl.Int64))
    return folded.select(
        column_name=pl.lit(values.name),
        value="value",
        share=pl.col("cnt") / pl.col("cnt").sum(),
        cnt="cnt",
    )
