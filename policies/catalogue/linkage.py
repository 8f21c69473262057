"""The probabilistic linkage as data: which pairs are compared, on what, and how much each level weighs."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path

from pydantic import Field, model_validator

from policies.catalogue.shapes import Dated, Number, Source, Status, Strict, Text, validate
from zhaoren.rooms import room
from zhaoren.yaml_lines import read_yaml, refuse

SLACK = Decimal("0.001")  # shares are written with three digits, so sums are off by rounding
TODO = "correct the file; the head of policies/linkage.yaml explains every key"


class Level(Strict):
    """One level of agreement. m: share of true pairs on it; u: share of false pairs (Fellegi and Sunter).

    frequency_of: the column whose value's own frequency is used for u, so that a rare value weighs more.
    """

    zh: Text
    sql: Text | None = None
    m: Number = Field(gt=0)
    u: Number = Field(gt=0)
    frequency_of: Text | None = None


class Comparison(Strict):
    """Levels, closest agreement first; the last takes the rest. `unknown`: when there is no evidence.

    only_asks: what is compared was refused as a value (a mistyped or rounded number): agreement brings a pair
    to clerical review and links nobody.
    """

    id: Text
    unknown: Text | None = None
    only_asks: bool = False
    levels: tuple[Level, ...] = Field(min_length=2)

    @property
    def says_nothing(self) -> str:
        """The SQL condition under which there is nothing to compare: by default, a null on either side."""
        return self.unknown or f"{self.id}_l IS NULL OR {self.id}_r IS NULL"

    @model_validator(mode="after")
    def _whole(self) -> Comparison:
        if any(level.sql is None for level in self.levels[:-1]) or self.levels[-1].sql is not None:
            raise ValueError("the last level, and only it, has no sql: it is everything else")
        for name in ("m", "u"):
            shares = [Decimal(getattr(level, name)) for level in self.levels]
            if abs(sum(shares, Decimal(0)) - 1) > SLACK:
                raise ValueError(f"the shares {name} of {self.id} do not add up to 1")
        return self


class Weights(Strict):
    """Match weights (log2 of the odds): a pair is accepted from `accept` on if it leads the next by `margin`,
    and goes to clerical review from `doubt` on.
    """

    accept: Number
    doubt: Number
    margin: Number

    @model_validator(mode="after")
    def _order(self) -> Weights:
        if self.doubt > self.accept:
            raise ValueError("doubt lies above accept: no pair would ever go to clerical review")
        return self


class Budget(Strict):
    """Most pairs one blocking rule may make per record to be found, and all rules together."""

    per_record: int = Field(gt=0)
    total: int = Field(gt=0)


class LinkModel(Dated):
    """One model. blocking: lists of SQL expressions, equal on both sides; never: SQL over l and r."""

    id: Text
    status: Status
    source: Source
    expected_matches: Number = Field(gt=0)
    weights: Weights
    pair_budget: Budget
    never: tuple[Text, ...] = ()
    blocking: tuple[tuple[Text, ...], ...] = Field(min_length=1)
    comparisons: tuple[Comparison, ...] = Field(min_length=1)

    def prior(self, known_cnt: int) -> float:
        """The chance that a record and one of `known_cnt` known persons, drawn at random, are one."""
        # a small installation may expect more matches than it knows persons: even odds, not certainty
        return min(0.5, float(self.expected_matches) / max(1, known_cnt))

    @property
    def frequency_columns(self) -> tuple[str, ...]:
        """The columns whose values weigh by their frequency, each once, in order."""
        named = [level.frequency_of for each in self.comparisons for level in each.levels]
        return tuple(dict.fromkeys(name for name in named if name is not None))


def read_model(path: Path) -> LinkModel:
    """The model in a file. ZhaorenError with file and line for an unknown key, a wrong type, shares that do
    not add up."""
    file, problems = read_yaml(path, exact=True)
    refuse(problems, TODO)
    assert file is not None
    model, problems = validate(file, LinkModel)
    refuse(problems, TODO)
    found: LinkModel = model
    return found


@cache
def link_model() -> LinkModel:
    """The shipped model for persons."""
    return read_model(room("policies") / "linkage.yaml")
