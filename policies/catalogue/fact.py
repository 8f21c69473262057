"""The feature dictionary: facts.yaml, and the words for codes in labels.yaml."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from data_contracts.registry.column_types import FACT_TYPES
from policies.catalogue.shapes import Entity, Purpose, Strict, Text


def known_type(name: str) -> str:
    """The name of a type, or a fault that lists them all."""
    if name not in FACT_TYPES:
        raise ValueError(f"the type of a fact is one of {', '.join(FACT_TYPES)}")
    return name


class Never(Strict):
    """What an empty cell means: the thing never happened, or has no end, where another fact is known."""

    known_by: Text


class Fact(Strict):
    """One entry of the feature dictionary."""

    name: Text
    entity: Entity
    type: Annotated[str, AfterValidator(known_type)]
    unit: str
    zh: Text
    sources: tuple[Text, ...]
    purposes: tuple[Purpose, ...] = ("discovery", "verification", "compliance")
    never: Never | None = None

    @property
    def is_awaited(self) -> bool:
        """Whether no extract delivers it yet: unknown for everybody, and no column of the panel."""
        return not self.sources

    @property
    def short_zh(self) -> str:
        """The Chinese name without its explanation: 家庭人均收入（…） is 家庭人均收入."""
        return re.split("[（：]", self.zh)[0]


class FactFile(Strict):
    """`facts.yaml`: the feature dictionary."""

    facts: tuple[Fact, ...]


class LabelFile(Strict):
    """Chinese words for the codes of text facts, as they appear in sentences."""

    labels: dict[str, dict[str, str]]
