"""One date's run: what its fingerprint covers, and what is recorded of its steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from flows.context.home import Home
from flows.context.run import Run, run_of
from flows.context.site import Site, open_site
from tests.helpers.casework import put_visits
from tests.helpers.warehouses import put_rows

pytestmark = pytest.mark.slow

DAY, BEFORE = date(2025, 10, 5), date(2025, 9, 5)


@pytest.fixture
def site(new_home: Callable[[Path], Home], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("ZHAOREN_VAULT_KEY", "the key of the tests")
    with open_site(new_home(tmp_path / "home")) as opened:
        yield opened


def visited(site: Site, day: date) -> None:
    put_visits(site.con, {"alert_id": "a", "result_code": "10", "found_date": day, "known_date": day})


def test_the_same_inputs_have_the_same_fingerprint(site: Site) -> None:
    assert run_of(site, DAY) == run_of(site, DAY)


def test_what_is_known_by_the_date_changes_it_and_what_comes_later_does_not(site: Site) -> None:
    before = run_of(site, BEFORE), run_of(site, DAY)
    visited(site, DAY)
    assert run_of(site, BEFORE) == before[0]
    assert run_of(site, DAY) != before[1]


def test_a_key_persons_line_changes_it_from_the_day_it_is_known(site: Site) -> None:
    before = run_of(site, BEFORE), run_of(site, DAY)
    line = pl.DataFrame({"key_visit_id": ["P1"], "known_date": [DAY], "visited_date": [BEFORE]})
    put_rows(site.con, "mart.key_visit", line)
    assert run_of(site, BEFORE) == before[0]
    assert run_of(site, DAY) != before[1]


def test_the_rules_change_it(site: Site) -> None:
    before = run_of(site, DAY)
    site.__dict__["rules_hash"] = "f" * 64
    assert run_of(site, DAY).fingerprint != before.fingerprint


def test_a_step_is_done_for_its_date_and_inputs_only(site: Site) -> None:
    run = Run(DAY, "aaaa")
    assert not run.is_done(site, "score")
    run.done(site, "score").record(site.con)
    assert run.is_done(site, "score")
    assert not run.is_done(site, "deliver")
    assert not Run(BEFORE, "aaaa").is_done(site, "score")
    assert not Run(DAY, "bbbb").is_done(site, "score")


def test_its_id_names_date_and_inputs() -> None:
    assert Run(DAY, "aaaa").run_id == "2025-10-05-aaaa"
