"""A drafted contract as YAML, in the layout of the shipped ones, with a TODO comment wherever one is due."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from data_contracts.authoring.drafting import LOGICAL, PHYSICAL, Drafted

TODO = "TODO"


def draft_yaml(department: str, extract: str, drafts: Sequence[Drafted], rows: int, title: str) -> str:
    """The whole contract file. `rows`: the sample's, for the corridor of the row count."""
    return (
        "\n".join(
            [
                *_head(department, extract, title),
                *_columns(drafts),
                *_rules(rows),
                *_foot(department, extract),
            ]
        )
        + "\n"
    )


def _text(value: Any) -> str:
    """A scalar that YAML reads back as it is."""
    return json.dumps(value, ensure_ascii=False)


def _head(department: str, extract: str, title: str) -> Iterator[str]:
    yield f"# Drafted from a sample by `zhaoren contracts new`. {TODO}: decide every line marked so, then"
    yield "# delete the mark; `zhaoren contracts lint` names what is still wrong."
    yield "apiVersion: v3.1.0"
    yield "kind: DataContract"
    yield f"id: {department}.{extract}"
    yield f"name: {extract}"
    yield "version: 0.1.0"
    yield "status: draft"
    yield f"domain: {department}"
    yield "description:"
    yield f'  purpose: "{TODO}: what it is used for"'
    yield "schema:"
    yield f"  - name: {extract}"
    yield f"    physicalName: {_text(title)}  # {TODO}: the extract's Chinese title"
    yield f"    businessName: {_text(title)}"
    yield "    logicalType: object"
    yield f'    dataGranularityDescription: "{TODO}: what one row is"'
    yield "    properties:"


def _columns(drafts: Sequence[Drafted]) -> Iterator[str]:
    for draft in drafts:
        column = draft.column
        yield from (f"      # {TODO} {todo}" for todo in draft.todos)
        yield f"      - name: {column.name}"
        yield f"        physicalName: {_text(column.header)}"
        yield f"        businessName: {_text(column.zh)}"
        yield f"        logicalType: {LOGICAL.get(column.reads_as, 'string')}"
        yield f"        physicalType: {PHYSICAL.get(column.reads_as, 'VARCHAR')}"
        if column.options:
            pairs = ", ".join(f"{key}: {_text(value)}" for key, value in column.options.items())
            yield f"        logicalTypeOptions: {{{pairs}}}"
        if column.required:
            yield "        required: true"
        if column.key_position is not None:
            yield "        primaryKey: true"
            yield f"        primaryKeyPosition: {column.key_position}"
        yield f"        classification: {column.classification}"
        if draft.enum:
            yield f"        quality: {_enum(draft.enum)}"
        yield "        customProperties:"
        purposes = list(column.purposes) or ["discovery", "verification", "compliance"]
        if not column.purposes:
            yield f"          # {TODO} purposes: what it may be used for, and no more"
        level = column.level if column.level != "reject_row" else None
        custom: dict[str, object] = {"readsAs": "place" if column.is_place else column.reads_as}
        custom |= {"inCore": column.in_core, "codes": column.codes, "unit": column.unit}
        custom |= {"purposes": purposes, "level": level}
        custom |= {"mayLieAhead": "true" if column.may_lie_ahead else None}
        for key, value in custom.items():
            if value is not None:
                shown = f"[{', '.join(value)}]" if isinstance(value, list) else value
                yield f"          - {{property: {key}, value: {shown}}}"


def _enum(values: Sequence[str]) -> str:
    listed = ", ".join(_text(value) for value in values)
    return (
        "[{name: known_values, description: 应为约定取值之一, type: library, metric: invalidValues, "
        f"mustBe: 0, arguments: {{validValues: [{listed}]}}, severity: warn}}]"
    )


def _rules(rows: int) -> Iterator[str]:
    yield "    quality:"
    yield "      - name: not_empty"
    yield "        description: 文件不应为空"
    yield "        type: library"
    yield "        metric: rowCount"
    yield "        mustBeGreaterThan: 0"
    yield "        severity: reject_delivery"
    yield f"      # {TODO} the sample has {rows} rows; how many may a whole delivery have?"
    yield "      - name: row_count"
    yield f"        description: 行数应在{max(1, rows // 2)}至{max(2, rows * 2)}之间"
    yield "        type: library"
    yield "        metric: rowCount"
    yield f"        mustBeBetween: [{max(1, rows // 2)}, {max(2, rows * 2)}]"
    yield "        severity: warn"
    for name, zh, maximum in (
        ("faulty_share", "问题行占比不应超过20%", 0.2),
        ("duplicate_share", "完全重复的行不应超过10%", 0.1),
    ):
        yield f"      - name: {'few_duplicates' if name == 'duplicate_share' else name}"
        yield f"        description: {zh}"
        yield "        type: custom"
        yield "        engine: zhaoren"
        yield f"        implementation: {{rule: {name}, maximum: {maximum}}}"
        yield "        severity: hold_delivery"
    yield "      - name: row_count_against_previous"
    yield "        description: 行数与上一期相比应在0.7至1.4倍之间"
    yield "        type: custom"
    yield "        engine: zhaoren"
    yield "        implementation: {rule: row_count_against_previous, minimum: 0.7, maximum: 1.4}"
    yield "        severity: hold_delivery"


def _foot(department: str, extract: str) -> Iterator[str]:
    yield f"# {TODO} cadence and days of grace"
    yield "slaProperties:"
    yield f"  - {{property: frequency, value: 1, unit: month, element: {extract}, description: monthly}}"
    yield f"  - {{property: latency, value: 10, unit: d, element: {extract}, description: days of grace}}"
    yield "customProperties:"
    yield f"  - {{property: department, value: {department}}}"
    yield f"  - {{property: departmentZh, value: {department}}}  # {TODO} the department's Chinese name"
    yield f"  # {TODO} loads: roll (each delivery is the whole present state) or events (deliveries add up)"
    yield "  - {property: loads, value: roll}"
    yield "  - {property: cadence, value: monthly}"
