"""Definitions as facts: what each rests on decides its sources and what it may be used for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.catalogue.definition import Definition
from policies.catalogue.fact import Fact
from policies.language.parsing import parsed
from zhaoren.errors import ZhaorenError
from zhaoren.yaml_lines import Problem, YamlFile

HOUSEHOLD = "household_"
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
    found = dict(facts)
    for key, definition in definitions.items():
        if key in facts:
            problems.append(
                _problem(files, definition, f"there is a fact '{definition.name}' already", "name")
            )
    for key in definitions:
        _derive(key, found, definitions, files, problems, [])
    return found


def _derive(
    key: str,
    found: dict[str, Fact],
    definitions: Mapping[str, Definition],
    files: Mapping[str, YamlFile],
    problems: list[Problem],
    way: list[str],
) -> None:
    definition = definitions[key]
    if key in way:
        steps = " → ".join([*way[way.index(key) :], key])
        problems.append(
            _problem(files, definition, f"the definition leads back to itself: {steps}", "versions")
        )
        return
    if key in found:
        return
    inputs: list[Fact] = []
    for name in _inputs(definition, found, definitions):
        if name in definitions:
            _derive(name, found, definitions, files, problems, [*way, key])
        if name in found:
            inputs.append(found[name])
    sources = dict.fromkeys(source for fact in inputs for source in fact.sources)
    purposes = tuple(p for p in _ALL if all(p in fact.purposes for fact in inputs))
    shown = {name: getattr(definition, name) for name in ("name", "entity", "type", "unit", "zh")}
    found[key] = Fact.model_validate({**shown, "sources": tuple(sources), "purposes": purposes})


def _inputs(
    definition: Definition, facts: Mapping[str, Fact], definitions: Mapping[str, Definition]
) -> Iterator[str]:
    """The keys of what its formulas may mean by the names they use: an entity's own, the members', the household's."""
    for version in definition.versions:
        try:
            names = parsed(version.formula).columns
        except ZhaorenError:  # told by the lint of definitions
            continue
        for name in names:
            keys = (
                f"{definition.entity}.{name}",
                f"person.{name}",
                f"household.{name.removeprefix(HOUSEHOLD)}",
            )
            yield from (k for k in dict.fromkeys(keys) if k in facts or k in definitions)


def _problem(files: Mapping[str, YamlFile], definition: Definition, what: str, key: str) -> Problem:
    file = files[f"definitions/{definition.key}"]
    names = [(d["entity"], d["name"]) for d in file.data["definitions"]]
    return file.problem(what, "definitions", names.index((definition.entity, definition.name)), key)
