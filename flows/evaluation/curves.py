"""Every ranking on the same ground as the delivered list: the households that may be listed, as many lines.

Who rests after a visit can be listed by nobody, and a red household is listed beyond the hours: a ranking
that chooses among all households for the hours alone has another task. Here each chooses from the same
households and fills the same lines, and then 12, 24, 48 and 96 lines a station.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from flows.context.catalogue_frames import cooldowns, resting_since
from flows.context.site import Site
from flows.evaluation.evaluate import candidates_of
from flows.evaluation.truth import household_numbers, truth_of
from models.evaluation.found_early import first_found
from models.evaluation.targets import at_capacity, shares
from province.truth.missing import missing_yuan
from transforms.alerts.inputs import Past
from transforms.alerts.status import histories, resting_cases
from warehouse.as_of import outcomes
from warehouse.database.partitions import as_of_dates, partition
from warehouse.queries.earlier_lists import earlier_lines

DELIVERED = "as_delivered"
SENT = "sent"  # as many lines as were delivered to each station
ORDERED = ("tongling", "rule_points", "model")
# in_hardship: truly in hardship. needs: that, or entitled to something it does not get: what a visit can
# confirm. is_hidden: and no benefit reaches the household. is_silent: and it has
# neither been helped nor asked in the whole spell. misses: entitled to something that it does not get.
TARGETS = ("in_hardship", "needs", "is_hidden", "is_silent", "misses")
CAPACITIES = (12, 24, 48, 96)
EARLY_DAYS = 90


@dataclass(frozen=True)
class Curves:
    """at_lines: lines (a number a station and list, or SENT), and the columns of `targets.shares`, pooled.

    early: ranking, spell_cnt, found_cnt, found_share, days_before_asking (see `first_found`).
    """

    at_lines: pl.DataFrame
    early: pl.DataFrame


def curves_of_home(site: Site, truth: dict[str, pl.DataFrame]) -> Curves:
    """What each ranking finds over all list dates; nothing is stored."""
    dates = as_of_dates(site.con)
    parts = []
    # A household's number is known from the first date on which it was met: the newest knows all.
    homes = household_numbers(site, dates[-1])
    for done, as_of in enumerate(dates):
        site.progress(f"rankings of {as_of}", done, len(dates))
        parts.append((_listable(site, as_of), _truth(site, truth, as_of, homes)))
    candidates = pl.concat([one for one, _ in parts], how="diagonal")
    known = pl.concat([two for _, two in parts])
    rankings = [name for name in ORDERED if name in candidates.columns]
    sent = candidates.group_by("as_of", "town_code").agg(line_cnt=pl.col(DELIVERED).sum().cast(pl.Int64))
    same = _pooled(candidates, known, sent, [*rankings, DELIVERED]).with_columns(lines=pl.lit(SENT))
    at = [
        _pooled(candidates, known, count, rankings).with_columns(lines=pl.lit(str(count)))
        for count in CAPACITIES
    ]
    spells = _spells(truth, dates, homes)
    early = first_found(candidates, spells, sent.drop_nulls(), [*rankings, DELIVERED], EARLY_DAYS)
    return Curves(pl.concat([same, *at]), early)


def _pooled(
    candidates: pl.DataFrame, known: pl.DataFrame, lines: int | pl.DataFrame, rankings: list[str]
) -> pl.DataFrame:
    table = shares(at_capacity(candidates, known, lines, rankings, TARGETS))
    return table.filter(town_code="all", as_of="all").drop("town_code", "as_of")


def _listable(site: Site, as_of: date) -> pl.DataFrame:
    """The candidates of a date without whom no ranking may list: at rest, or open on the month's list.

    Also one at rest whose signs have ended: no alert of the date speaks of it. What a fresh sign woke stays.
    """
    columns = ("household_id", "queue", "status", "is_listed")
    alerts = partition(site.con, "mart.alert", as_of, *columns).filter(queue="need")
    asleep = (pl.col("status") == "suppressed") & ~pl.col("is_listed")
    awake = alerts.filter(~asleep).select("household_id")
    resting = pl.concat([alerts.filter(asleep).select("household_id"), _at_rest(site, as_of)])
    resting = resting.join(awake, on="household_id", how="anti")
    rows = candidates_of(site, as_of).join(resting, on="household_id", how="anti", maintain_order="left")
    return rows.drop_nulls("town_code")


def _at_rest(site: Site, as_of: date) -> pl.DataFrame:
    """household_id of every case in its cool-down, as the date's lists saw it."""
    rests = cooldowns(site.catalogue)
    past = Past(
        as_of=as_of,
        cooldowns=rests,
        previous_alerts=earlier_lines(
            site.con, as_of, resting_since(rests, as_of), pl.Series(dtype=pl.String)
        ),
        outcomes=outcomes(site.con, as_of),
    )
    resting = resting_cases(histories(past), as_of).filter(queue="need")
    return resting.select(household_id="case_id")


def _truth(site: Site, truth: dict[str, pl.DataFrame], as_of: date, homes: pl.DataFrame) -> pl.DataFrame:
    known = truth_of(site, truth, as_of)
    hardship = pl.col("in_hardship")
    month = min(as_of.replace(day=1), truth["entitlements"].select(pl.col("until_month").max()).item())
    yuan = missing_yuan(truth, month).join(homes, on="household_no")
    yuan = yuan.group_by("household_id").agg(pl.col("missing_yuan_month").sum())
    return known.join(yuan, on="household_id", how="left").select(
        pl.lit(as_of).alias("as_of"),
        "household_id",
        "in_hardship",
        is_hidden=hardship & ~pl.col("is_receiving"),
        is_silent=hardship & pl.col("is_silent"),
        misses=pl.col("gap_benefit_id").is_not_null(),
        needs=hardship | pl.col("gap_benefit_id").is_not_null(),
        missing_yuan_month="missing_yuan_month",
    )


def _spells(truth: dict[str, pl.DataFrame], dates: list[date], homes: pl.DataFrame) -> pl.DataFrame:
    """household_id, start_date, asked_date of the spells that began while lists were made, early enough."""
    last = dates[-1] - timedelta(days=EARLY_DAYS)
    begun = truth["hardship"].filter(pl.col("start_date").is_between(dates[0], last))
    return begun.join(homes, on="household_no").select("household_id", "start_date", "asked_date")
