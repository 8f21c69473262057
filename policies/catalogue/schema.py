"""The shape of every policy file: unknown keys, wrong types and missing sources are errors."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from policies.catalogue.yaml_source import Problem, YamlFile

Number = int | Decimal
Text = Annotated[str, Field(min_length=1)]
Status = Literal["verified", "unverified"]
Entity = Literal["person", "household"]
Purpose = Literal["discovery", "verification", "compliance"]
HouseholdKind = Literal["hukou", "assistance", "dwelling"]
LevelName = Literal["red", "orange", "yellow", "blue"]
# Answers of somebody who may have a benefit; the second says that something is still to be checked.
ENTITLED = ("yes", "likely")
FactValue = str | int | Decimal | bool | date | None


class Strict(BaseModel):
    """Base of all shapes: nothing is guessed, nothing unknown is let through."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Dated(Strict):
    """Something in force from one day to another, both included; an open end is null."""

    valid_from: date
    valid_to: date | None = None

    def in_force(self, as_of: date) -> bool:
        """Whether the date lies between the two, both included."""
        return self.valid_from <= as_of and (self.valid_to is None or as_of <= self.valid_to)

    @model_validator(mode="after")
    def _order(self) -> Dated:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        return self


class Source(Strict):
    """Where a value or rule comes from: an address or the name of the issued document, or both."""

    url: Text | None = None
    document: Text | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _named(self) -> Source:
        if not (self.url or self.document):
            raise ValueError("a source needs a url or a document")
        return self


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
        """Whether no extract brings it yet: unknown for everybody, and no column of the panel."""
        return not self.sources

    @property
    def short_zh(self) -> str:
        """The Chinese name without its explanation: 家庭人均收入（…） is 家庭人均收入."""
        return re.split("[（：]", self.zh)[0]


class FactFile(Strict):
    """`facts.yaml`: the feature dictionary."""

    facts: tuple[Fact, ...]


class Cases(Strict):
    """A value that differs by a text fact of the household, such as the benefit tier."""

    fact: Text
    of: dict[str, Number]


class Value(Dated):
    """A parameter's value for one period: a single value, one per place, or one per case."""

    value: Number | str | None = None
    places: dict[str, Number] | None = None
    cases: Cases | None = None
    status: Status
    source: Source

    @model_validator(mode="after")
    def _one_form(self) -> Value:
        if sum(form is not None for form in (self.value, self.places, self.cases)) != 1:
            raise ValueError("give exactly one of value, places or cases")
        return self


class Parameter(Strict):
    """A dated quantity that rules name as `$group.name`."""

    name: Text
    zh: Text
    unit: str
    region: Text
    values: tuple[Value, ...] = Field(min_length=1)

    def at(self, as_of: date) -> Value | None:
        """The value in force on the date; None when there is none, which is not zero."""
        return next((value for value in self.values if value.in_force(as_of)), None)


class ParameterFile(Strict):
    """One file of `parameters/`: values that belong together."""

    group: Text
    zh: Text
    parameters: tuple[Parameter, ...]


class Condition(Strict):
    """One named test of a benefit; `missing` names the facts to ask for when the SQL cannot tell.

    An unverified exclusion weakens no yes: who is not excluded stays eligible even if the rule did not exist.
    """

    id: Text
    sql: Text
    zh: Text
    en: Text | None = None
    clause: Text
    says: Text | None = None
    missing: tuple[str, ...] = ()
    status: Status = "verified"
    is_exclusion: bool = False
    is_quiet: bool = False  # goes without saying: left out of the reason when it holds


class Material(Strict):
    """A paper the application asks for; `held_by_zh`: the office that holds it, so that nobody brings it."""

    zh: Text
    held_by_zh: Text | None = None


class Given(Strict):
    """Facts of a worked example, or those that all examples of a rule share."""

    person: dict[str, FactValue] = {}
    household: dict[str, FactValue] = {}


