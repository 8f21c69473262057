"""People, their households, and what the rules rest on: definitions, parameters, the day asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

Facts = Mapping[str, Any]
KINDS = ("hukou", "assistance", "dwelling")


@dataclass(eq=False)
class Home:
    """One household of one kind: what is known of it, and its members."""

    facts: Facts
    members: list[Person] = field(default_factory=list)


@dataclass(eq=False)
class Person:
    """One person: what is known, and the household of each kind; a kind without one is not known."""

    facts: Facts
    homes: dict[str, Home] = field(default_factory=dict)


@dataclass(frozen=True)
class Rules:
    """What is not of one row.

    definitions  (entity, name) -> its entry of policies/definitions/*.yaml
    parameters   group.name -> its entry of policies/parameters/*.yaml
    never        (entity, fact) -> the fact that is known where an empty cell means that it never happened
    """

    as_of: date
    definitions: Mapping[tuple[str, str], Facts] = field(default_factory=dict)
    parameters: Mapping[str, Facts] = field(default_factory=dict)
    never: Mapping[tuple[str, str], str] = field(default_factory=dict)


def in_force(versions: Sequence[Facts], as_of: date) -> Facts | None:
    """The version that holds on the day; both its days are included."""
    held = [one for one in versions if _holds(one, as_of)]
    assert len(held) <= 1, f"{len(held)} versions in force on {as_of}"
    return held[0] if held else None


def _holds(version: Facts, as_of: date) -> bool:
    until = version.get("valid_to")
    return bool(version["valid_from"] <= as_of) and (until is None or bool(as_of <= until))
