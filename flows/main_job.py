"""The main job: everything that one delivery date sets off, in this order.

    ingest      every new file is archived, read, checked and loaded, or refused with a reason
    resolve     whom the rows without a usable ID number speak of; doubtful pairs go to a reviewer
    score       what is known of persons and households, signals, benefits, ranking, alerts
    cases       which cases that opens, and what happened to each of those there are
    households  who shares an income, who a dwelling
    deliver     worklists by station, pages and compliance lists by county, receipts by department, the report
    publish     the file for analysts, in which nobody stands out

On a date that the installation's calendar gives no lists (flows/context/list_days.py), files are taken in,
receipts are written, and nothing else is done: a case is neither listed nor escalated because a file came.

Each step can be repeated: what it did already it does not do again. A runner decides how a step is called:
plainly, or as a Prefect task (orchestration).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from flows.actions.publishing import publish_home
from flows.casework.advance import advance
from flows.context.list_days import makes_lists
from flows.context.run import Run, run_of
from flows.context.site import Site
from flows.delivery.deliver import deliver, return_receipts
from flows.ingest.inbox import LeftOut, has_files, refuse_future
from flows.ingest.ingest import IngestResult, SoFar, ingest
from flows.ingest.noting import note_left_out
from flows.scoring.households import settle_households
from flows.scoring.resolve import resolve
from flows.scoring.score import score
from warehouse.queries.runs import is_run_finished, record_run


@dataclass(frozen=True)
class Step:
    """One coarse, restartable piece of work; `retries` where trying again is safe and may help.

    weight: its share of a date's processor time in per cent, for the progress bar; measured on the demo.
    """

    name: str
    work: Callable[..., Any]
    weight: int = 0
    retries: int = 0


# Files lie on shares that come and go, hence one try more than for work on our own disk.
INGEST = Step("ingest", ingest, weight=45, retries=2)
CASES = Step("cases", lambda site, run: advance(site, run.as_of), weight=1, retries=1)
# What follows from the files taken in; each is given the site and the run.
STEPS = (
    Step("resolve", resolve, weight=7, retries=1),
    Step("score", score, weight=15, retries=1),
    CASES,
    Step("households", settle_households, weight=3, retries=1),
    Step("deliver", deliver, weight=20, retries=1),
    Step("publish", lambda site, run: publish_home(site), weight=9, retries=1),
)
# What follows on a date without lists: the departments get their receipts, analysts see what came.
INTAKE_STEPS = (CASES, Step("receipts", return_receipts, weight=45, retries=1), STEPS[-1])

# Calls a step's work with the arguments that follow it, and returns what the work returns.
Runner = Callable[..., Any]


@dataclass(frozen=True)
class JobResult:
    """What the main job did for a date: the files it took in, and whether lists were made.

    is_list_day: whether the date is one for lists at all; on another one files are taken in only. left_out:
    what of the inbox no run takes.
    """

    as_of: date
    ingested: IngestResult
    made_lists: bool
    is_list_day: bool = True
    left_out: tuple[LeftOut, ...] = ()

    @property
    def in_words(self) -> str:
        """What became of the date."""
        if self.made_lists:
            return "done"
        if self.took_in_only:
            files = "1 new file" if self.ingested.new_cnt == 1 else f"{self.ingested.new_cnt} new files"
            return f"{files} taken in, no lists: it is no list day (--deliver makes them now)"
        return "nothing new; every list is as it was"

    @property
    def took_in_only(self) -> bool:
        """Whether new files were taken in on a date without lists."""
        return not self.is_list_day and self.ingested.new_cnt > 0


# The main job of one date, however its steps are run; the last argument is main_job's `lists`.
RunDate = Callable[[Site, Path, date, bool | None], JobResult]


def run_plainly(step: Step, *args: object) -> Any:
    """Run a step as an ordinary function: no Prefect, no retries."""
    return step.work(*args)


def main_job(
    site: Site, inbox: Path, as_of: date, runner: Runner = run_plainly, *, lists: bool | None = None
) -> JobResult:
    """Everything for one date. When nothing was new and every list is there, none is written again.

    `lists`: whether lists are made; None leaves it to the installation's calendar. A date on which nothing
    was delivered is run only where lists are made on it.
    """
    started = site.now()
    refuse_future(as_of, started.date())
    # Asked before anything is taken in: a list day needs no files, any other day without them is an error.
    idle = not has_files(inbox, as_of) and (lists or (lists is None and makes_lists(site, as_of)))
    with site.stretch(0, INGEST.weight / 100):
        ingested: IngestResult = IngestResult(0) if idle else runner(INGEST, site, inbox, as_of, SoFar())
    left = note_left_out(site, inbox, as_of, ingested.repeated)
    run = run_of(site, as_of)
    lists = makes_lists(site, as_of) if lists is None else lists
    if not ingested.new_cnt and _is_finished(site, run, lists):
        return JobResult(as_of, ingested, made_lists=False, is_list_day=lists, left_out=left)
    note = partial(record_run, site.con, run.run_id, as_of, run.fingerprint, started=started)
    if lists:
        note()
    begun = INGEST.weight
    for step in STEPS if lists else INTAKE_STEPS:
        with site.stretch(begun / 100, (begun + step.weight) / 100):
            runner(step, site, run)
        begun += step.weight
    note(finished=site.now(), intake=not lists)
    return JobResult(as_of, ingested, made_lists=lists, is_list_day=lists, left_out=left)


def _is_finished(site: Site, run: Run, lists: bool) -> bool:
    """Whether the run was finished, and nobody has removed what it wrote since."""
    if lists:
        there = site.home.dated("worklists", run.as_of).exists() and site.home.published.exists()
        return there and is_run_finished(site.con, run.run_id)
    there = site.home.dated("receipts", run.as_of).exists()
    return there and is_run_finished(site.con, run.run_id, "finished", "intake")
