"""Of families whose income is unknown: whom the lists asked, and how many truly miss 低保, list by list."""

from __future__ import annotations

from datetime import date

import polars as pl

from flows.context.site import Site
from flows.evaluation.truth import numbered_persons, rights_before
from transforms.alerts.status import ASKED_SIGNAL
from warehouse.database.partitions import as_of_dates, partition

DIBAO = "dibao"
ALL = "all"


def asked_incomes(site: Site, rights: pl.DataFrame, until: date) -> pl.DataFrame:
    """One row per list date, and one for all of them (as_of "all", its counts of different households).

    unknown_cnt: households whose answer on 低保 is unknown for want of their income; gap_cnt: of them truly
    entitled and without it; listed_cnt, listed_gap_cnt: of both on the list for whatever reason; asked_cnt,
    asked_gap_cnt: on the list with the question (E02); at_random: gap_cnt of unknown_cnt, what a blind draw
    would find; precision, asked_precision: of the listed and the asked; recall: listed_gap_cnt of gap_cnt.
    """
    dates = [day for day in as_of_dates(site.con) if day <= until]
    rows = pl.concat([_of_date(site, rights, day) for day in dates])
    every = rows.group_by("household_id").agg(pl.col("gap", "listed", "asked").any(), _met=_met())
    every = every.with_columns(as_of=pl.lit(ALL))
    by_list = rows.with_columns(pl.col("as_of").cast(pl.String), _met=pl.col("gap") & pl.col("listed"))
    columns = ["as_of", "gap", "listed", "asked", "_met"]
    both = pl.concat([by_list.select(columns), every.select(columns)])
    return _shares(both.group_by("as_of").agg(*_COUNTS).sort("as_of"))


def _met() -> pl.Expr:
    """On some date on which it was listed it truly missed it."""
    return (pl.col("gap") & pl.col("listed")).any()


_COUNTS = (
    pl.len().cast(pl.Int64).alias("unknown_cnt"),
    pl.col("gap").sum().cast(pl.Int64).alias("gap_cnt"),
    pl.col("listed").sum().cast(pl.Int64).alias("listed_cnt"),
    pl.col("_met").sum().cast(pl.Int64).alias("listed_gap_cnt"),
    pl.col("asked").sum().cast(pl.Int64).alias("asked_cnt"),
    (pl.col("asked") & pl.col("_met")).sum().cast(pl.Int64).alias("asked_gap_cnt"),
)


def _shares(counts: pl.DataFrame) -> pl.DataFrame:
    parts = {
        "at_random": ("gap_cnt", "unknown_cnt"),
        "precision": ("listed_gap_cnt", "listed_cnt"),
        "asked_precision": ("asked_gap_cnt", "asked_cnt"),
        "recall": ("listed_gap_cnt", "gap_cnt"),
    }
    return counts.with_columns(
        pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole)).alias(name)
        for name, (part, whole) in parts.items()
    )


def _of_date(site: Site, rights: pl.DataFrame, day: date) -> pl.DataFrame:
    """as_of, household_id, gap, listed, asked of the households whose answer on 低保 lacks their income."""
    answers = partition(
        site.con, "mart.entitlement", day,
        "household_id", "benefit_id", "eligible", "is_receiving", "missing_facts",
    )  # fmt: skip
    unknown = answers.filter(
        pl.col("benefit_id") == DIBAO,
        pl.col("eligible") == "unknown",
        ~pl.col("is_receiving").fill_null(False),
        pl.col("missing_facts").str.contains("income_yuan_month", literal=True),
    ).select("household_id")
    people = partition(site.con, "panel.person", day, "person_id", "household_id")
    due = rights_before(rights, day).filter(pl.col("benefit_id") == DIBAO)
    found = due.join(numbered_persons(site, day), on="id_number").join(people, on="person_id")
    missed = found.group_by("household_id").agg(gap=~pl.col("is_receiving").all())
    alerts = partition(site.con, "mart.alert", day, "household_id", "queue", "is_listed", "signal_ids")
    listed = alerts.filter(pl.col("queue") == "need", pl.col("is_listed")).select(
        "household_id",
        listed=pl.lit(True),
        asked=pl.col("signal_ids").str.split(",").list.contains(ASKED_SIGNAL),
    )
    rows = unknown.unique().join(missed, on="household_id", how="left")
    rows = rows.join(listed.unique("household_id"), on="household_id", how="left")
    flags = pl.col("gap", "listed", "asked").fill_null(False)
    return rows.select(pl.lit(day).alias("as_of"), "household_id", flags)
