"""What the shapes of all policy files share: nothing unknown is let through, dates, sources, plain types."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from zhaoren.yaml_lines import Problem, YamlFile

# Never float: 0.1 has to stay 0.1 until an amount is rounded, once, at the end.
Number = int | Decimal
Text = Annotated[str, Field(min_length=1)]
Status = Literal["verified", "unverified"]
Entity = Literal["person", "household"]
Purpose = Literal["discovery", "verification", "compliance"]
FactValue = str | int | Decimal | bool | date | None


class Strict(BaseModel):
    """Base of all shapes: nothing is guessed, nothing unknown is let through."""

    # strict: a quoted "6" is a text, and a typing mistake must not become the number it looks like
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
        # a note alone is hearsay: nobody could look the value up and set it to verified
        if not (self.url or self.document):
            raise ValueError("a source needs a url or a document")
        return self


class Given(Strict):
    """Facts of a worked example, or those that all examples of a rule share."""

    person: dict[str, FactValue] = {}
    household: dict[str, FactValue] = {}


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
