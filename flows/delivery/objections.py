"""What families say of a department's facts, beside its receipts: one workbook each, to be answered.

An objection whose fact nobody has named yet stays with the county; one that is written here is passed on.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from divisions.present import towns_at
from exchange.lists.referrals import ObjectionHeader, write_objections
from flows.context.calendar import working_day
from flows.context.places import with_town_names
from flows.context.site import Site
from flows.delivery.station_sheets import open_matters
from policies.casework.steps import load_steps
from warehouse.casework.for_lists import first_step_dates
from warehouse.casework.matters import add_steps, next_numbers
from warehouse.database.connection import transaction
from warehouse.identity.vault import Vault
from warehouse.written import words

NAME = "入户核实反馈.xlsx"
KIND, RAISED, PASSED_ON = "objection", "raised", "passed_on"


def write_objection_lists(site: Site, vault: Vault, as_of: date) -> None:
    """receipts/<as_of>/<department>/入户核实反馈.xlsx, after the receipts of the date were written."""
    rows = _objections(site, vault, as_of).join(first_step_dates(site.con, as_of), on="step_id", how="left")
    rows = with_town_names(_with_notes(vault, rows), towns_at(as_of, site.changes))
    titles = {c.department: c.department_zh for c in site.contracts.values()}
    for (department,), own in rows.partition_by("department", as_dict=True).items():
        path = site.home.dated("receipts", as_of) / str(department) / NAME
        path.parent.mkdir(parents=True, exist_ok=True)
        title = titles.get(str(department), str(department))
        write_objections(path, ObjectionHeader(str(department), title, as_of, site.version), own)


def _objections(site: Site, vault: Vault, as_of: date) -> pl.DataFrame:
    rows = open_matters(site, vault, as_of).filter(
        pl.col("kind_code") == KIND, pl.col("subject").is_not_null()
    )
    return rows.with_columns(department=pl.col("subject").str.split(".").list.first())


def pass_on_objections(site: Site, vault: Vault, as_of: date) -> None:
    """Those raised only are passed on by the date, before any of its lists says how far they are."""
    raised = _objections(site, vault, as_of).filter(pl.col("event_code") == RAISED)
    if raised.is_empty():
        return
    event = load_steps(as_of).kinds[KIND].events[PASSED_ON]
    rows = next_numbers(site.con, raised.select("step_id", "case_no", "subject")).with_columns(
        kind_code=pl.lit(KIND),
        event_code=pl.lit(PASSED_ON),
        event_date=as_of,
        known_date=as_of,
        due_date=working_day(as_of, event.due or 0),
        owner_code=pl.lit(event.owner),
    )
    with transaction(site.con):
        add_steps(site.con, rows)


def _with_notes(vault: Vault, rows: pl.DataFrame) -> pl.DataFrame:
    """What the worker wrote of it at the visit, where the matter was reported with words of its own."""
    kept = words.written(vault, words.STEP).with_columns(step_id=pl.col("about").str.split("|").list.first())
    notes = kept.drop_nulls("text").unique("step_id", keep="first", maintain_order=True)
    return rows.join(notes.select("step_id", note_zh="text"), on="step_id", how="left")
