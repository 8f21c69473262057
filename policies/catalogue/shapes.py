"""What the shapes of all policy files share: nothing unknown is let through, dates, sources, plain types."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from policies.language.mistakes import nearest
from zhaoren.yaml_lines import Problem, YamlFile

# Never float: 0.1 has to stay 0.1 until an amount is rounded, once, at the end.
Number = int | Decimal
Text = Annotated[str, Field(min_length=1)]
Status = Literal["verified", "unverified"]
Entity = Literal["person", "household"]
Purpose = Literal["discovery", "verification", "compliance"]
# A division code: a province's 2 digits, a city's 4, a county's 6, a town's 9.
PlaceCode = Annotated[str, Field(pattern=r"^(\d{2}|\d{4}|\d{6}|\d{9})$")]
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

    def meets(self, other: Dated) -> bool:
        """Whether both are in force on some day."""
        ends = self.valid_to is None or other.valid_from <= self.valid_to
        return ends and (other.valid_to is None or self.valid_from <= other.valid_to)

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
        faults = error.errors()
        # a list whose only entry is faulty is told to be too short as well: once is enough
        deeper = {tuple(fault["loc"])[:n] for fault in faults for n in range(len(fault["loc"]))}
        told = [f for f in faults if not (f["type"] == "too_short" and tuple(f["loc"]) in deeper)]
        return None, [_problem(file, fault, shape) for fault in told]


def _problem(file: YamlFile, fault: Any, shape: type[Strict]) -> Problem:
    key = tuple(fault["loc"])
    path = ".".join(str(part) for part in key) or "the file"
    if fault["type"] == "extra_forbidden":
        near = nearest(str(key[-1]), _keys(shape))
        todo = f"did you mean {near}?" if near else "the keys are explained in policies/README.md"
        return file.problem(f"unknown key '{key[-1]}'", *key, todo=todo)
    if fault["type"] == "missing":
        return file.problem(f"the key '{key[-1]}' is missing", *key, todo=f"add `{key[-1]}: …`")
    what, todo = _said(fault)
    return file.problem(f"{path}: {what}", *key, todo=todo)


# What the library finds -> what that means, and what to write.
_FAULTS = {
    "date_type": ("this is no day", "write it as 2026-01-05, without quotation marks"),
    "int_type": ("this is no whole number", "write it in digits, without quotation marks"),
    "decimal_type": ("this is no number", "write it in digits, without quotation marks"),
    "string_type": (
        "this is no text",
        "put it in quotation marks; YAML reads yes, no and 12 as something else",
    ),
    "bool_type": ("this is neither true nor false", "write true or false, without quotation marks"),
    "tuple_type": ("this is no list", "write each entry on a line of its own behind “- ”"),
    "too_short": ("there are too few entries", ""),
    "too_long": ("there are too many entries", ""),
    "string_too_short": ("this is empty", "write something, or leave the key out"),
}


def _said(fault: Any) -> tuple[str, str]:
    if fault["type"] == "literal_error":
        found, one_of = fault["input"], fault["ctx"]["expected"]
        if isinstance(found, bool):
            return f"YAML reads this as {str(found).lower()}", f"write one of {one_of}, in quotation marks"
        return f"'{found}' is none of {one_of}", "write one of these"
    if fault["type"] in _FAULTS:
        return _FAULTS[fault["type"]]
    if fault["type"].endswith("_type") and fault["type"].startswith("model"):
        return "keys belong here, each with its value", "write `key: value`, one on each line"
    # of a check of ours the library only says before it that it is one
    return str(fault["msg"]).removeprefix("Value error, "), ""


def _keys(shape: type[BaseModel], seen: set[type] | None = None) -> dict[str, None]:
    """Every key of a shape and of those within it."""
    seen = set() if seen is None else seen
    if shape in seen:
        return {}
    seen.add(shape)
    found = dict.fromkeys(field.alias or name for name, field in shape.model_fields.items())
    for field in shape.model_fields.values():
        for inner in _shapes_in(field.annotation):
            found |= _keys(inner, seen)
    return found


def _shapes_in(kind: Any) -> list[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [kind]
    return [shape for part in get_args(kind) for shape in _shapes_in(part)]
