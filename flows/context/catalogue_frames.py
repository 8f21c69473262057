"""Benefits and results of visits as frames to join with: names, periods, cool-downs."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from policies.catalogue.model import Catalogue
from policies.language.parsing import parsed

# A visit's result that the map of policy gaps rests on (policies/result_codes.yaml): hardship is real, and no
# policy fits it.
NO_POLICY = "30"
# The county's results begin with 7, so that neither queue's sheet takes a code of the other.
_OF_COUNTY = "7"
_PERIODS_ZH = {"once": "一次性", "year": "每年", "day": "每天"}


def benefit_names(catalogue: Catalogue) -> pl.DataFrame:
    """code, zh of every benefit, each once, as its newest version names it."""
    named = {benefit.id: benefit.name_zh for benefit in catalogue.benefits}
    return pl.DataFrame({"code": list(named), "zh": list(named.values())})


def benefit_names_and_periods(catalogue: Catalogue) -> pl.DataFrame:
    """benefit_id, benefit_zh, period_zh (how a list says when a sum comes), is_sum (or else a service)."""
    periods = {b.id: "每月" if b.is_monthly else _PERIODS_ZH[b.period] for b in catalogue.benefits}
    sums = [benefit.id for benefit in catalogue.benefits if benefit.service_zh is None]
    names = benefit_names(catalogue).rename({"code": "benefit_id", "zh": "benefit_zh"})
    return names.with_columns(
        period_zh=pl.col("benefit_id").replace_strict(periods, return_dtype=pl.String),
        is_sum=pl.col("benefit_id").is_in(sums),
    )


def roll_sources(catalogue: Catalogue, as_of: date) -> dict[str, tuple[str, ...]]:
    """benefit_id -> the extracts whose rolls show who receives it; of those in force on the date."""
    found = {}
    for benefit in catalogue.benefits_at(as_of):
        facts, names = catalogue.facts_of(benefit.entity), parsed(benefit.receiving_sql or "TRUE").columns
        found[benefit.id] = tuple(dict.fromkeys(s for n in names if n in facts for s in facts[n].sources))
    return found


def missing_fact_names(catalogue: Catalogue) -> pl.DataFrame:
    """fact, zh: how a list says the fact that an answer waits for."""
    household = catalogue.facts_of("household")
    said = {**catalogue.facts_of("person"), **household}
    named = {name: fact.short_zh for name, fact in said.items()}
    return pl.DataFrame({"fact": list(named), "zh": list(named.values())})


def result_names(catalogue: Catalogue, queue: str | None = None) -> pl.DataFrame:
    """code, zh of every result of a visit, or of those that one queue's list offers."""
    codes = [
        c
        for c in catalogue.result_codes
        if queue is None or c.code.startswith(_OF_COUNTY) == (queue == "compliance")
    ]
    return pl.DataFrame({"code": [c.code for c in codes], "zh": [c.zh for c in codes]})


def needs_found(catalogue: Catalogue) -> pl.DataFrame:
    """result_code, is_need: whether a visit's result says that help was needed (null: it cannot tell)."""
    rows = [(c.code, c.is_verified_need) for c in catalogue.result_codes]
    return pl.DataFrame(rows, schema={"result_code": pl.String, "is_need": pl.Boolean}, orient="row")


def cooldowns(catalogue: Catalogue) -> pl.DataFrame:
    """result_code, cooldown_days (null: the case stays open)."""
    rows = [(c.code, c.cooldown_days) for c in catalogue.result_codes]
    return pl.DataFrame(rows, schema={"result_code": pl.String, "cooldown_days": pl.Int64}, orient="row")


def resting_since(rests: pl.DataFrame, as_of: date) -> date:
    """The first day whose visit may still let a case rest on the date; rests: of `cooldowns`."""
    return as_of - timedelta(days=int(str(rests["cooldown_days"].max() or 0)))
