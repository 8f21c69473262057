"""A person says what orders the lists from a day on: a trained model, the rules, or what did before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flows.context.run import ordering_of, use_log
from flows.context.site import Site
from models.ranking.registry import MEANS, NEED, ModelEntry, list_models, load, read_entry, target_of
from models.ranking.use_log import NEITHER, ROLLBACK, USE, before_the_last, in_use, is_promotable
from warehouse.database.partitions import as_of_dates
from warehouse.ranking.model_use import add_use, said_by, uses
from zhaoren.errors import ZhaorenError

_SHOW = "See `zhaoren models list`."


@dataclass(frozen=True)
class Said:
    """What was put into use, for what (need or means), from which day on, and what is in use until then."""

    model_id: str
    target: str
    used_from: date
    until_then: str


def use_model(site: Site, model_id: str, *, by: str, used_from: date | None = None) -> Said:
    """Put a model, `rules` or `no-means-test` into use from the day on; the next list's day by default.

    Raises ZhaorenError where there is no such model, its files are not the registered ones, it has not won
    where it was judged, or lists of the day were made already.
    """
    return _say(site, USE, model_id, by, used_from)


def roll_back(site: Site, *, by: str, used_from: date | None = None, target: str = NEED) -> Said:
    """Go back to what was in use before the last word; again, one further. Raises as `use_model`."""
    log = use_log(site)
    if in_use(log, date.max, target) == before_the_last(log, target) == NEITHER[target]:
        raise ZhaorenError(
            "There is nothing to go back to.",
            "zhaoren models rollback",
            "The rules order the lists." if target == NEED else "No proxy means test is in use.",
            _SHOW,
            code="model_no_rollback",
        )
    return _say(site, ROLLBACK, before_the_last(log, target), by, used_from)


def model_rows(site: Site) -> list[dict[str, Any]]:
    """One row per model, oldest first: model_id, as_of, kind, promotable, stands (in use, shadow, empty)."""
    today = site.now().date()
    stands: dict[str, str] = {}
    for target in (NEED, MEANS):
        ordering = ordering_of(site, today, target)
        shadow = ordering.shadow.model_id if ordering.shadow else ""
        using = in_use(use_log(site), today, target)
        stands |= {using: "refused" if ordering.refused else "in use", shadow: "shadow"}
    rows: list[dict[str, Any]] = [
        {"model_id": one.model_id, "as_of": one.as_of, "kind": one.kind, "promotable": is_promotable(one)}
        for one in list_models(site.home.models)
    ]
    neither = [
        {"model_id": name, "as_of": None, "kind": name, "promotable": True} for name in NEITHER.values()
    ]
    named = [*rows, *neither]
    for gone in set(stands) - {row["model_id"] for row in named} - {""}:  # its folder: that must be seen
        named.append({"model_id": gone, "as_of": None, "kind": "", "promotable": False})
    return [{**row, "stands": stands.get(row["model_id"], "")} for row in named]


def log_rows(site: Site) -> list[dict[str, Any]]:
    """Every word of the log, oldest first: use_no, event, model_id, used_from, by. The vault is opened."""
    words = uses(site.con)
    if not words:
        return []
    with site.open_vault(site.now().date(), "models list") as vault:
        by = said_by(vault, words)
    return [
        {"use_no": no, "event": event, "model_id": model, "used_from": day, "by": by.get(no, "")}
        for no, event, model, day in words
    ]


def next_day(site: Site) -> date:
    """The first day whose lists are not made: today, or the day after the newest list."""
    return max([site.now().date(), *(day + timedelta(days=1) for day in as_of_dates(site.con)[-1:])])


def _say(site: Site, event: str, model_id: str, by: str, used_from: date | None) -> Said:
    entry = None if model_id in NEITHER.values() else _usable(site, model_id, event)
    made = as_of_dates(site.con)
    day = used_from or max([next_day(site), *([entry.as_of] if entry else [])])
    if made and day <= made[-1]:
        raise _day(day, f"The lists of {made[-1]} are made and stay as they are.", next_day(site))
    if entry and day < entry.as_of:
        raise _day(day, f"The model learned from what was known on {entry.as_of}.", entry.as_of)
    log, target = use_log(site), target_of(model_id)
    today = site.now().date()
    word = (len(log) + 1, event, model_id, day)
    with site.open_vault(today, "model use", model_id) as vault:
        add_use(site.con, vault, word, decided=today, by=by)
    return Said(model_id, target, day, in_use(log, day - timedelta(days=1), target))


def model_named(site: Site, model_id: str) -> ModelEntry:
    """The home's model of this id. Raises ZhaorenError where there is none, or its metrics are damaged."""
    known = {one.model_id: one for one in list_models(site.home.models)}
    is_there = (site.home.models / model_id / "metrics.json").is_file() and Path(model_id).name == model_id
    if model_id not in known and not is_there:
        there = ", ".join(known) or "none: run `zhaoren train`"
        raise ZhaorenError(
            "There is no such model.", model_id, f"Models of this home: {there}.", _SHOW, code="no_such_model"
        )
    return read_entry(site.home.models / model_id)


def _usable(site: Site, model_id: str, event: str) -> ModelEntry:
    entry = model_named(site, model_id)
    load(entry)
    if event == USE and not is_promotable(entry):
        raise ZhaorenError(
            "The model cannot be put into use.",
            model_id,
            "It has not won where it was judged.",
            f"Its card says how it did: zhaoren models show {model_id}",
            code="model_not_promotable",
        )
    return entry


def _day(day: date, why: str, earliest: date) -> ZhaorenError:
    todo = f"Name {earliest} or a later day, or leave --from out."
    return ZhaorenError(
        "What orders the lists cannot be changed from that day on.", f"--from {day}", why, todo,
        code="model_use_date",
    )  # fmt: skip
