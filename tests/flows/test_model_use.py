"""What orders the lists is what a person said, from the day they said; past lists stay what they were."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.actions.learning import keep_baseline
from flows.actions.model_use import log_rows, model_rows, roll_back, use_model
from flows.actions.reasons import why
from flows.actions.replay import replay_date
from flows.cli.app import app
from flows.context.alarms import alarms
from flows.context.home import Home
from flows.context.site import open_site
from flows.reports.model_remarks import model_remarks
from models.ranking.registry import read_entry
from tests.helpers.homes import KEY, Made, clean_env, copy_home, reading, run_dates
from tests.helpers.models import smallest_first
from zhaoren.errors import ZhaorenError

# Dies after the vault has committed the word and before the warehouse has.
KILLED = """
import os, sys
from datetime import date
from pathlib import Path
from flows.actions.model_use import use_model
from flows.context.home import Home
from flows.context.site import open_site

class Dying:
    def __init__(self, con): self.con = con
    def execute(self, query, *rest):
        done = self.con.execute(query, *rest)
        if query.startswith("INSERT INTO ops.model_use"):
            os._exit(9)
        return done
    def __getattr__(self, name): return getattr(self.con, name)

with open_site(Home(Path(sys.argv[1]))) as site:
    site.con = Dying(site.con)
    use_model(site, sys.argv[2], by="周")
