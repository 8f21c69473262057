"""A parameter's value for one row on one day: one value, by place, by case, from a table, along a scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.spec.evaluator import arithmetic
from tests.spec.evaluator.table import looked_up
from tests.spec.evaluator.world import Home, Person, in_force

if TYPE_CHECKING:
    from tests.spec.evaluator.evaluation import Evaluation

Entry = Mapping[str, Any]


class Ended(ValueError):
    """A parameter that no longer holds is an error, never an answer."""


def value(over: Evaluation, name: str, row: Person | Home) -> Any:
    """What `$name` is for the row: a place's own value (the smallest place first), else the general one."""
    entry = over.rules.parameters[name]
    local = _local_values(over, entry.get("local", ()))
    if local:
        town = over.key("town_code", row)
        if town is None:
            return None
        here = [one for one in local if town.startswith(one["place"])]
        if here:
            return _of_entry(over, max(here, key=lambda one: len(one["place"])), row)
    general = _in_force(over, name, entry.get("values", ()))
    return None if general is None else _of_entry(over, general, row)


def _local_values(over: Evaluation, entries: Sequence[Entry]) -> list[Entry]:
    places = sorted({one["place"] for one in entries})
    held = [in_force([one for one in entries if one["place"] == place], over.rules.as_of) for place in places]
    return [one for one in held if one is not None]


def _in_force(over: Evaluation, name: str, entries: Sequence[Entry]) -> Entry | None:
    as_of = over.rules.as_of
    held = in_force(entries, as_of)
    if held is None and entries and all(one.get("valid_to") and one["valid_to"] < as_of for one in entries):
        raise Ended(f"{name}: {max(one['valid_to'] for one in entries)}")
    return held


def _of_entry(over: Evaluation, entry: Entry, row: Person | Home) -> Any:
    """The one form that an entry has."""
    if "places" in entry:
        return _by_place(over, entry["places"], row)
    if "cases" in entry:
        case = over.key(entry["cases"]["fact"], row)
        return arithmetic.value(entry["cases"]["of"].get(case))
    if "residence" in entry:
        is_rural = over.key("is_rural", row)
        where = {True: "rural", False: "urban"}.get(is_rural)
        return arithmetic.value(entry["residence"].get(where))
    if "table" in entry:
        return looked_up(entry["table"], over.rules.as_of, lambda fact: arithmetic.value(over.key(fact, row)))
    if "slices" in entry:
        return _along(entry["slices"]["rows"], over.key(entry["slices"]["of"], row))
    return arithmetic.value(entry["value"])


def _by_place(over: Evaluation, places: Mapping[str, Any], row: Person | Home) -> Any:
    """A city's own value (four digits) goes before its tier's."""
    cities = {code: amount for code, amount in places.items() if code.isdigit()}
    if cities:
        town = over.key("town_code", row)
        if town is None:
            return None
        if town[:4] in cities:
            return arithmetic.value(cities[town[:4]])
    tier = over.key("place_tier_code", row)
    return arithmetic.value(places.get(tier))


def _along(rows: Sequence[Entry], amount: Fraction | None) -> Fraction | None:
    """Each rate times the part between its `from` and the next one's; nothing below the first."""
    if amount is None:
        return None
    steps = sorted((Fraction(str(one["from"])), Fraction(str(one["rate"]))) for one in rows)
    ends = [*(start for start, _ in steps[1:]), None]
    total: Fraction | None = Fraction(0)
    for (start, rate), end in zip(steps, ends, strict=True):
        part = (amount if end is None else min(amount, end)) - start
        piece = arithmetic.result(max(Fraction(0), part) * rate)
        total = None if total is None or piece is None else arithmetic.result(total + piece)
    return total
