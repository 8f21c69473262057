"""What the parameters say on a date, as the typed values that the transforms take."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from models.evaluation.group_gates import GroupRules
from models.evaluation.group_rates import LeastCounts
from policies.catalogue.model import Catalogue
from policies.catalogue.parameter import Entry
from policies.values.names import meaning_of
from policies.values.workspace import Workspace
from transforms.alerts.inputs import Operations
from transforms.golden_record.rules import ReportRule, SurvivorshipRules
from transforms.households.assistance_units import UnitRules
from transforms.panel.facts import FactDefinitions
from zhaoren.errors import ZhaorenError


def definitions(catalogue: Catalogue, as_of: date) -> FactDefinitions:
    """Over how many months events are added up on the date."""
    return FactDefinitions.from_mapping(group(catalogue, "fact_definitions", as_of))


def survivorship(catalogue: Catalogue, as_of: date) -> SurvivorshipRules:
    """Whom to believe about a person on the date, where departments differ."""
    return SurvivorshipRules.from_mapping(group(catalogue, "identity", as_of))


def unit_rules(catalogue: Catalogue, as_of: date) -> UnitRules:
    """Whom the benefit roll makes an assistance unit of one on the date."""
    return UnitRules.from_mapping(group(catalogue, "household", as_of))


def name_sources(catalogue: Catalogue, as_of: date) -> tuple[str, ...]:
    """Which source goes first on a person's name on the date."""
    return survivorship(catalogue, as_of).attributes["name"].sources


def death_registers(catalogue: Catalogue, as_of: date) -> tuple[ReportRule, ...]:
    """Which registers report a death on the date, and how: what the linkage holds a later event against."""
    return survivorship(catalogue, as_of).deaths.register_reports


def operations(catalogue: Catalogue, as_of: date) -> Operations:
    """How much a station can visit in a period, and how much of it is drawn at random."""
    return Operations.from_values(group(catalogue, "operations", as_of))


def group_rules(catalogue: Catalogue, as_of: date) -> tuple[GroupRules, LeastCounts]:
    """What an order owes each group on the date, and how many must be behind a figure about a group."""
    values = group(catalogue, "fairness", as_of)
    least = LeastCounts(int(values.pop("group_least_cnt")), int(values.pop("base_least_cnt")))
    return GroupRules(**{name: float(value) for name, value in values.items()}), least


def tongling_thresholds(catalogue: Catalogue, as_of: date) -> dict[str, float]:
    """Tier -> yearly self-paid medical cost (yuan) above which Tongling raises an alert."""
    value = catalogue.parameter("medical.burden_alert_yuan_year").at(as_of)
    assert value is not None and value.cases is not None
    return {tier: float(yuan) for tier, yuan in value.cases.of.items()}


def dibao_line(catalogue: Catalogue, households: pl.DataFrame, as_of: date) -> pl.Series:
    """The line of 低保 of each household's place on the date, yuan a month and head; row for row.

    A place's own standard goes first; null where none is known.
    """
    space = Workspace(catalogue, pl.DataFrame(schema={"person_id": pl.String}), households, as_of)
    return space.term("household", meaning_of(catalogue, "$dibao.standard_yuan_month", "household"))


def group(catalogue: Catalogue, name: str, as_of: date) -> dict[str, Any]:
    """The single values of a parameter group on the date, by name."""
    prefix = f"{name}."
    return {
        full.removeprefix(prefix): _value(catalogue, full, as_of).value
        for full in catalogue.parameters
        if full.startswith(prefix)
    }


def _value(catalogue: Catalogue, name: str, as_of: date) -> Entry:
    value = catalogue.value_at(name, as_of)
    if value is None:
        raise ZhaorenError(
            f"The parameter {name} has no value on {as_of}.",
            "policies/parameters",
            "No entry is in force on that date.",
            "Add one, or run for another date.",
        )
    return value
