"""The numbers of a month and of its year so far, for every place, and which of them do not leave a county."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import polars as pl

from flows.context.site import Site
from policies.casework.life import load_life
from policies.casework.reports import load_report_rules
from policies.engine.rule_facts import rule_facts
from transforms.reports.rollup import of_places
from transforms.reports.small_counts import hidden_cells
from warehouse.reports.registry import METRICS, Asked, first_day, rows_behind
from warehouse.reports.spot_checks import second_looks

_CELL = ["metric", "part", "area"]
_MEDIANS = [metric.name for metric in METRICS.values() if metric.kind == "median"]
_TOTALS = [metric.name for metric in METRICS.values() if metric.has_total]
_STOCKS = [metric.name for metric in METRICS.values() if metric.is_stock]
# The month, and the quarter, half-year and year up to it.
SPANS = ("month", "quarter", "half", "year")
# What a group's hidden cells are told by; medians go with the last stage they measure.
_GROUPS = pl.DataFrame(
    [(m.name, m.hidden_with, m.kind, m.is_private, m.stays, m.unit == "元/月") for m in METRICS.values()],
    schema=["metric", "group", "kind", "is_private", "stays", "is_yuan"],
    orient="row",
)


@dataclass(frozen=True)
class Numbers:
    """Every number of a month: metric, part, area, and of each span the number and more.

    month, quarter, half, year: of the month, and of the longer spans up to it (null for what stands at a
    month's end). *_hidden: not to be shown in what leaves the county. *_row_cnt: how many things a median
    rests on. One row per number of each place that has any; where there
    is none, what is added up is nought. rows: what they are made of, with their month. looks: of the year
    (warehouse.reports.spot_checks).
    """

    month: date
    day: date
    small_count: int
    cells: pl.DataFrame
    rows: pl.DataFrame
    looks: pl.DataFrame


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
    begun = first_day(site.con) or month
    months = [day for day in _months(month, "year") if last_of(day) >= begun] or [month]
    asked = asked_of(site, month, last_of(month), day)
    rows = pl.concat(
        rows_behind(site.con, replace(asked, first_date=first, last_date=last_of(first))).with_columns(
            month=pl.lit(first)
        )
        for first in months
    )
    small = load_report_rules(day).small_count
    looks = second_looks(site.con, replace(asked, first_date=months[0]))
    return Numbers(
        month=month, day=day, small_count=small, cells=_cells(rows, month, small), rows=rows, looks=looks
    )


def last_of(month: date) -> date:
    """The last day of a month."""
    return month.replace(day=monthrange(month.year, month.month)[1])


def _cells(rows: pl.DataFrame, month: date, small: int) -> pl.DataFrame:
    hidden = _hidden_by_month(rows, small)
    spans = [_span(rows, hidden, name, _months(month, name)) for name in SPANS]
    cells = spans[0]
    for span in spans[1:]:
        cells = cells.join(span, on=_CELL, how="full", coalesce=True)
    of_month = pl.col("metric").is_in(_STOCKS)
    for name in SPANS:
        cells = cells.with_columns(pl.col(f"{name}_hidden").fill_null(False))
        is_none = of_month if name != "month" else pl.lit(False)
        is_sum = ~pl.col("metric").is_in(_MEDIANS) & ~is_none
        cells = cells.with_columns(
            pl.when(is_sum).then(pl.col(name).fill_null(0.0)).when(~is_none).then(name)
        )
    return _medians_hidden(cells, small).sort(_CELL)


def _months(month: date, span: str) -> list[date]:
    """The months of a span up to the report's."""
    size = {"month": 1, "quarter": 3, "half": 6, "year": 12}[span]
    first = (month.month - 1) // size * size + 1
    return [date(month.year, number, 1) for number in range(first, month.month + 1)]


def _span(rows: pl.DataFrame, hidden: pl.DataFrame, name: str, months: list[date]) -> pl.DataFrame:
    """metric, part, area, and of the months together: value, row_cnt, and whether one of them is hidden."""
    inside = pl.col("month").is_in(months)
    values = _places(rows.filter(inside)).rename({"value": name, "row_cnt": f"{name}_row_cnt"})
    marks = hidden.filter(inside).select(*_CELL, pl.lit(True).alias(f"{name}_hidden")).unique()
    return values.join(marks, on=_CELL, how="full", coalesce=True)


def _hidden_by_month(rows: pl.DataFrame, small: int) -> pl.DataFrame:
    """metric, part, area, month of everything that one month's numbers keep to themselves."""
    parts = rows.partition_by("month", as_dict=True)
    found = [_hidden(part, small).with_columns(month=pl.lit(first)) for (first,), part in parts.items()]
    schema: dict[str, Any] = dict.fromkeys(_CELL, pl.String) | {"month": pl.Date}
    return pl.concat(found) if found else pl.DataFrame(schema=schema)


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
    counts = cells.filter(part="").select(
        "area", pl.col("metric").alias("last"), *(pl.col(f"{n}_hidden").alias(f"{n}_of") for n in SPANS)
    )
    is_median = pl.col("metric").is_in(_MEDIANS)
    last = pl.when(is_median).then(pl.col("metric").str.split("_").list.last()).alias("last")
    joined = cells.with_columns(last).join(counts, on=["area", "last"], how="left")
    for name in SPANS:
        few = pl.col(f"{name}_row_cnt").fill_null(0) < small
        own = pl.when(is_median).then(few | pl.col(f"{name}_of").fill_null(False)).otherwise(f"{name}_hidden")
        joined = joined.with_columns(own.alias(f"{name}_hidden"))
    return joined.drop("last", *(f"{name}_of" for name in SPANS))
