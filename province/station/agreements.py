"""What the made-up workers agree at the door: the next step, who does it, and by when.

    agreements(visits, seed) -> DataFrame(alert_id, follow_up, owner_code, next_date)
    casework(visits, seed) -> DataFrame(alert_id, event_date): cases that begin with an intake

    visits  alert_id, result_code, found_date

One worker in nine forgets to agree on anything: those cases stay open.
"""

from __future__ import annotations

import polars as pl

from province.station.luck import lucks

FORGETS, INTAKE = 0.11, 0.3
NEEDY = ("11", "20", "21", "22", "23", "30")
# Result -> the next step, and who sees to it.
_STEP = {
    "11": "submit",
    "20": "submit",
    "21": "revisit",
    "22": "ask_receiver",
    "23": "accompany",
    "30": "revisit",
}
_OWNER = {"11": "family", "20": "station", "21": "town", "22": "station", "23": "station", "30": "station"}


def agreements(visits: pl.DataFrame, seed: int) -> pl.DataFrame:
    """One row per visit that found a need and agreed on something."""
    needy = visits.filter(pl.col("result_code").is_in(NEEDY))
    needy = needy.with_columns(lucks(needy, ["alert_id"], n, seed).alias(n) for n in ("_agrees", "_days"))
    days = pl.duration(days=14 + (pl.col("_days") * 20).floor().cast(pl.Int64))
    return needy.filter(pl.col("_agrees") >= FORGETS).select(
        "alert_id",
        follow_up=pl.col("result_code").replace_strict(_STEP, return_dtype=pl.String),
        owner_code=pl.col("result_code").replace_strict(_OWNER, return_dtype=pl.String),
        next_date=(pl.col("found_date") + days).cast(pl.Date),
    )


def casework(visits: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Some of the families whom no policy helps are accompanied by a worker."""
    needy = visits.filter(pl.col("result_code") == "30")
    luck = lucks(needy, ["alert_id"], "_intake", seed)
    return needy.filter(luck < INTAKE).select("alert_id", event_date="found_date")
