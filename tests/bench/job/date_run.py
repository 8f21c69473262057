"""One date of one home, from raw files to worklists and the published file, in a process of its own."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.bench.alone import alone
from tests.bench.job.stages import Meter, Stage

KEY = "the key of the bench"


@dataclass(frozen=True)
class DateRun:
    """What one date cost. rows: read from its files; persons: in its panel; refused: files not taken in.

    A file that says nothing new (last month's bytes, as happens in small provinces) is held.
    """

    as_of: date
    rows: int
    persons: int
    refused: tuple[str, ...]
    stages: tuple[Stage, ...]
    peak_bytes: int

    @property
    def cpu_seconds(self) -> float:
        return sum(stage.cpu_seconds for stage in self.stages)

    @property
    def wall_seconds(self) -> float:
        return sum(stage.wall_seconds for stage in self.stages)


@dataclass(frozen=True)
class Means:
    """What the run is given: a budget of memory, and who works on the parts of a date; None: the default."""

    memory: str | None = None
    runner: str | None = None

    def __str__(self) -> str:
        named = {"--memory": self.memory, "--runner": self.runner}
        return " ".join(f"{name} {value}" for name, value in named.items() if value)


def run_date(home: Path, inbox: Path, as_of: date, means: Means = Means()) -> DateRun:
    """The main job of the date, plainly, in a fresh process; the home is made where there is none."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = home / "vault.key"
    if not key.exists():
        key.write_text(KEY, encoding="utf-8")
        key.chmod(0o600)
    ran = alone(_run, home, inbox, as_of, means, time.time())
    stages, refused, rows, persons = ran.answer
    # Sampling sees children, the process' own mark sees what lasts shorter than an interval.
    peak = max(ran.peak_bytes, *(stage.peak_bytes for stage in stages))
    return DateRun(as_of, rows, persons, tuple(refused), tuple(stages), peak)


def _run(
    home: Path, inbox: Path, as_of: date, means: Means, begun: float
) -> tuple[list[Stage], list[str], int, int]:
    # Imported here: what the product needs at its start is part of what is measured.
    from flows.context.home import Home
    from flows.context.settings import WorkSettings
    from flows.context.site import open_site
    from flows.main_job import main_job
    from flows.process.privacy import PRIVATE_UMASK

    os.umask(PRIVATE_UMASK)  # as in every command
    os.environ.pop("ZHAOREN_VAULT_KEY", None)  # the home's own key file is to be used
    meter = Meter(begun)
    with open_site(Home(home), work=WorkSettings(means.memory, means.runner)) as site:
        done = main_job(site, inbox, as_of, meter.runner)
    stages = meter.end()
    if not done.made_lists:
        raise AssertionError(f"{as_of} is no measure of a whole run: {done.in_words}")
    return stages, [one.called for one in done.ingested.refused], *_counts(home, as_of)


def _counts(home: Path, as_of: date) -> tuple[int, int]:
    import duckdb

    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as con:
        return con.execute(
            "SELECT (SELECT sum(rows_read) FROM ops.delivery WHERE known_date = $1)::BIGINT, "
            "(SELECT count(*) FROM panel.person WHERE as_of = $1)",
            [as_of],
        ).fetchall()[0]
