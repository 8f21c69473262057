"""Write past lists anew from the alerts on record: what is no longer on record is no longer on them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from flows.actions.replay import version_on
from flows.context.home import Home
from flows.context.site import Site
from flows.delivery.answered_lists import write_referral_lists, write_spot_check_lists
from flows.delivery.county_lists import write_county_lists
from flows.delivery.deliver import listed_lines, stations_at, write_compliance_lists, write_worklists
from flows.delivery.station_sheets import station_sheets
from warehouse.database.partitions import partition
from warehouse.identity.vault import Vault

KINDS = ("worklists", "counties", "compliance", "referrals", "spot_checks")


def write_lists_again(site: Site, vault: Vault, lists: Iterable[tuple[str, str, str]]) -> int:
    """Put new files in the place of these (as_of, town code, county code); others stay as handed out.

    Returns how many files were written or, where nothing is left to write, removed.
    """
    written, places = 0, sorted(set(lists))
    for day in sorted({as_of for as_of, _, _ in places}):
        if site.home.dated("worklists", date.fromisoformat(day)).exists():
            codes = {code for as_of, *both in places if as_of == day for code in both}
            written += _day(site, vault, date.fromisoformat(day), codes)
    return written


def _day(site: Site, vault: Vault, as_of: date, codes: set[str]) -> int:
    again = Home(site.home.scratch / "lists")
    shutil.rmtree(again.root, ignore_errors=True)
    again.scratch.mkdir(parents=True, mode=0o700)
    beside = replace(site, home=again)
    # The version printed says which rules made the list; it stays that of the list handed out.
    beside.__dict__["rules_hash"] = version_on(site.home.dated("worklists", as_of)) or site.version
    lines = listed_lines(beside, vault, as_of, partition(site.con, "mart.alert", as_of))
    sheets = station_sheets(beside, vault, as_of)
    write_worklists(beside, as_of, lines, again.dated("worklists", as_of), sheets)
    write_compliance_lists(beside, as_of, lines)
    write_referral_lists(beside, vault, as_of)
    write_spot_check_lists(beside, vault, as_of)
    write_county_lists(beside, as_of, stations_at(beside, as_of))
    done = sum(_put(again.dated(kind, as_of), site.home.dated(kind, as_of), codes) for kind in KINDS)
    shutil.rmtree(again.root)
    return done


def _put(fresh: Path, folder: Path, codes: set[str]) -> int:
    """Replace the files whose name begins with one of the codes, each whole."""
    done = 0
    for path in sorted(p for p in folder.glob("*") if p.stem.partition("_")[0] in codes):
        new = fresh / path.name
        if new.exists():
            new.replace(path)
        else:
            path.unlink()
        done += 1
    return done
