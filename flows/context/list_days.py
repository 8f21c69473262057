"""On which days lists are made: by the calendar of the installation, whatever files come on other days."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta

import polars as pl

from data_contracts.contract.period import later
from flows.context.settings import ListCalendar
from flows.context.site import Site
from warehouse.deliveries.deliveries import deliveries_at
from warehouse.queries.runs import list_dates


def makes_lists(site: Site, as_of: date) -> bool:
    """Whether the calendar of the installation has lists made on the date, by what is known on it."""
    return is_list_day(site.settings.lists, as_of, list_dates(site.con), deliveries_at(site.con, as_of))


def is_list_day(
    calendar: ListCalendar, as_of: date, made: Collection[date], deliveries: pl.DataFrame
) -> bool:
    """Whether lists are made on the date. `made`: dates that have lists; `deliveries`: known by the date.

    A date that has lists keeps them: what came for it since goes into them. Otherwise a month has its lists
    on the first day, from the one agreed on, by which files of the month before have come. A late file of an
    older month and the corrected rows of a receipt bring no lists, whenever they come; only the very first
    lists are made of whatever there is.
    """
    if as_of in made:
        return True
    if calendar.every != "month":
        return calendar.every == "delivery"
    if as_of.day < calendar.from_day or any(_month(day) == _month(as_of) for day in made):
        return False
    came = deliveries.filter(pl.col("known_date").is_between(as_of.replace(day=1), as_of))
    return not (came if not made else _in_time(came, as_of)).is_empty()


def days_with_lists_between(site: Site, days: Sequence[date], today: date) -> Iterator[date]:
    """The days, each followed by its month's list day where that is a day without files.

    Whoever iterates runs each day before asking for the next: only then it is known what came by it.
    """
    calendar = site.settings.lists
    for day, following in zip(days, [*days[1:], today + timedelta(days=1)], strict=True):
        yield day
        agreed = day.replace(day=calendar.from_day)
        if calendar.every == "month" and day < agreed < following and makes_lists(site, agreed):
            yield agreed


def _in_time(came: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Whole files that report on the month before or a later one; one that was rejected brought nothing."""
    in_time = pl.col("period_month") >= later(as_of.replace(day=1), -1)
    return came.filter(pl.col("status").is_in(["accepted", "held"]), in_time, kind="full")


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month
