"""Export one station's names, phones and addresses, locked with a password: on request, and on record."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from divisions.present import towns_at, villages_at
from exchange.lists.contacts import ContactHeader, contact_workbook, refuse_weak
from exchange.words import words as texts
from flows.actions.printing import lists_folder
from flows.context import parameters
from flows.context.site import Site
from flows.delivery.case_numbers import with_case_numbers
from policies.casework.choices import last_events
from transforms.alerts.list_lines import heads, who_text
from transforms.casework.contact_lines import contact_lines
from warehouse.casework.for_lists import key_persons, last_step_events
from warehouse.database.partitions import newest_date, partition, rows_of_households
from warehouse.identity.marks import marked_step
from warehouse.identity.vault import Vault
from warehouse.written import words
from zhaoren.errors import ZhaorenError

_PERSON = ("household_id", "person_id", "village_code", "is_alive", "relation_code", "age_years")
_LONGEST_REASON = 200


@dataclass(frozen=True)
class Exported:
    """What was written: where, for how many households and key persons."""

    path: Path
    as_of: date
    household_cnt: int
    key_person_cnt: int


def export_contacts(
    site: Site,
    town: str,
    password: str,
    *,
    reason: str,
    as_of: date | None = None,
    target: Path | None = None,
) -> Exported:
    """Write the workbook of one station's date (the newest unless told) and put on record who asked and why.

    `target`: the file, else one in the present folder. Nothing of it stays in the home. Raises ZhaorenError
    for a weak password, a missing reason, a date without lists, a station without a list.
    """
    refuse_weak(password)
    _need_reason(reason)
    day = as_of or newest_date(site.con)
    lists_folder(site, day)
    name = _station(site, day, town)
    cases = _cases(site, day, town)
    month = key_persons(site.con, day).filter(pl.col("town_code") == town)
    with site.open_vault(day, "contacts", town) as vault:
        _keep_reason(site, vault, day, town, reason)
        own, planned = _lines(site, vault, day, cases), _key_lines(site, vault, day, month)
    header = ContactHeader(f"{name}社会工作服务站", day, site.asker.name)
    path = target or Path(f"{town}_{name}_联系表_{day}.xlsx")
    _write_private(path, contact_workbook(header, own, planned, password))
    return Exported(path, day, own.height, planned.height)


def _need_reason(reason: str) -> None:
    if not reason.strip() or len(reason) > _LONGEST_REASON:
        raise ZhaorenError(
            "An export of contact details needs a reason.",
            "--reason",
            f"It is empty, or longer than {_LONGEST_REASON} characters.",
            "Say in a few words what the station needs them for; it goes on record.",
        )


def _station(site: Site, as_of: date, town: str) -> str:
    towns = towns_at(as_of, site.changes).filter(pl.col("town_code") == town)
    here = partition(site.con, "panel.household", as_of, "town_code").filter(pl.col("town_code") == town)
    if here.is_empty():
        raise ZhaorenError(
            "No station of that date has this code.",
            f"--town {town}"[:40],
            "No household of the date lives there.",
            "Give a town's nine digits, as the workbook's name begins with.",
            code="no_station",
        )
    return str(towns.item(0, "town_name")) if towns.height else f"区划{town}"


def _cases(site: Site, as_of: date, town: str) -> pl.DataFrame:
    """household_id, number of the families on the station's list and of those with open matters."""
    columns = ("household_id", "alert_id", "queue", "town_code", "is_listed", "list_rank")
    listed = partition(site.con, "mart.alert", as_of, *columns).filter(
        "is_listed", queue="need", town_code=town
    )
    named = with_case_numbers(site, as_of, listed).sort("list_rank", "alert_id")
    ended = pl.DataFrame(last_events(as_of), schema=["kind_code", "event_code"], orient="row")
    matters = last_step_events(site.con, as_of).filter(pl.col("town_code") == town)
    matters = matters.join(ended, on=["kind_code", "event_code"], how="anti").drop_nulls("household_id")
    both = pl.concat(
        [
            named.select("household_id", number=pl.coalesce("case_no", "alert_id")),
            matters.select("household_id", number="case_no").sort("number"),
        ]
    )
    return both.unique("household_id", keep="first", maintain_order=True)


def _lines(site: Site, vault: Vault, as_of: date, cases: pl.DataFrame) -> pl.DataFrame:
    persons = rows_of_households(site.con, "panel.person", as_of, cases, *_PERSON)
    whom = heads(persons)
    relations = site.codes["relation"].values
    who = who_text(
        persons, pl.DataFrame({"code": [v.code for v in relations], "zh": [v.zh for v in relations]})
    )
    members = persons.filter(pl.col("is_alive").fill_null(True)).join(who, on="person_id", how="left")
    lines = contact_lines(cases.join(whom, on="household_id", how="left", maintain_order="left"), members,
                          *_contacts(site, vault, as_of, persons))  # fmt: skip
    return _shown(site, as_of, lines)


def _key_lines(site: Site, vault: Vault, as_of: date, month: pl.DataFrame) -> pl.DataFrame:
    cases = month.select("person_id", "village_code", number="key_no", household_id="person_id")
    nobody = pl.DataFrame(schema=dict.fromkeys(("household_id", "person_id", "who_zh"), pl.String))
    lines = contact_lines(cases, nobody, *_contacts(site, vault, as_of, cases))
    return _shown(site, as_of, lines)


def _contacts(
    site: Site, vault: Vault, as_of: date, persons: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Names, phones (all, the newest first) and addresses of these persons: person_id, value."""
    whom = persons.get_column("person_id").drop_nulls()
    names = vault.latest(whom, "name", as_of, parameters.name_sources(site.catalogue, as_of))
    return names, vault.every(whom, "phone", as_of), vault.latest(whom, "address", as_of)


def _shown(site: Site, as_of: date, lines: pl.DataFrame) -> pl.DataFrame:
    villages = villages_at(as_of, site.changes).select("village_code", village="village_name")
    text = texts("contacts")
    return lines.join(villages, on="village_code", how="left", maintain_order="left").with_columns(
        pl.col("name").fill_null(text["no_name"]),
        pl.col("phones").fill_null(text["no_phone"]),
        pl.col("address").fill_null(text["no_address"]),
    )


def _keep_reason(site: Site, vault: Vault, as_of: date, town: str, reason: str) -> None:
    """The reason is somebody's words: it lives in the vault, beside the opening's line in the warehouse."""
    about = f"{site.now().isoformat(timespec='microseconds')}|{town}|{as_of}"
    with marked_step(site.con, vault, f"contacts of {about}"):
        words.keep_one(
            vault, words.CONTACT_EXPORT, about, known=as_of, author=site.asker.name, text=reason.strip()
        )


def _write_private(path: Path, content: bytes) -> None:
    """A new file that its owner alone may read; one that is there already is not overwritten."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except FileExistsError as error:
        raise ZhaorenError(
            "The contact list was not written: there is a file of that name already.",
            str(path),
            "It may be the one that was asked for before.",
            "Remove it, or name another with --out.",
            code="file_there",
        ) from error
