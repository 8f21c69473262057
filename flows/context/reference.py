"""Reference data of the steps: places and their names, parameters of a date, the deliveries promised."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from data_contracts.contract.model import Contract
from divisions import towns
from flows.context.working_days import working_days
from policies.catalogue.model import Catalogue
from policies.catalogue.parameter import Value
from transforms.alerts.inputs import Operations
from transforms.golden_record.rules import ReportRule, SurvivorshipRules
from transforms.households.assistance_units import UnitRules
from transforms.panel.facts import FactDefinitions
from zhaoren.errors import ZhaorenError

# A visit's result that the map of policy gaps rests on (policies/result_codes.yaml): hardship is real, and no
# policy fits it.
NO_POLICY = "30"
_PERIODS_ZH = {"once": "一次性", "year": "每年"}


def places(villages: pl.DataFrame) -> pl.DataFrame:
    """village_code, town_code, city_code (4), is_rural of every village."""
    return villages.select(
        "village_code",
        "town_code",
        pl.col("town_code").str.slice(0, 4).alias("city_code"),
        (pl.col("residence_code") == "rural").alias("is_rural"),
    )


def tiers(catalogue: Catalogue, as_of: date) -> pl.DataFrame:
    """city_code, tier_code of the cities above tier four on the date."""
    value = _value(catalogue, "place_tiers.tier", as_of)
    found = {str(city): f"t{tier}" for city, tier in (value.places or {}).items()}
    return pl.DataFrame(
        {"city_code": list(found), "tier_code": list(found.values())},
        schema={"city_code": pl.String, "tier_code": pl.String},
    )


def definitions(catalogue: Catalogue, as_of: date) -> FactDefinitions:
    """What the terms of the feature dictionary mean on the date: who is an adult, for example."""
    named = group(catalogue, "fact_definitions", as_of)
    return FactDefinitions.from_mapping({name: _listed(name, value) for name, value in named.items()})


def survivorship(catalogue: Catalogue, as_of: date) -> SurvivorshipRules:
    """Whom to believe about a person on the date, where departments differ."""
    return SurvivorshipRules.from_mapping(group(catalogue, "identity", as_of))


def unit_rules(catalogue: Catalogue, as_of: date) -> UnitRules:
    """Who counts as one assistance unit on the date: whose income and property are reckoned together."""
    grown = definitions(catalogue, as_of).adult_from_years
    return UnitRules.from_mapping(group(catalogue, "household", as_of), grown)


def name_sources(catalogue: Catalogue, as_of: date) -> tuple[str, ...]:
    """Which source goes first on a person's name on the date."""
    return survivorship(catalogue, as_of).attributes["name"].sources


def death_registers(catalogue: Catalogue, as_of: date) -> tuple[ReportRule, ...]:
    """Which registers report a death on the date, and how: what the linkage holds a later event against."""
    return survivorship(catalogue, as_of).deaths.register_reports


def _listed(name: str, value: object) -> object:
    """A definition written with commas is a list; grades are numbers, codes are text."""
    if not name.endswith(("_grades", "_codes")):
        return value
    parts = str(value).split(",")
    return [int(p) for p in parts] if name.endswith("_grades") else parts


def group(catalogue: Catalogue, name: str, as_of: date) -> dict[str, Any]:
    """The single values of a parameter group on the date, by name."""
    prefix = f"{name}."
    return {
        full.removeprefix(prefix): _value(catalogue, full, as_of).value
        for full in catalogue.parameters
        if full.startswith(prefix)
    }


def _value(catalogue: Catalogue, name: str, as_of: date) -> Value:
    value = catalogue.parameter(name).at(as_of)
    if value is None:
        raise ZhaorenError(
            f"The parameter {name} has no value on {as_of}.",
            "policies/parameters",
            "No entry is in force on that date.",
            "Add one, or run for another date.",
        )
    return value


