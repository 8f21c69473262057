"""Who died, by whose report, and whether it is certain: reported, confirmed or contradicted.

    deaths(core, rules) -> Deaths    what is believed, and every report for and against it

A register can be wrong, and so can a link: one report is `reported`. Two independent sources, or a visit,
make it `confirmed`. As many sources that saw the person alive later make it `contradicted`. One report from a
register of deaths rests a person's own need alerts, and whatever new event would raise one contradicts it.

core.frames["death_visit"]  person_id, found_date, known_date: deaths found by visits
core.frames["once_dead"]    person_id, extract: whom an earlier roll called dead, of months no longer read
                            (both are read by warehouse/identity/golden.py)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from transforms.core_as_of import CoreAsOf, known_rows, newest_per_key
from transforms.golden_record.rules import DeathRules, ReportRule
from transforms.golden_record.survivorship import REPORT, in_order

DEATH = (
    *("death_date", "death_source", "death_source_cnt"),
    *("death_state", "has_death_conflict", "is_in_register"),
)
SCHEMA = {"person_id": pl.String, "source": pl.String, "value": pl.Date, "known_date": pl.Date}


@dataclass(frozen=True)
class Deaths:
    """What is believed of everybody whom any source reports dead, and by which report.

    persons: one row per person, sorted: death_date (of the highest source that dates it, its newest report),
    death_source, death_source_cnt (independent ones), death_state, has_death_conflict (dates far apart, or
    seen alive since), is_in_register (a register of deaths says so). reports: person_id, source, value (the
    date, null where none is given), known_date. signs: the same, of their being seen alive after it.
    """

    persons: pl.DataFrame
    reports: pl.DataFrame
    signs: pl.DataFrame


def register_came(core: CoreAsOf, rules: DeathRules) -> bool:
    """Whether any register of deaths was delivered by the date; otherwise nothing is known of deaths."""
    return any(core.cut(name) is not None for name in rules.registers)


def deaths(core: CoreAsOf, rules: DeathRules) -> Deaths:
    """Who died as of the date; see the top of this file."""
    reports = _reports(core, rules)
    believed = _believed(reports, rules)
    signs = _life_signs(core, rules, believed)
    seen = signs.group_by("person_id").agg(pl.col("source").n_unique().cast(pl.Int64).alias("_alive"))
    frame = believed.join(seen, on="person_id", how="left").with_columns(pl.col("_alive").fill_null(0))
    spread = (pl.col("_last") - pl.col("_first")).dt.total_days().fill_null(0)
    frame = frame.with_columns(
        _state(rules).alias("death_state"),
        ((spread > rules.date_tolerance_days) | (pl.col("_alive") > 0)).alias("has_death_conflict"),
    )
    return Deaths(frame.select("person_id", *DEATH).sort("person_id"), reports, signs)


def _reports(core: CoreAsOf, rules: DeathRules) -> pl.DataFrame:
    """One row per person, source and date, in the sources' precedence."""
    found = [_reported(core, report) for report in rules.reports]
    rows = pl.concat([pl.DataFrame(schema=SCHEMA), *found]).sort("person_id", "known_date", "value")
    rows = rows.unique(["person_id", "source", "value"], keep="first", maintain_order=True)
    return in_order(rows, [report.extract for report in rules.reports])


def _state(rules: DeathRules) -> pl.Expr:
    """As many who saw the person alive as say dead: contradicted. A visit weighs as much as confirms."""
    dead, alive = pl.col("death_source_cnt"), pl.col("_alive")
    weight = pl.when(pl.col("_is_sure")).then(pl.max_horizontal(dead, rules.confirming_cnt)).otherwise(dead)
    return (
        pl.when((alive > 0) & (alive >= weight))
        .then(pl.lit("contradicted"))
        .when(weight >= rules.confirming_cnt)
        .then(pl.lit("confirmed"))
        .otherwise(pl.lit("reported"))
    )


