"""A term over one row: facts and definitions looked up, parameters found, members gone through one by one."""

from __future__ import annotations

from typing import Any

from tests.spec.evaluator import arithmetic, parameters
from tests.spec.evaluator.reading import read
from tests.spec.evaluator.terms import MEMBER_WORDS, Term
from tests.spec.evaluator.words import WORDS, over_members
from tests.spec.evaluator.world import Home, Person, Rules, in_force

HOUSEHOLD = "household_"
Row = Person | Home


class Circle(ValueError):
    """A definition that rests on itself; the message names the way round."""


class Evaluation:
    """One day's rules over rows. Each definition is worked out once for each row."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.found: dict[tuple[int, str], Any] = {}
        self.way: list[tuple[int, str]] = []
        self.reasons: list[str] = []  # of each IF_UNKNOWN that took its second value

    def answer(self, text: str | Term, row: Row) -> Any:
        """What a rule gives for a row: an exact number, a text, yes or no, a day, or None."""
        return self.value(read(text) if isinstance(text, str) else text, row)

    def value(self, term: Term, row: Row) -> Any:
        """One node over one row."""
        if term.word == "literal":
            return arithmetic.value(term.value)
        if term.word == "fact":
            return self.fact(term.value, row)
        if term.word == "parameter":
            return parameters.value(self, term.value, row)
        if term.word == "AS_OF":
            return self.rules.as_of
        if term.word == "IN_PLACE":
            town = self.key("town_code", row)
            return None if town is None else town.startswith(str(term.parts[0].value))
        if term.word == "NEVER":
            return self.never(term.parts[0].value, row)
        if term.word in MEMBER_WORDS:
            return self.members(term, row)
        values = [self.value(part, row) for part in term.parts]
        if term.word == "IF_UNKNOWN" and values[0] is None:
            self.reasons.append(term.value)
        return WORDS[term.word](values)

    def fact(self, name: str, row: Row) -> Any:
        """What is given under a name, else what its definition gives; a person sees the household's facts."""
        given = arithmetic.value(row.facts.get(name))
        if given is not None:
            return given
        if (entity(row), name) in self.rules.definitions:
            return self.defined(name, row)
        if isinstance(row, Person) and name.startswith(HOUSEHOLD):
            home = row.homes.get("hukou")
            return None if home is None else self.fact(name.removeprefix(HOUSEHOLD), home)
        return None

    def key(self, name: str, row: Row) -> Any:
        """A fact by which a parameter differs: the row's own, else its household's."""
        if isinstance(row, Home) or name in row.facts or ("person", name) in self.rules.definitions:
            return self.fact(name, row)
        return self.fact(HOUSEHOLD + name, row)

    def defined(self, name: str, row: Row) -> Any:
        """A definition's value, by the version of the day; without one it is unknown."""
        at = (id(row), name)
        if at in self.way:
            names = [one for _, one in self.way[self.way.index(at) :]]
            raise Circle(" -> ".join([*names, name]))
        if at not in self.found:
            self.way.append(at)
            version = in_force(self.rules.definitions[entity(row), name]["versions"], self.rules.as_of)
            self.found[at] = None if version is None else self.answer(version["formula"], row)
            self.way.pop()
        return self.found[at]

    def never(self, name: str, row: Row) -> bool | None:
        """No where there is a value; yes where it is empty and the register that would tell is known."""
        if self.fact(name, row) is not None:
            return False
        known_by = self.rules.never[entity(row), name]
        return None if self.fact(known_by, row) is None else True

    def members(self, term: Term, row: Row) -> Any:
        """A word over members: of the household itself, or of the person's household of the kind named."""
        home = row if isinstance(row, Home) else row.homes.get(term.value or "hukou")
        if home is None or not home.members:
            return None  # nobody tells who belongs to it
        condition, values = term.parts[-1], term.parts[:-1]
        conditions = [self.value(condition, member) for member in home.members]
        taken = [self.value(values[0], member) if values else None for member in home.members]
        own = next((i for i, member in enumerate(home.members) if member is row), None)
        return over_members(term.word, conditions, taken, own)


def entity(row: Row) -> str:
    """Which of the two a row is."""
    return "person" if isinstance(row, Person) else "household"
