"""The demo: a made-up province, month by month through the whole pipeline, its social workers played too."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from shutil import rmtree

import polars as pl

from exchange.answers.filling import fill_sheets
from exchange.answers.opening import open_list
from exchange.form import DISCOVERED
from flows.actions.feedback import take_feedback
from flows.actions.learn import learn
from flows.actions.model_use import use_model
from flows.actions.publishing import publish_home
from flows.context.home import replaced_folder
from flows.context.site import Site
from flows.evaluation.answer_play import fill_answers
from flows.evaluation.evaluate import evaluate_home
from flows.evaluation.grants import granted_by
from flows.evaluation.reports import report_home
from flows.evaluation.station_month import play_stations
from flows.evaluation.station_play import rows_of
from flows.evaluation.truth import read_truth, return_day, truth_of
from flows.main_job import RunDate
from models.ranking.use_log import is_promotable
from province.living import LivingProvince

# Shares of the demo's time, measured: for the progress bar only.
PROVINCE_SHARE, MONTHS_SHARE, JOB_SHARE = 0.05, 0.95, 0.85
# Who answers for the made-up stations' lists.
MADE_UP_HEAD = "demo"


def run_demo(site: Site, province: LivingProvince, seed: int, run_date: RunDate) -> list[date]:
    """Every month: the main job, the visits, the lists handed back, and learning. Returns the dates.

    What a visit helped to apply for, and an office granted, shows in the files of a later month.
    """
    inbox, dates = province.out / "inbox", province.dates
    clock = site.now
    # Made-up months may lie ahead of us: the demo's clock is never before its last one.
    site.now = lambda: max(clock(), datetime(dates[-1].year, dates[-1].month, dates[-1].day))  # noqa: DTZ001
    for month, as_of in enumerate(dates):
        with site.stretch(month / len(dates) * MONTHS_SHARE, (month + 1) / len(dates) * MONTHS_SHARE):
            province.write_month(month, granted_by(site, as_of, seed))
            with site.stretch(0, JOB_SHARE):
                done = run_date(site, inbox, as_of, None)
            if done.made_lists or not site.home.dated("filled", as_of).exists():
                with site.stretch(JOB_SHARE, 1):
                    play_month(site, province.truth(), as_of, seed)
    province.close()
    with site.stretch(MONTHS_SHARE, 1):
        _finish(site, dates, read_truth(province.out / "truth"))
    return dates


def _finish(site: Site, dates: list[date], truth: dict[str, pl.DataFrame]) -> None:
    evaluate_home(site, truth)
    report_home(site, dates[-1], truth)  # the newest report also shows the planted dirt and the rankings
    publish_home(site)  # once more, with the last month's outcomes and the evaluation


def play_month(site: Site, truth: dict[str, pl.DataFrame], as_of: date, seed: int) -> None:
    """The made-up workers visit, fill in their lists and hand them back; then the ranking learns."""
    with_numbers = site.home.scratch / "returned"
    visit(site, truth, as_of, seed, with_numbers)
    received = return_day(as_of)
    kept = {path.name: path for path in site.home.dated("filled", as_of).glob("*.xlsx")}
    sent = {path.name: path for path in with_numbers.glob("*.xlsx")}
    take_feedback(site, [path for _, path in sorted({**kept, **sent}.items())], received)
    rmtree(with_numbers, ignore_errors=True)
    _learn(site, received)


def _learn(site: Site, received: date) -> None:
    """Train; the made-up person who answers for the lists says yes to a model that has won."""
    entries, _ = learn(site, received)
    for entry in entries:
        if is_promotable(entry):
            use_model(site, entry.model_id, by=MADE_UP_HEAD, used_from=received)


def visit(site: Site, truth: dict[str, pl.DataFrame], as_of: date, seed: int, with_numbers: Path) -> None:
    """Fill in every station's workbook from the truth, with human error.

    Families that were found bear their ID numbers: such a workbook goes to the folder `with_numbers`, to be
    taken in and removed; what stays in the home is a copy without them.
    """
    known = truth_of(site, truth, as_of)
    played = play_stations(site, truth["persons"], known, as_of, seed)
    handed_out = sorted(site.home.dated("worklists", as_of).glob("*.xlsx"))
    with replaced_folder(site.home.dated("filled", as_of), site.home.scratch) as fresh:
        for done, path in enumerate(handed_out):
            site.progress(f"{as_of} visits", done, len(handed_out))
            book = open_list(path)
            rows = rows_of(played, path.name[:9], book, as_of)
            if DISCOVERED in rows:
                fill_sheets(path, with_numbers / path.name, rows, book)
                del rows[DISCOVERED]
            fill_sheets(path, fresh / path.name, rows, book)
        fill_answers(site, known, as_of, seed, fresh)
