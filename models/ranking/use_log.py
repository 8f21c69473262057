"""Which model orders the lists of a date, by the log of what people said; without a word it is the rules.

The same log says which proxy means test asks for incomes; without a word none does. A word is about one of
the two targets, which its model's id tells. The log is append-only: `use` puts a model (or the rules) into
use from a day on, `rollback` goes back to what
was in use before. The last word counts: it takes back what an earlier one said of the days from then on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from models.ranking.registry import (
    MEANS,
    NEED,
    ModelEntry,
    check_files,
    list_models,
    read_entry,
    target_of,
)
from zhaoren.errors import ZhaorenError

RULES = "rules"
# No proxy means test asks anybody.
NO_TEST = f"no-{MEANS}-test"
# What is in use for a target without a word, and after the last rollback.
NEITHER = {NEED: RULES, MEANS: NO_TEST}
USE, ROLLBACK = "use", "rollback"


@dataclass(frozen=True)
class Use:
    """One word of a person: from which day on what orders. model_id: a model's, RULES or NO_TEST."""

    use_no: int
    event: str
    model_id: str
    used_from: date


@dataclass(frozen=True)
class Ordering:
    """What orders a date's lists, or asks for incomes.

    model: in use, None for the rules, or no test. shadow: judged, orders nothing. refused: why the model that
    a person put into use cannot be used; empty where it can.
    """

    model: ModelEntry | None = None
    shadow: ModelEntry | None = None
    refused: str = ""


def in_use(log: Sequence[Use], as_of: date, target: str = NEED) -> str:
    """The model's id, or RULES or NO_TEST, that the log puts into use for lists of the date."""
    words = [one for one in log if one.used_from <= as_of and target_of(one.model_id) == target]
    return max(words, key=lambda one: one.use_no).model_id if words else NEITHER[target]


def before_the_last(log: Sequence[Use], target: str = NEED) -> str:
    """What a rollback goes back to: each takes back one `use` more; at the end there are the rules.

    >>> day = date(2026, 1, 5)
    >>> before_the_last([Use(1, USE, "A", day), Use(2, USE, "B", day), Use(3, ROLLBACK, "A", day)])
    'rules'
    """
    stood = [NEITHER[target]]
    words = [one for one in log if target_of(one.model_id) == target]
    for one in sorted(words, key=lambda one: one.use_no):
        if one.event == USE:
            stood.append(one.model_id)
        elif len(stood) > 1:
            stood.pop()
    return stood[-2] if len(stood) > 1 else NEITHER[target]


def is_promotable(entry: ModelEntry) -> bool:
    """Whether a person may put it into use: it has won where it was judged, and is no copy of the rules."""
    return bool(entry.metrics.get("promotable", entry.kind != "rule_points"))


def ordering_at(log: Sequence[Use], out_dir: Path, as_of: date, target: str = NEED) -> Ordering:
    """What is in use for a target, and the newest promotable model beside it where that is another one.

    A model in use whose files are gone or changed orders nothing: the rules do, and `refused` says why.
    """
    model, refused = None, ""
    if (model_id := in_use(log, as_of, target)) not in NEITHER.values():
        try:
            model = read_entry(Path(out_dir) / model_id)
            check_files(model)
        except ZhaorenError as error:
            model, refused = None, refusal(model_id, error)
    return Ordering(model, _shadow(out_dir, as_of, model_id, target), refused)


def refusal(model_id: str, error: ZhaorenError) -> str:
    """That a model in use cannot be used, as a sentence."""
    what = error.what.rstrip(".")
    instead = "nobody is asked for an income" if target_of(model_id) == MEANS else "the rules order the lists"
    return (
        f"The model {model_id} is in use and was refused ({what}): {instead}. "
        "Restore its folder from a copy, or: zhaoren models rollback"
    )


def _shadow(out_dir: Path, as_of: date, but: str, target: str) -> ModelEntry | None:
    found = [one for one in list_models(out_dir, target) if one.as_of <= as_of and is_promotable(one)]
    return found[-1] if found and found[-1].model_id != but else None
