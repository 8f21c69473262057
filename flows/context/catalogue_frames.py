"""Benefits and results of visits as frames to join with: names, periods, cool-downs."""

from __future__ import annotations

import polars as pl

from policies.catalogue.model import Catalogue

# A visit's result that the map of policy gaps rests on (policies/result_codes.yaml): hardship is real, and no
# policy fits it.
NO_POLICY = "30"
# The county's results begin with 7, so that neither queue's sheet takes a code of the other.
_OF_COUNTY = "7"
_PERIODS_ZH = {"once": "一次性", "year": "每年"}


def benefit_names(catalogue: Catalogue) -> pl.DataFrame:
    """code, zh of every benefit, each once, as its newest version names it."""
    named = {benefit.id: benefit.name_zh for benefit in catalogue.benefits}
    return pl.DataFrame({"code": list(named), "zh": list(named.values())})


def benefit_names_and_periods(catalogue: Catalogue) -> pl.DataFrame:
    """benefit_id, benefit_zh, and period_zh: how a list says when a sum comes that is not monthly."""
    periods = {benefit.id: _PERIODS_ZH[benefit.period] for benefit in catalogue.benefits}
    names = benefit_names(catalogue).rename({"code": "benefit_id", "zh": "benefit_zh"})
    return names.with_columns(period_zh=pl.col("benefit_id").replace_strict(periods, return_dtype=pl.String))


def result_names(catalogue: Catalogue, queue: str | None = None) -> pl.DataFrame:
    """code, zh of every result of a visit, or of those that one queue's list offers."""
    codes = [
        c
        for c in catalogue.result_codes
        if queue is None or c.code.startswith(_OF_COUNTY) == (queue == "compliance")
    ]
    return pl.DataFrame({"code": [c.code for c in codes], "zh": [c.zh for c in codes]})


def cooldowns(catalogue: Catalogue) -> pl.DataFrame:
    """result_code, cooldown_days (null: the case stays open)."""
    rows = [(c.code, c.cooldown_days) for c in catalogue.result_codes]
    return pl.DataFrame(rows, schema={"result_code": pl.String, "cooldown_days": pl.Int64}, orient="row")
