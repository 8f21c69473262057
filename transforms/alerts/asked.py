"""Households that are asked for their income: nobody has stated it, and it may well lie below the line.

asked_households(means, least_chance) -> DataFrame(household_id, expected_fen)

The sentence asks; it states neither a chance nor a sum. A case that has nothing but this question is blue.
"""

from __future__ import annotations

import polars as pl

from transforms.expressions import fen

ASKED_ZH = "家庭收入没有登记，可能符合低保，请核实收入和财产"
ASKED_TOO_ZH = "家庭收入没有登记，可能符合低保，请一并核实"
ASKED_QUESTIONS = "\n".join(
    (
        "近几个月家里人均收入大约多少，主要靠什么维持生活？",
        "有没有存款、车辆、房产等需要一并核实的财产？",
        "是否申请过低保，结果怎样？愿意的话，需要哪些帮助准备材料？",
    )
)


def asked_households(means: pl.DataFrame | None, least_chance: float) -> pl.DataFrame:
    """household_id, expected_fen (a month) of the households whose chance is high enough to be asked.

    means: household_id, chance_below_line, expected_yuan_month (mart.proxy_means); None: no test is in use.
    """
    if means is None:
        return pl.DataFrame(schema={"household_id": pl.String, "expected_fen": pl.Int64})
    asked = means.filter(pl.col("chance_below_line") >= least_chance).sort("household_id")
    return asked.select("household_id", expected_fen=fen("expected_yuan_month"))
