"""From a delivery rule to one Great Expectations expectation: its type and its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from data_contracts.contract.model import Contract, Rule
from data_contracts.delivery_checks import comparisons
from data_contracts.delivery_checks.expectation import (
    Expectation,
    escaped,
    numbers_query,
    out_of_bounds,
    rows_query,
    sql_name,
    sql_text,
)
from data_contracts.delivery_checks.past import Past
from data_contracts.delivery_checks.staged import VALID, is_told_by_flag
from zhaoren.errors import ZhaorenError


def expectation_for(contract: Contract, rule: Rule, past: Past) -> Expectation:
    """The expectation of one delivery rule. ZhaorenError when nothing knows its kind."""
    if rule.kind not in _COMPILERS:
        todo = f"use one of {', '.join(sorted(_COMPILERS))}"
        raise ZhaorenError("no suite check of this kind", rule.id, f"kind “{rule.kind}”", todo)
    return _COMPILERS[rule.kind](contract, rule, past)


def _row_count(contract: Contract, rule: Rule, past: Past) -> Expectation:
    ends = (("min_value", "minimum"), ("max_value", "maximum"))
    bounds = {end: int(rule.options[key]) for end, key in ends if key in rule.options}
    return Expectation("expect_table_row_count_to_be_between", bounds)


def _share(contract: Contract, rule: Rule, past: Past) -> Expectation:
    """faulty_share, duplicate_share of whole rows or of some columns, null_share."""
    flag, wanted = _FLAGS[rule.kind], "false"
    if rule.kind == "null_share":
        flag, wanted = f"has_{rule.column}", "true"
    elif rule.options.get("columns"):
        flag = f"is_repeat_{rule.name}"
    return rows_query(f"{sql_name(flag)} IS DISTINCT FROM {wanted}", rule.options["maximum"], [flag])


_FLAGS = {"faulty_share": "is_faulty", "duplicate_share": "is_duplicate", "null_share": ""}


def _value_share(contract: Contract, rule: Rule, past: Past) -> Expectation:
    """Of the filled cells, the share that holds one of the values."""
    column, values = sql_name(str(rule.column)), ", ".join(sql_text(v) for v in rule.options["values"])
    select = (
        f"SELECT count(*) FILTER ({column} IN ({values})) / nullif(count({column}), 0)::DOUBLE AS share "
        "FROM {batch}"
    )
    return numbers_query(select, out_of_bounds(rule, "share"), [str(rule.column)])


def _invalid_share(contract: Contract, rule: Rule, past: Past) -> Expectation:
    """Of all rows, the share whose cell is filled with something else than agreed."""
    column = sql_name(str(rule.column))
    if is_told_by_flag(contract, rule):
        flag = f"{VALID}{rule.name}"
        return rows_query(f"{sql_name(flag)} IS NOT DISTINCT FROM false", rule.options["maximum"], [flag])
    if rule.options.get("values"):
        agreed = f"{column} IN ({', '.join(sql_text(v) for v in rule.options['values'])})"
    elif rule.options.get("pattern"):
        agreed = f"regexp_matches(CAST({column} AS VARCHAR), {sql_text(rule.options['pattern'])})"
    else:
        todo = "name the values or a pattern"
        raise ZhaorenError("the rule does not say what is valid", rule.id, "no values, no pattern", todo)
    return rows_query(
        f"({column} IS NOT NULL AND NOT ({agreed}))", rule.options["maximum"], [str(rule.column)]
    )


def _orphan_share(contract: Contract, rule: Rule, past: Past) -> Expectation:
    """Of the filled cells, the share that the referenced extract does not know."""
    flag = f"is_known_{rule.column}"
    failing = f"{sql_name(flag)} IS NOT DISTINCT FROM false"
    return rows_query(failing, rule.options["maximum"], [flag], f"count({sql_name(flag)})")


def _sql(contract: Contract, rule: Rule, past: Past) -> Expectation:
    """ODCS `type: sql`: a query giving one number within the bounds; {table} is the staged table."""
    broken = f"answer IS NULL OR {out_of_bounds(rule, 'answer')}"
    query = f"SELECT * FROM ({_staged_query(rule)}) AS asked(answer) WHERE {broken}"
    return Expectation(kwargs={"unexpected_rows_query": query})


def _staged_query(rule: Rule) -> str:
    marks = ("${table}", "{table}", "{model}", "${object}", "{object}")
    for mark in marks:
        if mark in rule.sql:
            return "{batch}".join(escaped(piece) for piece in rule.sql.split(mark))
    todo = "name the table {table} in the query"
    raise ZhaorenError("the query names no staged table", rule.id, "there is no {table} in it", todo)


_COMPILERS: Mapping[str, Callable[[Contract, Rule, Past], Expectation]] = {
    "row_count": _row_count,
    "row_count_against_previous": comparisons.row_count_against_previous,
    "faulty_share": _share,
    "duplicate_share": _share,
    "null_share": _share,
    "value_share": _value_share,
    "invalid_share": _invalid_share,
    "orphan_share": _orphan_share,
    "partition": comparisons.partition,
    "null_share_against_previous": comparisons.null_share_against_previous,
    "value_mix_against_previous": comparisons.value_mix_against_previous,
    "freshness": comparisons.freshness,
    "sql": _sql,
}
