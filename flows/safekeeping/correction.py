"""Correct what the home holds of who a person is, on their request; or take such a correction back.

Lists that were handed out stay as they were: a correction counts from today on, or from the day after the
newest list where that one is of today.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import date, timedelta

import polars as pl

from data_contracts.cells.revealing import reveals
from data_contracts.cells.values import slow
from flows.context.site import Site
from flows.safekeeping.erasure import nobody
from warehouse.database.partitions import as_of_dates
from warehouse.erasure.subject import is_person, person_of_number
from warehouse.identity.marks import marked_step
from warehouse.identity.person_aliases import master_of
from warehouse.identity.vault import Vault
from warehouse.written.personal_corrections import (
    Correction,
    correction_cnt,
    in_force,
    keep_correction,
    undo_correction,
)
from zhaoren.errors import ZhaorenError

# What lists and `explain --contact` show of the vault, and how contracts read it.
READS_AS = {"name": "name", "phone": "text", "address": "text"}
# As contracts bound them (data_contracts/extracts); a person may name a landline as well as a mobile.
_MOST = {"name": 50, "phone": 20, "address": 200}
_PHONE = re.compile(r"1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}")
_LETTER = re.compile(r"[^\W\d_]")


def correct(
    site: Site, attribute: str, value: str, reason: str, *, number: str, person_id: str
) -> Correction:
    """Keep the right value; it goes before the departments' until one of them sends a new one.

    number: an ID number, or empty where person_id names the person. Raises ZhaorenError for nobody, and for
    a value that is none of the attribute.
    """
    value, today = right_value(attribute, value), site.now().date()
    _need_reason(reason)
    with site.open_vault(today, "correct") as vault:
        whose = _person(site, vault, number, person_id)
        stands_until, known = _days(site)
        correction = Correction(
            correction_no=_number(site, whose, attribute, value),
            corrected_at=site.now(),
            corrected_by=site.asker.name,
            attribute=attribute,
            person_id=whose,
            known_date=known,
        )
        with marked_step(site.con, vault, f"correct {correction.correction_no}"):
            keep_correction(
                site.con, vault, correction, value=value, reason=reason, stands_until=stands_until
            )
    return correction


def undo(site: Site, attribute: str, reason: str, *, number: str, person_id: str) -> Correction:
    """Let the departments' value count again. Raises ZhaorenError where no correction is in force."""
    _known_attribute(attribute)
    _need_reason(reason)
    with site.open_vault(site.now().date(), "correct") as vault:
        whose = _person(site, vault, number, person_id)
        correction = in_force(site.con, whose, attribute)
        if correction is None:
            raise ZhaorenError("There is nothing to undo.", attribute, "No correction of it is in force.", "")
        on = _days(site)[1]
        with marked_step(site.con, vault, f"undo correction {correction.correction_no}"):
            undo_correction(site.con, vault, correction, on=on, reason=reason, by=site.asker.name)
    return correction


def right_value(attribute: str, typed: str) -> str:
    """The value as a contract would read it. Raises ZhaorenError, which does not repeat it, for none."""
    _known_attribute(attribute)
    read = slow(pl.Series([typed], dtype=pl.String), READS_AS[attribute], is_number=attribute == "phone")
    value = read.item(0, "value") or ""
    if attribute == "phone":
        value = value.replace(" ", "")
    why = _fault(attribute, value)
    if why or read.item(0, "error"):
        raise ZhaorenError(
            f"This is no {attribute}.",
            "",
            why or "A contract would refuse it: it holds characters that do not belong there.",
            "Give the command again with the right value; nothing was changed.",
            code="no_such_value",
        )
    return value


def _fault(attribute: str, value: str) -> str:
    if not value:
        return "It is empty, or a word for nothing."
    if len(value) > _MOST[attribute]:
        return f"It is longer than {_MOST[attribute]} characters."
    if attribute == "phone":
        return (
            ""
            if _PHONE.fullmatch(value)
            else "A phone is a mobile of 11 digits, or a landline with its code."
        )
    if reveals(value):
        return "It holds an ID number, a phone or a bank card."
    if not _LETTER.search(value):
        return "It has no letter."
    if attribute == "name" and any(c.isdigit() for c in value):
        return "A name has no digits."
    return ""


def _known_attribute(attribute: str) -> None:
    if attribute not in READS_AS:
        raise ZhaorenError(
            "That cannot be corrected here.",
            attribute,
            "Facts are corrected by the department that sent them.",
            f"It is one of {', '.join(READS_AS)}.",
        )


def _need_reason(reason: str) -> None:
    if not reason.strip():
        raise ZhaorenError("A correction needs a reason.", "", "The reason given is empty.", "Give --reason.")


def _person(site: Site, vault: Vault, number: str, person_id: str) -> str:
    found = person_of_number(vault, number) if number else person_id
    if not found or not is_person(site.con, vault, found):
        raise nobody()
    return master_of(site.con, found)


def _days(site: Site) -> tuple[date, date]:
    """The last day whose deliveries and lists are as they are, and the day from which a correction counts."""
    today, newest = site.now().date(), max(as_of_dates(site.con), default=date.min)
    return max(today, newest), today if newest < today else newest + timedelta(days=1)


def _number(site: Site, person_id: str, attribute: str, value: str) -> str:
    """The same for the same correction given again after a kill, and nothing to guess the value by."""
    said = (person_id, attribute, value, str(correction_cnt(site.con, person_id, attribute)))
    return hmac.new(site.name_key.encode(), "\x1f".join(said).encode(), hashlib.sha256).hexdigest()[:12]
