"""Which model orders the lists of a date, by the log of what people said; without a word it is the rules.

The log is append-only: `use` puts a model (or the rules) into use from a day on, `rollback` goes back to what
was in use before. The last word counts: it takes back what an earlier one said of the days from then on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from models.ranking.registry import ModelEntry, check_files, list_models, read_entry
from zhaoren.errors import ZhaorenError

RULES = "rules"
USE, ROLLBACK = "use", "rollback"


@dataclass(frozen=True)
class Use:
    """One word of a person: from which day on what orders. model_id: a model's, or RULES."""

    use_no: int
    event: str
    model_id: str
    used_from: date


@dataclass(frozen=True)
class Ordering:
    """What orders a date's lists.

    model: in use, None for the rules. shadow: scored and judged, orders nothing. refused: why the model that
    a person put into use cannot be used; empty where it can.
    """

    model: ModelEntry | None = None
    shadow: ModelEntry | None = None
    refused: str = ""


def in_use(log: Sequence[Use], as_of: date) -> str:
    """The model's id, or RULES, that the log puts into use for lists of the date."""
    words = [one for one in log if one.used_from <= as_of]
    return max(words, key=lambda one: one.use_no).model_id if words else RULES


def before_the_last(log: Sequence[Use]) -> str:
    """What a rollback goes back to: each takes back one `use` more; at the end there are the rules.

    >>> day = date(2026, 1, 5)
    >>> before_the_last([Use(1, USE, "A", day), Use(2, USE, "B", day), Use(3, ROLLBACK, "A", day)])
    'rules'
    """
    stood = [RULES]
    for one in sorted(log, key=lambda one: one.use_no):
        if one.event == USE:
            stood.append(one.model_id)
        elif len(stood) > 1:
            stood.pop()
    return stood[-2] if len(stood) > 1 else RULES


def is_promotable(entry: ModelEntry) -> bool:
    """Whether a person may put it into use: it has won where it was judged, and is no copy of the rules."""
    return bool(entry.metrics.get("promotable", entry.kind != "rule_points"))


def ordering_at(log: Sequence[Use], out_dir: Path, as_of: date) -> Ordering:
    """What orders the lists of a date, and the newest promotable model beside it where that is another one.

    A model in use whose files are gone or changed orders nothing: the rules do, and `refused` says why.
    """
    model, refused = None, ""
    if (model_id := in_use(log, as_of)) != RULES:
        try:
            model = read_entry(Path(out_dir) / model_id)
            check_files(model)
        except ZhaorenError as error:
            model, refused = None, refusal(model_id, error)
    return Ordering(model, _shadow(out_dir, as_of, model_id), refused)


def refusal(model_id: str, error: ZhaorenError) -> str:
    """That a model in use cannot be used, as a sentence."""
    what = error.what.rstrip(".")
    return (
        f"The model {model_id} is in use and was refused ({what}): the rules order the lists. "
        "Restore its folder from a copy, or: zhaoren models rollback"
    )


def _shadow(out_dir: Path, as_of: date, but: str) -> ModelEntry | None:
    found = [one for one in list_models(out_dir) if one.as_of <= as_of and is_promotable(one)]
    return found[-1] if found and found[-1].model_id != but else None
