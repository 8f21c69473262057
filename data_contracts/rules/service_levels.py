"""The service a contract promises in its `slaProperties`: how often data comes, and how late at the most."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from data_contracts.contract.model import Rule
from data_contracts.contract.period import AMBIGUOUS_IN_LATENCY, Period, parse_period
from data_contracts.rules.rule_names import name_of

# The standard's names and their short forms; freshness is what it called latency before.
LATENCY = ("latency", "freshness", "ly", "fr")
FREQUENCY = ("frequency", "fy")
_WHY_FREQUENCY = "the cadence: `freshness` and the list of stale sources measure it"
_WHY_NOT_IN_FILE = "a promise of service that no delivered file can show"


def service_rules(contract_id: str, services: Sequence[Mapping[str, Any]]) -> Iterator[Rule]:
    """One rule per promise in `slaProperties`.

    A latency is measured by `freshness`: days the delivery came after the promised day and its grace.
    """
    taken: set[str] = set()
    for entry in services:
        kind = str(entry.get("property", ""))
        name = f"sla.{name_of({'name': kind}, taken)}"
        zh = str(entry.get("description") or "")
        rule = Rule(
            id=f"{contract_id}.{name}", name=name, kind=kind, level="note", runs_in="documented", zh=zh
        )
        if kind.lower() in FREQUENCY:
            yield replace(rule, why_documented=_WHY_FREQUENCY)
        elif kind.lower() not in LATENCY:
            yield replace(rule, why_documented=_WHY_NOT_IN_FILE)
        else:
            period, why_not = latency_of(entry)
            yield _freshness(rule, entry, period) if period else replace(rule, why_documented=why_not)


def latency_of(entry: Mapping[str, Any]) -> tuple[Period | None, str]:
    """The delay that a latency allows, or None and why it is not understood."""
    value, unit = entry.get("value"), entry.get("unit")
    if str(unit).lower() == AMBIGUOUS_IN_LATENCY:
        return None, f"“{value} {unit}” may be months or minutes: write the unit as month or min"
    period = parse_period(value, unit)
    return period, "" if period else "its value and unit are no length of time that is known here"


def grace_days(services: Sequence[Mapping[str, Any]]) -> int:
    """The days of grace that the first understood latency promises; 0 when none is promised."""
    latencies = (latency_of(e)[0] for e in services if str(e.get("property", "")).lower() in LATENCY)
    return next((_whole_days(period) for period in latencies if period), 0)


def _whole_days(period: Period) -> int:
    """Rounded up: a delivery's date is known to the day, so one of the same evening cannot be called late."""
    return math.ceil(period.days)


def _freshness(rule: Rule, entry: Mapping[str, Any], period: Period) -> Rule:
    # The day it is due by holds the grace already: not one day later is promised.
    options = {"maximum": 0, "element": entry.get("element")}
    zh = f"应在约定日后{_whole_days(period)}天之内送达"
    return replace(rule, kind="freshness", level="warn", runs_in="suite", zh=zh, options=options)
