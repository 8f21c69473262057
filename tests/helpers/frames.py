"""Labelled frames as outsiders bring them, made up, and small enough to learn from in seconds."""

from __future__ import annotations

import numpy as np
import polars as pl

# ProPublica's table of the COMPAS scores (machine bias, two years; decile_score from 5 on is flagged):
# group -> flagged and reoffended, flagged and not, not flagged and reoffended, neither. Counts only.
COMPAS = {
    "African-American": (1369, 805, 532, 990),
    "Caucasian": (505, 349, 461, 1139),
    "Native American": (9, 3, 1, 5),
}


def compas() -> pl.DataFrame:
    """Made-up rows with the published counts: id, race, score (8 or 2), again."""
    rows = [
        {"race": race, "score": 8 if cell < 2 else 2, "again": int(cell % 2 == 0), "cnt": count}
        for race, counts in COMPAS.items()
        for cell, count in enumerate(counts)
    ]
    counted = pl.DataFrame(rows)
    return counted.select(pl.exclude("cnt").repeat_by("cnt").explode()).with_row_index("id")


def survey(rows: int = 400, seed: int = 1, classes: int = 2) -> pl.DataFrame:
    """One row per person: id, home, wave, amount (tells the answer), noise, kind, sex, weight, answer."""
    rng = np.random.default_rng(seed)
    amount = rng.normal(size=rows)
    chance = amount + 0.7 * rng.normal(size=rows)
    cuts = np.quantile(chance, np.linspace(0, 1, classes + 1)[1:-1])
    return pl.DataFrame(
        {
            "id": [f"p{i:05d}" for i in range(rows)],
            "home": [f"h{i // 3:05d}" for i in range(rows)],
            "wave": 2010 + np.arange(rows) % 6,
            "amount": amount,
            "noise": rng.normal(size=rows).round(2),
            "kind": rng.choice(["a", "b", "c"], rows),
            "sex": rng.choice(["male", "female"], rows),
            "weight": rng.integers(1, 5, rows).astype(float),
            "answer": np.searchsorted(cuts, chance),
        }
    )
