"""What if: the newest panel under changed rules, summed by benefit, by place and by group of households."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from flows.context.places import place_code, place_names
from flows.context.site import Site
from policies.analysis.whatif import by_household, parse_change, what_if, with_changes
from policies.catalogue.benefit import ENTITLED
from warehouse.database.partitions import as_of_dates, partition
from warehouse.queries.runs import panel_dates
from zhaoren.errors import ZhaorenError

# Group -> the households in it, by their facts; a household may be in several.
GROUPS = {
    "rural": pl.col("is_rural"),
    "urban": ~pl.col("is_rural"),
    "on dibao": pl.col("tier_code") == "dibao",
    "on tekun": pl.col("tier_code") == "tekun",
    "marginal": pl.col("tier_code").is_in(["marginal", "rigid"]),
    "on no roll": pl.col("tier_code").is_in(["watch", "none"]),
    "with children": pl.col("child_cnt") > 0,
    "with disabled": pl.col("disabled_cnt") > 0,
    "elders only": pl.col("is_elder_only"),
    "one person": pl.col("member_cnt") == 1,
}


def what_if_home(site: Site, sets: list[str], as_of: date | None, by: str) -> dict[str, Any]:
    """Totals, and tables by benefit, place and group; the rows behind them under `rows` and `households`.

    Raises ZhaorenError when the home has no panel for the date, or a change cannot be read.
    """
    day = panel_date(site, as_of)
    changed = with_changes(site.catalogue, [parse_change(site.catalogue, text) for text in sets])
    persons, households = (partition(site.con, f"panel.{name}", day) for name in ("person", "household"))
    rows = what_if(site.catalogue, changed, persons, households, day)
    facts = households.select("household_id", "town_code", *_columns_of_groups(households))
    homes = by_household(rows).join(facts, on="household_id", how="left", maintain_order="left")
    return {
        "as_of": day,
        "sets": sets,
        "households": households.height,
        "total": _sums(homes).row(0, named=True),
        "benefits": _benefits(rows, site).to_dicts(),
        "places": _places(homes, by).to_dicts(),
        "groups": [
            {"group": name, **_sums(homes.filter(test)).row(0, named=True)} for name, test in GROUPS.items()
        ],
        "rows": rows,
    }


def panel_date(site: Site, as_of: date | None) -> date:
    """The date asked for, or the newest with a panel. ZhaorenError where there is none."""
    dates = panel_dates(site.con)
    if not dates or (as_of is not None and as_of not in dates):
        raise ZhaorenError(
            f"There is no panel of {as_of}." if as_of else "Nothing was run in this home yet.",
            str(site.home.root),
            f"Persons' facts are kept for {', '.join(map(str, dates))}." if as_of_dates(site.con) else "",
            "Name one of these dates, or run `zhaoren run` first.",
        )
    return as_of or dates[-1]


def _columns_of_groups(households: pl.DataFrame) -> list[str]:
    read = {name for test in GROUPS.values() for name in test.meta.root_names()}
    return sorted(read & set(households.columns))


def _sums(homes: pl.DataFrame) -> pl.DataFrame:
    """One row: households gaining, losing and unclear, and the money of a year (one-off sums once)."""
    return homes.select(
        gaining_cnt=pl.col("is_gaining").sum(),
        losing_cnt=pl.col("is_losing").sum(),
        unclear_cnt=pl.col("is_unclear").sum(),
        paid_change_yuan_year=pl.col("paid_change_yuan_month").sum() * 12,
        gap_change_yuan_year=pl.col("gap_change_yuan_month").sum() * 12,
        once_change_yuan=pl.col("once_change_yuan").sum(),
    )


def _benefits(rows: pl.DataFrame, site: Site) -> pl.DataFrame:
    """benefit_id, name_zh, how many become and cease to be eligible, and the money of a year."""
    names = {b.id: b.name_zh for b in site.catalogue.benefits}
    before, after = (pl.col(f"eligible_{side}").is_in(ENTITLED) for side in ("before", "after"))
    return (
        rows.group_by("benefit_id")
        .agg(
            newly_eligible_cnt=(after & ~before).sum(),
            no_longer_eligible_cnt=(before & ~after).sum(),
            paid_change_yuan_year=pl.col("paid_change_yuan_month").sum() * 12,
            gap_change_yuan_year=pl.col("gap_change_yuan_month").sum() * 12,
            once_change_yuan=pl.col("once_change_yuan").sum(),
        )
        .with_columns(name_zh=pl.col("benefit_id").replace_strict(names, return_dtype=pl.String))
        .sort("benefit_id")
    )


def _places(homes: pl.DataFrame, by: str) -> pl.DataFrame:
    """The sums by city, county or town; households without a known place come last, without a name."""
    parts = homes.with_columns(place_code(by)).partition_by("code", as_dict=True, maintain_order=True)
    sums = [_sums(part).with_columns(code=pl.lit(key[0], pl.String)) for key, part in parts.items()]
    if not sums:
        return _sums(homes).clear()
    found = pl.concat(sums).join(place_names(by), on="code", how="left")
    return found.sort("code", nulls_last=True).select("code", "name", pl.exclude("code", "name"))
