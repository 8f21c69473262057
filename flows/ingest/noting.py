"""What of the inbox no run takes is noted, for the report of the date and for `zhaoren status`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from flows.context.site import Site
from flows.ingest.inbox import LeftOut, inbox_dates, left_out
from warehouse.database.connection import transaction
from warehouse.queries.runs import dates_known, keep_inbox_notes
from warehouse.written.names import keep_entry_names
from zhaoren.errors import ZhaorenError


def note_left_out(site: Site, inbox: Path, as_of: date, repeated: Iterable[LeftOut]) -> tuple[LeftOut, ...]:
    """Keep and return what was left out: misnamed or future folders, days never run, repeated files."""
    today = site.now().date()
    found = (*left_out(inbox, today, site.words), *_never_run(site, inbox, as_of, today), *repeated)
    _keep_names(site, as_of, [(one.name, one.own) for one in found if one.own not in ("", one.name)])
    with transaction(site.con):
        keep_inbox_notes(site.con, as_of, [(one.name, one.code) for one in found])
    return found


def _keep_names(site: Site, as_of: date, names: list[tuple[str, str]]) -> None:
    """How that is named which is called by a hash, for whoever has to find it; in the vault alone."""
    if names:
        with site.open_vault(as_of, "names") as vault, transaction(vault.con):
            keep_entry_names(vault, as_of, names)


def _never_run(site: Site, inbox: Path, as_of: date, today: date) -> list[LeftOut]:
    try:
        days = inbox_dates(inbox, today)
    except ZhaorenError:
        return []  # an empty inbox, on a list day without files
    known = dates_known(site.con)
    return [LeftOut(str(day), "not_run") for day in days if day < as_of and day not in known]
