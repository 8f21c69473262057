"""The referral lists of a date: one file per county and receiver with a family that waits for an answer."""

from __future__ import annotations

from datetime import date

import polars as pl

from divisions.present import towns_at
from exchange.lists.referrals import ReferralHeader, write_referrals
from flows.context.home import replaced_folder
from flows.context.places import with_county_names, with_town_names
from flows.context.site import Site
from flows.delivery.station_sheets import open_matters
from warehouse.casework.for_lists import first_step_dates, reasons_listed
from warehouse.identity.vault import Vault

FOLDER = "referrals"


def write_referral_lists(site: Site, vault: Vault, as_of: date) -> None:
    """referrals/<as_of>/<county code>_<receiver>.xlsx; an overdue referral is red and says since when."""
    rows = open_matters(site, vault, as_of).filter(pl.col("kind_code") == "referral")
    rows = rows.filter(pl.col("town_code").is_not_null() & pl.col("subject").is_not_null())
    rows = rows.join(first_step_dates(site.con, as_of), on="step_id", how="left")
    rows = rows.join(reasons_listed(site.con, as_of, rows), on="household_id", how="left")
    rows = with_town_names(rows, towns_at(as_of, site.changes))
    rows = with_county_names(rows.with_columns(county_code=pl.col("town_code").str.slice(0, 6)))
    with replaced_folder(site.home.dated(FOLDER, as_of), site.home.scratch) as fresh:
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
