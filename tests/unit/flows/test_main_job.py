"""The main job's table of steps and how a runner is handed them; the work itself is in tests/flows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows import main_job as module
from flows.context.home import Home
from flows.context.site import open_site
from flows.ingest.ingest import IngestResult, Refusal
from flows.main_job import INGEST, STEPS, JobResult, Step, main_job
from zhaoren.errors import ZhaorenError

pytestmark = pytest.mark.slow

DAY = date(2025, 9, 5)
REFUSED = Refusal("x.csv", ZhaorenError("No contract covers this file."))


class Recorder:
    """A runner that does no work: it keeps each call, and says what ingest found."""

    def __init__(self, new_cnt: int) -> None:
        self.calls: list[tuple[str, tuple[object, ...]]] = []
        self.result = IngestResult(new_cnt, (REFUSED,))

    def __call__(self, step: Step, *args: object) -> Any:
        self.calls.append((step.name, args))
        return self.result if step is INGEST else None

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.calls]


@pytest.fixture
def home(new_home: Callable[[Path], Home], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("ZHAOREN_VAULT_KEY", "the key of the tests")
    return new_home(tmp_path / "home")


def ran(home: Home, recorder: Recorder, day: date = DAY, lists: bool | None = True) -> JobResult:
    folder = home.root / "inbox" / str(DAY) / "department"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "x.csv").touch()
    with open_site(home) as site:
        return main_job(site, home.root / "inbox", day, recorder, lists=lists)


def test_the_steps_and_their_retries() -> None:
    """As ops.step, Prefect's task runs and the operators' page name them."""
    assert [(step.name, step.retries) for step in (INGEST, *STEPS)] == [
        ("ingest", 2), ("resolve", 1), ("score", 1), ("cases", 1), ("households", 1),
        ("deliver", 1), ("publish", 1),
    ]  # fmt: skip


def test_every_step_runs_in_order_and_is_given_the_same_run(home: Home) -> None:
    recorder = Recorder(1)
    result = ran(home, recorder)
    assert recorder.names == [INGEST.name, *(step.name for step in STEPS)]
    runs = {args[1] for _, args in recorder.calls[1:]}
    assert len(runs) == 1
    assert result == JobResult(DAY, recorder.result, made_lists=True)
    assert result.ingested.refused == (REFUSED,)


def test_the_steps_are_read_from_the_table(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STEPS", (*STEPS, Step("another", print)))
    recorder = Recorder(1)
    ran(home, recorder)
    assert recorder.names[-1] == "another"


def test_nothing_new_and_every_list_there_runs_no_step(home: Home) -> None:
    ran(home, Recorder(1))
    lists, published = home.dated("worklists", DAY), home.published
    lists.mkdir(parents=True)
    published.parent.mkdir(parents=True)
    published.touch()
    recorder = Recorder(0)
    assert not ran(home, recorder).made_lists
    assert recorder.names == ["ingest"]
    lists.rmdir()  # somebody took the lists away
    assert ran(home, Recorder(0)).made_lists


def test_a_run_that_stopped_half_way_is_run_again(home: Home) -> None:
    class Killed(Recorder):
        def __call__(self, step: Step, *args: object) -> Any:
            if step.name == "score":
                raise KeyboardInterrupt
            return super().__call__(step, *args)

    with pytest.raises(KeyboardInterrupt):
        ran(home, Killed(1))
    home.dated("worklists", DAY).mkdir(parents=True)
    home.published.parent.mkdir(parents=True)
    home.published.touch()
    assert ran(home, Recorder(0)).made_lists


def test_the_steps_share_the_whole_of_the_progress() -> None:
    assert INGEST.weight + sum(step.weight for step in STEPS) == 100


def test_a_date_without_lists_takes_in_files_and_returns_receipts_and_nothing_else(home: Home) -> None:
    """tried §3, last bullet: a late file or a corrected receipt makes no second list."""
    recorder = Recorder(1)
    result = ran(home, recorder, lists=False)
    assert recorder.names == ["ingest", "cases", "receipts", "publish"]
    assert result.took_in_only and not result.made_lists
    home.dated("receipts", DAY).mkdir(parents=True)
    again = Recorder(0)
    assert not ran(home, again, lists=False).took_in_only
    assert again.names == ["ingest"]
    asked = Recorder(0)
    assert ran(home, asked, lists=True).made_lists  # asked for later, with nothing new
    assert asked.names == ["ingest", *(step.name for step in STEPS)]


def test_lists_asked_for_on_a_day_without_files_need_no_file(home: Home) -> None:
    recorder = Recorder(0)
    assert ran(home, recorder, date(2025, 9, 20)).made_lists
    assert recorder.names == [step.name for step in STEPS]
