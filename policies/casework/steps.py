"""The matters that follow a visit: `steps.yaml`.

steps = load_steps()
steps.kinds["referral"].events["sent"].due      working days until the next event
steps.kinds["referral"].may_follow("sent")      the events that may come after it
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import Literal

from pydantic import ConfigDict, Field

from policies.casework.life_checks import twice_named
from policies.casework.versions import in_force, shipped
from policies.catalogue.shapes import Dated, Source, Status, Strict, Text
from zhaoren.yaml_lines import Problem, YamlFile

NONE = "none"  # before a matter's first event


class Owner(Strict):
    """Who has to do the next thing, or who may receive a referral."""

    code: Text
    zh: Text


class StepEvent(Strict):
    """One event of a matter. due: working days until the next; `asks_due`: who writes it names the day.

    case: the event of the case's life that it is, if any.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)

    code: Text
    zh: Text
    sources: tuple[Text, ...] = Field(alias="from", min_length=1)
    is_end: bool = False
    due: int | None = Field(default=None, ge=1)
    asks_due: bool = False
    asks_note: bool = False
    by_system: bool = False
    owner: Text | None = None
    case: Literal["handle", "refer", "answer", "decline"] | None = None


class StepKind(Strict):
    """One kind of matter; `subject`: what 对象 names."""

    code: Text
    zh: Text
    subject: Literal["benefit", "receiver", "fact"] | None = None
    event_list: tuple[StepEvent, ...] = Field(alias="events", min_length=1)

    @cached_property
    def events(self) -> dict[str, StepEvent]:
        """Event by code, in the order of the file."""
        return {event.code: event for event in self.event_list}

    @property
    def holds_case(self) -> bool:
        """Whether its case stays open until it has ended."""
        return any(event.case for event in self.event_list)

    def may_follow(self, event_code: str | None) -> tuple[StepEvent, ...]:
        """The events that may come after this one; after None those that begin the matter."""
        before = event_code or NONE
        return tuple(event for event in self.event_list if before in event.sources)


class Steps(Dated):
    """One version of `steps.yaml`; kinds by their codes."""

    source: Source
    status: Status
    owners: tuple[Owner, ...]
    kind_list: tuple[StepKind, ...] = Field(alias="kinds")
    receivers: tuple[Owner, ...]

    @cached_property
    def kinds(self) -> dict[str, StepKind]:
        """Kind by code, in the order of the file."""
        return {kind.code: kind for kind in self.kind_list}

    def is_end(self, kind: str, event: str) -> bool:
        """Whether the event ends its matter."""
        return self.kinds[kind].events[event].is_end


def step_problems(steps: Steps, file: YamlFile) -> Iterator[Problem]:
    """Every mistake of one version that its shape does not show, with file and line."""
    yield from twice_named(file, "kinds", (kind.code for kind in steps.kind_list))
    yield from twice_named(file, "owners", (owner.code for owner in steps.owners))
    yield from twice_named(file, "receivers", (one.code for one in steps.receivers))
    owners = {owner.code for owner in steps.owners}
    for i, kind in enumerate(steps.kind_list):
        yield from twice_named(file, "events", (e.code for e in kind.event_list), "kinds", i)
        for j, event in enumerate(kind.event_list):
            for what, todo in _faults(kind, event, owners):
                yield file.problem(what, "kinds", i, "events", j, todo=todo)


def _faults(kind: StepKind, event: StepEvent, owners: set[str]) -> Iterator[tuple[str, str]]:
    strange = [name for name in event.sources if name not in kind.events and name != NONE]
    for name in strange:
        yield f"'{kind.code}' has no event '{name}'", "correct the name"
    if event.owner is not None and event.owner not in owners:
        yield f"'{event.owner}' is no owner", "see owners"
    waits = event.due is not None or event.asks_due
    if event.is_end and waits:
        yield f"'{event.code}' ends the matter and waits for something", "leave out is_end or the days"
    if not event.is_end and not (waits and event.owner):
        what = f"after '{event.code}' nobody has to do anything by any day"
        yield what, "give `owner`, and `due` or `asks_due`"
    if not event.is_end and not strange and not kind.may_follow(event.code):
        yield f"nothing can follow '{event.code}', which is no end", "add an event, or `is_end: true`"
    if not strange and event.code not in _reached(kind):
        yield f"nothing leads to '{event.code}'", "name in `from` what comes before it"


def _reached(kind: StepKind) -> set[str]:
    reached = {NONE}
    while more := {e.code for e in kind.event_list if reached & set(e.sources)} - reached:
        reached |= more
    return reached


def load_steps(as_of: date | None = None) -> Steps:
    """The matters by the rules of the day (default: the newest). ZhaorenError with file and line."""
    return in_force(shipped("steps", Steps, step_problems), as_of)
