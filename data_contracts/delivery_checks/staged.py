"""What the delivery's suite may look at: one row per record, and never an identifier's value."""

from __future__ import annotations

import polars as pl

from data_contracts.contract.model import Contract, Rule
from zhaoren.errors import ZhaorenError

KEY = "_key_"
_BY_VALUE = ("value_share", "invalid_share", "partition", "value_mix_against_previous")


def stage_columns(contract: Contract) -> list[pl.Expr]:
    """The staged columns beside row_no and the flags, taken from the typed rows of one chunk.

    has_<column> for every column; the plain values the suite's rules and the profile need; and, for a
    rule on repeated values, a hash of them (`finish_stage` turns it into a flag before anything is
    written). ZhaorenError when a rule needs an identifier's value.
    """
    has = [pl.col(c.name).is_not_null().alias(f"has_{c.name}") for c in contract.columns]
    return [*has, *(pl.col(column) for column in value_columns(contract)), *_keys(contract)]


def value_columns(contract: Contract) -> list[str]:
    """The columns staged with their values: codes and flags, and those a suite rule names."""
    rules = contract.rules_in("suite")
    by_value = {rule.column: rule for rule in rules if rule.kind in _BY_VALUE}
    queries = " ".join(rule.sql for rule in rules)
    for column in contract.columns:
        if column.is_identifier and column.name in by_value:
            raise _hidden(by_value[column.name])
    return [
        c.name
        for c in contract.columns
        if not c.is_identifier and (c.reads_as in ("code", "bool") or c.name in by_value or c.name in queries)
    ]


def _keys(contract: Contract) -> list[pl.Expr]:
    """Equal where a rule's columns are equal; null where one of them is empty."""
    found = []
    for rule in duplicate_rules(contract):
        columns = [str(column) for column in rule.options["columns"]]
        # As in SQL, a row with an empty cell repeats nothing.
        filled = pl.all_horizontal(pl.col(column).is_not_null() for column in columns)
        found.append(pl.when(filled).then(pl.struct(columns).hash()).alias(f"{KEY}{rule.name}"))
    return found


def duplicate_rules(contract: Contract) -> list[Rule]:
    """The rules on the share of rows whose values in some columns stood in an earlier row."""
    rules = contract.rules_in("suite")
    return [rule for rule in rules if rule.kind == "duplicate_share" and rule.options.get("columns")]


def finish_stage(stage: pl.DataFrame) -> pl.DataFrame:
    """All chunks' rows with is_repeat_<rule> in place of the hashes, which never leave memory."""
    keys = [column for column in stage.columns if column.startswith(KEY)]
    flags = [
        (~pl.col(key).is_first_distinct() & pl.col(key).is_not_null()).alias(
            f"is_repeat_{key.removeprefix(KEY)}"
        )
        for key in keys
    ]
    return stage.with_columns(flags).drop(keys)


def _hidden(rule: Rule) -> ZhaorenError:
    why = f"{rule.column} is an identifier, and those are not staged"
    return ZhaorenError("the rule looks at a value it may not see", rule.id, why, "write it as a row rule")
