"""The dated texts of one benefit, signal, definition or parameter, oldest first, and what each changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from policies.analysis.texts import Entry, differences, texts
from policies.catalogue.model import HOUSEHOLD, Catalogue
from policies.catalogue.rule_texts import rule_texts
from policies.catalogue.shapes import Entity
from policies.engine import sentences
from policies.language.mistakes import nearest
from policies.language.terms import FACT, PARAMETER
from policies.values.names import meaning_of
from zhaoren.errors import ZhaorenError


@dataclass(frozen=True)
class DatedText:
    """One version: all its keys for the first of its kind, what it changed for those after it."""

    entry: Entry
    valid_to: str
    status: str
    source: str
    keys: tuple[tuple[str, str, str], ...]


def history(cat: Catalogue, name: str) -> list[DatedText]:
    """The versions of a name, then of every definition and parameter that its texts rest on.

    ZhaorenError with the nearest known name where there is none of that name.
    """
    every = texts(cat)
    known = list(dict.fromkeys(e.name for e in every if e.kind != "fact"))
    asked = next((n for n in (name, f"${name}") if n in known), None)
    if asked is None:
        near = nearest(name, known)
        todo = (
            f"Did you mean {near}?" if near else "`zhaoren policies docs` writes a page that lists them all."
        )
        what = f"There is no benefit, signal, definition or parameter “{name}”."
        raise ZhaorenError(what, str(cat.root), "", todo)
    found: list[DatedText] = []
    for each in (asked, *_rests_on(cat, asked)):
        found += _versions(every, each)
    return found


def _versions(every: dict[Entry, dict[str, str]], name: str) -> Iterator[DatedText]:
    """The dated entries of a name; a value of one place is compared with the earlier one of that place."""
    entries = [entry for entry in every if entry.name == name and entry.valid_from and entry.kind != "fact"]
    last: dict[str | None, dict[str, str]] = {}
    for entry in sorted(entries, key=lambda e: (e.valid_from, e.place or "")):
        keys = every[entry]
        text = {key: value for key, value in keys.items() if key.split(".")[0] not in _DATES}
        changed = differences(last.get(entry.place, {}), text)
        last[entry.place] = text
        source = ", ".join(v for k, v in keys.items() if k.startswith("source."))
        yield DatedText(entry, keys.get("valid_to", ""), keys.get("status", ""), source, changed)


_DATES = ("valid_from", "valid_to", "status", "source")


def _rests_on(cat: Catalogue, name: str) -> list[str]:
    """The definitions and parameters that a name's texts lead to, each once, in the order met."""
    found: dict[str, None] = {}
    waiting = list(_named(cat, _formulas(cat, name)))
    while waiting:
        each = waiting.pop(0)
        if each != name and each not in found:
            found[each] = None
            waiting += _named(cat, _formulas(cat, each))
    return list(found)


def _formulas(cat: Catalogue, name: str) -> Iterator[tuple[Entity, str]]:
    """Entity and text of whatever a rule or definition computes; `$group.name` for what a sentence shows."""
    for rule in cat.rules:
        if rule.id == name:
            yield from ((rule.entity, text.sql) for text in rule_texts(rule))
            for _, template in sentences.templates(rule):
                yield from ((rule.entity, f"${each}") for each in sentences.parameters_in(template))
    for definition in cat.definitions.values():
        if definition.name == name:
            yield from ((definition.entity, formula) for formula in definition.formulas)


def _named(cat: Catalogue, formulas: Iterable[tuple[Entity, str]]) -> Iterator[str]:
    defined = {definition.name for definition in cat.definitions.values()}
    for entity, text in formulas:
        for part in meaning_of(cat, text, entity).walk():
            if part.word == PARAMETER:
                yield f"${part.name}"
            elif part.word == FACT and part.name.removeprefix(HOUSEHOLD) in defined:
                yield part.name.removeprefix(HOUSEHOLD)
