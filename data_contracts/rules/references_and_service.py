"""Promises beyond cells and metrics: references to other tables, and the service (how fresh the data is)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from data_contracts.contract.model import Column, Rule
from data_contracts.rules.quality import name_of

# A latency in any of the standard's spellings, in days.
DAYS = {
    **dict.fromkeys(("d", "day", "days"), 1.0),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 1 / 24),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 1 / 1440),
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1 / 86400),
    **dict.fromkeys(("w", "week", "weeks"), 7.0),
    **dict.fromkeys(("mo", "month", "months"), 30.0),
    **dict.fromkeys(("y", "yr", "year", "years"), 365.0),
}
FRESHNESS = ("latency", "freshness", "ly", "fr")
_FREQUENCY = "the cadence: `freshness` and the list of stale sources measure it"
WHY_SERVICE = {"frequency": _FREQUENCY, "fy": _FREQUENCY}
_NOT_IN_FILE = "a promise of service that no delivered file can show"


def relationship_rules(
    contract_id: str, table: Mapping[str, Any], columns: Sequence[Column]
) -> Iterator[Rule]:
    """One rule per foreign key, of a column or (with several columns) of the table."""
    levels = {column.name: column.level for column in columns}
    for entry in table["properties"]:
        for number, one in enumerate(entry.get("relationships") or (), start=1):
            name = f"{entry['name']}.{one.get('id') or 'references' + _counted(number)}"
            level = levels.get(entry["name"], "reject_row")
            yield _reference(contract_id, name, [entry["name"]], _listed(one.get("to")), one, level)
    for number, one in enumerate(table.get("relationships") or (), start=1):
        here = [_last(part) for part in _listed(one.get("from"))]
        name = str(one.get("id") or f"references{_counted(number)}")
        rule = _reference(contract_id, name, here, _listed(one.get("to")), one, "reject_row")
        yield rule if set(here) <= set(levels) else _documented(rule, "its own column is not here")


def _reference(
    contract_id: str, name: str, columns: list[str], to: list[str], one: Mapping[str, Any], level: str
) -> Rule:
    """`maximum` (share of orphans, 0) and `level` may stand in the relationship's customProperties."""
    column: Any = columns[0] if len(columns) == 1 else columns
    references: Any = to[0] if len(to) == 1 else to
    told = {item["property"]: item["value"] for item in one.get("customProperties") or ()}
    options = {"column": column, "references": references, "maximum": float(told.get("maximum", 0))}
    level = str(told.get("level") or ("hold_delivery" if level == "reject_row" else level))
    zh = f"{'、'.join(columns)}应能在{'、'.join(to)}中找到"
    about = columns[0] if len(columns) == 1 else None
    rule = Rule(f"{contract_id}.{name}", name, "orphan_share", level, "suite", zh, about, options)
    if not to or len(to) != len(columns):
        return _documented(rule, "it names not as many columns there as here")
    if len(columns) > 1:
        return _documented(rule, "keys over several columns are looked up nowhere: write it as a query")
    return rule


def service_rules(contract_id: str, services: Sequence[Mapping[str, Any]], table: str) -> Iterator[Rule]:
    """One rule per promise in `slaProperties`.

    A latency is measured by `freshness`: days the delivery came after the promised day and its grace.
    """
    taken: set[str] = set()
    for entry in services:
        said = str(entry.get("property", ""))
        name = f"sla.{name_of({'name': said}, taken)}"
        rule = Rule(
            f"{contract_id}.{name}", name, said, "note", "documented", str(entry.get("description") or "")
        )
        if said.lower() not in FRESHNESS:
            yield _documented(rule, WHY_SERVICE.get(said.lower(), _NOT_IN_FILE))
        elif _length(entry) is None:
            yield _documented(rule, "its value and unit are no length of time that is known here")
        else:
            yield _freshness(rule, entry)


def _freshness(rule: Rule, entry: Mapping[str, Any]) -> Rule:
    # The day it is due by holds the grace already: not one day later is promised.
    options = {"maximum": 0, "element": entry.get("element")}
    zh = f"应在约定日后{math.ceil(_length(entry) or 0)}天之内送达"
    return replace(rule, kind="freshness", level="warn", runs_in="suite", zh=zh, options=options)


def grace_days(services: Sequence[Mapping[str, Any]]) -> int:
    """The days of grace that the first latency promises, whole days up; 0 when none is promised."""
    said = [entry for entry in services if str(entry.get("property", "")).lower() in FRESHNESS]
    return next((math.ceil(days) for entry in said if (days := _length(entry)) is not None), 0)


def _length(entry: Mapping[str, Any]) -> float | None:
    """A service promise's value in days; None when it is no length of time."""
    try:
        days = float(entry["value"]) * DAYS[str(entry.get("unit", "")).lower()]
    except (KeyError, TypeError, ValueError):
        return None
    return days if 0 <= days < math.inf else None


def _documented(rule: Rule, why: str) -> Rule:
    return replace(rule, runs_in="documented", level="note", why_documented=why)


def _listed(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []


def _last(path: str) -> str:
    """`orders.customer_id` or `schema/orders/properties/customer_id` -> `customer_id`."""
    return path.replace("/", ".").rsplit(".", 1)[-1]


def _counted(number: int) -> str:
    return "" if number == 1 else f"_{number}"
