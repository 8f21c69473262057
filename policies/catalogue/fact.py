"""The feature dictionary: facts.yaml, and the words for codes in labels.yaml."""

from __future__ import annotations

import re
from typing import Literal

from policies.catalogue.shapes import Entity, Purpose, Strict, Text


class Fact(Strict):
    """One entry of the feature dictionary."""

    name: Text
    entity: Entity
    type: Literal["integer", "boolean", "text", "date", "yuan", "number"]
    unit: str
    zh: Text
    sources: tuple[Text, ...]
    purposes: tuple[Purpose, ...] = ("discovery", "verification", "compliance")

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
