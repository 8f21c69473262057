"""Who died, by whose word, and whether it is certain: reported, confirmed or contradicted.

    deaths(core, as_of, rules) -> Deaths    what is believed, and every report for and against it

A register can be wrong, and so can a link: one report is `reported`. Two independent sources, or a visit,
make it `confirmed`. As many sources that saw the person alive later make it `contradicted`. One report from a
register of deaths rests a person's own need alerts, and whatever new event would raise one contradicts it.

core["death_visit"]  person_id, found_date, known_date: deaths found by visits (warehouse/golden.py)
core["once_dead"]    person_id, extract: whom an earlier roll called dead, of months no longer read
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from transforms.core_as_of import KEYS, Core, cut, last_rows
from transforms.golden_record.rules import DeathRules, ReportRule
from transforms.golden_record.survivorship import REPORT, in_order

DEATH = (
    *("death_date", "death_source", "death_source_cnt"),
    *("death_state", "has_death_conflict", "is_in_register"),
)
SCHEMA = {"person_id": pl.String, "source": pl.String, "value": pl.Date, "known_date": pl.Date}


@dataclass(frozen=True)
class Deaths:
    """What is believed of everybody whom any source reports dead, and by whose word.

    persons: one row per person, sorted: death_date (of the highest source that dates it, its newest word),
    death_source, death_source_cnt (independent ones), death_state, has_death_conflict (dates far apart, or
    seen alive since), is_in_register (a register of deaths says so). reports: person_id, source, value (the
    date, null where none is told), known_date. signs: the same, of their being seen alive after it.
    """

    persons: pl.DataFrame
    reports: pl.DataFrame
    signs: pl.DataFrame


def are_told(core: Core, as_of: date, rules: DeathRules) -> bool:
    """Whether any register of deaths was delivered by the date; otherwise nothing is known of deaths."""
    return any(cut(core, name, as_of) is not None for name in rules.registers)


def _reports(core: Core, as_of: date, rules: DeathRules) -> pl.DataFrame:
    """One row per person, source and date, in the sources' precedence."""
    found = [_told(core, told, as_of) for told in rules.reports]
    rows = pl.concat([pl.DataFrame(schema=SCHEMA), *found]).sort("person_id", "known_date", "value")
    rows = rows.unique(["person_id", "source", "value"], keep="first", maintain_order=True)
    return in_order(rows, [told.extract for told in rules.reports])


def deaths(core: Core, as_of: date, rules: DeathRules) -> Deaths:
    """Who died as of the date; see the top of this file."""
    reports = _reports(core, as_of, rules)
    chosen = _chosen(reports, rules)
    signs = _life_signs(core, as_of, rules, chosen)
    seen = signs.group_by("person_id").agg(pl.col("source").n_unique().cast(pl.Int64).alias("_alive"))
    frame = chosen.join(seen, on="person_id", how="left").with_columns(pl.col("_alive").fill_null(0))
    spread = (pl.col("_last") - pl.col("_first")).dt.total_days().fill_null(0)
    frame = frame.with_columns(
        _state(rules).alias("death_state"),
        ((spread > rules.date_tolerance_days) | (pl.col("_alive") > 0)).alias("has_death_conflict"),
    )
    return Deaths(frame.select("person_id", *DEATH).sort("person_id"), reports, signs)


def _state(rules: DeathRules) -> pl.Expr:
    """As many who saw the person alive as say dead: contradicted. A visit weighs as much as confirms."""
    told, alive = pl.col("death_source_cnt"), pl.col("_alive")
    weight = pl.when(pl.col("_is_sure")).then(pl.max_horizontal(told, rules.confirming_cnt)).otherwise(told)
    return (
        pl.when((alive > 0) & (alive >= weight))
        .then(pl.lit("contradicted"))
        .when(weight >= rules.confirming_cnt)
        .then(pl.lit("confirmed"))
        .otherwise(pl.lit("reported"))
    )


