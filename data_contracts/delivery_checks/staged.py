"""What the delivery's suite may look at: one row per record, and never an identifier's value."""

from __future__ import annotations

import secrets

import polars as pl

from data_contracts.contract.model import Column, Contract, Rule
from zhaoren.errors import ZhaorenError

KEY, VALID = "_key_", "is_valid_"
# Another in each process, so that a hash of the stage says nothing to anybody but it.
_SEED = secrets.randbits(64)
_BY_VALUE = ("value_share", "invalid_share", "partition", "value_mix_against_previous")


def stage_columns(contract: Contract) -> list[pl.Expr]:
    """The staged columns beside row_no and the flags, taken from the typed rows of one chunk.

    has_<column> for every column; the plain values the suite's rules and the profile need; and, for a
    rule on repeated values, a hash of them (`finish_stage` turns it into a flag before anything is
    written). ZhaorenError when a rule needs an identifier's value.
    """
    has = [pl.col(c.name).is_not_null().alias(f"has_{c.name}") for c in contract.columns]
    values = [_staged(contract.column(name)) for name in value_columns(contract)]
    return [*has, *values, *_keys(contract), *_validity(contract)]


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


def _staged(column: Column) -> pl.Expr:
    """A column's values as the stage holds them: it is a file, if only for a moment.

    Of a text that a home's contract takes for harmless, only the words that the contract names are written
    out; the others can still be told apart and counted. Others' contracts are run and nothing is kept.
    """
    cell = pl.col(column.name)
    if not (column.is_open_text and column.is_kept):
        return cell
    hidden = pl.concat_str(pl.lit("~"), cell.hash(_SEED).cast(pl.String))
    named = pl.when(cell.is_in(sorted(column.agreed))).then(cell)
    return named.when(cell.is_not_null()).then(hidden).alias(column.name)


def _validity(contract: Contract) -> list[pl.Expr]:
    """Whether a text has the pattern that a rule asks for, which only the text itself shows."""
    found = []
    for rule in contract.rules_in("suite"):
        if is_told_by_flag(contract, rule):
            text = pl.col(str(rule.column)).str
            found.append(text.contains(str(rule.options["pattern"])).alias(f"{VALID}{rule.name}"))
    return found


def is_told_by_flag(contract: Contract, rule: Rule) -> bool:
    """Whether the stage has a flag for the rule in place of the column's text."""
    if rule.kind != "invalid_share" or not rule.options.get("pattern") or rule.options.get("values"):
        return False
    column = contract.column(str(rule.column))
    return column.is_open_text and column.is_kept


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
