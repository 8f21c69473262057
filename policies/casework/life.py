"""The life of a case: `life.yaml`.

    life = load_life()
    life.states["visited"].zh, life.is_open("closed"), life.event_zh("visit")
    life.after_visit["20"].needs_step

What may follow what is `life.moves()`: event, from_state, to_state, by, opens_episode, one per state.
"""

from __future__ import annotations

from datetime import date

from policies.casework.life_checks import life_problems
from policies.casework.life_shape import Life
from policies.casework.versions import in_force, shipped


def load_life(as_of: date | None = None) -> Life:
    """The life of a case by the rules of the day (default: the newest). ZhaorenError with file and line."""
    return in_force(shipped("life", Life, life_problems), as_of)