def _chosen(reports: pl.DataFrame, rules: DeathRules) -> pl.DataFrame:
    """Per person the date believed, whose it is, and how many independent sources there are."""
    newest = reports.sort("known_date", "value", descending=True, nulls_last=True)
    dated = in_order(newest.drop_nulls("value"), [told.extract for told in rules.reports])
    first = dated.group_by("person_id").agg(
        death_date=pl.col("value").first(), _dated=pl.col("source").first()
    )
    source = pl.col("source")
    independent = source.filter(~source.is_in(rules.followers)).n_unique()
    told = reports.group_by("person_id").agg(
        source.first().alias("_undated"),
        pl.max_horizontal(independent, 1).cast(pl.Int64).alias("death_source_cnt"),
        source.is_in(rules.confirming).any().alias("_is_sure"),
        source.is_in(rules.registers).any().alias("is_in_register"),
        pl.col("value").min().alias("_first"),
        pl.col("value").max().alias("_last"),
    )
    both = told.join(first, on="person_id", how="left")
    return both.with_columns(death_source=pl.coalesce("_dated", "_undated")).sort("person_id")


def _life_signs(core: Core, as_of: date, rules: DeathRules, dead: pl.DataFrame) -> pl.DataFrame:
    """The newest day each source saw one of `dead` (person_id, death_date) alive, long enough after it.

    A roll that called somebody dead and has taken it back counts at once.
    """
    named = dead.select("person_id", "death_date")
    parts = [(told, rules.alive_event_days) for told in rules.alive_events]
    parts += [(told, rules.alive_roll_days) for told in rules.alive_rolls]
    found = [pl.DataFrame(schema=SCHEMA)]
    for told, days in parts:
        rows = _told(core, told, as_of, of=named).join(named, on="person_id")
        later = (pl.col("value") - pl.col("death_date")).dt.total_days() > days
        back = _taken_back(core, as_of, told.extract, rules.reports)
        found.append(rows.filter(later | pl.col("person_id").is_in(back.implode())).select(REPORT))
    rows = pl.concat(found).sort("person_id", "source", "value", "known_date")
    return rows.unique(["person_id", "source"], keep="last", maintain_order=True)


def _taken_back(core: Core, as_of: date, extract: str, reports: Sequence[ReportRule]) -> pl.Series:
    """person_ids of whom an earlier row or roll of the extract told a death."""
    earlier = [pl.Series("person_id", [], dtype=pl.String)]
    rows, before = cut(core, extract, as_of), core.get("once_dead")
    for told in reports:
        if told.extract == extract and rows is not None and told.column:
            earlier.append(rows.filter(pl.col(told.column) == told.code).get_column("person_id"))
    if before is not None:
        earlier.append(before.filter(pl.col("extract") == extract).get_column("person_id"))
    return pl.concat(earlier).unique()


def _told(core: Core, told: ReportRule, as_of: date, of: pl.DataFrame | None = None) -> pl.DataFrame:
    """What the extract's standing rows tell, dated by `told.day`; a day after as_of is no day yet."""
    frame = core.get(told.extract)
    if frame is None:
        return pl.DataFrame(schema=SCHEMA)
    if of is not None:
        frame = frame.join(of.select("person_id"), on="person_id", how="semi")
    rows = _standing(frame, told.extract, as_of)
    if rows is None:
        return pl.DataFrame(schema=SCHEMA)
    rows = rows.filter(pl.col(told.column) == told.code) if told.column else rows
    day = pl.col(told.day).cast(pl.Date)
    return rows.select(
        "person_id",
        pl.lit(told.extract).alias("source"),
        pl.when(day <= as_of).then(day).alias("value"),
        "known_date",
    )


def _standing(frame: pl.DataFrame, extract: str, as_of: date) -> pl.DataFrame | None:
    """Each key's newest row; of an extract without keys of its own (visits) every row known."""
    read = last_rows if extract in KEYS else cut
    return read({extract: frame}, extract, as_of)
