"""A contract's row rules as one UInt64 mask per row: bit i is set where row rule i is broken.

Cell errors (types, checksums, codes) are few and come from the reader; the other rules are expressions
over the typed columns, all evaluated in one pass. A rule whose answer is unknown (NULL) is not broken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from zhaoren.data_contracts.contract import Column, Contract, Rule
from zhaoren.errors import ZhaorenError

MASK = "_mask"
MOST_RULES = 63
# Which rule kind a reader's error belongs to.
CHECKSUM_ERRORS = ("id_province", "id_birth_date", "id_check_digit")


def bits(contract: Contract) -> dict[str, int]:
    """Row rule id -> its bit's value, in the contract's order."""
    rules = contract.rules_in("row")
    if len(rules) > MOST_RULES:
        why = f"{len(rules)} row rules, and a row's mask has room for {MOST_RULES}"
        raise ZhaorenError("too many row rules", contract.id, why, "drop or merge some")
    return {rule.id: 1 << place for place, rule in enumerate(rules)}


def bits_where(contract: Contract, **wanted: Any) -> int:
    """The bits of all row rules whose attributes equal `wanted`, joined."""
    of = bits(contract)
    rules = contract.rules_in("row")
    return sum(of[r.id] for r in rules if all(getattr(r, name) == value for name, value in wanted.items()))


def error_kind(error: pl.Expr, reads_as: pl.Expr) -> pl.Expr:
    """The rule kind (type, checksum, code) a reader's error breaks."""
    return (
        pl.when(error.is_in(CHECKSUM_ERRORS)).then(pl.lit("checksum"))
        .when(reads_as == "code").then(pl.lit("code"))
        .otherwise(pl.lit("type"))
    )  # fmt: skip


def cell_error_mask(errors: pl.DataFrame, contract: Contract, height: int) -> pl.Series:
    """A mask over `height` rows from errors (index, column_name, error)."""
    mask = pl.zeros(height, pl.UInt64, eager=True)
    if errors.is_empty():
        return mask
    bit_of = pl.DataFrame(
        {"rule_id": list(bits(contract)), "bit": list(bits(contract).values())},
        schema={"rule_id": pl.String, "bit": pl.UInt64},
    )
    hit = with_rule_ids(errors, contract).join(bit_of, on="rule_id", how="inner")
    hit = hit.group_by("index").agg(pl.col("bit").sum()).sort("index")
    return mask.scatter(hit["index"], hit["bit"])


def with_rule_ids(errors: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Cell errors with the id of the rule each breaks."""
    reads_as = pl.col("column_name").replace_strict({c.name: c.reads_as for c in contract.columns})
    kind = error_kind(pl.col("error"), reads_as)
    return errors.with_columns(rule_id=pl.concat_str(pl.lit(contract.id), "column_name", kind, separator="."))


def column_breaches(contract: Contract) -> dict[str, pl.Expr]:
    """Rule id -> expression true where a column's own dense rule is broken (needs the MASK column)."""
    found = {}
    for rule in contract.rules_in("row"):
        if rule.column and rule.kind in _BREACHES:
            found[rule.id] = _BREACHES[rule.kind](contract, contract.column(rule.column), rule)
    return found


def condition_breaches(contract: Contract) -> dict[str, pl.Expr]:
    """Rule id -> expression true where a `row_condition` is false (NULL passes)."""
    rules = [rule for rule in contract.rules_in("row") if rule.kind == "row_condition"]
    return {rule.id: ~sql_condition(rule.sql, rule.id) for rule in rules}


def sql_condition(sql: str, where: str) -> pl.Expr:
    """A SQL boolean text as a polars expression; ZhaorenError when polars cannot parse it."""
    try:
        return pl.sql_expr(sql)
    except Exception as error:  # polars raises several kinds
        raise ZhaorenError("the rule's SQL cannot be read", where, str(error), "mend the SQL") from error


def add_breaches(frame: pl.DataFrame, breaches: Mapping[str, pl.Expr], contract: Contract) -> pl.DataFrame:
    """`frame` with the MASK column's bits set where `breaches` are true, in one pass."""
    of = bits(contract)
    zero = pl.lit(0, pl.UInt64)
    set_bits = [
        pl.when(breach).then(pl.lit(of[i], pl.UInt64)).otherwise(zero) for i, breach in breaches.items()
    ]
    return frame.with_columns(pl.sum_horizontal(pl.col(MASK), *set_bits).alias(MASK)) if set_bits else frame


def has_bits(wanted: int) -> pl.Expr:
    """True where any of the wanted bits is set."""
    return pl.col(MASK) & pl.lit(wanted, pl.UInt64) != 0


def broken_rules(mask: pl.Series, rules: Iterable[Rule], contract: Contract) -> list[Rule]:
    """The rules any row breaks."""
    of, union = bits(contract), int(str(mask.bitwise_or() or 0)) if mask.len() else 0
    return [rule for rule in rules if union & of[rule.id]]


def _missing(contract: Contract, column: Column, rule: Rule) -> pl.Expr:
    # A damaged cell is not an empty one: it is already reported as damaged.
    unreadable = sum(bits_where(contract, column=column.name, kind=k) for k in ("type", "checksum", "code"))
    return pl.col(column.name).is_null() & ~has_bits(unreadable)


def _out_of_range(contract: Contract, column: Column, rule: Rule) -> pl.Expr:
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


def _wrong_length(contract: Contract, column: Column, rule: Rule) -> pl.Expr:
    length, broken = pl.col(column.name).str.len_chars(), pl.lit(False)
    if "minLength" in rule.options:
        broken = broken | (length < int(rule.options["minLength"]))
    if "maxLength" in rule.options:
        broken = broken | (length > int(rule.options["maxLength"]))
    return broken


def _wrong_pattern(contract: Contract, column: Column, rule: Rule) -> pl.Expr:
    return ~pl.col(column.name).str.contains(rule.options["pattern"])


_BREACHES = {
    "required": _missing, "range": _out_of_range, "length": _wrong_length, "pattern": _wrong_pattern,
}  # fmt: skip