def operations(catalogue: Catalogue, as_of: date) -> Operations:
    """How much a station can visit in a period, and how much of it is drawn at random."""
    return Operations.from_values(group(catalogue, "operations", as_of))


def due_dates(catalogue: Catalogue, as_of: date) -> dict[str, date]:
    """Level -> the last working day for its visit."""
    values = group(catalogue, "operations", as_of)
    days = dict(working_days(as_of).rows())
    prefix = "due_working_days_"
    return {n.removeprefix(prefix): days[int(v)] for n, v in values.items() if n.startswith(prefix)}


def cooldowns(catalogue: Catalogue) -> pl.DataFrame:
    """result_code, cooldown_days (null: the case stays open)."""
    rows = [(c.code, c.cooldown_days) for c in catalogue.result_codes]
    return pl.DataFrame(rows, schema={"result_code": pl.String, "cooldown_days": pl.Int64}, orient="row")


def calendar(contracts: Mapping[str, Contract]) -> pl.DataFrame:
    """department, extract, period_days, grace_days: when each extract was promised."""
    rows = [(c.department, c.extract, c.period_days, c.grace_days) for c in contracts.values()]
    schema = {
        "department": pl.String,
        "extract": pl.String,
        "period_days": pl.Int64,
        "grace_days": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def with_town_names(frame: pl.DataFrame, towns: pl.DataFrame) -> pl.DataFrame:
    """`frame` with town_name by its town_code; a town that no table names is called by its code.

    A household of such a town is listed all the same: whoever knows where the code lies can pass the list on.
    """
    named = frame.join(
        towns.select("town_code", "town_name"), on="town_code", how="left", maintain_order="left"
    )
    return named.with_columns(pl.coalesce("town_name", pl.format("区划{}", "town_code")))


def with_county_names(frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with county_name by its county_code; a county that no table names is called by its code."""
    counties = towns().select("county_code", "county_name").unique("county_code", maintain_order=True)
    named = frame.join(counties, on="county_code", how="left", maintain_order="left")
    return named.with_columns(pl.coalesce("county_name", pl.format("区划{}", "county_code")))


# How fine a table by place is -> the column of its name, and how many digits of the town's code tell it.
PLACES = {"city": ("city_name", 4), "county": ("county_name", 6), "town": ("town_name", 9)}


def place_code(by: str) -> pl.Expr:
    """`code` of the city, county or town that a town_code lies in."""
    return pl.col("town_code").str.slice(0, PLACES[by][1]).alias("code")


def place_names(by: str) -> pl.DataFrame:
    """code, name of every city, county or town, each once."""
    named = towns().select(place_code(by), pl.col(PLACES[by][0]).alias("name"))
    return named.unique("code", keep="first", maintain_order=True)


def benefit_names(catalogue: Catalogue) -> pl.DataFrame:
    """code, zh of every benefit, each once, as its newest version names it."""
    named = {benefit.id: benefit.name_zh for benefit in catalogue.benefits}
    return pl.DataFrame({"code": list(named), "zh": list(named.values())})


def benefit_words(catalogue: Catalogue) -> pl.DataFrame:
    """benefit_id, benefit_zh, and period_zh: how a list says when a sum comes that is not monthly."""
    periods = {benefit.id: _PERIODS_ZH[benefit.period] for benefit in catalogue.benefits}
    names = benefit_names(catalogue).rename({"code": "benefit_id", "zh": "benefit_zh"})
    return names.with_columns(period_zh=pl.col("benefit_id").replace_strict(periods, return_dtype=pl.String))


def result_names(catalogue: Catalogue, queue: str | None = None) -> pl.DataFrame:
    """code, zh of every result code, or of one queue's: the county's codes begin with 7."""
    codes = [c for c in catalogue.result_codes if queue is None or (c.code[0] == "7") == (queue != "need")]
    return pl.DataFrame({"code": [c.code for c in codes], "zh": [c.zh for c in codes]})
