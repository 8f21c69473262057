"""The numbers of a month and of its year so far, for every place, and which of them do not leave a county."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from flows.context.site import Site
from policies.casework.life import load_life
from policies.casework.reports import load_report_rules
from policies.engine.rule_facts import rule_facts
from transforms.reports.rollup import of_places
from transforms.reports.small_counts import hidden_cells
from warehouse.reports.registry import METRICS, Asked, rows_behind

_CELL = ["metric", "part", "area"]
_MEDIANS = [metric.name for metric in METRICS.values() if metric.kind == "median"]
_TOTALS = [metric.name for metric in METRICS.values() if metric.has_total]
_STOCKS = [metric.name for metric in METRICS.values() if metric.is_stock]
# What a group's hidden cells are told by; medians go with the last stage they measure.
_GROUPS = pl.DataFrame(
    [(m.name, m.hidden_with, m.kind, m.is_private, m.stays, m.unit == "元/月") for m in METRICS.values()],
    schema=["metric", "group", "kind", "is_private", "stays", "is_yuan"],
    orient="row",
)


@dataclass(frozen=True)
class Numbers:
    """Every number of a month: metric, part, area, month, year, row_cnt, month_hidden, year_hidden.

    month, year: of the month, and from the year's first month on (null for what is no flow). *_hidden: not
    to be shown in what leaves the county. row_cnt: how many things a median rests on. One row per number of
    each place that has any; where there is none, what is added up is nought. rows: what they are made
    of, with their month.
    """

    month: date
    day: date
    small_count: int
    cells: pl.DataFrame
    rows: pl.DataFrame


def asked_of(site: Site, first: date, last: date, day: date) -> Asked:
    """What queries are told: the months from `first` to `last`, as known on the day."""
    codes = site.catalogue.result_codes
    life = load_life(day)
    return Asked(
        first_date=first,
        last_date=last,
        day=day,
        need_codes=tuple(code.code for code in codes if code.is_verified_need),
        no_visit_codes=tuple(code.code for code in codes if code.code not in life.visit_codes),
        open_states=life.open_states,
        signal_departments=signal_departments(site, day),
    )


def signal_departments(site: Site, day: date) -> pl.DataFrame:
    """signal_id, department: each department whose delivered facts a signal asks for."""
    cat = site.catalogue
    department = {contract.extract: contract.department for contract in site.contracts.values()}
    pairs = {
        (signal.id, department[source.partition(".")[0]])
        for signal in cat.signals_at(day)
        for name in rule_facts(cat, signal, day)
        if name in cat.facts_of(signal.entity)
        for source in cat.facts_of(signal.entity)[name].sources
        if source.partition(".")[0] in department
    }
    schema = {"signal_id": pl.String, "department": pl.String}
    return pl.DataFrame(sorted(pairs), schema=schema, orient="row")


def numbers(site: Site, month: date, day: date) -> Numbers:
    """All numbers of the month that begins on `month`, and of its year so far, as known on the day."""
    months = [date(month.year, number, 1) for number in range(1, month.month + 1)]
    asked = asked_of(site, month, last_of(month), day)
    rows = pl.concat(
        rows_behind(site.con, replace(asked, first_date=first, last_date=last_of(first))).with_columns(
            month=pl.lit(first)
        )
        for first in months
    )
    small = load_report_rules(day).small_count
    return Numbers(month, day, small, _cells(rows, month, small), rows)


def last_of(month: date) -> date:
    """The last day of a month."""
    return month.replace(day=monthrange(month.year, month.month)[1])


def _cells(rows: pl.DataFrame, month: date, small: int) -> pl.DataFrame:
    own = _places(rows.filter(month=month)).rename({"value": "month"})
    year = _places(rows.filter(~pl.col("metric").is_in(_STOCKS))).rename(
        {"value": "year", "row_cnt": "year_row_cnt"}
    )
    cells = own.join(year, on=_CELL, how="full", coalesce=True)
    is_flow = ~pl.col("metric").is_in([*_MEDIANS, *_STOCKS])
    cells = cells.with_columns(month=pl.when(is_flow).then(pl.col("month").fill_null(0.0)).otherwise("month"))
    hidden = (
        pl.concat(
            _hidden(of_month, small).with_columns(month=pl.lit(first))
            for (first,), of_month in rows.partition_by("month", as_dict=True).items()
        )
        if rows.height
        else pl.DataFrame(schema=dict.fromkeys(_CELL, pl.String) | {"month": pl.Date})
    )
    now = hidden.filter(month=month).select(*_CELL, month_hidden=pl.lit(True))
    ever = hidden.select(*_CELL, year_hidden=pl.lit(True)).unique()
    marked = cells.join(now, on=_CELL, how="left").join(ever, on=_CELL, how="left")
    marked = marked.with_columns(pl.col("month_hidden", "year_hidden").fill_null(False))
    return _medians_hidden(marked, small).sort(_CELL)


def _places(rows: pl.DataFrame) -> pl.DataFrame:
    return of_places(rows.drop("month"), _MEDIANS, _TOTALS)


def _hidden(rows: pl.DataFrame, small: int) -> pl.DataFrame:
    """metric, part, area of what one month's numbers keep to themselves."""
    cells = (
        _places(rows)
        .join(_GROUPS, on="metric")
        .filter(pl.col("kind") == "sum", "is_private", ~pl.col("stays"))
    )
    named = cells.with_columns(
        group=pl.when(pl.col("group").str.starts_with("yield_"))
        .then(pl.format("{}_{}", "group", "part"))
        .otherwise("group"),
        cell=pl.format("{}|{}", "metric", "part"),
        is_count=~pl.col("is_yuan"),
    )
    found = hidden_cells(named.select("group", "cell", "area", "value", "is_count"), small)
    names = pl.col("cell").str.split_exact("|", 1).struct
    return found.select(names[0].alias("metric"), names[1].alias("part"), "area")


def _medians_hidden(cells: pl.DataFrame, small: int) -> pl.DataFrame:
    """A median of few things is hidden, and so is one whose things' count is."""
    counted = cells.filter(part="").select(
        "area", last="metric", count_hidden="month_hidden", year_count_hidden="year_hidden"
    )
    is_median = pl.col("metric").is_in(_MEDIANS)
    last = pl.when(is_median).then(pl.col("metric").str.split("_").list.last()).alias("last")
    joined = cells.with_columns(last).join(counted, on=["area", "last"], how="left")
    few, few_year = pl.col("row_cnt").fill_null(0) < small, pl.col("year_row_cnt").fill_null(0) < small
    return joined.with_columns(
        month_hidden=pl.when(is_median)
        .then(few | pl.col("count_hidden"))
        .otherwise("month_hidden")
        .fill_null(False),
        year_hidden=pl.when(is_median)
        .then(few_year | pl.col("year_count_hidden"))
        .otherwise("year_hidden")
        .fill_null(False),
    ).drop("last", "count_hidden", "year_count_hidden")
