"""Whoever else answers, played: a county's reviewers at second looks, departments at families' objections."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import polars as pl

from exchange.answers.filling import Row, fill_sheets
from exchange.answers.opening import Book, open_list
from flows.context.site import Site
from flows.evaluation.station_play import printed_lines
from policies.casework.steps import load_steps
from province.station.matters import department_answers, second_looks
from warehouse.casework.for_lists import last_step_events
from warehouse.casework.spot_checks import visits_of

LOOKS = ("抽查复核", ("个案编号", "走访日期"), ("复核结果", "复核日期", "说明", "复核人"))
OBJECTIONS = ("入户核实反馈", ("编号", "数据项目"), ("核实结果", "核实日期", "说明", "填写人"))


def fill_answers(site: Site, known: pl.DataFrame, as_of: date, seed: int, fresh: Path) -> None:
    """Fill in the date's lists of second looks and of objections; copies go to the folder `fresh`.

    known: what is true of each household (flows.evaluation.truth.truth_of).
    """
    steps = last_step_events(site.con, as_of)
    looks = _looks(site, known, steps, as_of, seed)
    for path in sorted(site.home.dated("spot_checks", as_of).glob("*.xlsx")):
        _fill(path, fresh / f"spot_check_{path.name}", looks, LOOKS, as_of)
    said = department_answers(steps.filter(kind_code="objection").select("step_id"), as_of, seed)
    for path in sorted(site.home.dated("receipts", as_of).glob(f"*/{OBJECTIONS[0]}.xlsx")):
        _fill(path, fresh / f"objection_{path.parent.name}.xlsx", said, OBJECTIONS, as_of)


def _looks(site: Site, known: pl.DataFrame, steps: pl.DataFrame, as_of: date, seed: int) -> pl.DataFrame:
    drawn = steps.filter(kind_code="spot_check", event_code="drawn")
    needy = [code.code for code in site.catalogue.result_codes if code.is_verified_need]
    truly = known.select(
        "household_id", is_needy=pl.col("in_hardship") | pl.col("gap_benefit_id").is_not_null()
    )
    rows = drawn.join(visits_of(site.con, drawn), on="visit_id").join(truly, on="household_id", how="left")
    return second_looks(
        rows.select("step_id", pl.col("is_needy").fill_null(False),
                    is_reported=pl.col("result_code").is_in(needy)),
        as_of,
        seed,
    )  # fmt: skip


Form = tuple[str, tuple[str, ...], tuple[str, str, str, str]]


def _fill(path: Path, out: Path, answers: pl.DataFrame, form: Form, as_of: date) -> None:
    book = open_list(path)
    rows = list(_rows(book, answers, form, as_of))
    if rows:
        fill_sheets(path, out, {form[0]: rows}, book)


def _rows(book: Book, answers: pl.DataFrame, form: Form, as_of: date) -> Iterable[Row]:
    sheet, keys, headings = form
    lines, kinds = printed_lines(book, sheet, keys), load_steps(as_of).kinds
    for row in answers.rows(named=True):
        if line := lines.get(row["step_id"]):
            kind, printed = line
            event = kinds[kind].events[row["event_code"]].zh
            cells = (event, row["event_date"], row["note_zh"] or None, row["worker"])
            yield {**printed, **dict(zip(headings, cells, strict=True))}
