"""The station's self-appraisal: `appraisal.yaml`, a thousand points of which data fill what they can.

appraisal = load_appraisal()
appraisal.modules[0].items[0].points
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal

from pydantic import ConfigDict, Field

from policies.casework.life_checks import twice_named
from policies.casework.versions import in_force, shipped
from policies.catalogue.shapes import Dated, Source, Status, Strict, Text
from zhaoren.yaml_lines import Problem, YamlFile

# Metrics that speak of what a visit found: points for them would be quotas.
OUTCOMES = frozenset(
    {
        "result",
        "confirmed",
        "applied",
        "paid",
        "yuan_reached",
        "of_issued",
        "signal_confirmed",
        "satisfaction",
    }
)


class FromData(Strict):
    """How data answer an item."""

    kind: Literal["share", "has", "count"]
    metric: Text
    of: Text | None = None
    by: Literal["field"] | None = None
    enough: int | None = Field(default=None, ge=1)


class Item(Strict):
    """One item and its points."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)

    code: Text
    zh: Text
    points: int = Field(ge=1)
    source: FromData | None = Field(default=None, alias="from")


class Module(Strict):
    """One of the six modules."""

    code: Text
    zh: Text
    items: tuple[Item, ...] = Field(min_length=1)


class Appraisal(Dated):
    """One version of `appraisal.yaml`."""

    source: Source
    status: Status
    total: int
    modules: tuple[Module, ...]


def appraisal_problems(appraisal: Appraisal, file: YamlFile) -> Iterator[Problem]:
    """Points that do not add up, an item that data cannot answer as it says, a quota; with file and line."""
    yield from twice_named(file, "modules", (module.code for module in appraisal.modules))
    points = sum(item.points for module in appraisal.modules for item in module.items)
    if points != appraisal.total:
        what = f"the items have {points} points, not {appraisal.total}"
        yield file.problem(what, "total", todo="correct the items or the total")
    for i, module in enumerate(appraisal.modules):
        for j, item in enumerate(module.items):
            for what in _faults(item):
                yield file.problem(what, "modules", i, "items", j, todo="see the head of the file")


def _faults(item: Item) -> Iterator[str]:
    how = item.source
    if how is None:
        return
    if {how.metric, how.of} & OUTCOMES:
        yield f"'{item.code}' gives points for what visits find: that is a quota"
    if (how.of is not None) != (how.kind == "share") or (how.enough is not None) != (how.kind == "count"):
        yield f"'{item.code}' does not say how data answer it"


def load_appraisal(as_of: date | None = None) -> Appraisal:
    """The appraisal of the day (default: the newest). ZhaorenError with file and line."""
    return in_force(shipped("appraisal", Appraisal, appraisal_problems), as_of)
