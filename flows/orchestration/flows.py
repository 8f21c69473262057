"""The flows. Thin: a signature, a docstring and a call; the work is in the steps.

Import only after `configure_prefect`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from flows.actions.feedback import take_feedback
from flows.actions.learning import train_home
from flows.actions.publishing import publish_home
from flows.context.home import Home
from flows.context.site import Site, open_site
from flows.delivery.deliver import deliver
from flows.delivery.summary import summary_markdown
from flows.ingest.ingest import inbox_dates, ingest
from flows.main_job import Call, Step, main_job
from flows.scoring.resolve import resolve
from flows.scoring.score import score


def as_task(step: Step) -> Any:
    """Run a step as a Prefect task, tried again where that is safe."""
    wrap = task(name=step.name, retries=step.retries, retry_delay_seconds=5, cache_policy=NO_CACHE)
    return wrap(step.run)()


def as_flow(name: str, body: Callable[[Call], Any]) -> Any:
    """Run `body` as one flow whose steps are tasks."""

    @flow(name=name)
    def run() -> Any:
        return body(as_task)

    # Each run would otherwise wait a second for a heartbeat nobody listens to.
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        return run()


def run_main(site: Site, inbox: Path, as_of: date) -> bool:
    """The main job on an open home, with its summary as an artifact."""

    def body(call: Call) -> bool:
        fresh = main_job(site, inbox, as_of, call)
        create_markdown_artifact(summary_markdown(site, as_of), key=f"summary-{as_of}")
        return fresh

    return bool(as_flow("main-job", body))


@flow(name="main-job")
def main_flow(home: str, inbox: str) -> None:
    """Run every delivery date of the inbox that is not done yet."""
    with open_site(Home(Path(home))) as site:
        for as_of in inbox_dates(Path(inbox)):
            main_job(site, Path(inbox), as_of, as_task)


@flow(name="ingest")
def ingest_flow(home: str, inbox: str, as_of: date) -> int:
    """Take in one date's deliveries."""
    with open_site(Home(Path(home))) as site:
        return int(as_task(Step("ingest", lambda: ingest(site, Path(inbox), as_of), retries=2)))


@flow(name="resolve")
def resolve_flow(home: str, as_of: date) -> None:
    """Who the rows without a usable number speak of, by what is known on one date."""
    with open_site(Home(Path(home))) as site:
        as_task(Step("resolve", lambda: resolve(site, as_of, site.fingerprint(as_of)), retries=1))


@flow(name="score")
def score_flow(home: str, as_of: date) -> None:
    """Panel, signals, entitlements, ranking and alerts of one date."""
    with open_site(Home(Path(home))) as site:
        as_task(Step("score", lambda: score(site, as_of, site.fingerprint(as_of)), retries=1))


@flow(name="deliver")
def deliver_flow(home: str, as_of: date) -> None:
    """Worklists, compliance lists, receipts and the report of one date."""
    with open_site(Home(Path(home))) as site:
        as_task(Step("deliver", lambda: deliver(site, as_of, site.fingerprint(as_of)), retries=1))


@flow(name="feedback")
def feedback_flow(home: str, files: list[str], received: date) -> None:
    """Take filled worklists back."""
    with open_site(Home(Path(home))) as site:
        as_task(Step("feedback", lambda: take_feedback(site, [Path(f) for f in files], received)))


@flow(name="train")
def train_flow(home: str, as_of: date) -> None:
    """Learn a ranking from the outcomes known by the date."""
    with open_site(Home(Path(home))) as site:
        as_task(Step("train", lambda: train_home(site, as_of)))


@flow(name="publish")
def publish_flow(home: str) -> None:
    """Replace the analysts' file."""
    with open_site(Home(Path(home))) as site:
        as_task(Step("publish", lambda: publish_home(site), retries=1))
