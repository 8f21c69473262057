"""Definitions as facts: what each rests on decides its sources and what it may be used for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.catalogue.definition import Definition
from policies.catalogue.fact import Fact
from policies.catalogue.model import HOUSEHOLD
from policies.catalogue.where import definition_place
from policies.language.parsing import parsed
from zhaoren.errors import ZhaorenError
from zhaoren.yaml_lines import Problem, YamlFile

_ALL = ("discovery", "verification", "compliance")


def with_derived(
    facts: dict[str, Fact],
    definitions: Mapping[str, Definition],
    files: Mapping[str, YamlFile],
    problems: list[Problem],
) -> dict[str, Fact]:
    """The facts and, behind them, one per definition, keyed "entity.name".

    Names that are taken, and definitions that lead back to themselves, go to `problems`.
    """
    deriving = _Deriving(dict(facts), definitions, files, problems)
    for key, definition in definitions.items():
        if key in facts:
            deriving.fault(definition, f"there is a fact '{definition.name}' already", "name")
        deriving.derive(key, [])
    return deriving.found


@dataclass
class _Deriving:
    """The facts found so far; a definition is derived after those it names."""

    found: dict[str, Fact]
    definitions: Mapping[str, Definition]
    files: Mapping[str, YamlFile]
    problems: list[Problem]

    def derive(self, key: str, way: list[str]) -> None:
        """Add the definition's fact; `way` holds the definitions that wait for it."""
        definition = self.definitions[key]
        if key in way:
            steps = " → ".join([*way[way.index(key) :], key])
            self.fault(definition, f"the definition leads back to itself: {steps}", "versions")
            return
        if key in self.found:
            return
        names = list(_inputs(definition, self.found, self.definitions))
        for name in names:
            if name in self.definitions:
                self.derive(name, [*way, key])
        inputs = [self.found[name] for name in names if name in self.found]
        sources = dict.fromkeys(source for fact in inputs for source in fact.sources)
        purposes = tuple(p for p in _ALL if all(p in fact.purposes for fact in inputs))
        shown = {name: getattr(definition, name) for name in ("name", "entity", "type", "unit", "zh")}
        told = {"sources": tuple(sources), "never": definition.never}
        if definition.sources is not None:
            # a source with its column says what the fact may be used for, and is not left out by saying so
            told["sources"] = tuple(dict.fromkeys([*definition.sources, *(s for s in sources if "." in s)]))
        fact = Fact.model_validate({**shown, **told, "purposes": purposes})
        self.found.setdefault(key, fact)

    def fault(self, definition: Definition, what: str, key: str) -> None:
        """Note a problem at a key of the definition."""
        file, place = definition_place(self.files, definition)
        todo = "take one of the steps out" if key == "versions" else "choose another name"
        self.problems.append(file.problem(what, *place, key, todo=todo))


def _inputs(
    definition: Definition, facts: Mapping[str, Fact], definitions: Mapping[str, Definition]
) -> Iterator[str]:
    """The keys of what its formulas may mean by the names they use: an entity's own, the members', the
    household's.
    """
    for formula in definition.formulas:
        try:
            names = parsed(formula).columns
        except ZhaorenError:  # told by the lint of definitions
            continue
        for name in names:
            keys = (
                f"{definition.entity}.{name}",
                f"person.{name}",
                f"household.{name.removeprefix(HOUSEHOLD)}",
            )
            yield from (k for k in dict.fromkeys(keys) if k in facts or k in definitions)
