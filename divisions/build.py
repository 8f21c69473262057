"""Rebuild the three tables from the published compilations: `python -m divisions.build SOURCE_DIR`.

Run by hand when a new edition appears; nothing runs it during a normal day.
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

from zhaoren.rooms import room

LEVELS = {"省级": "province", "地级": "city", "县级": "county"}


def _level(source: Path, file: str, level: str, parent: str | None) -> pl.DataFrame:
    """One level of the present divisions, as code, name, level, parent_code."""
    frame = pl.read_csv(source / file, infer_schema=False)
    parent_code = pl.col(parent) if parent else pl.lit(None, dtype=pl.String)
    return frame.select("code", "name", pl.lit(level).alias("level"), parent_code.alias("parent_code"))


def present_divisions(source: Path) -> pl.DataFrame:
    """Provinces, cities and counties of the country; towns and villages of Guangdong."""
    parts = [
        _level(source, "divisions_provinces.csv", "province", None),
        _level(source, "divisions_cities.csv", "city", "provinceCode"),
        _level(source, "divisions_counties.csv", "county", "cityCode"),
        _level(source, "divisions_guangdong_towns.csv", "town", "areaCode"),
        _level(source, "divisions_guangdong_villages.csv", "village", "streetCode"),
    ]
    return pl.concat(parts).sort("code", "level")


def dated_area_codes(source: Path) -> pl.DataFrame:
    """Every code since 1981 with the years it was in force; the first successor where one is named."""
    return _compilation(source).select(
        "code",
        "name",
        "level",
        "start_year",
        "end_year",
        pl.col("successors").str.split(";").list.first().alias("successor_code"),
    )


def dated_successors(source: Path) -> pl.DataFrame:
    """Every successor of every code: the whole of it when it ended, or a part moved in an earlier year.

    The compilation writes “130108[2001];130111”: a part went to 130108 in 2001, the rest to 130111 at the
    end. One row per code, spell and successor, in the compilation's order.
    """
    rows = _compilation(source).with_columns(pl.col("successors").str.split(";")).explode("successors")
    part_year = pl.col("successors").str.extract(r"\[([0-9]{4})\]").cast(pl.Int32)
    return rows.drop_nulls("successors").select(
        "code",
        "start_year",
        pl.col("successors").str.head(6).alias("successor_code"),
        pl.coalesce(part_year, "end_year").alias("change_year"),
        part_year.is_null().alias("is_whole"),
    )


def _compilation(source: Path) -> pl.DataFrame:
    """One row per code and name, sorted: code, name, level, start_year, end_year, successors as written."""
    frame = pl.read_csv(source / "areacodes.csv", infer_schema=False, encoding="utf8-lossy")
    frame = frame.rename({frame.columns[0]: "code"})
    return frame.select(
        "code",
        pl.col("名称").alias("name"),
        pl.col("级别").replace_strict(LEVELS).alias("level"),
        pl.col("启用时间").cast(pl.Int32).alias("start_year"),
        pl.col("变更/弃用时间").cast(pl.Int32).alias("end_year"),
        pl.col("新代码").alias("successors"),
    ).sort("code", "start_year", "name")


def main(source: str) -> None:
    """Write the parquet files beside this module."""
    here = room("divisions")
    present_divisions(Path(source)).write_parquet(here / "divisions.parquet")
    dated_area_codes(Path(source)).write_parquet(here / "areacodes.parquet")
    dated_successors(Path(source)).write_parquet(here / "successors.parquet")


if __name__ == "__main__":
    main(sys.argv[1])
