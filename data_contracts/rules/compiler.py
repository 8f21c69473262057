"""From a contract's YAML to its rules: every promise becomes exactly one rule with a stable id.

Column promises (`required`, lengths, ranges, patterns, codes, …) and `row_condition`s run per row;
delivery promises run in the Great Expectations suite; what is prose or cannot be run on a flat file is
documented only, and says why. Rule ids are `<contract>.<column>.<kind>` and `<contract>.<rule name>`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from data_contracts.contract.model import Column, Rule
from data_contracts.rules import conditions
from data_contracts.rules.messages import rule_text, sentence
from data_contracts.rules.quality import quality_rule
from data_contracts.rules.references import relationship_rules
from data_contracts.rules.rule_names import name_of
from data_contracts.rules.service_levels import service_rules
from zhaoren.errors import ZhaorenError

# Rules every contract has without saying so.
IMPLIED = {
    "not_a_record": "合计、小计、制表人、重复表头等不是数据的行",
    "too_many_cells": "单元格数多于表头列数，可能是内容里有未加引号的分隔符",
    "key_conflict": "主键与前面的行相同，内容却不同",
}
# Ways of reading that a cell can fail; text, names and codes have rules of their own.
TYPED = ("date", "month", "yuan", "int", "bool", "cn_id", "number", "timestamp", "time")
# Ways of reading that tell a day on which something happened: an ID number tells its bearer's birth.
DATED = ("date", "month", "timestamp", "cn_id")
# Kinds that every column of a form has, so that no page or comparison needs to repeat them for each.
OF_THE_FORM = (
    "required",
    "type",
    "code",
    "damaged",
    "garbled",
    "checksum",
    "area",
    "future",
    "decimals",
    "format",
)
_RANGES = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
_LENGTHS = {"minLength", "maxLength"}


def column_kinds(column: Column) -> Iterator[str]:
    """The kinds of row rule a column's own promises give rise to, in a fixed order."""
    options = set(column.options)
    if column.required:
        yield "required"
    if column.reads_as in TYPED:
        yield "type"
    if column.reads_as == "code":
        yield "code"
    if column.reads_as in ("text", "name"):
        yield "damaged"
        if not column.is_number:  # a number with a lost character is damaged: it keys nothing
            yield "garbled"
    if column.reads_as == "cn_id":
        yield "checksum"
        yield "area"
    if column.reads_as == "number" and column.is_kept:
        yield "decimals"
    if column.reads_as in DATED and not column.may_lie_ahead:
        yield "future"
    if options & _RANGES:
        yield "range"
    if options & _LENGTHS:
        yield "length"
    if "pattern" in options:
        yield "pattern"


def compile_rules(
    contract_id: str,
    columns: Sequence[Column],
    table: Mapping[str, Any],
    services: Sequence[Mapping[str, Any]] = (),
    external: bool = False,
) -> tuple[Rule, ...]:
    """All rules of one extract, in a fixed order. `services` are the contract's `slaProperties`.

    ZhaorenError on a kind of rule that nothing runs (in a contract of ours), or two rules with the same id.
    """
    rules = [*_implied(contract_id)]
    entries = {entry["name"]: entry for entry in table["properties"]}
    for column in columns:
        rules += _column_rules(contract_id, column, entries[column.name])
    rules += _quality_rules(contract_id, table, None, columns, external)
    for entry in table["properties"]:
        rules += _quality_rules(contract_id, table, entry, columns, external)
    rules += relationship_rules(contract_id, table, columns)
    rules += service_rules(contract_id, services)
    twice = sorted(rule_id for rule_id, times in Counter(rule.id for rule in rules).items() if times > 1)
    if twice:
        raise ZhaorenError(
            f"two rules share an id: {', '.join(twice)}", contract_id, todo="rename one of them"
        )
    return tuple(rules)


def _implied(contract_id: str) -> Iterator[Rule]:
    for name, zh in IMPLIED.items():
        yield Rule(id=f"{contract_id}.{name}", name=name, kind=name, level="reject_row", runs_in="row", zh=zh)


def _quality_rules(
    contract_id: str,
    table: Mapping[str, Any],
    entry: Mapping[str, Any] | None,
    columns: Sequence[Column],
    external: bool,
) -> Iterator[Rule]:
    """The `quality` of the table, or of one column's entry."""
    taken: set[str] = set()
    called = [str(table[key]) for key in ("physicalName", "name") if table.get(key)]
    for quality in (entry or table).get("quality") or ():
        name = name_of(quality, taken) if external else quality["name"]
        column = entry["name"] if entry else None
        yield quality_rule(
            contract_id, quality, column, columns=columns, external=external, name=name, called=called
        )


