"""What of the inbox no run takes is noted, for the report of the date and for `zhaoren status`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from flows.context.site import Site
from flows.ingest.inbox import LeftOut, inbox_dates, left_out
from warehouse.database.connection import transaction
from warehouse.queries.runs import dates_known, keep_inbox_notes
from zhaoren.errors import ZhaorenError


def note_left_out(site: Site, inbox: Path, as_of: date, repeated: Iterable[LeftOut]) -> tuple[LeftOut, ...]:
    """Keep and return what was left out: misnamed or future folders, days never run, repeated files."""
    today = site.now().date()
    found = (*left_out(inbox, today), *_never_run(site, inbox, as_of, today), *repeated)
    with transaction(site.con):
        keep_inbox_notes(site.con, as_of, [(one.name, one.code) for one in found])
    return found


def _never_run(site: Site, inbox: Path, as_of: date, today: date) -> list[LeftOut]:
    try:
        days = inbox_dates(inbox, today)
    except ZhaorenError:
        return []  # an empty inbox, on a list day without files
    known = dates_known(site.con)
    return [LeftOut(str(day), "not_run") for day in days if day < as_of and day not in known]
