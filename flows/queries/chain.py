"""一户一条救助链: one household from the first sign to the payment, all programmes on one line of time."""

from __future__ import annotations

from datetime import date
from typing import Any

from flows.context.site import Site
from flows.reports.chain_words import Words, told
from warehouse.casework.chain import found_case, household_of, story_of
from zhaoren.errors import ZhaorenError


def chain_of(site: Site, what: str, as_of: date | None) -> dict[str, Any]:
    """Everything known by the day of a household, oldest first.

    `cases`: number, queue, state of each. `links`: date (it happened), known_date, kind (case, alert, event,
    contact, visit, step, payment, key_visit), case_no, text_zh, and alert_id or other ids behind it.
    """
    day = as_of or site.now().date()
    about = household_of(site.con, what) or (what if found_case(site.con, what) else None)
    if about is None:
        raise ZhaorenError(
            f"Nothing is known as “{what}”.",
            "",
            "It is neither the number of a case nor a household.",
            "Copy 个案编号 from a list, or the household_id from the warehouse.",
        )
    return told(about, story_of(site.con, about, day), Words.of(site, day))
