"""Foreign keys: which column of another extract must know the values of one of ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from data_contracts.contract.custom_properties import custom_of
from data_contracts.contract.model import Column, Rule


def relationship_rules(
    contract_id: str, table: Mapping[str, Any], columns: Sequence[Column]
) -> Iterator[Rule]:
    """One rule per foreign key, of a column or (with several columns) of the table."""
    levels = {column.name: column.level for column in columns}
    for entry in table["properties"]:
        for number, one in enumerate(entry.get("relationships") or (), start=1):
            name = f"{entry['name']}.{one.get('id') or 'references' + _counted(number)}"
            yield _reference(contract_id, name, [entry["name"]], one, levels.get(entry["name"], "reject_row"))
    for number, one in enumerate(table.get("relationships") or (), start=1):
        here = [_last(part) for part in _listed(one.get("from"))]
        name = str(one.get("id") or f"references{_counted(number)}")
        rule = _reference(contract_id, name, here, one, "reject_row")
        yield rule if set(here) <= set(levels) else _documented(rule, "its own column is not here")


def _reference(
    contract_id: str, name: str, columns: list[str], relationship: Mapping[str, Any], level: str
) -> Rule:
    """`maximum` (share of orphans, 0) and `level` may stand in the relationship's customProperties.

    A faulty cell sends its row back; a cell that only points nowhere holds the delivery: the other extract
    may be what lacks the person.
    """
    custom, to = custom_of(relationship), _listed(relationship.get("to"))
    column: Any = columns[0] if len(columns) == 1 else columns
    references: Any = to[0] if len(to) == 1 else to
    rule = Rule(
        id=f"{contract_id}.{name}",
        name=name,
        kind="orphan_share",
        level=str(custom.get("level") or ("hold_delivery" if level == "reject_row" else level)),
        runs_in="suite",
        zh=f"{'、'.join(columns)}应能在{'、'.join(to)}中找到",
        column=columns[0] if len(columns) == 1 else None,
        options={"column": column, "references": references, "maximum": float(custom.get("maximum", 0))},
    )
    if not to or len(to) != len(columns):
        return _documented(rule, "it does not name as many columns there as here")
    # The staged table has one flag per column, so a key of several columns has nowhere to be marked.
    if len(columns) > 1:
        return _documented(rule, "keys over several columns are looked up nowhere: write it as a query")
    return rule


def _documented(rule: Rule, why: str) -> Rule:
    return replace(rule, runs_in="documented", level="note", why_documented=why)


def _listed(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []


def _last(path: str) -> str:
    """`orders.customer_id` or `schema/orders/properties/customer_id` -> `customer_id`."""
    return path.replace("/", ".").rsplit(".", 1)[-1]


def _counted(number: int) -> str:
    return "" if number == 1 else f"_{number}"
