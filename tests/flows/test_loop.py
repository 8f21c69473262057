"""From list to payment and back: what must hold of the demo's home, and of a whole year of two stations."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli.app import app
from flows.context.home import Home
from tests.helpers.homes import KEY, Made, copy_home, rows_of
from tests.helpers.loop_checks import assert_loop_holds, chance_faults, day_faults, log_faults

COUNTS = """
SELECT (SELECT count(*) FROM mart.contact) AS contacts,
  (SELECT count(*) FROM mart.key_visit) AS rounds,
  (SELECT count(*) FROM mart.activity) AS services,
  (SELECT count(*) FROM mart.case WHERE source_code IN ('neighbour', 'worker', 'nominated')) AS found,
  (SELECT count(*) FROM mart.step WHERE event_code = 'paid') AS paid,
  (SELECT count(*) FROM mart.step WHERE kind_code = 'referral') AS referrals,
  (SELECT count(*) FROM mart.step WHERE kind_code = 'spot_check' AND event_code <> 'drawn') AS second_looks,
  (SELECT count(*) FROM mart.step WHERE kind_code = 'objection' AND event_code = 'corrected') AS corrected,
  (SELECT count(*) FROM mart.case_event WHERE to_state = 'closed') AS closed,
  (SELECT count(*) FROM mart.case_event WHERE to_state = 'not_reached') AS not_reached
"""


def test_the_loop_of_the_demo_holds(demo: Made) -> None:
    assert_loop_holds(demo.home)
    counts = rows_of(demo.home, COUNTS).row(0, named=True)
    assert counts["contacts"] > 20 and counts["rounds"] > 20 and counts["services"] > 5
    assert counts["paid"] > 0 and counts["closed"] > 5
    refused = rows_of(
        demo.home, "SELECT problem_code, count(*) FROM ops.feedback_problem WHERE is_refusal GROUP BY 1"
    )
    assert refused.is_empty(), "the made-up stations fill in their forms as they should"


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("UPDATE mart.case_event SET to_state = 'closed' WHERE to_state = 'assigned'", "not a legal move"),
        ("DELETE FROM mart.case_event WHERE event_no = 2", "numbered with a gap"),
        ("DELETE FROM mart.case WHERE queue = 'need'", "no case"),
        ("UPDATE mart.alert SET draw_chance = NULL", "listed without a chance"),
        ("UPDATE mart.draw SET listed_cnt = 40", "random lines beyond their mean"),
        ("DELETE FROM mart.draw", "drawn, not counted"),
    ],
)
def test_a_broken_log_is_seen(damage: str, found: str, demo: Made, tmp_path: Path) -> None:
    """The checks above can fail."""
    import duckdb

    broken = copy_home(demo.home, tmp_path / "home")
    with duckdb.connect(str(broken.warehouse)) as con:
        con.execute(damage)
    assert {**log_faults(broken), **day_faults(broken), **chance_faults(broken)}[found].height


@pytest.mark.long
def test_the_loop_of_a_year_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """5,000 persons in two stations over twelve months: everything that can happen to a case happens."""
    monkeypatch.setenv("ZHAOREN_VAULT_KEY", KEY)
    size = ("--persons", "5000", "--months", "12", "--seed", "12")
    ran = CliRunner().invoke(app, ["demo", *size, "--plain", "--home", str(tmp_path / "home")])
    assert ran.exit_code == 0, ran.output
    home = Home(tmp_path / "home")
    assert_loop_holds(home)
    counts = rows_of(home, COUNTS).row(0, named=True)
    assert all(counts.values()), counts
    again = rows_of(home, "SELECT count(*) FROM mart.case_event WHERE episode_no > 1").item()
    assert again, "some families come back with something new"
