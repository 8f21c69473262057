"""Measure the benefits found against the truth of a made-up province: gaps claimed, missed and unknown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from flows.context.site import Site
from flows.evaluation.asked_incomes import asked_incomes
from flows.evaluation.truth import numbered_persons, rights_before
from policies.catalogue.benefit import ENTITLED
from warehouse.database.partitions import newest_date, partition

_KEYS = ["benefit_id", "key"]
_ANSWER = ("benefit_id", "person_id", "household_id", "eligible", "is_receiving")


@dataclass(frozen=True)
class EntitlementQuality:
    """What `zhaoren evaluate --entitlements` shows, as of one date: one row per benefit, and all together.

    claimed_cnt: answered yes or likely and known not to be received; right_cnt: of them truly entitled and
    without it; precision is their share. gap_cnt: truly entitled and without it, of the people we know;
    recall is the share of right_cnt in it, and the rest was answered unknown (unknown_cnt) or no (no_cnt,
    which holds those we think receive it already). asked: see `asked_incomes`.
    """

    as_of: date
    benefits: pl.DataFrame
    asked: pl.DataFrame


def evaluate_entitlements(
    site: Site, truth: dict[str, pl.DataFrame], as_of: date | None = None
) -> EntitlementQuality:
    """Compare mart.entitlement of a date (the newest by default) with the truth; nothing is stored.

    A household's benefit is compared by household: it is due when any member's is.
    """
    day = as_of or newest_date(site.con)
    people = partition(site.con, "panel.person", day, "person_id", "household_id")
    rights = _rights(site, truth["entitlements"], people, day)
    ours = partition(site.con, "mart.entitlement", day, *_ANSWER)
    ours = ours.with_columns(key=_key(site)).select(*_KEYS, "eligible", "is_receiving")
    known = rights["benefit_id"].unique()  # the truth knows fewer benefits than the rules do
    ours = ours.filter(pl.col("benefit_id").is_in(known.implode()))
    both = ours.join(rights, on=_KEYS, how="full", coalesce=True)
    claimed = pl.col("eligible").is_in(ENTITLED) & ~pl.col("is_receiving")
    gap = pl.col("is_due").fill_null(False) & ~pl.col("gets_it").fill_null(False)
    judged = both.with_columns(claimed=claimed.fill_null(False), gap=gap)
    everything = judged.with_columns(benefit_id=pl.lit("all"))
    asked = asked_incomes(site, truth["entitlements"], day)
    return EntitlementQuality(day, pl.concat([_counts(everything), _counts(judged)]), asked)


def _rights(site: Site, rights: pl.DataFrame, people: pl.DataFrame, day: date) -> pl.DataFrame:
    """benefit_id, key, is_due, gets_it in the month before the date: the one its rolls report on."""
    found = (
        rights_before(rights, day)
        .join(numbered_persons(site, day), on="id_number")
        .join(people, on="person_id")
    )
    keyed = found.with_columns(key=_key(site)).drop_nulls("key")
    return keyed.group_by(_KEYS).agg(is_due=pl.lit(True), gets_it=pl.col("is_receiving").all())


def _key(site: Site) -> pl.Expr:
    """Whose answer it is: the household's where the household is paid."""
    of_homes = [benefit.id for benefit in site.catalogue.benefits if benefit.entity == "household"]
    return pl.when(pl.col("benefit_id").is_in(of_homes)).then("household_id").otherwise("person_id")


def _counts(judged: pl.DataFrame) -> pl.DataFrame:
    claimed, gap, state = pl.col("claimed"), pl.col("gap"), pl.col("eligible")
    counts = judged.group_by("benefit_id").agg(
        claimed_cnt=claimed.sum(),
        right_cnt=(claimed & gap).sum(),
        gap_cnt=gap.sum(),
        unknown_cnt=(gap & (state == "unknown")).sum(),
    )
    return counts.sort("benefit_id").with_columns(
        no_cnt=pl.col("gap_cnt") - pl.col("right_cnt") - pl.col("unknown_cnt"),
        precision=pl.when(pl.col("claimed_cnt") > 0).then(pl.col("right_cnt") / pl.col("claimed_cnt")),
        recall=pl.when(pl.col("gap_cnt") > 0).then(pl.col("right_cnt") / pl.col("gap_cnt")),
    )
