"""From a contract's YAML to its rules: every promise becomes exactly one rule with a stable id.

Column promises (`required`, lengths, ranges, patterns, codes, …) and `row_condition`s run per row;
delivery promises run in the Great Expectations suite; ODCS `type: text` is prose, documented only.
Rule ids are `<department>.<extract>.<column>.<kind>` and `<department>.<extract>.<rule name>`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zhaoren.errors import ZhaorenError

if TYPE_CHECKING:
    from zhaoren.data_contracts.contract import Column, Rule

# What the suite knows to run, and the options each kind needs; the rule's own name for ODCS metrics.
SUITE_KINDS: Mapping[str, tuple[str, ...]] = {
    "faulty_share": ("maximum",),
    "duplicate_share": ("maximum",),
    "null_share": ("column", "maximum"),
    "row_count": (),
    "row_count_against_previous": ("minimum", "maximum"),
    "sql": ("sql",),
}
# Rules every contract has without saying so.
IMPLIED = {
    "not_a_record": "合计、小计、制表人、重复表头等不是数据的行",
    "too_many_cells": "单元格数多于表头列数，可能是内容里有未加引号的分隔符",
    "key_conflict": "主键与前面的行相同，内容却不同",
}
_RANGES = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
_LENGTHS = {"minLength", "maxLength"}


def column_kinds(column: Column) -> Iterator[str]:
    """The kinds of row rule a column's own promises give rise to, in a fixed order."""
    options = set(column.options)
    if column.required:
        yield "required"
    if column.reads_as in ("date", "month", "yuan", "int", "bool", "cn_id"):
        yield "type"
    if column.reads_as == "code":
        yield "code"
    if column.reads_as == "cn_id":
        yield "checksum"
        yield "area"
    if options & _RANGES:
        yield "range"
    if options & _LENGTHS:
        yield "length"
    if "pattern" in options:
        yield "pattern"


def compile_rules(contract_id: str, columns: Sequence[Column], table: Mapping[str, Any]) -> tuple[Rule, ...]:
    """All rules of one extract, in a fixed order.

    ZhaorenError on a kind of rule that nothing runs, or two rules with the same id.
    """
    rules = [*_implied(contract_id), *_column_rules(contract_id, columns)]
    rules += [quality_rule(contract_id, entry, None) for entry in table.get("quality") or ()]
    for entry in table["properties"]:
        rules += [quality_rule(contract_id, q, entry["name"]) for q in entry.get("quality") or ()]
    ids = [rule.id for rule in rules]
    twice = sorted({rule_id for rule_id in ids if ids.count(rule_id) > 1})
    if twice:
        raise ZhaorenError(
            f"two rules share an id: {', '.join(twice)}", contract_id, todo="rename one of them"
        )
    return tuple(rules)


def _rule(*args: Any, **kwargs: Any) -> Rule:
    from zhaoren.data_contracts.contract import Rule

    return Rule(*args, **kwargs)


def _implied(contract_id: str) -> Iterator[Rule]:
    for name, zh in IMPLIED.items():
        yield _rule(f"{contract_id}.{name}", name, name, "reject_row", "row", zh)


def _column_rules(contract_id: str, columns: Sequence[Column]) -> Iterator[Rule]:
    from zhaoren.data_contracts.reasons import rule_text

    for column in columns:
        for kind in column_kinds(column):
            name = f"{column.name}.{kind}"
            # A code no longer in force is common among old numbers: noted, never a reason to lose a person.
            level = "note" if kind == "area" else column.level
            zh = rule_text(kind, column)
            options = dict(column.options)
            yield _rule(f"{contract_id}.{name}", name, kind, level, "row", zh, column.name, options)


def quality_rule(contract_id: str, entry: Mapping[str, Any], column: str | None) -> Rule:
    """One ODCS quality entry of the table or of a column; ZhaorenError when nothing can run it."""
    name, zh = entry["name"], entry.get("description", "")
    stem = f"{contract_id}.{column}.{name}" if column else f"{contract_id}.{name}"
    level = entry.get("severity", "note")
    kind, options = _quality_kind(entry, column)
    if kind == "text":
        return _rule(stem, name, kind, level, "documented", zh, column, options)
    if kind == "row_condition":
        return _rule(stem, name, kind, level, "row", zh, column, options)
    missing = [key for key in SUITE_KINDS.get(kind, ()) if key not in options]
    if kind not in SUITE_KINDS or missing:
        why = f"missing {', '.join(missing)}" if missing else f"no check is called “{kind}”"
        todo = f"use row_condition or one of {', '.join(SUITE_KINDS)} with all its options, or type: text"
        raise ZhaorenError(f"rule “{name}” cannot be run", contract_id, why, todo)
    return _rule(stem, name, kind, level, "suite", zh, options.get("column", column), options)


def _quality_kind(entry: Mapping[str, Any], column: str | None) -> tuple[str, dict[str, Any]]:
    """What an ODCS quality entry asks for, in our words: (kind, options)."""
    form = entry.get("type", "library")
    if form == "custom":
        options = dict(entry["implementation"])
        return options.pop("rule"), options
    if form == "text":
        return "text", {}
    if form == "sql":
        return "sql", {"sql": entry["query"], **_bounds(entry)}
    metric, bounds = entry.get("metric") or entry.get("rule"), _bounds(entry)
    if metric == "rowCount":
        return "row_count", bounds
    if metric in ("nullValues", "missingValues", "duplicateValues") and entry.get("unit") == "percent":
        kind = "duplicate_share" if metric == "duplicateValues" else "null_share"
        maximum = {"maximum": bounds["maximum"] / 100} if "maximum" in bounds else {}
        return kind, {"column": column, **maximum}
    return f"{form} {metric}", {}


def _bounds(entry: Mapping[str, Any]) -> dict[str, Any]:
    """`mustBe…` keys as inclusive minimum and maximum (whole numbers for the exclusive ones)."""
    bounds: dict[str, Any] = {}
    if "mustBe" in entry:
        bounds = {"minimum": entry["mustBe"], "maximum": entry["mustBe"]}
    if "mustBeBetween" in entry:
        bounds["minimum"], bounds["maximum"] = entry["mustBeBetween"]
    if "mustBeGreaterThan" in entry:
        bounds["minimum"] = entry["mustBeGreaterThan"] + 1
    if "mustBeLessThan" in entry:
        bounds["maximum"] = entry["mustBeLessThan"] - 1
    for key, bound in (("mustBeGreaterOrEqualTo", "minimum"), ("mustBeLessOrEqualTo", "maximum")):
        if key in entry:
            bounds[bound] = entry[key]
    return bounds
