"""How many points of the self-appraisal data can fill in; what they cannot say stays open, never a guess."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from policies.casework.appraisal import Appraisal, FromData
from policies.casework.services import Services
from transforms.reports.rollup import TOTAL


@dataclass(frozen=True)
class Answer:
    """One item as data answer it. points: null where a person has to fill it in; basis: (metric, number)."""

    module_zh: str
    item_zh: str
    most: int
    points: int | None
    basis: tuple[tuple[str, float], ...]


def self_appraisal(appraisal: Appraisal, figures: pl.DataFrame, services: Services) -> list[Answer]:
    """Every item in order. figures: metric, part, value of one station over the year so far."""
    values: dict[tuple[str, str], float] = {
        (metric, part): value
        for metric, part, value in figures.select("metric", "part", "value").rows()
        if value
    }
    fields = {service.code: service.field for service in services.services}
    return [
        Answer(module.zh, item.zh, item.points, *_answer(item.points, item.source, values, fields))
        for module in appraisal.modules
        for item in module.items
    ]


_Answered = tuple[int | None, tuple[tuple[str, float], ...]]


def _answer(
    most: int, how: FromData | None, values: dict[tuple[str, str], float], fields: dict[str, str]
) -> _Answered:
    if how is None:
        return None, ()
    share: float | None
    basis: tuple[tuple[str, float], ...]
    parts = {part for metric, part in values if metric == how.metric and part != TOTAL}
    if how.kind == "count":
        kinds = {fields.get(part, part) for part in parts} if how.by else parts
        share = min(1.0, len(kinds) / (how.enough or 1)) if kinds else None
        basis = ((how.metric, float(len(kinds))),)
    elif how.kind == "has":
        own = values.get((how.metric, ""), 0.0) or values.get((how.metric, TOTAL), 0.0)
        share, basis = (1.0 if own else None), ((how.metric, own),)
    else:
        own, whole = values.get((how.metric, ""), 0.0), values.get((str(how.of), ""), 0.0)
        share = min(1.0, own / whole) if whole else None
        basis = ((how.metric, own), (str(how.of), whole))
    return (None, ()) if share is None else (round(most * share), basis)
