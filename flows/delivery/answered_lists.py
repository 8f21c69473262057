"""Lists that others than the station answer: receivers of referrals, a county's reviewers of visits.

The station does not see which of its visits were drawn: nobody confirms a visit of their own.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from divisions.present import towns_at
from exchange.lists.referrals import ReferralHeader, SpotCheckHeader, write_referrals, write_spot_checks
from flows.context.calendar import working_day
from flows.context.catalogue_frames import result_names
from flows.context.home import replaced_folder
from flows.context.places import with_county_names, with_town_names
from flows.context.site import Site
from flows.delivery.station_sheets import SPOT_CHECK, open_matters
from policies.casework.steps import load_steps
from warehouse.casework.for_lists import first_step_dates, reasons_listed
from warehouse.casework.matters import add_steps, step_ids
from warehouse.casework.spot_checks import drawn_visits, visits_of
from warehouse.database.connection import transaction
from warehouse.identity.vault import Vault


def write_referral_lists(site: Site, vault: Vault, as_of: date) -> None:
    """referrals/<as_of>/<county code>_<receiver>.xlsx; an overdue referral is red and says since when."""
    rows = open_matters(site, vault, as_of).filter(pl.col("kind_code") == "referral")
    rows = rows.filter(pl.col("town_code").is_not_null() & pl.col("subject").is_not_null())
    rows = rows.join(first_step_dates(site.con, as_of), on="step_id", how="left")
    rows = rows.join(reasons_listed(site.con, as_of, rows), on="household_id", how="left")
    rows = with_town_names(rows, towns_at(as_of, site.changes))
    rows = with_county_names(rows.with_columns(county_code=pl.col("town_code").str.slice(0, 6)))
    with replaced_folder(site.home.dated("referrals", as_of), site.home.scratch) as fresh:
        for (county, receiver), own in rows.partition_by("county_code", "subject", as_dict=True).items():
            header = ReferralHeader(
                county_code=str(county),
                county_name=own.item(0, "county_name"),
                receiver_code=str(receiver),
                receiver_zh=own.item(0, "subject_zh"),
                as_of=as_of,
                version=site.version,
            )
            write_referrals(fresh / f"{county}_{receiver}.xlsx", header, own)


def write_spot_check_lists(site: Site, vault: Vault, as_of: date) -> None:
    """spot_checks/<as_of>/<county code>.xlsx: every second look of the county that waits for an answer."""
    rows = open_matters(site, vault, as_of).filter(
        pl.col("kind_code") == SPOT_CHECK, pl.col("town_code").is_not_null()
    )
    rows = rows.join(visits_of(site.con, rows), on="visit_id", how="left")
    results = result_names(site.catalogue).rename({"code": "result_code", "zh": "result_zh"})
    rows = rows.join(results, on="result_code", how="left")
    rows = with_town_names(rows, towns_at(as_of, site.changes))
    rows = with_county_names(rows.with_columns(county_code=pl.col("town_code").str.slice(0, 6)))
    with replaced_folder(site.home.dated("spot_checks", as_of), site.home.scratch) as fresh:
        for (county,), own in rows.partition_by("county_code", as_dict=True).items():
            name = own.item(0, "county_name")
            write_spot_checks(
                fresh / f"{county}.xlsx", SpotCheckHeader(str(county), name, as_of, site.version), own
            )


def begin_spot_checks(site: Site, as_of: date) -> None:
    """What was drawn on the date is a matter from it on."""
    rows = drawn_visits(site.con, as_of)
    if rows.is_empty():
        return
    event = load_steps(as_of).kinds[SPOT_CHECK].events["drawn"]
    begun = rows.with_columns(
        kind_code=pl.lit(SPOT_CHECK),
        event_code=pl.lit(event.code),
        event_date=pl.lit(as_of),
        due_date=pl.lit(working_day(as_of, event.due or 1)),
        owner_code=pl.lit(event.owner),
        known_date=pl.lit(as_of),
        step_no=pl.lit(1),
    )
    with transaction(site.con):
        add_steps(site.con, begun.with_columns(step_ids(site.con, begun)))
