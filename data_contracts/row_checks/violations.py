"""A contract's row rules as polars expressions, true where a row breaks the rule.

Cell errors (types, checksums, codes) are few and come from the reader; the other rules are expressions
over the typed columns, evaluated together in one pass. Unknown (NULL) is not broken.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from data_contracts.cells.revealing import PLACE_SHAPE
from data_contracts.contract.model import Column, Contract, Rule
from data_contracts.rules.conditions import sql_condition

# Which rule kind a reader's error belongs to.
CHECKSUM_ERRORS = ("id_province", "id_issuing_province", "id_birth_date", "id_check_digit")
GARBLED_ERRORS = ("text_garbled", "name_not_one")
CELL_KINDS = ("type", "checksum", "code", "damaged", "garbled")
# Breaking one of these costs a `warn` column its value, not its row.
VALUE_KINDS = ("range", "length", "pattern")


def rule_ids(errors: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Cell errors (column_name, error, …) with the id of the rule each breaks."""
    codes = [column.name for column in contract.columns if column.reads_as == "code"]
    texts = [column.name for column in contract.columns if column.reads_as in ("text", "name")]
    numbers = [column.name for column in contract.columns if column.is_number]
    garbled = pl.col("error").is_in(GARBLED_ERRORS) & ~pl.col("column_name").is_in(numbers)
    kind = (
        pl.when(pl.col("error").is_in(CHECKSUM_ERRORS)).then(pl.lit("checksum"))
        .when(garbled).then(pl.lit("garbled"))
        .when(pl.col("column_name").is_in(texts)).then(pl.lit("damaged"))
        .when(pl.col("column_name").is_in(codes)).then(pl.lit("code"))
        .otherwise(pl.lit("type"))
    )  # fmt: skip
    return errors.with_columns(rule_id=pl.concat_str(pl.lit(contract.id), "column_name", kind, separator="."))


def damaged(name: str) -> str:
    """The helper column that marks where a column's cell could not be read."""
    return f"_damaged_{name}"


def column_violations(
    contract: Contract, with_damage: Collection[str] = (), known: date | None = None
) -> dict[str, pl.Expr]:
    """Rule id -> expression, for the rules of single columns that look at the typed value.

    `with_damage`: the columns for which the frame has a `damaged` column. `known`: the day the rows came;
    without it nothing is said of dates after it.
    """
    found = {}
    for rule in contract.rules_in("row"):
        if rule.kind == "required" and rule.column:
            found[rule.id] = _missing(rule.column, with_damage)
        elif rule.kind in VALUE_KINDS and rule.column:
            found[rule.id] = _VIOLATIONS[rule.kind](contract.column(rule.column), rule)
        elif rule.kind == "decimals" and rule.column:
            found[rule.id] = _beyond_cents(pl.col(rule.column))
        elif rule.kind == "future" and rule.column and known is not None:
            found[rule.id] = _after(contract.column(rule.column), known)
    return found


def condition_violations(contract: Contract) -> dict[str, pl.Expr]:
    """Rule id -> expression true where a `row_condition` is false (NULL passes)."""
    rules = [rule for rule in contract.rules_in("row") if rule.kind == "row_condition"]
    return {rule.id: ~sql_condition(rule.sql, rule.id) for rule in rules}


def evaluate(frame: pl.DataFrame, violations: Mapping[str, pl.Expr]) -> dict[str, pl.Series]:
    """The violations that any row has, as Boolean series without nulls; all evaluated in one pass."""
    if not violations:
        return {}
    # A constant answer is stretched over all rows.
    columns = [
        (pl.repeat(False, pl.len()) | broken).fill_null(False).alias(i) for i, broken in violations.items()
    ]
    return {answer.name: answer for answer in frame.select(columns) if answer.any()}


def any_of(broken: Mapping[str, pl.Series], rules: Collection[str], height: int) -> pl.Series:
    """True for rows that break at least one of the rules."""
    answer = pl.repeat(False, height, dtype=pl.Boolean, eager=True)
    for rule_id, rows in broken.items():
        if rule_id in rules:
            answer = answer | rows
    return answer


def only(broken: Mapping[str, pl.Series], rule_id: str, where: pl.Series) -> dict[str, pl.Series]:
    """The rows `where` break this rule and no other."""
    if not where.any():
        return dict(broken)
    return {name: rows & ~where for name, rows in broken.items()} | {rule_id: where}


def _missing(name: str, with_damage: Collection[str]) -> pl.Expr:
    # A damaged cell is not an empty one: it is already reported as damaged.
    return pl.col(name).is_null() & ~pl.col(damaged(name)) if name in with_damage else pl.col(name).is_null()


def _after(column: Column, known: date) -> pl.Expr:
    """Whether what the cell tells happened after the day."""
    value = pl.col(column.name)
    if column.reads_as == "cn_id":
        return value.str.slice(6, 8) > f"{known:%Y%m%d}"  # digits compare as the dates do
    return (value.dt.date() if column.reads_as == "timestamp" else value) > known


def _beyond_cents(value: pl.Expr) -> pl.Expr:
    """Whether a number has a third decimal; what is left of a sum of floats is none."""
    return (value - value.round(2)).abs() > pl.max_horizontal(value.abs(), pl.lit(1.0)) * 1e-9


def _out_of_range(column: Column, rule: Rule) -> pl.Expr:
    value, broken = pl.col(column.name), pl.lit(False)
    tests = {"minimum": value.__lt__, "maximum": value.__gt__, "exclusiveMinimum": value.__le__,
             "exclusiveMaximum": value.__ge__}  # fmt: skip
    for option, test in tests.items():
        if option in rule.options:
            broken = broken | test(_literal(column, rule.options[option]))
    return broken


def _literal(column: Column, bound: Any) -> pl.Expr:
    if column.reads_as in ("date", "month"):
        return pl.lit(date.fromisoformat(str(bound)))
    return pl.lit(Decimal(str(bound))) if column.reads_as == "yuan" else pl.lit(int(bound))


def _wrong_length(column: Column, rule: Rule) -> pl.Expr:
    length, broken = pl.col(column.name).str.len_chars(), pl.lit(False)
    if "minLength" in rule.options:
        broken = broken | (length < int(rule.options["minLength"]))
    if "maxLength" in rule.options:
        broken = broken | (length > int(rule.options["maxLength"]))
    return broken


def _wrong_pattern(column: Column, rule: Rule) -> pl.Expr:
    text = pl.col(column.name).str
    wrong = ~text.contains(rule.options["pattern"])
    return wrong | ~text.contains(PLACE_SHAPE) if column.is_place else wrong


_VIOLATIONS = {"range": _out_of_range, "length": _wrong_length, "pattern": _wrong_pattern}
