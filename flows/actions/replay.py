"""Rebuild a past date's lists and compare them, byte by byte, with those that were handed out."""

from __future__ import annotations

import filecmp
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from exchange.answers.given import list_version
from flows.context.site import Site
from flows.delivery.deliver import listed_lines, write_worklists
from flows.delivery.station_sheets import station_sheets
from flows.scoring.score import computed
from warehouse.database.partitions import partition
from warehouse.erasure.tasks import stations_written_anew
from zhaoren.errors import ZhaorenError


@dataclass(frozen=True)
class Replay:
    """How many of a date's lists come out equal to the byte, and the names of those that do not.

    made_by, now: the version of rules and code on the lists handed out, and today's. from_record: how many
    of them were rebuilt from the alerts on record, since a person was erased from them.
    """

    same_cnt: int
    changed: tuple[str, ...]
    made_by: str
    now: str
    from_record: int = 0


def replay_date(site: Site, as_of: date) -> Replay:
    """Compute the date's alerts from what was known by it, and write its lists again beside the old ones.

    If the alerts differ from those kept, `mart.alert` is among the changed names. Raises ZhaorenError when
    the date was never run.
    """
    handed_out = site.home.dated("worklists", as_of)
    if not handed_out.exists():
        raise ZhaorenError(
            "There are no lists of that date.", str(handed_out), "", "See `zhaoren status` for the dates run."
        )
    with computed(site, as_of) as answers:
        alerts = answers.whole["mart.alert"]
    # Who was erased cannot be computed again, and neither what stood beside them in a station's order.
    erased = pl.col("town_code").is_in(sorted(stations_written_anew(site.con, as_of)))
    recorded = partition(site.con, "mart.alert", as_of)
    is_equal = _equal_rows(alerts.filter(~erased), recorded.filter(~erased))
    changed = [] if is_equal else ["mart.alert"]
    again_cnt = recorded.filter(erased)["town_code"].n_unique()
    alerts = pl.concat([alerts.filter(~erased).select(recorded.columns), recorded.filter(erased)])
    made_by = version_on(handed_out) or site.version
    again = site.home.scratch / "replay"
    with site.open_vault(as_of, "replay") as vault:
        lines = listed_lines(site, vault, as_of, alerts)
        # The version printed names what made a list and is no part of what it says: the old one is printed.
        sheets = station_sheets(site, vault, as_of)
        write_worklists(site, as_of, lines, again, sheets, version=made_by)
    names = sorted({p.name for folder in (handed_out, again) for p in folder.glob("*.xlsx")})
    same, differ, missing = filecmp.cmpfiles(handed_out, again, names, shallow=False)
    shutil.rmtree(again)
    return Replay(len(same), (*changed, *sorted(differ + missing)), made_by, site.version, again_cnt)


def version_on(folder: Path) -> str | None:
    """The version on the lists in the folder, which were written in one go; None if none can be read."""
    for path in sorted(folder.glob("*.xlsx")):
        with suppress(ZhaorenError):
            return list_version(path)
    return None


def _equal_rows(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    """Whether two frames keyed by alert_id hold the same rows, in whatever order."""
    return one.select(other.columns).sort("alert_id").equals(other.sort("alert_id"))
