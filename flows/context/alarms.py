"""What is not there: files that were promised, months in which nobody delivered, lists that are due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl

from data_contracts.contract.cadence import expected_by
from data_contracts.contract.period import later
from flows.context.list_days import makes_lists
from flows.context.run import ordering_of
from flows.context.site import Site
from models.ranking.registry import MEANS, NEED
from transforms.deliveries.partitions import missing_partitions
from warehouse.deliveries.deliveries import deliveries_at
from warehouse.queries.runs import list_dates
from warehouse.ranking.drift import drift_at


def missing_files(site: Site, as_of: date) -> list[dict[str, Any]]:
    """Promised files that are not in force on the date, by extract and state.

    department, extract, title_zh, state (missing, awaited: the grace still runs, held, rejected, never: not
    one file of the extract was ever accepted), months (first days), expected_by_date (of the newest month),
    in_words (a sentence).
    """
    known = deliveries_at(site.con, as_of)
    found = missing_partitions(site.contracts.values(), known, as_of, awaited=True)
    came = known.filter(pl.col("status").is_in(["accepted", "superseded"])).get_column("extract").unique()
    never = (pl.col("state") == "missing") & ~pl.col("extract").is_in(came.implode())
    rows = (
        found.filter(pl.col("state") != "late")
        .with_columns(state=pl.when(never).then(pl.lit("never")).otherwise("state"))
        .group_by("department", "extract", "state")
        .agg(pl.col("period_month").unique().sort().alias("months"), pl.col("expected_by_date").max())
        .sort("department", "extract", "state")
    )
    titles = {contract.extract: contract.title_zh for contract in site.contracts.values()}
    named = [{**row, "title_zh": titles[row["extract"]]} for row in rows.to_dicts()]
    return [{**row, "in_words": _in_words(row)} for row in named]


def _in_words(found: dict[str, Any]) -> str:
    """One missing file as a sentence."""
    months = [f"{month:%Y-%m}" for month in found["months"]]
    which = months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
    last = "" if len(months) == 1 else "the last "
    said = {
        "missing": f"{which} did not come, {last}due by {found['expected_by_date']}",
        "awaited": f"{which} has not come yet, {last}due by {found['expected_by_date']}",
        "held": f"{which} came and is held: see `zhaoren status`",
        "rejected": f"{which} came and was rejected: see its receipt",
        "never": "nothing was ever delivered",
    }
    return f"{found['department']}.{found['extract']} {found['title_zh']}: {said[found['state']]}"


def silent_months(site: Site, as_of: date) -> list[date]:
    """First days of the months, since the first delivery, in which nothing came; oldest first.

    The month of the date counts once the first of its files is overdue by its contract.
    """
    days = deliveries_at(site.con, as_of).get_column("known_date")
    if days.is_empty():
        return []
    came = {day.replace(day=1) for day in days}
    regular = [contract for contract in site.contracts.values() if contract.period_months == 1]
    months, month = [], min(came)
    while month <= as_of:
        due = min((expected_by(contract, later(month, -1)) for contract in regular), default=as_of)
        if month not in came and (month < as_of.replace(day=1) or due < as_of):
            months.append(month)
        month = later(month, 1)
    return months


def alarms(site: Site, as_of: date) -> list[str]:
    """What somebody must act on, one sentence each."""
    return [*_silence(site, as_of), *_lists_due(site, as_of), *_model(site, as_of)]


def _model(site: Site, as_of: date) -> Iterator[str]:
    ordering, test = (ordering_of(site, as_of, target) for target in (NEED, MEANS))
    yield from filter(None, (ordering.refused, test.refused))
    if ordering.model:  # what moved of one that was rolled back since concerns nobody
        drifted = drift_at(site.con, as_of).filter("is_alarm", model_id=ordering.model.model_id)
        for row in drifted.iter_rows(named=True):
            yield _drifted(row)


def _drifted(row: dict[str, Any]) -> str:
    """What moved of the model in use, or what it promised and did not keep, as a sentence."""
    said = _DRIFTED[row["measure"]].format_map(row)
    return (
        f"The model in use, {row['model_id']}, on {row['as_of']}: {said}. "
        "See `zhaoren models drift`; train again, or: zhaoren models rollback"
    )


_DRIFTED = {
    "psi": "the spread of {column_name} moved (population stability index {value:.2f})",
    "unknown": "{column_name} is unknown of {value:.0%} of households, of {expected:.0%} when it was trained",
    "promise": "of {cnt} visited lines {value:.0%} were in need ({low:.0%} to {high:.0%}); it promised "
    "{expected:.0%}",
    "first_half": "of the visited lines it puts first {value:.0%} were in need ({low:.0%} to {high:.0%}); of "
    "those that rule points put first {expected:.0%}",
}


def _silence(site: Site, as_of: date) -> Iterator[str]:
    silent = silent_months(site, as_of)
    if not silent:
        return
    newest = max(deliveries_at(site.con, as_of).get_column("known_date"))
    since = [month for month in silent if month > newest]
    for month in silent[: len(silent) - len(since)]:
        yield f"Nobody delivered anything in {month:%Y-%m}."
    if since:
        span = f"{since[0]:%Y-%m}" if len(since) == 1 else f"{since[0]:%Y-%m} to {since[-1]:%Y-%m}"
        days = (as_of - newest).days
        yield f"Nobody has delivered anything since {newest}, {days} days ago: nothing for {span}."


def _lists_due(site: Site, as_of: date) -> Iterator[str]:
    if (
        site.settings.lists.every == "month"
        and as_of not in list_dates(site.con)
        and makes_lists(site, as_of)
    ):
        yield f"The lists of {as_of:%Y-%m} are due and not made: zhaoren run --inbox INBOX --all"
