"""The month's report of a place as files, or as data."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from divisions.present import towns_at
from exchange.prints.engine import write_pdf
from exchange.reports.extra_parts import QUERY, AppraisalLine, SecondLooks
from exchange.reports.missed_part import DUEL_QUERY
from exchange.reports.missed_part import QUERY as LINES_QUERY
from exchange.reports.monthly import Monthly, Page, html_of, monthly_page, write_monthly
from exchange.reports.monthly_book import write_monthly_book
from exchange.words import words
from flows.context.places import place_name
from flows.context.site import Site
from flows.reports.missed import missed_of_year
from flows.reports.numbers import Numbers
from policies.casework.appraisal import load_appraisal
from policies.casework.contacts import load_contacts
from policies.casework.reports import load_report_rules
from policies.casework.services import load_services
from policies.casework.steps import load_steps
from transforms.reports.corrected_need import corrected
from transforms.reports.rollup import LEVELS, UNPLACED
from transforms.reports.self_appraisal import self_appraisal
from warehouse.queries.duel import DUEL
from warehouse.queries.random_lines import LINES
from warehouse.reports.registry import METRICS
from warehouse.reports.spot_checks import SPOT_CHECKS
from zhaoren.errors import ZhaorenError

COUNTY, TOWN = LEVELS[2], LEVELS[3]
FORMATS = ("html", "xlsx", "pdf")
# Column of a report's metrics -> what it is called in the registry.
_OF_METRICS = {"metric": "name"} | {
    name: name
    for name in ("zh", "unit", "kind", "query", "is_stock", "stays", "has_parts", "none_is_unknown")
}


def monthly(site: Site, found: Numbers, area: str, *, outside: bool = False) -> Monthly:
    """The report of one place from the month's numbers; `outside`: a county's as others may see it.

    Cities' and provinces' reports always hide small counts. ZhaorenError where there is no such place.
    """
    places = places_of(site, area, found)
    kind = "outside" if outside or len(area) < COUNTY else "inside" if len(area) < TOWN else "station"
    return Monthly(
        places=places,
        month=found.month,
        day=found.day,
        kind=kind,
        k=found.small_count,
        figures=found.cells.filter(pl.col("area").is_in(list(places))),
        metrics=metric_frame(),
        labels=labels(site, found.day),
        version=site.version,
        second_looks=_second_looks(found, area),
        # a station has a line a month: nothing can be told of it alone, and nobody is to be ranked
        missed=None if kind == "station" else missed_of_year(site, found.day, area),
        published=load_report_rules(found.day).published if len(area) == LEVELS[0] else (),
        appraisal=_appraisal(found, area) if kind == "station" else (),
    )


def _appraisal(found: Numbers, town: str) -> tuple[AppraisalLine, ...]:
    own = found.cells.filter(area=town)
    answers = self_appraisal(
        load_appraisal(found.day), own.select("metric", "part", value="year"), load_services(found.day)
    )
    return tuple(
        AppraisalLine(one.module_zh, one.item_zh, one.most, one.points, one.basis) for one in answers
    )


def _second_looks(found: Numbers, area: str) -> SecondLooks | None:
    looks = found.looks.filter(pl.col("town_code").str.starts_with(area))
    if looks.is_empty():
        return None
    needed = load_report_rules(found.day).spot_checks_needed
    told = corrected(looks, needed)
    return SecondLooks(
        matrix=told.matrix,
        visits={True: told.reported.visits, False: told.unreported.visits},
        need=told.need,
        low=told.low,
        high=told.high,
        needed=needed,
    )


def places_of(site: Site, area: str, found: Numbers) -> dict[str, str]:
    """code -> name of the place and of those in it that it has numbers of or that are in force."""
    known = towns_at(found.day, site.changes)
    is_place = not known.filter(_lies_in(area)).is_empty() or area in found.cells.get_column("area")
    if not area.isdigit() or len(area) not in LEVELS or not is_place:
        raise ZhaorenError(
            f"There is no place with the code {area}.",
            "--area",
            "No town, county, city or province of the tables of divisions has it.",
            "Give 2, 4, 6 or 9 digits, such as 440111 for a county.",
            code="unknown_area",
        )
    places = {area: place_name(area)}
    if len(area) == TOWN:
        return places
    if len(area) == LEVELS[0] and UNPLACED in found.cells.get_column("area"):
        places[UNPLACED] = str(words("monthly")["unplaced"])
    below = LEVELS[LEVELS.index(len(area)) + 1]
    codes = known.filter(_lies_in(area)).select(pl.col("town_code").str.slice(0, below)).to_series()
    counted = found.cells.filter(
        pl.col("area").str.starts_with(area), pl.col("area").str.len_chars() == below
    )
    every = sorted({*codes, *counted.get_column("area")})
    return places | {
        code: place_name(code).removeprefix(place_name(area)) or place_name(code) for code in every
    }


def _lies_in(area: str) -> pl.Expr:
    return pl.col("town_code").str.starts_with(area)


def metric_frame() -> pl.DataFrame:
    """One row per metric as reports show it: metric, zh, unit, kind, query, is_stock, stays,
    has_parts, none_is_unknown."""
    looks = {"metric": QUERY, "zh": str(words("monthly")["second_looks"]["title"]), "unit": "次"}
    rows = [{name: getattr(metric, _OF_METRICS[name]) for name in _OF_METRICS} for metric in METRICS.values()]
    lines = {"metric": LINES_QUERY, "zh": str(words("monthly")["missed"]["title"]), "unit": "户"}
    both = {"metric": DUEL_QUERY, "zh": str(words("monthly")["missed"]["duel_headings"][0]), "unit": "户"}
    more = [{**both, "query": DUEL}, {**looks, "query": SPOT_CHECKS}, {**lines, "query": LINES}]
    return pl.DataFrame([*rows, *({**rows[0], **one, "has_parts": True} for one in more)])


def labels(site: Site, day: date) -> dict[str, str]:
    """The words of every part that a metric's numbers are told apart by."""
    services, steps = load_services(day), load_steps(day)
    of_steps = {
        f"{kind}.{code}": event.zh
        for kind in ("referral", "satisfaction")
        for code, event in steps.kinds[kind].events.items()
    }
    return {
        **of_steps,
        **{signal.id: f"{signal.id} {signal.name_zh}" for signal in site.catalogue.signals_at(day)},
        **{contract.department: contract.department_zh for contract in site.contracts.values()},
        **{code.code: f"{code.code} {code.zh}" for code in site.catalogue.result_codes},
        **{f"tries.{result.code}": result.zh for result in load_contacts(day).results},
        **{form.code: form.zh for form in services.forms},
        **{service.code: service.zh for service in services.services},
        **words("monthly")["parts"],
    }


def write_files(folder: Path, name: str, page: Page, day: date, formats: Collection[str]) -> list[Path]:
    """The report in the formats asked for; the paths written. ZhaorenError where PDF cannot be written."""
    made: Mapping[str, Any] = {
        "html": lambda path: write_monthly(path, page),
        "xlsx": lambda path: write_monthly_book(path, page, day),
        "pdf": lambda path: write_pdf(path, html_of(page)),
    }
    paths = [folder / f"{name}.{kind}" for kind in FORMATS if kind in formats]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        made[path.suffix.removeprefix(".")](path)
    return paths


def page_of(report: Monthly, charts: bool = True) -> Page:
    """The report laid out."""
    return monthly_page(report, charts)
