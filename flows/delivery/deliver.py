"""Deliver one date: worklists by station, pages and compliance lists by county, referrals by receiver,
receipts by department, the report.

Each kind's folder is filled beside its place and swapped in whole. On a date without lists only receipts and
report go out.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from divisions.present import towns_at, villages_at
from exchange.form import SourceDate
from exchange.lists.compliance import ComplianceHeader, compliance_lines, write_compliance
from exchange.lists.worklist import WorklistHeader, worklist_lines, write_worklist
from exchange.masks import mask_name, mask_phone
from exchange.prints.engine import why_not
from exchange.words import count_zh
from flows.context import parameters
from flows.context.catalogue_frames import benefit_names, missing_fact_names, result_names
from flows.context.home import replaced_folder
from flows.context.places import with_county_names, with_town_names
from flows.context.run import Run
from flows.context.site import Site
from flows.delivery.answered_lists import begin_spot_checks, write_referral_lists, write_spot_check_lists
from flows.delivery.case_numbers import with_case_numbers
from flows.delivery.county_lists import capacities, counts_at, hands_lines, write_county_lists
from flows.delivery.local_values import local_values_zh
from flows.delivery.objections import pass_on_objections, write_objection_lists
from flows.delivery.prints import write_prints
from flows.delivery.receipts import write_receipts
from flows.delivery.run_report import write_reports
from flows.delivery.station_sheets import StationSheets, station_sheets, with_papers
from transforms.alerts.counts import LINE_STATES, line_states
from transforms.alerts.list_lines import (
    applied_text,
    heads,
    last_visit_text,
    open_benefits_text,
    receiving_text,
    visit_order,
    who_text,
)
from warehouse.as_of import outcomes
from warehouse.database.partitions import partition, rows_of_households
from warehouse.identity.vault import Vault
from warehouse.queries.alerts import listed_before, visited_alerts

# What a line shows of a household's members, and of the benefits' answers about them.
_OF_PERSONS = ("household_id", "person_id", "village_code", "is_alive", "relation_code", "age_years")
_OF_ANSWERS = (
    *("household_id", "person_id", "benefit_id", "is_receiving", "eligible", "missing_facts"),
    "gap_yuan_month",
)


def deliver(site: Site, run: Run) -> None:
    """Write everything that goes out for the date, unless it stands already."""
    as_of = run.as_of
    folder = site.home.dated("worklists", as_of)
    if run.is_done(site, "deliver") and folder.exists():
        return
    with site.open_vault(as_of, "deliver") as vault:
        # What the delivering itself sets off comes first: a list made anew later must say the same.
        pass_on_objections(site, vault, as_of)
        begin_spot_checks(site, as_of)
        lines = listed_lines(site, vault, as_of, partition(site.con, "mart.alert", as_of))
        sheets = station_sheets(site, vault, as_of)
        write_worklists(site, as_of, lines, folder, sheets)
        if site.settings.lists.pdf and not why_not():
            write_prints(site, station_lists(site, as_of, lines), sheets, folder)
        write_compliance_lists(site, as_of, lines)
        write_referral_lists(site, vault, as_of)
        write_spot_check_lists(site, vault, as_of)
        write_county_lists(site, as_of, stations_at(site, as_of))
        write_receipts(site, vault, as_of)
        write_objection_lists(site, vault, as_of)
    write_reports(site, as_of)
    run.done(site, "deliver").record(site.con)


def return_receipts(site: Site, run: Run) -> None:
    """Write what goes back for a date without lists: a receipt for each file, and the report on them."""
    with site.open_vault(run.as_of, "receipts") as vault:
        write_receipts(site, vault, run.as_of)
    write_reports(site, run.as_of)


def listed_lines(site: Site, vault: Vault, as_of: date, alerts: pl.DataFrame) -> pl.DataFrame:
    """The listed ones of the date's alerts beside what a line shows; names and phones masked."""
    alerts = line_states(alerts.filter("is_listed"), listed_before(site.con, as_of))
    persons = rows_of_households(site.con, "panel.person", as_of, alerts, *_OF_PERSONS)
    whom = heads(persons)
    heads_of, sources = whom.get_column("person_id"), parameters.name_sources(site.catalogue, as_of)
    name = vault.latest(heads_of, "name", as_of, sources).rename({"value": "head_name_masked"})
    phone = vault.latest(heads_of, "phone", as_of).rename({"value": "phone_masked"})
    past, found = visited_alerts(site.con, as_of), outcomes(site.con, as_of)
    visits = last_visit_text(found, past, result_names(site.catalogue))
    answers = rows_of_households(site.con, "mart.entitlement", as_of, alerts, *_OF_ANSWERS)
    paid = receiving_text(answers, benefit_names(site.catalogue), who_text(persons, _relations(site)))
    applied = applied_text(found, past, benefit_names(site.catalogue), answers)
    open_ = open_benefits_text(answers, benefit_names(site.catalogue), missing_fact_names(site.catalogue))
    lines = alerts.join(whom, on="household_id", how="left")
    for part, key in (
        (name, "person_id"),
        (phone, "person_id"),
        (visits, "household_id"),
        (paid, "household_id"),
        (open_, "household_id"),
        (applied, "household_id"),
    ):
        lines = lines.join(part, on=key, how="left")
    villages = villages_at(as_of, site.changes).select("village_code", "village_name")
    shown = lines.join(villages, on="village_code", how="left").with_columns(
        mask_name(pl.col("head_name_masked")),
        mask_phone(pl.col("phone_masked")),
        pl.concat_str("last_visit_zh", "applied_zh", separator="\n", ignore_nulls=True).replace("", None),
        status_zh=pl.col("line_state").replace_strict(_states_zh(), default=""),
    )
    return with_papers(site, as_of, with_case_numbers(site, as_of, shown))


