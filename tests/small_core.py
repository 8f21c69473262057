"""A small, typed `core` for tests: rows by hand, dtypes from the contracts themselves.

    core_rows("population", known_date, [{...}, ...]) -> DataFrame with every contract column
    core_of(frame, frame, ...) -> dict of extract -> frame (frames of one extract are stacked)

ID columns become person ids: id_number -> person_id, father_id_number -> father_person_id and so on.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import yaml

import zhaoren
from zhaoren.transforms.definitions import FactDefinitions

PACKAGE = Path(zhaoren.__file__).parent
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
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@cache
def columns(extract: str) -> dict[str, Any]:
    """The columns of the loaded frame and their dtypes; names, phones and other identifiers are gone."""
    found: dict[str, Any] = {}
    for prop in contract(extract)["schema"][0]["properties"]:
        custom = {c["property"]: c["value"] for c in prop["customProperties"]}
        if custom["readsAs"] == "cn_id":
            found[prop["name"].replace("id_number", "person_id")] = pl.String()
        elif prop.get("classification") != "identifier":
            found[prop["name"]] = TYPES.get(custom["readsAs"], pl.String())
    return {**found, "delivery_id": pl.String(), "known_date": pl.Date(), "row_no": pl.Int64()}


def core_rows(extract: str, known: date, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows of one delivery; columns not given are null."""
    schema = columns(extract)
    stray = {key for row in rows for key in row} - set(schema)
    assert not stray, f"{extract} has no column {stray}"
    extra = {"delivery_id": f"{extract}-{known}", "known_date": known}
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
    path = PACKAGE / "policies" / "parameters" / "fact_definitions.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return FactDefinitions.from_mapping({p["name"]: p["values"][-1]["value"] for p in content["parameters"]})


def places(*villages: tuple[str, bool | None]) -> pl.DataFrame:
    """The `places` frame from (village_code, is_rural)."""
    frame = pl.DataFrame(
        list(villages), schema={"village_code": pl.String, "is_rural": pl.Boolean}, orient="row"
    )
    code = pl.col("village_code")
    return frame.with_columns(town_code=code.str.slice(0, 9), city_code=code.str.slice(0, 4))


TIERS = pl.DataFrame({"city_code": ["4401", "4407"], "tier_code": ["t1", "t3"]})
