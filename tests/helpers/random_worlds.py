"""Stations whose every family's need is known, their lists with random lines, and what visits answered.

A world is one seed: its stations, of one size or spread; families in need, in bands as a ranking leaves
them; months of lists whose random lines are drawn as the lists draw them. All seeds are one frame:
column `seed`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from transforms.alerts.draw_chances import with_drawn_cnt, with_expected
from transforms.alerts.inputs import BANDS

LINES = 12
SHARES = {"edge": 0.15, "sign": 0.25, "likely": 0.2, "quiet": 0.4}
# Of a station's families: those beyond the list with a sign; of the rest those a model ranks high.
SIGN_PART, LIKELY_PART = 0.08, 0.09
NEED = {"certain": 0.6, "edge": 0.4, "sign": 0.2, "likely": 0.08, "quiet": 0.02}
# No table of populations by town is at hand; towns' sizes are near log-normal, the middle two thirds within a
# factor of 2.5 of the median either way: from hamlets of 100 families to towns of 6,000.
SPREAD = 0.9


@dataclass(frozen=True)
class World:
    """One cell of the table: how stations, need and answers are."""

    months: int = 1
    sizes: str = "one"  # one, spread
    need: str = "independent"  # independent, rising (with size), shy (families in need answer less)
    stations: int = 120
    are_tries_told: bool = True
    seeds: int = 200


@dataclass(frozen=True)
class Seen:
    lines: pl.DataFrame
    draws: pl.DataFrame
    truth: pl.DataFrame  # seed, recall


def seen(world: World, start: int = 0) -> Seen:
    """The lines, what they were drawn from, and the true recall of each seed."""
    rng = np.random.default_rng([start, world.months, len(world.sizes), len(world.need)])
    towns = _towns(world, rng)
    months = towns.join(pl.DataFrame({"as_of": range(world.months)}), how="cross")
    months = months.with_columns(_ticket=pl.Series(rng.random(months.height)))
    bands = _drawn(months, rng)
    random = bands.select(pl.exclude("_drawn_cnt").repeat_by("_drawn_cnt").explode())
    chance = random["_needy"].to_numpy() / random["household_cnt"].to_numpy()
    random = random.with_columns(need=pl.Series(rng.random(random.height) < chance))
    certain = months.select(
        "seed", "town_code", "as_of", "_factor", draw_band=pl.lit("certain"), draw_chance=1.0
    )
    certain = certain.select(pl.all().repeat_by(LINES - 1).explode())
    true = np.clip(NEED["certain"] * certain["_factor"].to_numpy(), 0, 0.9)
    certain = certain.with_columns(need=pl.Series(rng.random(certain.height) < true))
    columns = ["seed", "town_code", "as_of", "draw_band", "draw_chance", "need"]
    lines = _answered(pl.concat([certain.select(columns), random.select(columns)]), world, rng)
    return Seen(lines, bands.drop("_drawn_cnt", "_needy"), _truth(certain, bands))


def _towns(world: World, rng: np.random.Generator) -> pl.DataFrame:
    count = world.seeds * world.stations
    size = np.full(count, 700.0)
    if world.sizes == "spread":
        size = np.clip(700 * np.exp(SPREAD * rng.standard_normal(count)), 100, 6000)
    factor = (size / 700) ** 0.4 if world.need == "rising" else np.ones(count)
    return pl.DataFrame(
        {
            "seed": np.repeat(np.arange(world.seeds), world.stations),
            "town_code": np.tile(np.arange(world.stations), world.seeds),
            "_size": size.astype(int),
            "_factor": factor,
        }
    )


def _drawn(months: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Each month's bands: household_cnt, _needy (the same families every month), draw_chance, _drawn_cnt."""
    size = pl.col("_size") - (LINES - 1)
    sign = (size * SIGN_PART).floor()
    likely = ((size - sign - LINES) * LIKELY_PART).floor()
    counts = {"edge": pl.lit(LINES), "sign": sign, "likely": likely, "quiet": size - sign - likely - LINES}
    towns = months.unique(["seed", "town_code"], maintain_order=True)
    parts = []
    for order, band in enumerate(BANDS):
        part = towns.select("seed", "town_code", "_factor", household_cnt=counts[band].cast(pl.Int64))
        need = np.clip(NEED[band] * part["_factor"].to_numpy(), 0, 0.9)
        needy = rng.binomial(part["household_cnt"].to_numpy(), need)
        part = part.with_columns(
            draw_band=pl.lit(band), _order=order, _share=SHARES[band], _needy=pl.Series(needy)
        )
        parts.append(part.drop("_factor"))
    dates = months.select("seed", "town_code", "as_of", "_ticket", _mean=pl.lit(1.0))
    rows = dates.join(pl.concat(parts), on=["seed", "town_code"]).with_columns(
        _town_code=pl.struct("seed", "town_code", "as_of").rank("dense")
    )
    rows = with_drawn_cnt(with_expected(rows.sort("_town_code", "_order")))
    return rows.select(
        "seed", "town_code", "as_of", "draw_band", "household_cnt", "_needy", "_drawn_cnt",
        draw_chance=pl.col("_expected") / pl.col("household_cnt"),
    )  # fmt: skip


def _answered(lines: pl.DataFrame, world: World, rng: np.random.Generator) -> pl.DataFrame:
    """Two tries a line; families in need may be found at home less often."""
    home = np.where(lines["need"].to_numpy() & (world.need == "shy"), 0.4, 0.6)
    first, second = (rng.random(lines.height) < home for _ in range(2))
    tries = np.where(first, 1, np.where(second, 2, 0))
    lines = lines.with_columns(try_cnt=pl.Series(tries))
    answered = pl.col("try_cnt") > 0
    return lines.select(
        pl.exclude("need", "try_cnt"),
        try_cnt=pl.when(answered & world.are_tries_told).then("try_cnt"),
        label=pl.when(answered).then("need"),
    )


def _truth(certain: pl.DataFrame, bands: pl.DataFrame) -> pl.DataFrame:
    found = certain.group_by("seed").agg(_found=pl.col("need").sum())
    missed = bands.group_by("seed").agg(_missed=pl.col("_needy").sum())
    both = found.join(missed, on="seed").sort("seed")
    return both.select("seed", recall=pl.col("_found") / (pl.col("_found") + pl.col("_missed")))


def summary(world: World, table: pl.DataFrame) -> dict[str, Any]:
    """One line of the coverage table; `table`: estimates beside the true recall."""
    told = table.drop_nulls("recall_low")
    covered = told.select(pl.col("recall").is_between("recall_low", "recall_high").mean()).item()
    width = told.select((pl.col("recall_high") - pl.col("recall_low")).median()).item()
    point = table.drop_nulls("recall_share")
    off, naive = (
        point.select((pl.col(c) - pl.col("recall")).mean()).item() for c in ("recall_share", "recall_naive")
    )
    return {
        "months": world.months, "sizes": world.sizes, "need": world.need, "true": told["recall"].mean(),
        "interval_cnt": told.height, "covered": covered, "width": width, "point_cnt": point.height,
        "error": off, "naive_error": naive, "highest": point["recall_share"].max(),
    }  # fmt: skip
