"""Rebuild a past date's lists and compare them, byte by byte, with those that were handed out."""

from __future__ import annotations

import filecmp
import shutil
from datetime import date

import polars as pl

from flows.context.site import Site
from flows.delivery.deliver import listed_lines, write_worklists
from flows.scoring.score import compute
from warehouse.database.partitions import partition
from zhaoren.errors import ZhaorenError


def replay_date(site: Site, as_of: date) -> tuple[int, list[str]]:
    """How many of the date's lists come out equal, and the names of those that do not.

    The score is computed anew from what was known by the date; if the alerts differ, that is named too.
    Raises ZhaorenError when the date was never run.
    """
    handed_out = site.home.dated("worklists", as_of)
    if not handed_out.exists():
        raise ZhaorenError(
            "There are no lists of that date.", str(handed_out), "", "See `zhaoren status` for the dates run."
        )
    alerts = compute(site, as_of)["mart.alert"]
    changed = [] if _equal_rows(alerts, partition(site.con, "mart.alert", as_of)) else ["mart.alert"]
    again = site.home.scratch / "replay"
    with site.open_vault(as_of, "replay") as vault:
        write_worklists(site, as_of, listed_lines(site, vault, as_of, alerts), again)
    names = sorted({p.name for folder in (handed_out, again) for p in folder.glob("*.xlsx")})
    same, differ, missing = filecmp.cmpfiles(handed_out, again, names, shallow=False)
    shutil.rmtree(again)
    return len(same), changed + sorted(differ + missing)


def _equal_rows(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    """Whether two frames keyed by alert_id hold the same rows, in whatever order."""
    return one.select(other.columns).sort("alert_id").equals(other.sort("alert_id"))
