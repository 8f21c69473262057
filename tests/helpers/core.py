"""A small, typed `core` for tests: rows by hand, dtypes from the contracts themselves.

    core_rows("population", known_date, [{...}, ...]) -> DataFrame with every contract column
    core_of(frame, frame, ...) -> dict of extract -> frame (frames of one extract are stacked)

ID columns become person ids: id_number -> person_id, father_id_number -> father_person_id and so on.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import yaml

import zhaoren
from data_contracts.loading.contracts import load_contracts
from flows.scoring.shards.panels import panels as panels_of
from policies.loading import load_catalogue
from transforms.core_as_of import CoreAsOf
from transforms.golden_record.golden_record import GoldenRecord, golden_record
from transforms.golden_record.rules import SurvivorshipRules
from transforms.panel.facts import FactDefinitions

PACKAGE = Path(zhaoren.__file__).parents[1]
TYPES = {
    "date": pl.Date(),
    "month": pl.Date(),
    "yuan": pl.Decimal(18, 2),
    "int": pl.Int64(),
    "bool": pl.Boolean(),
}


@cache
def contract(extract: str) -> dict[str, Any]:
    """One contract's YAML."""
    (path,) = (PACKAGE / "data_contracts" / "extracts").glob(f"*/{extract}.yaml")
    return yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)


@cache
def columns(extract: str) -> dict[str, Any]:
    """The columns of the loaded frame and their dtypes; names, phones and other identifiers are gone.

    A register's household number is a household's id there.
    """
    found: dict[str, Any] = {}
    for prop in contract(extract)["schema"][0]["properties"]:
        custom = {c["property"]: c["value"] for c in prop["customProperties"]}
        if custom["readsAs"] == "cn_id":
            found[prop["name"].replace("id_number", "person_id")] = pl.String()
        elif prop["name"] == "household_no":
            found["household_id"] = pl.String()
        elif prop.get("classification") != "identifier" or "inCore" in custom:
            found[prop["name"]] = TYPES.get(custom["readsAs"], pl.String())
    days = {"period_month": pl.Date(), "known_date": pl.Date()}
    return found | days | {"delivery_id": pl.String(), "row_no": pl.Int64()}


def month_before(day: date) -> date:
    """The first day of the month before."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def core_rows(extract: str, known: date, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows of one delivery, of the month before it came; columns not given are null."""
    schema = columns(extract)
    stray = {key for row in rows for key in row} - set(schema)
    assert not stray, f"{extract} has no column {stray}"
    extra = {"delivery_id": f"{extract}-{known}", "known_date": known, "period_month": month_before(known)}
    full = [{**dict.fromkeys(schema), **extra, "row_no": i + 2, **row} for i, row in enumerate(rows)]
    return pl.DataFrame(full, schema=schema, orient="row")


def core_of(**frames: pl.DataFrame | list[pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """extract -> its deliveries stacked."""
    return {name: pl.concat(part) if isinstance(part, list) else part for name, part in frames.items()}


def members(*spells: tuple[str, str, date, date | None]) -> pl.DataFrame:
    """household_member from (household_id, person_id, valid_from, valid_to)."""
    schema = {"household_id": pl.String, "person_id": pl.String, "valid_from": pl.Date, "valid_to": pl.Date}
    frame = pl.DataFrame(list(spells), schema=schema, orient="row")
    return frame.with_columns(kind=pl.lit("hukou"), relation_code=pl.lit(None, dtype=pl.String))


@cache
def definitions() -> FactDefinitions:
    """The house's own definitions."""
    return FactDefinitions.from_mapping(parameters("fact_definitions"))


@cache
def survivorship() -> SurvivorshipRules:
    """The house's own rules of whom to believe."""
    return SurvivorshipRules.from_mapping(parameters("identity"))


def parameters(group: str) -> dict[str, Any]:
    """The newest value of each parameter of a group, by name."""
    path = PACKAGE / "policies" / "parameters" / f"{group}.yaml"
    content = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return {p["name"]: p["values"][-1].get("value") for p in content["parameters"]}


def places(*villages: tuple[str, bool | None]) -> pl.DataFrame:
    """The `places` frame from (village_code, is_rural)."""
    frame = pl.DataFrame(
        list(villages), schema={"village_code": pl.String, "is_rural": pl.Boolean}, orient="row"
    )
    code = pl.col("village_code")
    return frame.with_columns(town_code=code.str.slice(0, 9))


JAN, FEB, MAR = date(2026, 1, 5), date(2026, 2, 5), date(2026, 3, 5)
AS_OF = date(2026, 3, 10)
VILLAGE = "440512001001"
PLACES = places((VILLAGE, True), ("440103001001", False), ("441502001001", False))


def resident(person_id: str, born: date, **more: Any) -> dict[str, Any]:
    base = {
        "person_id": person_id,
        "sex_code": "1",
        "birth_date": born,
        "relation_code": "head",
        "village_code": VILLAGE,
        "registration_status_code": "active",
    }
    return {**base, **more}


ADULT, CHILD = date(1980, 5, 1), date(2015, 5, 1)


def one_home(*people: str) -> pl.DataFrame:
    return members(*(("H1", p, JAN, None) for p in people))


def population(*rows: dict[str, Any], known: date = JAN) -> pl.DataFrame:
    return core_rows("population", known, list(rows))


def as_known(core: dict[str, pl.DataFrame], as_of: date = AS_OF) -> CoreAsOf:
    """The frames as known on the date, under the shipped contracts."""
    return CoreAsOf.of_contracts(core, as_of, load_contracts().values())


def golden(
    core: dict[str, pl.DataFrame], as_of: date = AS_OF, rules: SurvivorshipRules | None = None
) -> GoldenRecord:
    return golden_record(as_known(core, as_of), rules or survivorship())


def panels(
    core: dict[str, pl.DataFrame], as_of: date = AS_OF, where: pl.DataFrame = PLACES
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The persons and the households, everything worked out anew."""
    then = as_known(core, as_of)
    gold = golden_record(then, survivorship()).persons
    return panels_of(load_catalogue(), then, gold, where)


def persons(core: dict[str, pl.DataFrame], as_of: date = AS_OF) -> dict[str, dict[str, Any]]:
    return {row["person_id"]: row for row in panels(core, as_of)[0].to_dicts()}


def household(
    core: dict[str, pl.DataFrame], as_of: date = AS_OF, where: pl.DataFrame = PLACES
) -> dict[str, Any]:
    (row,) = panels(core, as_of, where)[1].to_dicts()
    return row


def pay(person: str, unit: str = "u1", **more: Any) -> dict[str, Any]:
    base = {
        "unit_no": unit,
        "person_id": person,
        "is_head": False,
        "category_code": "dibao",
        "member_cnt": 2,
        "income_yuan_month": Decimal("400"),
        "unit_pay_yuan_month": Decimal("1200"),
        "person_pay_yuan_month": Decimal("600"),
        "start_month": date(2025, 6, 1),
    }
    return {**base, **more}


def home_core(**frames: pl.DataFrame | list[pl.DataFrame]) -> dict[str, pl.DataFrame]:
    people = population(resident("a", ADULT), resident("b", CHILD, relation_code="child"))
    return core_of(population=people, household_member=one_home("a", "b"), **frames)