def _relations(site: Site) -> pl.DataFrame:
    """code, zh of how a member stands to the head."""
    values = site.codes["relation"].values
    return pl.DataFrame({"code": [v.code for v in values], "zh": [v.zh for v in values]})


def _states_zh() -> dict[str, str]:
    return {state: count_zh(state) for state in LINE_STATES}


def write_worklists(
    site: Site,
    as_of: date,
    lines: pl.DataFrame,
    folder: Path,
    sheets: StationSheets,
    *,
    version: str = "",
) -> None:
    """One workbook per station, empty ones included: silence must not look like a lost file.

    `version` of rules and code (the site's own, unless told otherwise) is printed on each.
    """
    results = result_names(site.catalogue, "need")
    lists = station_lists(site, as_of, lines, version=version)
    with replaced_folder(folder, site.home.scratch) as fresh:
        for done, (header, own) in enumerate(lists):
            site.progress(f"{as_of} worklists", done, len(lists))
            name = f"{header.town_code}_{header.town_name}.xlsx"
            write_worklist(fresh / name, header, own, results, sheets.of(header.town_code))


def station_lists(
    site: Site, as_of: date, lines: pl.DataFrame, *, version: str = ""
) -> list[tuple[WorklistHeader, pl.DataFrame]]:
    """The head of each station's list, and its lines as they read on the page."""
    sources, benefits = source_dates(site, as_of), tuple(benefit_names(site.catalogue).rows())
    counts = {row["town_code"]: row for row in counts_at(site, as_of).iter_rows(named=True)}
    hands = hands_lines(site, as_of)
    visits = lines.filter(pl.col("queue") == "need").drop_nulls("town_code")
    visits = worklist_lines(visit_order(visits), as_of)
    by_town, empty = visits.partition_by("town_code", as_dict=True), visits.clear()
    heads_of = [
        WorklistHeader(
            station_name=f"{name}社会工作服务站",
            town_code=code,
            town_name=name,
            as_of=as_of,
            capacity=capacity,
            sources=sources,
            waiting_cnt=counts.get(code, {}).get("waiting_cnt", 0),
            red_beyond_cnt=counts.get(code, {}).get("red_beyond_cnt", 0),
            county_name=county,
            version=version or site.version,
            local_zh=local_values_zh(site.catalogue, as_of, code),
            hands_zh=hands.get(code, ""),
            benefits=benefits,
        )
        for code, name, capacity, county in stations_at(site, as_of).rows()
    ]
    return [(head, by_town.get((head.town_code,), empty)) for head in heads_of]


def stations_at(site: Site, as_of: date) -> pl.DataFrame:
    """town_code, town_name, capacity, county_name of every station with households on the date."""
    here = partition(site.con, "panel.household", as_of, "town_code").drop_nulls().unique().sort("town_code")
    named = with_town_names(here, towns_at(as_of, site.changes))
    named = with_county_names(named.with_columns(county_code=pl.col("town_code").str.slice(0, 6)))
    hours = capacities(site, as_of)
    named = named.join(hours, on="town_code", how="left", maintain_order="left")
    return named.select(
        "town_code", "town_name", pl.col("capacity").fill_null(site.capacity(as_of)), "county_name"
    )


def source_dates(site: Site, as_of: date) -> tuple[SourceDate, ...]:
    """How fresh each extract is, as the list's head shows it; a restricted source is not named there."""
    titles = {c.extract: c.title_zh for c in site.contracts.values()}
    rows = partition(site.con, "mart.staleness", as_of, "extract", "last_known_date", "is_stale").rows()
    open_ones = {c.extract for c in site.contracts.values() if not c.is_restricted}
    return tuple(SourceDate(titles[name], last, stale) for name, last, stale in rows if name in open_ones)


def write_compliance_lists(site: Site, as_of: date, lines: pl.DataFrame) -> None:
    """One workbook per county with payments to check."""
    sources = source_dates(site, as_of)
    lines = with_town_names(lines.filter(pl.col("queue") == "compliance"), towns_at(as_of, site.changes))
    checks = compliance_lines(lines.drop_nulls("county_code"), as_of).partition_by(
        "county_code", as_dict=True
    )
    offices = lines.select("county_code").drop_nulls().unique().sort("county_code")
    with replaced_folder(site.home.dated("compliance", as_of), site.home.scratch) as fresh:
        for code, name in with_county_names(offices).rows():
            header = ComplianceHeader(
                code, name, as_of, sources=sources, version=site.version,
                local_zh=local_values_zh(site.catalogue, as_of, code or ""),
            )  # fmt: skip
            write_compliance(fresh / f"{code}.xlsx", header, checks[(code,)])
