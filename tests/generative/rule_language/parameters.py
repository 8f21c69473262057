"""Random parameters as in YAML: one value, by place, by case, own values of places, tables, scales."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

from tests.generative.rule_language.tables import YEAR_DAYS, table
from tests.generative.rule_language.vocabulary import TEXTS, TOWNS, Scope
from tests.spec.evaluator.terms import decimal_text

Amounts = Callable[[], Any]
# What every dated value states beside its form.
SAID = {"status": "unverified", "source": {"document": "random"}}


def parameter(draw: Random, kind: str, scope: Scope) -> Mapping[str, Any]:
    """One entry of a parameters' file, whose keys are facts of the scope's entity or of its household."""

    def amount() -> Any:
        return drawn_amount(draw, kind)

    as_of_is_covered = draw.randint(0, 9) > 0
    start = date(2020, 1, 1) if as_of_is_covered else date(2040, 1, 1)
    entry: dict[str, Any] = {"values": [{"valid_from": start, **SAID, **_form(draw, kind, scope, amount)}]}
    if as_of_is_covered and draw.random() < 0.5:
        _add_older_version(entry, draw, amount)
    if kind == "number" and draw.randint(0, 3) == 0:
        entry["local"] = _local(draw, amount)
    return entry


def drawn_amount(draw: Random, kind: str) -> Any:
    """A parameter's value as YAML has it; no number is a binary fraction."""
    if kind == "number":
        return _plain(Fraction(draw.randint(0, 200_000), draw.choice([1, 100, 100])))
    return draw.choice(TEXTS) if kind == "text" else draw.random() < 0.5


def _plain(number: Fraction) -> Any:
    return int(number) if number.denominator == 1 else Decimal(decimal_text(number))


def _form(draw: Random, kind: str, scope: Scope, amount: Amounts) -> dict[str, Any]:
    forms = {"table": 4, "slices": 2 * (kind == "number")}
    forms |= {"value": 2} if kind != "boolean" else {}
    forms |= {"places": 1, "cases": 1} if kind == "number" else {}
    form = draw.choice([name for name, weight in forms.items() for _ in range(weight)])
    if form == "value":
        return {"value": amount()}
    if form == "places":
        named = _some(draw, ("t1", "t2", "4401", "4402"))
        return {"places": {place: amount() for place in named}}
    if form == "cases":
        return {"cases": {"fact": "ht", "of": {text: amount() for text in _some(draw, TEXTS)}}}
    if form == "slices":
        of = draw.choice(number_facts(scope))
        starts = sorted(draw.sample(range(0, 3000), draw.randint(1, 3)))
        rows = [{"from": start, "rate": _plain(Fraction(draw.randint(0, 400), 1000))} for start in starts]
        return {"slices": {"of": of, "rows": rows}}
    return {"table": table(draw, scope, amount)}


def number_facts(scope: Scope) -> list[str]:
    """Facts by which a number may be taken, given or defined; the household's without its prefix."""
    return [name.removeprefix("household_") for name in scope.facts["number"]]


def _some(draw: Random, values: Sequence[str]) -> list[str]:
    return draw.sample(values, draw.randint(1, min(3, len(values))))


def _local(draw: Random, amount: Amounts) -> list[dict[str, Any]]:
    """Places' own values; one place within another is a value of its own."""
    places = sorted({town[:size] for town in TOWNS for size in (4, 6, 9)})
    found = []
    for place in _some(draw, places):
        forms = [
            lambda: {"value": amount()},
            lambda: {"residence": {"urban": amount(), "rural": amount()}},
            lambda: {"cases": {"fact": "ht", "of": {text: amount() for text in _some(draw, TEXTS)}}},
        ]
        form = draw.choice(forms)()
        found.append({"place": place, "valid_from": date(2020, 1, 1), **SAID, **form})
    return found


def _add_older_version(entry: dict[str, Any], draw: Random, amount: Amounts) -> None:
    """The same form until the day before, and another value from a day near those asked for."""
    turn = draw.choice(YEAR_DAYS)
    before = {"valid_from": date(2020, 1, 1), "valid_to": turn - timedelta(days=1), **SAID, "value": amount()}
    entry["values"] = [before, entry["values"][0] | {"valid_from": turn}]
