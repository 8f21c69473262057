"""A contract's `quality`: rules that nothing could run, tried on an empty table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from data_contracts.cells.values import DTYPES
from data_contracts.contract.code_tables import CodeTable
from data_contracts.contract.model import DELIVERY_LEVELS, ROW_LEVELS, Contract, Rule
from data_contracts.delivery_checks.runner import compile_suite
from data_contracts.row_checks.heads import HeadFinder
from data_contracts.row_checks.rows import check_rows
from data_contracts.rules.conditions import sql_condition
from data_contracts.rules.quality import quality_rule
from zhaoren.errors import ZhaorenError
from zhaoren.yaml_lines import Fault, Place


def quality_faults(table: Mapping[str, Any]) -> Iterator[Fault]:
    """Rules without name or description, with an unknown level, or that nothing can run."""
    yield from _entries_faults(table, ("schema", 0), None)
    for position, column in enumerate(table["properties"]):
        yield from _entries_faults(column, ("schema", 0, "properties", position), column["name"])


def _entries_faults(owner: Mapping[str, Any], place: Place, column: str | None) -> Iterator[Fault]:
    for position, entry in enumerate(owner.get("quality") or ()):
        here: Place = (*place, "quality", position)
        if not entry.get("name") or not entry.get("description"):
            yield here, "a rule needs a name (its stable id) and a description (the department reads it)"
        try:
            rule = quality_rule("?", {"name": "?", **entry}, column)
        except ZhaorenError as error:
            yield here, f"{error.what}: {error.why}"
            continue
        levels = ROW_LEVELS if rule.runs_in == "row" else DELIVERY_LEVELS
        if rule.runs_in != "documented" and entry.get("severity") not in levels:
            yield here, f"severity {entry.get('severity')} is none of {', '.join(levels)}"


def quality_columns(table: Mapping[str, Any]) -> Iterator[Fault]:
    """Delivery rules that name a column that is not there."""
    names = {entry["name"] for entry in table["properties"]}
    for position, entry in enumerate(table.get("quality") or ()):
        task, arguments = entry.get("implementation"), entry.get("arguments")
        named = [task.get("column"), *(task.get("columns") or ())] if isinstance(task, Mapping) else []
        named += list((arguments or {}).get("properties") or ()) if isinstance(arguments, Mapping) else []
        for name in named:
            if isinstance(name, str) and name not in names:
                yield ("schema", 0, "quality", position), f"the rule is about {name}, which is no column"


def running_faults(
    contract: Contract, table: Mapping[str, Any], codes: Mapping[str, CodeTable]
) -> Iterator[Fault]:
    """Rules that would fail when run: tried on an empty table of the right types."""
    places = {entry.get("name"): place for place, entry in enumerate(table.get("quality") or ())}
    # No row is needed: polars resolves names and types of an expression before it looks at data.
    empty = pl.DataFrame(schema={c.name: DTYPES[c.reads_as] for c in contract.columns})
    for rule in contract.rules_in("row"):
        if rule.kind == "row_condition":
            here: Place = ("schema", 0, "quality", places.get(rule.name, 0))
            try:
                answer = empty.select(answer=sql_condition(rule.sql, rule.id)).dtypes[0]
            except (ZhaorenError, pl.exceptions.PolarsError) as error:
                yield here, f"rule {rule.name}: {str(error).splitlines()[0]}"
                continue
            if answer != pl.Boolean:
                yield here, f"rule {rule.name} gives {answer}, not true or false"
        if rule.kind == "one_head":
            yield from _head_faults(contract, rule, ("schema", 0, "quality", places.get(rule.name, 0)))
    compile_suite(contract)
    yield from _pattern_faults(contract, codes)


def _head_faults(contract: Contract, rule: Rule, here: Place) -> Iterator[Fault]:
    """A rule on heads that could not be run on the contract's columns."""
    empty = pl.DataFrame(
        schema={"row_no": pl.Int64, **{c.name: DTYPES[c.reads_as] for c in contract.columns}}
    )
    try:
        HeadFinder(contract).add(empty, *(pl.Series(dtype=pl.Boolean) for _ in range(2)))
    except (ZhaorenError, pl.exceptions.PolarsError, KeyError) as error:
        yield here, f"rule {rule.name}: {str(error).splitlines()[0]}"


def _pattern_faults(contract: Contract, codes: Mapping[str, CodeTable]) -> Iterator[Fault]:
    text = pl.DataFrame(schema={"row_no": pl.Int64, **{c.name: pl.String for c in contract.columns}})
    conditions = tuple(rule for rule in contract.rules if rule.kind not in ("row_condition", "one_head"))
    try:
        check_rows(text, replace(contract, rules=conditions), codes)
    except (pl.exceptions.PolarsError, KeyError, ValueError) as error:
        yield ("schema", 0, "properties"), f"the column rules cannot be run: {str(error).splitlines()[0]}"
