"""Signals judged from the visits of a home: counted by hand beside it, named in the report, told in words."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

from typer.testing import CliRunner

from flows.cli.app import app
from flows.context.home import Home
from flows.context.site import open_site
from flows.delivery.summary import run_summary
from tests.helpers.homes import Made, copy_home, reading

# By result_codes.yaml: in need, not in need; all others tell nothing.
NEED, NONE = ("11", "20", "21", "22", "23", "30"), ("10", "40", "41")
# One row per visited line: what was found last.
TOLD = f"""SELECT a.signal_ids, arg_max(o.result_code, (o.known_date, o.found_date)) IN {NEED} AS need
FROM mart.alert a JOIN mart.outcome o USING (alert_id)
WHERE a.queue = 'need' AND a.is_listed AND o.known_date <= $1 AND o.withdrawn_date IS NULL
  AND o.result_code IN {NEED + NONE} GROUP BY a.alert_id, a.signal_ids"""
# As if every line that found nothing, and no other, had stood for I17.
BLAME = f"""UPDATE mart.alert SET signal_ids = CASE WHEN alert_id IN
  (SELECT alert_id FROM mart.outcome WHERE result_code IN {NONE}) THEN 'I17' ELSE 'I22' END
WHERE queue = 'need' AND is_listed"""


FEWER = """local:
  - parameter: ranking.signal_least_cnt
    values:
      - {valid_from: 2020-01-01, value: 5, status: unverified, source: {document: 本地约定（虚构）}}
examples:
  - {name: 已去世, rule: I17, town_code: "440113008",
     as_of: 2025-09-05, person: {is_alive: false}, state: "no"}
"""
LATE = date(2026, 6, 1)  # everything that came back is known


def told(home: Home, *options: str) -> str:
    ran = CliRunner().invoke(app, ["models", "signals", "--home", str(home.root), *options])
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def test_every_visited_line_counts_for_each_of_its_signals(demo: Made, tmp_path: Path) -> None:
    home = copy_home(demo.home, tmp_path / "home")
    with reading(home) as con:
        rows = con.execute(TOLD, [LATE]).fetchall()
    each = Counter((signal, need) for ids, need in rows for signal in ids.split(",") if signal)
    alone = Counter(ids for ids, _ in rows if "," not in ids)
    found = json.loads(told(home, "--as-of", str(LATE), "--json"))
    assert found["all_lines"]["cnt"] == len(rows) > 30
    assert found["all_lines"]["verified_cnt"] == sum(need for _, need in rows)
    signals = {row["signal_id"]: row for row in found["signals"]}
    assert set(signals) == {signal for signal, _ in each}
    for signal, row in signals.items():
        counts = (row["visited_cnt"], row["verified_cnt"], row["alone_cnt"])
        assert counts == (each[signal, True] + each[signal, False], each[signal, True], alone[signal]), signal
        assert row["verdict"] == "not_estimable" and row["name_zh"]  # fewer than 20 alone of any
    assert signals["I03"]["decay_cnt"] <= signals["I03"]["visited_cnt"]
    assert signals["I03"]["decay"] == "not_estimable" and signals["I12"]["decay"] == "no_date"

    first = json.loads(told(home, "--as-of", str(demo.dates[1]), "--json"))
    assert 0 < first["all_lines"]["cnt"] < len(rows)


def test_one_that_finds_nothing_is_named_first_and_in_the_report(demo: Made, tmp_path: Path) -> None:
    home = copy_home(demo.home, tmp_path / "home")
    local = home.root / "policies" / "local"
    local.mkdir(parents=True)
    (local / "fewer.yaml").write_text(FEWER, encoding="utf-8")
    with open_site(home) as site:
        assert "I17" not in "".join(run_summary(site, demo.dates[-1]).remarks)
        site.con.execute(BLAME)
        (remark,) = [one for one in run_summary(site, demo.dates[-1]).remarks if "I17" in one]
        assert "“残疾人证或医保即将到期”" in remark and "0 户确有困难" in remark and "I22" not in remark
        # no visit was known then
        assert "I17" not in "".join(run_summary(site, demo.dates[0]).remarks)
    shown = told(home, "--as-of", str(LATE)).splitlines()
    assert shown[0] == "Signals that find nothing: I17 残疾人证或医保即将到期."
    assert [line.split()[0] for line in shown if line.startswith("  I")] == ["I17", "I22"]


def test_a_home_without_visits_says_so(thin: Made) -> None:
    assert told(thin.home, "--as-of", "2025-12-31").startswith("Nothing to judge: no visit")
    assert json.loads(told(thin.home, "--json"))["signals"] == []
