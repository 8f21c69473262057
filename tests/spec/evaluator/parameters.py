"""A parameter's value for one row on one day: the ways its value may come about, and what they agree on.

Ways are tried in order: places' own values, the smallest place first; cities, then tiers; a table's rows, the
longest place first; what holds otherwise. A test of what nobody knows leaves its way open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.spec.evaluator import arithmetic
from tests.spec.evaluator.table import row_tests, rows_in_order
from tests.spec.evaluator.words import both
from tests.spec.evaluator.world import Home, Person, in_force

if TYPE_CHECKING:
    from tests.spec.evaluator.evaluation import Evaluation

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Way:
    """One value, whether it is the row's (None: perhaps), and what each unit of a fact beyond adds."""

    holds: bool | None
    amount: Any = None
    further: Entry | None = None


class Ended(ValueError):
    """A parameter that no longer holds is an error, never an answer."""


def value(over: Evaluation, name: str, row: Person | Home) -> Any:
    """What `$name` is for the row."""
    entry = over.rules.parameters[name]
    if over.rules.parameters[name].get("values"):
        _refuse_ended(over, name)
    return _Asked(over, row).of(entry)


def _refuse_ended(over: Evaluation, name: str) -> None:
    entry, as_of = over.rules.parameters[name], over.rules.as_of
    ends = [one.get("valid_to") for one in (*entry["values"], *entry.get("local", ()))]
    if all(end is not None and end < as_of for end in ends):
        raise Ended(f"{name}: {max(end for end in ends if end)}")


class _Asked:
    """One row, of which a parameter's value is asked."""

    def __init__(self, over: Evaluation, row: Person | Home) -> None:
        self.over, self.row, self.as_of = over, row, over.rules.as_of

    def key(self, name: str) -> Any:
        """A fact of the row, or of its household."""
        return self.over.key(name, self.row)

    def of(self, entry: Entry) -> Any:
        """What the ways that are left agree on: where several are, the same value, and none that grows."""
        left: list[Way] = []
        for way in self.ways(entry):
            if way.holds is not False:
                left.append(way)
            if way.holds is True:
                break
        else:
            return None
        first = left[0]
        if any(way.amount is None or way.amount != first.amount for way in left):
            return None
        if len(left) == 1:
            return self.grown(first)
        return None if any(way.further for way in left) else first.amount

    def ways(self, entry: Entry) -> Iterator[Way]:
        """All of them in order."""
        local = entry.get("local", ())
        for place in sorted({one["place"] for one in local}, key=lambda place: -len(place)):
            held = in_force([one for one in local if one["place"] == place], self.as_of)
            for way in self.within(held) if held is not None else ():
                yield Way(both([way.holds, self.lies_in(place)]), way.amount, way.further)
            if held is not None and "value" not in held:
                yield Way(self.lies_in(place))  # what a place leaves open is not what holds elsewhere
        general = in_force(entry.get("values", ()), self.as_of)
        if general is not None:
            yield from self.within(general)

    def lies_in(self, place: str) -> bool | None:
        """Whether the row's town lies in a place."""
        town = self.key("town_code")
        return None if town is None else town.startswith(place)

    def within(self, entry: Entry) -> Iterator[Way]:
        """The ways of one entry, by the one form it has."""
        if "places" in entry:
            yield from self.by_place(entry["places"])
        elif "cases" in entry:
            yield from self.by_case(self.key(entry["cases"]["fact"]), entry["cases"]["of"])
        elif "residence" in entry:
            where = {True: "rural", False: "urban"}.get(self.key("is_rural"))
            yield from self.by_case(where, entry["residence"])
        elif "table" in entry:
            yield from self.by_table(entry["table"])
        elif "slices" in entry:
            yield Way(True, self.along(entry["slices"]))
        else:
            yield Way(True, arithmetic.value(entry["value"]))

    def by_case(self, known: Any, amounts: Mapping[str, Any]) -> Iterator[Way]:
        """One for each case."""
        for case, amount in amounts.items():
            yield Way(None if known is None else known == case, arithmetic.value(amount))

    def by_place(self, places: Mapping[str, Any]) -> Iterator[Way]:
        """A city's own value (four digits) goes before its tier's."""
        for code, amount in places.items():
            if code.isdigit():
                yield Way(self.lies_in(code), arithmetic.value(amount))
        tiers = {code: amount for code, amount in places.items() if not code.isdigit()}
        yield from self.by_case(self.key("place_tier_code"), tiers)

    def by_table(self, table: Entry) -> Iterator[Way]:
        """One for each row, and what holds otherwise."""
        for row in rows_in_order(table):
            tests = row_tests(table, row, self.as_of, self.key)
            yield Way(both(list(tests)), arithmetic.value(row["value"]), row.get("further"))
        otherwise = table.get("otherwise", "unknown")
        if otherwise != "unknown":
            yield Way(True, arithmetic.value(otherwise))

    def grown(self, way: Way) -> Any:
        """The amount, and so much more for each unit beyond; nothing below it."""
        if way.further is None:
            return way.amount
        of, beyond, add = (
            arithmetic.value(one)
            for one in (self.key(way.further["of"]), way.further["beyond"], way.further["add"])
        )
        return None if of is None else arithmetic.result(way.amount + max(Fraction(0), of - beyond) * add)

    def along(self, slices: Entry) -> Fraction | None:
        """The sum of each rate times the part between its `from` and the next one's; rounded once."""
        amount = self.key(slices["of"])
        if amount is None:
            return None
        steps = [(arithmetic.value(one["from"]), arithmetic.value(one["rate"])) for one in slices["rows"]]
        ends = [*(start for start, _ in steps[1:]), amount]
        parts = [
            max(Fraction(0), min(amount, end) - start) * rate
            for (start, rate), end in zip(steps, ends, strict=True)
        ]
        return arithmetic.result(sum(parts, Fraction(0)))
