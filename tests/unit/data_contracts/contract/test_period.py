"""Lengths of time in contracts: every unit, both ways of counting days, and what is no length of time."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from data_contracts.contract.period import (
    CADENCES,
    UNITS,
    Period,
    later,
    nearest_cadence,
    parse_period,
    period_of,
)
from data_contracts.lint.contracts import lint_contract
from data_contracts.loading.contracts import contracts_in, load_contract
from data_contracts.rules.service_levels import grace_days, service_rules
from zhaoren.errors import ZhaorenError
from zhaoren.rooms import room

POPULATION = room("data_contracts") / "extracts" / "public_security" / "population.yaml"
MEANS = {
    "s sec second seconds": Period(seconds=1),
    "min minute minutes": Period(seconds=60),
    "h hr hour hours": Period(seconds=3600),
    "d day days": Period(seconds=86400),
    "w week weeks": Period(seconds=7 * 86400),
    "m mo month months": Period(months=1),
    "q quarter quarters": Period(months=3),
    "y yr year years": Period(months=12),
}
CASES = [(unit, one) for units, one in MEANS.items() for unit in units.split()]


@pytest.mark.parametrize(("unit", "one"), CASES)
def test_each_unit_means_one_length(unit: str, one: Period) -> None:
    assert parse_period(1, unit) == parse_period("1", unit.upper()) == one
    assert parse_period(15, unit) == Period(one.months * 15, one.seconds * 15)


def test_no_unit_is_untested() -> None:
    assert dict(CASES) == dict(UNITS)


@pytest.mark.parametrize(
    ("value", "unit", "days"),
    [(15, "minutes", 15 / 1440), (36, "h", 1.5), (2, "w", 14), (1, "mo", 30), (2, "mo", 60), (1, "q", 91),
     (6, "months", 182), (0.5, "y", 182), (1, "yr", 365), (0, "d", 0)],
)  # fmt: skip
def test_usual_days(value: float, unit: str, days: float) -> None:
    period = parse_period(value, unit)
    assert period is not None and period.days == days


@pytest.mark.parametrize(
    ("value", "unit"),
    [("soon", "d"), (None, "d"), (1, None), (1, ""), (1, "fortnight"), (-1, "d"), (float("nan"), "d"),
     (float("inf"), "y"), (True, "d"), (0.5, "month"), ([1], "d")],
)  # fmt: skip
def test_what_is_no_length_of_time(value: Any, unit: Any) -> None:
    assert parse_period(value, unit) is None


def test_cadences_by_their_shortest_days() -> None:
    """February, February to April, a half-year with February, a year without 29 February."""
    known = {name: period and (period.months, period.shortest_days) for name, period in CADENCES.items()}
    assert known == {
        "monthly": (1, 28), "quarterly": (3, 89), "termly": (6, 181), "yearly": (12, 365), "event": None,
    }  # fmt: skip
    for name, period in CADENCES.items():
        assert nearest_cadence(period) == name
        lengths = [
            (later(date(2023, month, 1), period.months) - date(2023, month, 1)).days
            for month in range(1, 13)
            if period is not None
        ]
        assert period is None or period.shortest_days == min(lengths)


def test_an_unknown_cadence_is_refused() -> None:
    with pytest.raises(ZhaorenError, match="cadence"):
        period_of("hourly")


def _frequency(folder: Path, value: Any, unit: str) -> str:
    """The cadence of somebody else's contract that promises this frequency."""
    path = folder / "shop.yaml"
    promise = {"property": "frequency", "value": value, "unit": unit}
    table = {"name": "orders", "properties": [{"name": "id", "logicalType": "string"}]}
    document = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "shop",
        "version": "1",
        "status": "active",
    }
    path.write_text(yaml.safe_dump({**document, "schema": [table], "slaProperties": [promise]}), "utf-8")
    return next(iter(contracts_in(path).values())).cadence


@pytest.mark.parametrize(
    ("value", "unit", "cadence"),
    [(15, "minutes", "event"), (15, "min", "event"), (1, "d", "event"), (2, "w", "event"),
     (4, "w", "monthly"), (1, "m", "monthly"), (3, "months", "quarterly"), (1, "q", "quarterly"),
     (6, "mo", "termly"), (1, "y", "yearly"), ("often", "d", "event")],
)  # fmt: skip
def test_a_promised_frequency_is_the_nearest_cadence(
    tmp_path: Path, value: Any, unit: str, cadence: str
) -> None:
    assert _frequency(tmp_path, value, unit) == cadence


def _latency(value: Any, unit: str) -> list[dict[str, Any]]:
    return [{"property": "latency", "value": value, "unit": unit}]


@pytest.mark.parametrize(
    ("value", "unit", "days"),
    [(5, "d", 5), (15, "minutes", 1), (25, "hours", 2), (1, "week", 7), (1, "month", 30), (0, "d", 0)],
)
def test_days_of_grace_are_whole_days_up(value: Any, unit: str, days: int) -> None:
    assert grace_days(_latency(value, unit)) == days
    (rule,) = service_rules("c", _latency(value, unit))
    assert (rule.kind, rule.runs_in, rule.zh) == ("freshness", "suite", f"应在约定日后{days}天之内送达")


@pytest.mark.parametrize(
    ("value", "unit", "why"), [(15, "m", "months or minutes"), ("soon", "d", "no length of time")]
)
def test_a_latency_that_may_mean_two_things_is_not_guessed(value: Any, unit: str, why: str) -> None:
    assert grace_days(_latency(value, unit)) == 0
    (rule,) = service_rules("c", _latency(value, unit))
    assert rule.runs_in == "documented" and why in rule.why_documented


@pytest.mark.parametrize(
    ("was", "becomes", "why"),
    [("value: 10, unit: d", "value: 10, unit: m", "months or minutes"),
     ("value: 1, unit: m", "value: 1, unit: fortnight", "no length of time")],
)  # fmt: skip
def test_lint_names_a_promise_that_nothing_would_measure(
    tmp_path: Path, was: str, becomes: str, why: str
) -> None:
    path = tmp_path / "public_security" / "population.yaml"
    path.parent.mkdir()
    text = POPULATION.read_text("utf-8")
    assert text.count(was) == 1
    path.write_text(text.replace(was, becomes), "utf-8")
    line = next(n for n, said in enumerate(path.read_text("utf-8").splitlines(), 1) if becomes in said)
    (problem,) = lint_contract(path)
    assert problem.line == line and why in problem.what
    assert load_contract(path).period_days == 28