"""


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHAOREN_VAULT_KEY", KEY)


def listed(home: Home, as_of: date) -> list[str]:
    query = "SELECT alert_id FROM mart.alert WHERE as_of = ? AND is_listed ORDER BY town_code, list_rank"
    with reading(home) as con:
        return [row[0] for row in con.execute(query, [as_of]).fetchall()]


def scored_by(home: Home, table: str, as_of: date) -> list[str]:
    with reading(home) as con:
        query = f"SELECT DISTINCT model_id FROM {table} WHERE as_of = ?"
        return [row[0] for row in con.execute(query, [as_of]).fetchall()]


def test_a_model_orders_nothing_until_somebody_says_so(thin: Made, thin_first: Made, tmp_path: Path) -> None:
    first, second = thin_first.dates
    by_rules = listed(thin.home, second)
    shadowed, used = (copy_home(thin_first.home, tmp_path / name) for name in ("shadow", "used"))
    model = smallest_first(shadowed.models, first).model_id
    assert smallest_first(used.models, first).model_id == model
    run_dates(shadowed, thin_first.inbox, [second], publish=False)
    assert listed(shadowed, second) == by_rules
    assert scored_by(shadowed, "mart.score", second) == []
    assert scored_by(shadowed, "mart.shadow_score", second) == [model]

    newer = smallest_first(used.models, second).model_id
    with open_site(used) as site:
        keep_baseline(site, read_entry(used.models / model), second)
        site.now = lambda: datetime(first.year, first.month, first.day)  # noqa: DTZ001
        said = use_model(site, model, by="周")
        assert (said.until_then, first < said.used_from <= second) == ("rules", True)
        stands = {row["model_id"]: row["stands"] for row in model_rows(site)}
    assert stands == {model: "shadow", newer: "", "rules": "in use", "no-means-test": "in use"}
    run_dates(used, thin_first.inbox, [second], publish=False)
    by_model = listed(used, second)
    assert scored_by(used, "mart.score", second) == [model]
    assert scored_by(used, "mart.shadow_score", second) == [newer]
    assert by_model != by_rules
    with reading(used) as con:
        query = "SELECT measure, column_name, stands, value, is_alarm FROM ops.model_drift ORDER BY ALL"
        drift = {row[:2]: row[2:] for row in con.execute(query).fetchall()}
    assert drift["psi", "score"][0] == "in_use" and 0 <= drift["psi", "score"][1] < 0.25
    assert drift["unknown", "member_cnt"] == ("in_use", 0.0, False)
    assert ("promise", "") not in drift  # no model scored the list before

    with open_site(used) as site:
        assert roll_back(site, by="吴").model_id == "rules"
        assert [(row["event"], row["model_id"], row["by"]) for row in log_rows(site)] == [
            ("use", model, "周"),
            ("rollback", "rules", "吴"),
        ]
        for day in (first, second):  # each with what was in use then
            again = replay_date(site, day)
            assert again.changed == () and again.same_cnt > 0
        assert not [one for one in alarms(site, second) if model in one]
    (used.models / model / "model.json").unlink()
    with open_site(used) as site:
        (remark,) = model_remarks(site, second)
        assert model in remark and "名单按规则排序" in remark
        assert [one for one in alarms(site, second) if model in one and "the rules order" in one]
        assert "mart.alert" in replay_date(site, second).changed
    run_dates(used, thin_first.inbox, [second], publish=False)
    assert listed(used, second) == by_rules and scored_by(used, "mart.score", second) == []


def test_what_may_not_be_said(thin_first: Made, tmp_path: Path) -> None:
    home, made = copy_home(thin_first.home, tmp_path / "home"), thin_first.dates[0]
    good = smallest_first(home.models, made).model_id
    lost = smallest_first(home.models, made, promotable=False).model_id
    late = smallest_first(home.models, date(2026, 6, 1)).model_id
    with open_site(home) as site:
        for model, since, code in (
            (good, made, "model_use_date"),
            (late, date(2026, 5, 31), "model_use_date"),
            (lost, None, "model_not_promotable"),
            ("2026-01-01-nothing", None, "no_such_model"),
            (f"../models/{good}", None, "no_such_model"),
        ):
            with pytest.raises(ZhaorenError) as refused:
                use_model(site, model, by="周", used_from=since)
            assert refused.value.code == code, model
        with pytest.raises(ZhaorenError, match="nothing to go back to"):
            roll_back(site, by="周")
        assert log_rows(site) == []


def test_a_word_that_was_cut_off_is_not_in_force_and_can_be_said_again(
    thin_first: Made, tmp_path: Path
) -> None:
    home = copy_home(thin_first.home, tmp_path / "home")
    model = smallest_first(home.models, thin_first.dates[0]).model_id
    env = clean_env({"ZHAOREN_VAULT_KEY": KEY})
    died = subprocess.run([sys.executable, "-c", KILLED, str(home.root), model], env=env, capture_output=True)
    assert died.returncode == 9, died.stderr
    with open_site(home) as site:
        assert log_rows(site) == []
        use_model(site, model, by="吴")
        assert [(row["use_no"], row["by"]) for row in log_rows(site)] == [(1, "吴")]


def test_the_commands(thin_first: Made, tmp_path: Path) -> None:
    home = copy_home(thin_first.home, tmp_path / "home")
    model = smallest_first(home.models, thin_first.dates[0]).model_id
    at = ("--home", str(home.root))

    def said(*args: str) -> str:
        ran = CliRunner().invoke(app, ["models", *args, *at], env={"COLUMNS": "200"})
        assert ran.exit_code == 0, ran.output
        return ran.output

    assert "shadow" in said("list")
    assert f"{model} orders the lists; until then rules." in said("use", model, "--by", "周")
    assert "logistic" in said("show", model)
    with reading(home) as con:
        query = "SELECT household_id, member_cnt FROM panel.household WHERE as_of = ? ORDER BY member_cnt"
        sizes = con.execute(query, [thin_first.dates[0]]).fetchall()
    lone, crowd = next(row for row in sizes if row[1] == 1)[0], sizes[-1][0]
    assert "1. 家中1人" in said("why", lone) and "(shadow)" in said("why", lone)
    assert "No fact that can be said" in said("why", crowd, "--model", model)
    assert "The rules order the lists" in said("why", lone, "--model", "rules")
    with open_site(home) as site:
        for asked, day, named, code in (
            ("H999999999", None, None, "no_such_household"),
            (lone, date(2020, 1, 1), None, "no_such_date"),
            (lone, None, "2026-01-01-nothing", "no_such_model"),
        ):
            with pytest.raises(ZhaorenError) as refused:
                why(site, asked, as_of=day, model_id=named)
            assert refused.value.code == code
    assert "rules orders the lists" in said("rollback", "--by", "吴")
    assert "吴" in said("list")


ALARM = """INSERT INTO ops.model_drift (as_of, model_id, stands, measure, column_name, value, low, high,
  expected, cnt, is_alarm) VALUES
  (?, ?, 'in_use', 'psi', 'member_cnt', 0.4, NULL, NULL, NULL, 100, true),
  (?, ?, 'in_use', 'unknown', 'member_cnt', 0.5, NULL, NULL, 0.1, 100, true),
  (?, ?, 'in_use', 'promise', '', 0.2, 0.1, 0.3, 0.6, 50, true),
  (?, ?, 'in_use', 'first_half', '', 0.2, 0.1, 0.3, 0.6, 25, true),
  (?, ?, 'in_use', 'psi', 'score', 0.1, NULL, NULL, NULL, 100, false)"""


def test_what_drifted_is_told_to_the_data_team_and_in_the_report(thin_first: Made, tmp_path: Path) -> None:
    home, (first, second) = copy_home(thin_first.home, tmp_path / "home"), thin_first.dates
    model = smallest_first(home.models, first).model_id
    with open_site(home) as site:
        use_model(site, model, by="周", used_from=second)
        site.con.execute(ALARM, [second, model] * 5)
        told = [one for one in alarms(site, second) if model in one]
        assert len(told) == 4
        assert any("0.40" in one for one in told) and any("promised 60%" in one for one in told)
        remarks = list(model_remarks(site, second))
        assert len(remarks) == 4 and any("在世在户人数" in one for one in remarks)
        roll_back(site, by="周", used_from=second)
        assert not [one for one in alarms(site, second) if model in one]