def _column_rules(contract_id: str, column: Column, entry: Mapping[str, Any]) -> Iterator[Rule]:
    for kind in column_kinds(column):
        if kind in ("range", "pattern") and not _has_own_check(kind, column):
            yield _range_or_nothing(contract_id, column, kind)
            continue
        # A code no longer in force is common among old numbers: noted, never a reason to lose a person.
        # A name with a lost character costs the name, never the person.
        # A third decimal is rounded away in core, and that is told: it costs nobody a row.
        levels = {"area": "note", "garbled": "warn", "decimals": "note"}
        level, zh = levels.get(kind, column.level), rule_text(kind, column)
        yield _rule(
            contract_id, column, kind, level=level, runs_in="row", zh=zh, options=dict(column.options)
        )
    yield from _further_rules(contract_id, column, entry)


def _rule(contract_id: str, column: Column, form: str, **fields: Any) -> Rule:
    """A rule about one column, named `<column>.<form>`; its kind is the form where no other is given."""
    name = f"{column.name}.{form}"
    return Rule(
        **{"id": f"{contract_id}.{name}", "name": name, "column": column.name, "kind": form, **fields}
    )


def _has_own_check(kind: str, column: Column) -> bool:
    if kind == "pattern":
        return conditions.runs_as_pattern(str(column.options["pattern"]), column)
    # Bounds with decimals on a whole number would be cut by the dense check, which compares integers.
    whole = all(float(column.options[key]).is_integer() for key in _RANGES & set(column.options)) if (
        column.reads_as == "int"
    ) else True  # fmt: skip
    return whole and column.reads_as in ("date", "month", "yuan", "int")


def _range_or_nothing(contract_id: str, column: Column, kind: str) -> Rule:
    """A range or pattern that the dense checks do not know: as a condition, else documented."""
    why = "the pattern uses what our engine cannot run (look-around, back-references), or is not on text"
    sql = ""
    if kind == "range":
        sql = conditions.range_condition(column)
        why = "its bounds cannot be compared with what the column holds"
    return _condition(contract_id, column, kind, dict(column.options), sql=sql, why_not=why)


def _condition(
    contract_id: str, column: Column, form: str, options: Mapping[str, Any], *, sql: str, why_not: str = ""
) -> Rule:
    """A promise about a column as a condition per row; documented only where there is no SQL for it."""
    options = {"sql": sql, "form": _FORMS.get(form, form), **options} if sql else dict(options)
    zh = sentence("row_condition", options, column)
    if not sql:
        return _documented(contract_id, column, form, why_not, zh=zh, options=options)
    kind, level = "row_condition", column.level
    return _rule(contract_id, column, form, kind=kind, level=level, runs_in="row", zh=zh, options=options)


def _documented(contract_id: str, column: Column, form: str, why: str, **fields: Any) -> Rule:
    shown = {"zh": "", **fields}
    return _rule(contract_id, column, form, level="note", runs_in="documented", why_documented=why, **shown)


_FORMS = {"multipleOf": "multiple_of", "enum": "values"}


def _further_rules(contract_id: str, column: Column, entry: Mapping[str, Any]) -> Iterator[Rule]:
    """Promises of the standard that none of our own contracts made: enum, unique, formats, nested types."""
    for option, sql, why in conditions.option_conditions(column):
        yield _condition(contract_id, column, option, {option: column.options[option]}, sql=sql, why_not=why)
    if entry.get("enum"):
        values = [one["value"] if isinstance(one, Mapping) else one for one in entry["enum"]]
        sql = conditions.is_one_of(column.name, column, values)
        yield _condition(contract_id, column, "enum", {"values": values}, sql=sql)
    if entry.get("unique"):
        # Which of two equal values is wrong, no row shows: so none goes back, and a person looks.
        level = "hold_delivery" if column.level == "reject_row" else column.level
        options, zh = {"columns": [column.name], "maximum": 0}, f"{column.header}不能重复"
        kind = "duplicate_share"
        yield _rule(
            contract_id, column, "unique", kind=kind, level=level, runs_in="suite", zh=zh, options=options
        )
    why = str(entry.get("readAsTextBecause") or "")
    if why:
        yield _documented(contract_id, column, "type", why)
        yield from _nested_rules(contract_id, column.name, entry, why)


def _nested_rules(contract_id: str, path: str, entry: Mapping[str, Any], why: str) -> Iterator[Rule]:
    """Every promise about what a cell holds inside: documented only, since a flat file has no inside."""
    inner = [(str(one.get("name")), one) for one in entry.get("properties") or ()]
    inner += [("items", entry["items"])] if isinstance(entry.get("items"), Mapping) else []
    inner += [(key, one) for key, one in (entry.get("map") or {}).items() if isinstance(one, Mapping)]
    for name, one in inner:
        here, taken = f"{path}.{name}", set[str]()
        flags = [key for key in ("required", "unique", "primaryKey", "enum", "relationships") if one.get(key)]
        flags += ["type"] if one.get("logicalType") else []
        flags += [str(key) for key in one.get("logicalTypeOptions") or ()]
        flags += [name_of(quality, taken) for quality in one.get("quality") or ()]
        for flag in flags:
            name = f"{here}.{flag}"
            yield Rule(
                id=f"{contract_id}.{name}", name=name, kind=flag, level="note", runs_in="documented", zh="",
                why_documented=why,
            )  # fmt: skip
        yield from _nested_rules(contract_id, here, one, why)
