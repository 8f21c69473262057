"""The catalogue: every fact, parameter, benefit and signal that the policy files hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from data_contracts.loading.declared_facts import DeclaredFact
from policies.catalogue.benefit import Benefit
from policies.catalogue.definition import Definition
from policies.catalogue.fact import Fact
from policies.catalogue.issuer import Issuer
from policies.catalogue.own_values import Own
from policies.catalogue.parameter import Entry, LocalValue, Parameter
from policies.catalogue.result_code import ResultCode
from policies.catalogue.shapes import Entity
from policies.catalogue.signal import Signal
from zhaoren.errors import ZhaorenError
from zhaoren.rooms import room
from zhaoren.yaml_lines import YamlFile

SHIPPED = room("policies")
# How a person rule calls a fact of the person's household: `household_income_yuan_month`.
HOUSEHOLD = "household_"
# Columns of every frame that are not facts. The two places are among them because values differ by place.
KEYS = ("person_id", "household_id", "town_code", "village_code")


Rule = Benefit | Signal


@dataclass(frozen=True)
class Catalogue:
    """Everything the policy files hold; benefits and signals in the order of their ids.

    `files` maps a rule or parameter ("benefits/dibao", "dibao.standard_yuan_month") to the file it
    was read from, so that a problem found later can still be pointed at. `declared` are those of the
    facts that a contract declares. `own` are the values that the home sets in the place of shipped ones.
    """

    facts: dict[str, Fact]  # keyed "entity.name"
    parameters: dict[str, Parameter]  # keyed "group.name"
    benefits: tuple[Benefit, ...]
    signals: tuple[Signal, ...]
    result_codes: tuple[ResultCode, ...]
    labels: dict[str, dict[str, str]]
    declared: tuple[DeclaredFact, ...] = ()
    issuers: tuple[Issuer, ...] = ()
    own: Own = Own()
    root: Path = SHIPPED
    definitions: dict[str, Definition] = field(default_factory=dict)  # keyed "entity.name"
    files: dict[str, YamlFile] = field(default_factory=dict, compare=False, repr=False)
    # What was worked out from the above once; of another catalogue, even one that differs in one value,
    # nothing holds.
    computed: dict[tuple, Any] = field(init=False, default_factory=dict, compare=False, repr=False)

    def parameter(self, name: str) -> Parameter:
        """The parameter `group.name`; an unknown name is a ZhaorenError."""
        if name not in self.parameters:
            raise ZhaorenError(
                f"there is no parameter ${name}",
                str(self.root / "parameters"),
                "no file defines it",
                "check the spelling, or add it",
            )
        return self.parameters[name]

    def value_at(self, name: str, as_of: date) -> Entry | None:
        """What holds on the date where no place has its own: the home's for everywhere, or the shipped."""
        everywhere = (own for own in self.own.of(name) if own.place is None and own.in_force(as_of))
        return next(everywhere, None) or self.parameter(name).at(as_of)

    def local_at(self, name: str, as_of: date) -> tuple[LocalValue, ...]:
        """The places' own values in force on the date, in the order in which they are tried.

        The home's come before the shipped ones, whose publisher does not know the place; among either the
        smallest place first: a town before its county, a county before its city.
        """
        found: list[LocalValue] = []
        own = self.own.of(name)
        for values in (own, () if self._is_own_everywhere(own, as_of) else self.parameter(name).local):
            placed = [value for value in values if value.place is not None and value.in_force(as_of)]
            found += sorted(placed, key=lambda value: -len(value.place or ""))
        return tuple(found)

    @staticmethod
    def _is_own_everywhere(own: tuple[LocalValue, ...], as_of: date) -> bool:
        return any(value.place is None and value.in_force(as_of) for value in own)

    def facts_of(self, entity: Entity) -> dict[str, Fact]:
        """Facts a rule of this entity may name; person rules see household facts as `household_<name>`."""
        key = ("facts of", entity)
        if key not in self.computed:
            found = {f.name: f for f in self.facts.values() if f.entity == entity}
            if entity == "person":
                homes = (f for f in self.facts.values() if f.entity == "household")
                found |= {f"{HOUSEHOLD}{f.name}": f for f in homes}
            self.computed[key] = found
        facts: dict[str, Fact] = self.computed[key]
        return facts

    def panel_facts(self) -> tuple[Fact, ...]:
        """The facts that are columns of the panel: all but the awaited."""
        return tuple(fact for fact in self.facts.values() if not fact.is_awaited)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All benefits, then all signals."""
        return (*self.benefits, *self.signals)

    def rules_at(self, as_of: date) -> tuple[Rule, ...]:
        """The benefits, then the signals in force on the date."""
        return (*self.benefits_at(as_of), *self.signals_at(as_of))

    def places_of(self, rule: Rule, as_of: date) -> tuple[str, tuple[str, ...]]:
        """The place whose rows a rule answers ('' everywhere), and those in it with a text of their own."""
        mine = rule.place or ""
        others = {other.place for other in self.rules if other.id == rule.id and other.in_force(as_of)}
        return mine, tuple(sorted(p for p in others if p and p != mine and p.startswith(mine)))

    def benefits_at(self, as_of: date) -> tuple[Benefit, ...]:
        """The benefits in force on the date."""
        return tuple(b for b in self.benefits if b.in_force(as_of))

    def signals_at(self, as_of: date) -> tuple[Signal, ...]:
        """The signals in force on the date."""
        return tuple(s for s in self.signals if s.in_force(as_of))