class BenefitExample(Given):
    """A worked example: facts in, expected answer out; what it does not state is not compared."""

    name: Text
    as_of: date
    eligible: Literal["yes", "likely", "no", "unknown"]
    amount_yuan_month: Number | None = None
    amount_once_yuan: Number | None = None
    gap_yuan_month: Number | None = None
    is_receiving: bool | None = None
    missed_month_cnt: int | None = None
    missing: tuple[str, ...] = ()


class Benefit(Dated):
    """A benefit: who may have it, how much or what, and whether it is being given.

    What is given is a sum a month (`amount_sql`), a sum once or once a year (`amount_once_sql`, `period`), or
    a service (`service_zh`). Without `receiving_sql` no roll tells who has it, and that is unknown, never no.
    """

    id: Text
    name_zh: Text
    name_en: Text | None = None
    summary_en: Text | None = None
    entity: Entity
    region: Text
    status: Status
    source: Source
    department_zh: Text
    mode: Literal["auto_pay", "auto_enrol", "prefilled_application", "outreach"]
    exclusive_group: Text | None = None
    excludes: tuple[Text, ...] = ()
    who: tuple[Condition, ...] = Field(min_length=1)
    on_application: tuple[Text, ...] = ()
    materials: tuple[Text | Material, ...] = ()
    amount_sql: Text | None = None
    amount_once_sql: Text | None = None
    period: Literal["once", "year"] = "once"
    service_zh: Text | None = None
    service_en: Text | None = None
    rounding: Literal["up_to_yuan", "to_fen"] = "to_fen"
    receiving_sql: Text | None = None
    received_sql: Text | None = None
    since: Text | None = None
    examples_base: Given = Given()
    examples: tuple[BenefitExample, ...] = ()

    @model_validator(mode="after")
    def _one_amount(self) -> Benefit:
        forms = (self.amount_sql, self.amount_once_sql, self.service_zh)
        if sum(form is not None for form in forms) != 1:
            raise ValueError("give exactly one of amount_sql, amount_once_sql or service_zh")
        if self.period != "once" and self.amount_once_sql is None:
            raise ValueError("period says how often amount_once_sql is paid; a monthly sum has none")
        if self.received_sql is not None and self.receiving_sql is None:
            raise ValueError("received_sql needs receiving_sql")
        return self

    @property
    def is_monthly(self) -> bool:
        """Whether it is a sum paid month by month."""
        return self.amount_sql is not None


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
        if self.is_event and self.cooldown != "never":
            raise ValueError("an event is never suppressed: cooldown must be never")
        if (self.decay_days is None) != (self.fact_date is None):
            raise ValueError("decay_days and fact_date go together: the days are counted from that fact")
        if self.level[-1].when is not None or self.sentence[-1].when is not None:
            raise ValueError("the last level and the last sentence take every remaining case: no when there")
        return self


class ResultCode(Strict):
    """What a visit can end in; `cooldown_days` null means the alert is not suppressed afterwards."""

    code: Text
    zh: Text
    is_verified_need: bool | None
    cooldown_days: int | None
    meaning_zh: Text


class ResultCodeFile(Strict):
    """`result_codes.yaml`: what a visit may find."""

    source: Source
    result_codes: tuple[ResultCode, ...]


class LabelFile(Strict):
    """Chinese words for the codes of text facts, as they appear in sentences."""

    labels: dict[str, dict[str, str]]


def validate(file: YamlFile, shape: type[Strict]) -> tuple[Any, list[Problem]]:
    """The file as `shape`, or one problem per fault with its line."""
    try:
        return shape.model_validate(file.data), []
    except ValidationError as error:
        return None, [_problem(file, fault) for fault in error.errors()]


def _problem(file: YamlFile, fault: Any) -> Problem:
    key = tuple(fault["loc"])
    path = ".".join(str(part) for part in key) or "the file"
    if fault["type"] == "extra_forbidden":
        return file.problem(
            f"unknown key '{key[-1]}'", *key, todo="the keys are explained in policies/README.md"
        )
    if fault["type"] == "missing":
        return file.problem(f"the key '{key[-1]}' is missing", *key, todo=f"add {path}")
    return file.problem(f"{path}: {fault['msg']}", *key)