def _believed(reports: pl.DataFrame, rules: DeathRules) -> pl.DataFrame:
    """Per person the date believed, its source, and how many independent sources there are."""
    newest = reports.sort("known_date", "value", descending=True, nulls_last=True)
    dated = in_order(newest.drop_nulls("value"), [report.extract for report in rules.reports])
    first = dated.group_by("person_id").agg(
        death_date=pl.col("value").first(), _dated=pl.col("source").first()
    )
    source = pl.col("source")
    # Followers copy other registers; alone they still are one source, not none.
    independent = source.filter(~source.is_in(rules.followers)).n_unique()
    counts = reports.group_by("person_id").agg(
        source.first().alias("_undated"),
        pl.max_horizontal(independent, 1).cast(pl.Int64).alias("death_source_cnt"),
        source.is_in(rules.confirming).any().alias("_is_sure"),
        source.is_in(rules.registers).any().alias("is_in_register"),
        pl.col("value").min().alias("_first"),
        pl.col("value").max().alias("_last"),
    )
    both = counts.join(first, on="person_id", how="left")
    return both.with_columns(death_source=pl.coalesce("_dated", "_undated")).sort("person_id")


def _life_signs(core: CoreAsOf, rules: DeathRules, dead: pl.DataFrame) -> pl.DataFrame:
    """The newest day each source saw one of `dead` (person_id, death_date) alive, long enough after it.

    A roll that called somebody dead and has taken it back counts at once.
    """
    named = dead.select("person_id", "death_date")
    parts = [(report, rules.alive_event_days) for report in rules.alive_events]
    parts += [(report, rules.alive_roll_days) for report in rules.alive_rolls]
    found = [pl.DataFrame(schema=SCHEMA)]
    for report, days in parts:
        rows = _reported(core, report, of=named).join(named, on="person_id")
        later = (pl.col("value") - pl.col("death_date")).dt.total_days() > days
        back = _taken_back(core, report.extract, rules.reports)
        found.append(rows.filter(later | pl.col("person_id").is_in(back.implode())).select(REPORT))
    rows = pl.concat(found).sort("person_id", "source", "value", "known_date")
    return rows.unique(["person_id", "source"], keep="last", maintain_order=True)


def _taken_back(core: CoreAsOf, extract: str, reports: Sequence[ReportRule]) -> pl.Series:
    """person_ids of whom an earlier row or roll of the extract reported a death."""
    earlier = [pl.Series("person_id", [], dtype=pl.String)]
    coded = [(r.column, r.code) for r in reports if r.extract == extract and r.column]
    rows = core.cut(extract) if coded else None
    if rows is not None:
        earlier += [rows.filter(pl.col(column) == code).get_column("person_id") for column, code in coded]
    before = core.get("once_dead")
    if before is not None:
        earlier.append(before.filter(pl.col("extract") == extract).get_column("person_id"))
    return pl.concat(earlier).unique()


def _reported(core: CoreAsOf, report: ReportRule, of: pl.DataFrame | None = None) -> pl.DataFrame:
    """What the extract's newest rows report, dated by `report.day`; a day after as_of is no day yet."""
    rows = _newest_rows(core, report.extract, of)
    if rows is None:
        return pl.DataFrame(schema=SCHEMA)
    rows = rows.filter(pl.col(report.column) == report.code) if report.column else rows
    day = pl.col(report.day).cast(pl.Date)
    return rows.select(
        "person_id",
        pl.lit(report.extract).alias("source"),
        pl.when(day <= core.as_of).then(day).alias("value"),
        "known_date",
    )


def _newest_rows(core: CoreAsOf, extract: str, of: pl.DataFrame | None) -> pl.DataFrame | None:
    """Each key's newest row, of `of` alone where given; of an extract without a contract (visits) every row.

    The few persons of `of` are picked first: sorting all the bills for them would take most of the time.
    """
    if of is None and extract in core.keys:
        return core.last_rows(extract)
    frame = core.get(extract)
    if frame is None:
        return None
    if of is not None:
        frame = frame.join(of.select("person_id"), on="person_id", how="semi")
    rows = known_rows(frame, core.as_of)
    return rows if rows is None or extract not in core.keys else newest_per_key(rows, core.keys[extract])
