"""The shape of `life.yaml`: states, roles, what may follow what, what a visit's result leads to."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import ConfigDict, Field

from policies.catalogue.shapes import Dated, Source, Status, Strict, Text

# What a day can bring to a case; transforms/casework/life.py says when it brings which.
# fmt: off
Event = Literal[
    "issue", "rest", "assign", "try", "reach", "fail", "visit", "handle", "refer", "answer", "decline",
    "escalate", "close", "withdraw",
]
# fmt: on
NONE = "none"  # the state of a case that is not opened yet


class State(Strict):
    """One state; `is_open`: somebody still has to do something."""

    code: Text
    zh: Text
    is_open: bool
    means: Text


class Role(Strict):
    """A code and its word: who does something, or why."""

    code: Text
    zh: Text


class Transition(Strict):
    """One event, from which states it may come and where it leads; `keeps_state`: where it was."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)

    event: Event
    zh: Text
    sources: tuple[Text, ...] = Field(alias="from", min_length=1)
    to: Text | None = None
    keeps_state: bool = False
    by: Text
    opens_episode: bool = False


class AfterVisit(Strict):
    """What a result leads to besides `visit`: the case closes, waits for a next step, or was no visit."""

    then: Literal["close"] | None = None
    needs_step: bool = False
    is_visit: bool = True
    is_try: bool = False


class Overdue(Strict):
    """Who has to see to a case so many working days after its due date."""

    held_by: Literal["county", "city"]
    after_working_days: int = Field(ge=0)


class Move(Strict):
    """A transition from one state."""

    event: str
    from_state: str
    to_state: str
    by: str
    opens_episode: bool


class Life(Dated):
    """One version of `life.yaml`; states and after_visit by their codes."""

    source: Source
    status: Status
    state_list: tuple[State, ...] = Field(alias="states")
    roles: tuple[Role, ...]
    transitions: tuple[Transition, ...]
    after_visit: dict[str, AfterVisit]
    next_step_working_days: int = Field(ge=1)
    withdrawal_reasons: tuple[Role, ...]
    escalation: tuple[Overdue, ...]

    @cached_property
    def states(self) -> dict[str, State]:
        """State by code, in the order of the file."""
        return {state.code: state for state in self.state_list}

    @property
    def open_states(self) -> tuple[str, ...]:
        """The states in which somebody still has to do something."""
        return tuple(code for code, state in self.states.items() if state.is_open)

    def is_open(self, state: str) -> bool:
        """Whether somebody still has to do something in that state."""
        return self.states[state].is_open

    def event_zh(self, event: str, from_state: str = "") -> str:
        """What people call an event; where its name depends on where it comes from, that one."""
        named = [one for one in self.transitions if one.event == event]
        return next((one.zh for one in named if from_state in one.sources), named[0].zh)

    def moves(self) -> tuple[Move, ...]:
        """Every transition, one per state it may come from."""
        return tuple(
            Move(
                event=one.event,
                from_state=state,
                to_state=state if one.keeps_state else str(one.to),
                by=one.by,
                opens_episode=one.opens_episode,
            )
            for one in self.transitions
            for state in one.sources
        )

    @property
    def closing_codes(self) -> tuple[str, ...]:
        """Results after which nothing is left to do."""
        return tuple(code for code, after in self.after_visit.items() if after.then == "close")

    @property
    def step_codes(self) -> tuple[str, ...]:
        """Results of which a next step has to follow."""
        return tuple(code for code, after in self.after_visit.items() if after.needs_step)

    @property
    def visit_codes(self) -> tuple[str, ...]:
        """Results that say somebody was there: the others leave the case as it was."""
        return tuple(code for code, after in self.after_visit.items() if after.is_visit)

    @property
    def try_codes(self) -> tuple[str, ...]:
        """Results that say nobody was met at the door."""
        return tuple(code for code, after in self.after_visit.items() if after.is_try)
