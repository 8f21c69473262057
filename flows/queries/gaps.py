"""The map of policy gaps: where families are in trouble and no paid benefit fits, and what they just miss."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from flows.context.site import Site
from flows.delivery.policy_gaps import count_gaps, gaps_by_place
from policies.catalogue.model import HOUSEHOLD
from warehouse.database.partitions import as_of_dates, partition
from zhaoren.errors import ZhaorenError


def gap_map(site: Site, as_of: date | None, by: str) -> dict[str, Any]:
    """Totals, and tables by place, by the benefit missed by least, and by the fact that is missing.

    Counts as flows/delivery/policy_gaps.py has them. Per benefit and condition the distances: a tenth of
    those families miss it by at most low_distance, half by at most median_distance. ZhaorenError when the
    date was not run.
    """
    dates = as_of_dates(site.con)
    if not dates or (as_of is not None and as_of not in dates):
        raise ZhaorenError(
            f"There are no answers of {as_of}." if as_of else "Nothing was run in this home yet.",
            str(site.home.root), "", "`zhaoren status` shows the dates; `zhaoren run` makes them.",
        )  # fmt: skip
    day = as_of or dates[-1]
    rows = partition(site.con, "mart.policy_gap", day)
    return {
        "as_of": day,
        "total": count_gaps(rows).row(0, named=True),
        "places": gaps_by_place(rows, by).to_dicts(),
        "benefits": _benefits(site, rows).to_dicts(),
        "missing": _missing(site, rows, day).to_dicts(),
    }


def _missing(site: Site, rows: pl.DataFrame, day: date) -> pl.DataFrame:
    """What keeps the open answers open: per fact and department how many of the families lack it.

    department_zh is empty for a fact that no department delivers yet. What most families lack comes first.
    """
    open_ones = rows.select("household_id", benefit_id=pl.col("open_benefit_ids").str.split(",")).explode(
        "benefit_id"
    )
    columns = ("household_id", "benefit_id", "eligible", "missing_facts")
    answers = partition(site.con, "mart.entitlement", day, *columns).filter(eligible="unknown")
    lacking = answers.join(open_ones, on=["household_id", "benefit_id"], how="semi")
    names = pl.col("missing_facts").str.split(",").alias("fact")
    lacking = lacking.select("household_id", names).explode("fact").filter(pl.col("fact") != "")
    lacking = lacking.with_columns(pl.col("fact").str.strip_prefix(HOUSEHOLD))
    counted = lacking.group_by("fact").agg(household_cnt=pl.col("household_id").n_unique().cast(pl.Int64))
    named = [_fact_and_department(site, name) for name in counted.get_column("fact")]
    return counted.select(
        "fact",
        pl.Series("fact_zh", [fact for fact, _ in named], dtype=pl.String),
        pl.Series("department_zh", [department for _, department in named], dtype=pl.String),
        "household_cnt",
    ).sort(["household_cnt", "fact"], descending=[True, False])


def _fact_and_department(site: Site, name: str) -> tuple[str, str]:
    """A missing fact and the departments that deliver it; or a parameter that the place has not entered."""
    if name.startswith("$"):
        return f"{site.catalogue.parameter(name[1:]).zh}（当期标准未录入）", ""
    facts = [fact for fact in site.catalogue.facts.values() if fact.name == name]
    sources = {source.partition(".")[0] for fact in facts for source in fact.sources}
    departments = [c.department_zh for c in site.contracts.values() if c.extract in sources]
    return (facts[0].short_zh if facts else name), "、".join(dict.fromkeys(departments))


def _benefits(site: Site, rows: pl.DataFrame) -> pl.DataFrame:
    """By benefit and condition missed by least: how many, and by how much (a tenth of them, half of them)."""
    names = {benefit.id: benefit.name_zh for benefit in site.catalogue.benefits}
    conditions = {(b.id, c.id): c.zh for b in site.catalogue.benefits for c in b.who}
    missed = rows.drop_nulls("benefit_id").group_by("benefit_id", "condition_id", "unit").agg(
        household_cnt=pl.len().cast(pl.Int64),
        low_distance=pl.col("distance").quantile(0.1, "nearest"),
        median_distance=pl.col("distance").quantile(0.5, "nearest"),
    )  # fmt: skip
    missed = missed.sort("household_cnt", "benefit_id", "condition_id", descending=[True, False, False])
    texts = [conditions.get(key, "") for key in missed.select("benefit_id", "condition_id").rows()]
    return missed.with_columns(
        pl.col("benefit_id").replace_strict(names, default=None, return_dtype=pl.String).alias("name_zh"),
        pl.Series("condition_zh", texts, dtype=pl.String),
    )
