"""Rebuild the two tables from the published compilations: `python -m zhaoren.divisions.build SOURCE_DIR`.

Run by hand when a new edition appears; nothing runs it during a normal day.
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

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
    frame = pl.read_csv(source / "areacodes.csv", infer_schema=False, encoding="utf8-lossy")
    frame = frame.rename({frame.columns[0]: "code"})
    return frame.select(
        "code",
        pl.col("名称").alias("name"),
        pl.col("级别").replace_strict(LEVELS).alias("level"),
        pl.col("启用时间").cast(pl.Int32).alias("start_year"),
        pl.col("变更/弃用时间").cast(pl.Int32).alias("end_year"),
        pl.col("新代码").str.split(";").list.first().alias("successor_code"),
    ).sort("code", "start_year", "name")


def main(source: str) -> None:
    """Write both parquet files beside this module."""
    here = Path(__file__).parent
    present_divisions(Path(source)).write_parquet(here / "divisions.parquet")
    dated_area_codes(Path(source)).write_parquet(here / "areacodes.parquet")


if __name__ == "__main__":
    main(sys.argv[1])
