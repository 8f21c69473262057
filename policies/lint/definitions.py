"""Definitions against the catalogue: formulas that mean something, of the type that is stated, without
holes in time.
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.catalogue.definition import Definition
from policies.catalogue.model import SHIPPED, Catalogue
from policies.catalogue.rule_texts import RuleText
from policies.catalogue.where import definition_place
from policies.language.kinds import KIND_EN, OF_FACT
from policies.language.mistakes import Mistake
from policies.language.parsing import parsed
from policies.language.terms import MEMBER_WORDS, Term
from policies.lint.dates import EARLIER, misplaced_in_time
from policies.lint.expressions import loose_numbers, misplaced
from policies.lint.places import problem_of
from policies.values.columns import HOUSEHOLD_OF
from policies.values.names import text_meaning
from zhaoren.yaml_lines import Place, Problem, YamlFile


def definition_problems(cat: Catalogue) -> Iterator[Problem]:
    """All problems of the definitions, and of facts that say what an empty cell means."""
    for definition in cat.definitions.values():
        file, place = definition_place(cat.files, definition)
        yield from _dates(file, place, definition)
        for i, version in enumerate(definition.versions):
            yield from _formula(cat, definition, version.formula, file, (*place, "versions", i, "formula"))
        yield from _of_places(cat, definition)
        for i, example in enumerate(definition.examples):
            given = {"person": example.person, "household": example.household}
            for entity, facts in (*given.items(), *(("person", member) for member in example.members)):
                for name in facts:
                    if f"{entity}.{name}" not in cat.facts and name not in _KEYS:
                        what = f"there is no {entity} fact '{name}'"
                        yield file.problem(what, *place, "examples", i)
    yield from _never(cat)


_KEYS = ("town_code", "village_code", *HOUSEHOLD_OF.values())


def _of_places(cat: Catalogue, definition: Definition) -> Iterator[Problem]:
    """The places' own formulas, each in the file that holds it."""
    for place in dict.fromkeys(version.place for version in definition.local):
        file = cat.files[f"definitions/{definition.key}@{place}"]
        entries = file.data["definitions"]
        mine = (i for i, e in enumerate(entries) if (e["name"], e.get("place")) == (definition.name, place))
        for i in mine:
            for j, version in enumerate(entries[i]["versions"]):
                key = ("definitions", i, "versions", j, "formula")
                yield from _formula(cat, definition, version["formula"], file, key)


def _dates(file: YamlFile, place: Place, definition: Definition) -> Iterator[Problem]:
    for i, new, gap in misplaced_in_time(definition.versions):
        what, todo = f"two versions of {definition.name} are in force on {new.valid_from}", EARLIER
        if gap:
            what = f"no version of {definition.name} is in force from {gap} until {new.valid_from}"
            todo = "join the two, or add what holds between"
        yield file.problem(what, *place, "versions", i, "valid_from", todo=todo)


def _formula(
    cat: Catalogue, definition: Definition, formula: str, file: YamlFile, key: Place
) -> Iterator[Problem]:
    try:
        term = text_meaning(cat, formula, definition.entity)
    except Mistake as mistake:
        yield problem_of(file, key, formula, mistake)
        return
    text = RuleText(("formula",), formula, "yuan")
    for found in (*loose_numbers(parsed(formula)), *misplaced(term, text), *_other_kinds(cat, term)):
        yield problem_of(file, key, formula, found)
    wanted = OF_FACT[definition.type]
    if term.kind.name not in (wanted.name, "any"):
        what = f"the formula gives {KIND_EN[term.kind.name]}, and {definition.name} is {definition.type}"
        yield file.problem(what, *key, todo="correct the type, or the formula")
    elif definition.type == "integer" and term.kind.scale:
        what = f"the formula may give a fraction, and {definition.name} is integer"
        yield file.problem(what, *key, todo="write ROUND_DOWN(…, 1), or type: number")


def _other_kinds(cat: Catalogue, term: Term) -> Iterator[Mistake]:
    """The monthly run knows who is registered together; other kinds of household come only with a frame of
    facts.
    """
    if cat.root != SHIPPED:
        return
    for part in term.walk():
        if part.word in MEMBER_WORDS and part.name != "hukou":
            what = f"the panel does not hold who belongs to the {part.name} household"
            yield Mistake(what, todo="leave the kind out: the members of the registered household are meant")


def _never(cat: Catalogue) -> Iterator[Problem]:
    """What says that an empty cell means never is a fact of the same entity, and not awaited while it is
    not.
    """
    if "facts.yaml" not in cat.files:
        return
    file = cat.files["facts.yaml"]
    for i, entry in enumerate(file.data["facts"]):
        fact = cat.facts.get(f"{entry['entity']}.{entry['name']}")
        if fact is None or fact.never is None:
            continue
        witness = cat.facts.get(f"{fact.entity}.{fact.never.known_by}")
        if witness is None or witness.name == fact.name:
            shown = f"'{fact.name}' is never where '{fact.never.known_by}' is known"
            what = f"{shown}, which is no other {fact.entity} fact"
            yield file.problem(
                what, "facts", i, "never", todo="name a fact that is known whenever the register is"
            )
