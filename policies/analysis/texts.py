"""What is written in a folder of rules, entry by entry and key by key, and how two folders differ.

texts(cat)                  every entry with its keys as texts
text_changes(old, new)      what a new version adds, takes out and changes, with the date of each
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel

from policies.catalogue.benefit import Benefit
from policies.catalogue.model import Catalogue, Rule

# Examples show what a text does and change nobody's answer.
_NO_TEXT = {"examples", "examples_base"}
# What an entry of a list is called by; where it has none of these, by its place in the list.
_NAMES = ("id", "name", "place", "level")


class Entry(NamedTuple):
    """One dated text: a version of a rule or definition, or a parameter's value for everywhere or a place."""

    kind: Literal["benefit", "signal", "definition", "parameter", "fact"]
    name: str
    valid_from: date | None = None
    place: str | None = None

    def __str__(self) -> str:
        at = f" of {self.place}" if self.place else ""
        begins = f" from {self.valid_from}" if self.valid_from else ""
        return f"{self.kind} {self.name}{at}{begins}"


@dataclass(frozen=True)
class TextChange:
    """One entry that differs; `keys` is empty where it was added or taken out: key, old text, new text."""

    entry: Entry
    change: Literal["added", "removed", "changed"]
    keys: tuple[tuple[str, str, str], ...] = ()


def texts(cat: Catalogue) -> dict[Entry, dict[str, str]]:
    """Every entry of the catalogue with its keys."""
    found: dict[Entry, dict[str, str]] = {}
    for rule in cat.rules:
        found[rule_entry(rule)] = keys_of(rule)
    for definition in cat.definitions.values():
        shape = keys_of(definition.model_copy(update={"versions": (), "local": ()}))
        for version in definition.versions:
            found[Entry("definition", definition.name, version.valid_from)] = {**shape, **keys_of(version)}
        for own in definition.local:
            entry = Entry("definition", f"{definition.name}@{own.place}", own.valid_from)
            found[entry] = {**shape, **keys_of(own)}
    for name, parameter in cat.parameters.items():
        found[Entry("parameter", f"${name}")] = keys_of(
            parameter.model_copy(update={"values": (), "local": ()})
        )
        for value in (*parameter.values, *parameter.local, *cat.own.of(name)):
            place = getattr(value, "place", None)
            found[Entry("parameter", f"${name}", value.valid_from, place)] = keys_of(value)
    derived = {definition.key for definition in cat.definitions.values()}
    for key, fact in cat.facts.items():
        if key not in derived:
            found[Entry("fact", key)] = keys_of(fact)
    return found


def rule_entry(rule: Rule) -> Entry:
    """How a rule's version is called."""
    return Entry("benefit" if isinstance(rule, Benefit) else "signal", rule.id, rule.valid_from, rule.place)


def text_changes(old: Catalogue, new: Catalogue) -> list[TextChange]:
    """What the new version changes, by kind, name and date."""
    before, after = texts(old), texts(new)
    found = []
    for entry in sorted({*before, *after}, key=_order):
        if entry not in before or entry not in after:
            found.append(TextChange(entry, "removed" if entry in before else "added"))
        elif keys := differences(before[entry], after[entry]):
            found.append(TextChange(entry, "changed", keys))
    return found


def differences(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    """Key, old text and new text of every key that differs; '' where it is not there."""
    keys = dict.fromkeys([*old, *new])
    return tuple((k, old.get(k, ""), new.get(k, "")) for k in keys if old.get(k, "") != new.get(k, ""))


def keys_of(shape: BaseModel) -> dict[str, str]:
    """The keys that say something, each with its value as a text; within lists by the entries' own names."""
    plain = shape.model_dump(mode="python", by_alias=True, exclude=_NO_TEXT, exclude_defaults=True)
    return dict(_flat(plain, ""))


def _flat(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _flat(each, f"{path}.{key}" if path else str(key))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        if all(not isinstance(each, Mapping | list | tuple) for each in value):
            if value:
                yield path, ", ".join(_text(each) for each in value)
            return
        for i, each in enumerate(value):
            name = _name(each, i)
            rest = {k: v for k, v in each.items() if v != name} if isinstance(each, Mapping) else each
            yield from _flat(rest, f"{path}.{name}")
    elif value is not None:
        yield path, _text(value)


def _name(value: Any, place: int) -> str:
    named = (value[key] for key in _NAMES if isinstance(value, Mapping) and isinstance(value.get(key), str))
    return next(named, str(place + 1))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(str(value).split())


def _order(entry: Entry) -> tuple[str, str, str, date]:
    return entry.kind, entry.name, entry.place or "", entry.valid_from or date.min
