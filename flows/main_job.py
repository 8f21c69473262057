"""The main job, in order: ingest, resolve, score, deliver, publish. Each step restarts where it stopped.

A step is called through `call`, so that the same order runs plainly or as Prefect tasks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from flows.actions.publishing import publish_home
from flows.context.site import Site
from flows.delivery.deliver import deliver
from flows.ingest.ingest import ingest
from flows.scoring.households import settle_households
from flows.scoring.resolve import resolve
from flows.scoring.score import score


@dataclass(frozen=True)
class Step:
    """One coarse, restartable piece of work; `retries` where trying again is safe and may help."""

    name: str
    run: Callable[[], Any]
    retries: int = 0


Call = Callable[[Step], Any]


def call_plainly(step: Step) -> Any:
    """Run a step as an ordinary function: no Prefect, no retries."""
    return step.run()


def main_job(site: Site, inbox: Path, as_of: date, call: Call = call_plainly) -> bool:
    """Everything for one date. Returns False, having written nothing, when nothing was new."""
    started = site.now()
    fresh = call(Step("ingest", lambda: ingest(site, inbox, as_of), retries=2))
    fingerprint = site.fingerprint(as_of)
    if not fresh and _finished(site, as_of, fingerprint):
        return False
    _record(site, as_of, fingerprint, started, "running")
    call(Step("resolve", lambda: resolve(site, as_of, fingerprint), retries=1))
    call(Step("score", lambda: score(site, as_of, fingerprint), retries=1))
    call(Step("households", lambda: settle_households(site, as_of, fingerprint), retries=1))
    call(Step("deliver", lambda: deliver(site, as_of, fingerprint), retries=1))
    call(Step("publish", lambda: publish_home(site), retries=1))
    _record(site, as_of, fingerprint, started, "finished")
    return True


def _finished(site: Site, as_of: date, fingerprint: str) -> bool:
    done = site.con.execute(
        "SELECT status = 'finished' FROM ops.run WHERE run_id = ?", [f"{as_of}-{fingerprint}"]
    ).fetchone()
    lists = site.home.dated("worklists", as_of).exists() and site.home.published.exists()
    return bool(done and done[0]) and lists


def _record(site: Site, as_of: date, fingerprint: str, started: Any, status: str) -> None:
    finished = site.now() if status == "finished" else None
    site.con.execute(
        "INSERT OR REPLACE INTO ops.run VALUES (?, ?, ?, ?, ?, ?)",
        [f"{as_of}-{fingerprint}", as_of, fingerprint, started, finished, status],
    )
