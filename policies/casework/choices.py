"""What a person may choose from on a station's sheets: code and Chinese of each choice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any, Protocol

from policies.casework.contacts import load_contacts
from policies.casework.life import load_life
from policies.casework.steps import Steps, load_steps
from policies.casework.versions import FOLDER
from zhaoren.yaml_lines import load_yaml

Choices = tuple[tuple[str, str], ...]  # (code, Chinese) in the order of the drop-down
AFTER = "after_"  # + kind_event: what may follow it, as a person reports it


class _Named(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def zh(self) -> str: ...


@cache
def choices(as_of: date | None = None) -> dict[str, Choices]:
    """Group -> its choices, by the rules of the day (default: the newest).

    `after_<kind>_<event>`: what may follow an event, as people report it, not what the system sees.
    `step_kind_new`: kinds that a person may begin; `event_any`: whatever people report of any kind. A group
    whose file is not there has no choices.
    """
    contacts, steps = load_contacts(as_of), load_steps(as_of)
    return {
        "part_of_day": _pairs(contacts.parts_of_day),
        "way": _pairs(contacts.ways),
        "contact_result": _pairs(contacts.results),
        "owner": _pairs(steps.owners),
        "receiver": _pairs(steps.receivers),
        "step_kind": _pairs(steps.kind_list),
        "step_kind_new": _pairs(
            k for k in steps.kind_list if any(not e.by_system for e in k.may_follow(None))
        ),
        **_following(steps),
        "event_any": _any_event(steps),
        "state": _pairs(load_life(as_of).state_list),
        "excuse": _listed("key_persons", "excuses"),
        "key_kind": _listed("key_persons", "kinds"),
        "follow_up": _listed("sheets", "follow_ups"),
        "found_by": _listed("sheets", "found_by"),
        "service": _listed("services", "services"),
        "service_form": _listed("services", "forms"),
    }


def _following(steps: Steps) -> dict[str, Choices]:
    return {
        f"{AFTER}{kind.code}_{event.code}": _pairs(e for e in kind.may_follow(event.code) if not e.by_system)
        for kind in steps.kind_list
        for event in kind.event_list
        if not event.is_end
    }


def _any_event(steps: Steps) -> Choices:
    """Each text once: the reader tells the event by the kind it is written beside."""
    texts = dict.fromkeys(e.zh for kind in steps.kind_list for e in kind.event_list if not e.by_system)
    return tuple((zh, zh) for zh in texts)


def stages(as_of: date | None = None) -> dict[str, str]:
    """`kind event` -> Chinese of the event, those of the system too: how far a matter is."""
    kinds = load_steps(as_of).kind_list
    return {f"{kind.code} {event.code}": event.zh for kind in kinds for event in kind.event_list}


def last_events(as_of: date | None = None) -> list[tuple[str, str]]:
    """(kind, event) of the events that end a matter."""
    kinds = load_steps(as_of).kind_list
    return [(kind.code, event.code) for kind in kinds for event in kind.event_list if event.is_end]


def _pairs(named: Iterable[_Named]) -> Choices:
    return tuple((one.code, one.zh) for one in named)


def _listed(file: str, name: str) -> Choices:
    path = FOLDER / f"{file}.yaml"
    entries: list[dict[str, Any]] = load_yaml(path).data.get(name) or [] if path.exists() else []
    return tuple((entry["code"], entry["zh"]) for entry in entries)
