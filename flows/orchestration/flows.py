"""How the main job runs under Prefect: each step is a task, each date a flow; the order is flows.main_job's.

Import only after `configure_prefect`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from prefect import Flow, flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.deployments.runner import EntrypointType
from prefect.logging import get_run_logger
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from flows.context.alarms import alarms, missing_files
from flows.context.home import Home
from flows.context.list_days import days_with_lists_between
from flows.context.site import Site, open_site
from flows.delivery.summary import summary_markdown
from flows.ingest.inbox import inbox_dates
from flows.main_job import JobResult, Runner, Step, main_job
from flows.orchestration.logs import StepFailed, failing_in_words, speak_plainly, told
from flows.process.lifetime import end_with_parent
from flows.process.privacy import keep_private
from flows.process.screen import only_ours
from warehouse.identity.given_key import given_key, hand_in
from warehouse.queries.asker import asker


def run_as_task(step: Step, *args: object) -> Any:
    """Run a step as a Prefect task, tried again as often as the step allows."""
    wrap = task(name=step.name, retries=step.retries, retry_delay_seconds=5, cache_policy=NO_CACHE)
    home = args[0].home.root if args and isinstance(args[0], Site) else None
    # The arguments stay out of Prefect's sight: it would look through them, and a site holds a connection.
    return wrap(lambda: told(step.name, lambda: step.work(*args), home))()


def run_as_flow(name: str, body: Callable[[Runner], Any], home: Path | None = None) -> Any:
    """Run `body` as one flow; it is given the runner that makes tasks of steps. home: where defects go."""

    @flow(name=name)
    def run() -> Any:
        return failing_in_words(lambda: body(run_as_task), home)

    speak_plainly()

    # Each run would otherwise wait a second for a heartbeat nobody listens to.
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        try:
            return run()
        except StepFailed as failed:
            raise (failed.error or failed) from None


def run_main(site: Site, inbox: Path, as_of: date, lists: bool | None = None) -> JobResult:
    """The main job on an open site, with its summary as an artifact."""

    def body(runner: Runner) -> JobResult:
        result = main_job(site, inbox, as_of, runner, lists=lists)
        create_markdown_artifact(summary_markdown(site, as_of), key=f"summary-{as_of}")
        return result

    result: JobResult = run_as_flow("main-job", body, site.home.root)
    return result


def served_flow(home: Path, inbox: Path, key: str | None) -> Flow[[], None]:
    """What `zhaoren serve` has on its schedule: every delivery date of the inbox that is not done yet.

    It takes no parameters: whoever may start runs cannot choose what is read nor where it goes. Prefect runs
    it in a process of its own, to which it is handed through a pipe, and with it the vault's key.
    """

    @flow(name="main-job")
    def main_flow() -> None:
        end_with_parent()
        keep_private()
        only_ours()
        if key:
            hand_in(key)
        speak_plainly()
        told("main-job", lambda: _run_days(Home(home), inbox), home)

    return main_flow


def serve(home: Path, inbox: Path, cron: str) -> None:
    """Run the main job on a schedule until somebody stops it."""
    main_flow = served_flow(home, inbox, given_key())
    # By the name of a module, so that no path of the machine stands in Prefect's database.
    main_flow.serve(name="main-job", cron=cron, entrypoint_type=EntrypointType.MODULE_PATH)


def _run_days(home: Home, inbox: Path) -> None:
    """Each date in order, and what became of it; then whatever somebody must act on."""
    logger = get_run_logger()
    with open_site(home, asker=asker(command="serve")) as site:
        today = site.now().date()
        for as_of in days_with_lists_between(site, inbox_dates(inbox, today), today):
            result = main_job(site, inbox, as_of, run_as_task)
            logger.info("%s: %s", as_of, result.in_words)
            for refusal in result.ingested.refused:
                logger.warning("%s: not loaded: %s", as_of, refusal.error.what)
        for one in missing_files(site, today):
            logger.warning("not here: %s", one["in_words"])
        for alarm in alarms(site, today):
            logger.error("alarm: %s", alarm)
