"""Write the report of one date again, with what only a made-up province knows: its planted dirt and truth."""

from __future__ import annotations

from datetime import date

import polars as pl

from flows.context.site import Site
from flows.delivery.run_report import write_reports
from flows.evaluation.truth import dirt_caught
from warehouse.queries.evaluation import newest_evaluation

METHODS_ZH = {
    "random": "随机抽取",
    "tongling": "仅用铜陵阈值",
    "rule_points": "规则计分",
    "model": "学习模型",
    "as_delivered": "实际下发名单",
}


def report_home(site: Site, as_of: date, truth: dict[str, pl.DataFrame] | None = None) -> None:
    """reports/<as_of>/report.html; with `truth`, also the planted dirt by kind and the evaluation."""
    dirt = dirt_caught(site, truth, as_of) if truth else None
    table = None
    if truth:
        table = newest_evaluation(site.con).select(
            pl.col("ranking").replace(METHODS_ZH).alias("method_zh"),
            "listed_cnt",
            pl.col("hit_cnt").round(1),
            precision_share="share_in_hardship",
            low_share="share_low",
            high_share="share_high",
        )
    write_reports(site, as_of, dirt, table)
