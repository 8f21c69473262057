"""A signal of need or of doubt: one file of signals/."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from policies.catalogue.shapes import Dated, Entity, Given, PlaceCode, Source, Status, Strict, Text

HouseholdKind = Literal["hukou", "assistance", "dwelling"]
LevelName = Literal["red", "orange", "yellow", "blue"]


class Level(Strict):
    """A level with the test that leads to it; the last one needs no test."""

    level: LevelName
    when: Text | None = None


class Sentence(Strict):
    """A sentence for the worklist with the test that picks it; the last one needs no test."""

    zh: Text
    when: Text | None = None


class SignalExample(Given):
    """A worked example: facts in, expected state (and level, and sentence) out."""

    name: Text
    as_of: date
    state: Literal["yes", "no", "unknown"]
    level: LevelName | None = None
    sentence: Text | None = None
    missing: tuple[str, ...] = ()


class Signal(Dated):
    """A signal: the test, how urgent it is, and the sentence and questions the worker gets."""

    id: Text
    place: PlaceCode | None = None  # whose own text it is: it goes before the text for everywhere
    name_zh: Text
    name_en: Text | None = None
    summary_en: Text | None = None
    queue: Literal["need", "compliance"]
    entity: Entity
    household_kind: HouseholdKind = "hukou"
    family: Text
    region: Text
    status: Status
    source: Source
    condition: Text
    missing: tuple[str, ...] = ()
    fact_date: Text | None = None
    decay_days: int | None = Field(default=None, gt=0)
    is_event: bool
    cooldown: Literal["by_result", "never"]
    points: int = Field(ge=0, le=10)
    value: Text | None = None
    level: tuple[Level, ...] = Field(min_length=1)
    sentence: tuple[Sentence, ...] = Field(min_length=1)
    questions_zh: tuple[Text, ...] = Field(min_length=3, max_length=5)
    examples_base: Given = Given()
    examples: tuple[SignalExample, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Signal:
        # a death or a fire after a visit is new, whatever the visit found
        if self.is_event and self.cooldown != "never":
            raise ValueError("an event is never suppressed: cooldown must be never")
        if (self.decay_days is None) != (self.fact_date is None):
            raise ValueError("decay_days and fact_date go together: the days are counted from that fact")
        if self.level[-1].when is not None or self.sentence[-1].when is not None:
            raise ValueError("the last level and the last sentence take every remaining case: no when there")
        return self
