"""Rankings and their truth, small enough to count by hand or drawn at random."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

D1, D2 = date(2026, 1, 5), date(2026, 2, 5)


def hand_made() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two towns of four households on one date; a and e are in hardship, e silently; d's truth is unknown."""
    candidates = pl.DataFrame(
        {
            "as_of": [D1] * 8,
            "household_id": list("abcdefgh"),
            "town_code": ["t1"] * 4 + ["t2"] * 4,
            "rule_points": [9, 5, None, 7, None, 2, None, None],
            "model": [0.9, 0.1, 0.2, 0.3, 0.8, 0.1, 0.2, 0.3],
            "as_delivered": [False, True, False, False, True, None, False, False],
        }
    )
    truth = pl.DataFrame(
        {
            "as_of": [D1] * 7,
            "household_id": list("abcefgh"),
            "in_hardship": [True, False, False, True, False, False, False],
            "is_silent": [False, False, False, True, False, False, False],
            "gap_yuan_month": pl.Series(["100.10", "5", None, "0.20", None, None, "3"], dtype=pl.String).cast(
                pl.Decimal(18, 2)
            ),
        }
    )
    return candidates, truth


def row(table: pl.DataFrame, ranking: str, as_of: str = "all") -> dict:
    return table.filter((pl.col("ranking") == ranking) & (pl.col("as_of") == as_of)).row(0, named=True)


def random_world(households: int = 600, towns: int = 12, seed: int = 1) -> tuple[pl.DataFrame, pl.DataFrame]:
    rng = np.random.default_rng(seed)
    frames = []
    for day in (D1, D2):
        need = rng.random(households) < 0.15
        frames.append(
            pl.DataFrame(
                {
                    "as_of": [day] * households,
                    "household_id": [f"h{i:05d}" for i in range(households)],
                    "town_code": [f"t{i % towns:02d}" for i in range(households)],
                    "perfect": need.astype(float),
                    "noise": rng.random(households),
                    "flat": np.zeros(households),
                    "chance": np.where(need, 0.15, 0.15),
                    "head_sex": rng.choice(["male", "female"], households),
                    "in_hardship": need,
                    "is_silent": need & (rng.random(households) < 0.5),
                }
            )
        )
    whole = pl.concat(frames)
    return whole.drop("in_hardship", "is_silent"), whole.select(
        "as_of", "household_id", "in_hardship", "is_silent"
    )
