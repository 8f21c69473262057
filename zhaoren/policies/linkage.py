"""The model of tier 3 as data: what is compared, how much each likeness weighs, which pairs are looked at."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from pydantic import model_validator

from zhaoren.policies.schema import Number, Source, Status, Strict, Text, validate
from zhaoren.policies.yamlfile import read_yaml, refuse

SLACK = Decimal("0.001")  # shares are written with few digits
TODO = "mend the file; its head explains every key"


class Level(Strict):
    """One degree of likeness. m: share of true pairs on it; u: share of false pairs."""

    zh: Text
    sql: Text | None = None
    m: Number
    u: Number
    name_frequency: bool = False


class Comparison(Strict):
    """Levels of one column, the likest first; the last takes what is left."""

    column: Text
    levels: tuple[Level, ...]

    @model_validator(mode="after")
    def _whole(self) -> Comparison:
        if any(level.sql is None for level in self.levels[:-1]) or self.levels[-1].sql is not None:
            raise ValueError("the last level, and only it, has no sql: it is everything else")
        for name in ("m", "u"):
            shares = [Decimal(getattr(level, name)) for level in self.levels]
            if min(shares) <= 0 or abs(sum(shares) - 1) > SLACK:
                raise ValueError(f"the shares {name} of {self.column} are not positive or do not add up to 1")
        return self


class Weights(Strict):
    """log2 of the odds of being one: believed from accept on, asked from doubt on, leading by margin."""

    accept: Number
    doubt: Number
    margin: Number


class Budget(Strict):
    """Most pairs one blocking rule may make per record to be found, and all rules together."""

    per_record: int
    total: int


class LinkModel(Strict):
    """One model; `blocking` is SQL over l (to be found) and r (known)."""

    id: Text
    valid_from: date
    valid_to: date | None = None
    status: Status
    source: Source
    prior: Number
    weights: Weights
    pair_budget: Budget
    blocking: tuple[Text, ...]
    comparisons: tuple[Comparison, ...]


def read_model(path: Path) -> LinkModel:
    """The model in a file. ZhaorenError with file and line for an unknown key, a wrong type, shares that do
    not add up."""
    file, problems = read_yaml(path)
    refuse(problems, TODO)
    assert file is not None
    model, problems = validate(file, LinkModel)
    refuse(problems, TODO)
    found: LinkModel = model
    return found


@cache
def link_model() -> LinkModel:
    """The shipped model for persons."""
    return read_model(Path(__file__).parent / "linkage.yaml")
