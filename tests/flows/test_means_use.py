"""A proxy means test asks for incomes from the day a person said, and nobody before; no number is shown."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl

from flows.actions.model_use import roll_back, use_model
from flows.context.alarms import alarms
from flows.context.site import open_site
from flows.evaluation.asked_incomes import asked_incomes
from flows.reports.model_remarks import model_remarks
from flows.scoring.score import compute
from models.ranking.registry import MEANS
from tests.helpers.homes import Made, copy_home
from tests.helpers.models import asks_the_largest


def test_nobody_is_asked_until_somebody_says_so(demo: Made, tmp_path: Path) -> None:
    home, last = copy_home(demo.home, tmp_path / "home"), demo.dates[-1]
    later = last + timedelta(days=10)
    test = asks_the_largest(home.models, last).model_id
    with open_site(home) as site:
        before = compute(site, later)
        assert before["mart.proxy_means"].is_empty()
        assert not before["mart.alert"]["signal_ids"].str.contains("E02").any()
        said = use_model(site, test, by="周", used_from=later)
        assert (said.target, said.until_then) == (MEANS, "no-means-test")
        after = compute(site, later)
    known = after["mart.proxy_means"].join(after["panel.household"], on="household_id")
    assert known.height and known["income_yuan_month"].null_count() == known.height
    assert not known.filter(
        (pl.col("member_cnt") == 0) | pl.col("tier_code").is_in(["dibao", "tekun"])
    ).height
    assert known["model_id"].unique().to_list() == [test]

    alerts = after["mart.alert"].filter(pl.col("signal_ids").str.contains("E02"))
    lines = alerts.join(after["mart.proxy_means"], on="household_id", suffix="_asked")
    assert lines.height == alerts.height > 0 and (lines["chance_below_line"] >= 0.15).all()
    assert (lines["expected_yuan_month"] >= lines["expected_yuan_month_asked"]).all()
    assert alerts.filter("is_listed").height and alerts["reason_zh"].str.contains("请.*核实").all()
    # neither the sum nor the chance is told
    sums, chances = lines["expected_yuan_month_asked"], lines["chance_below_line"]
    for told, sum_, chance in zip(lines["reason_zh"], sums, chances, strict=True):
        assert str(sum_) not in told and f"{chance:.2f}" not in told


def test_a_test_whose_files_changed_asks_nobody_and_that_is_told(demo: Made, tmp_path: Path) -> None:
    home, last = copy_home(demo.home, tmp_path / "home"), demo.dates[-1]
    later = last + timedelta(days=10)
    test = asks_the_largest(home.models, last).model_id
    with open_site(home) as site:
        use_model(site, test, by="周", used_from=later)
        (home.models / test / "metrics.json").write_text("{}", encoding="utf-8")
        assert compute(site, later)["mart.proxy_means"].is_empty()
        (remark,) = [one for one in model_remarks(site, later) if test in one]
        assert "核实收入" in remark
        assert [one for one in alarms(site, later) if test in one and "nobody is asked" in one]
        next_day = later + timedelta(days=1)
        assert roll_back(site, by="吴", used_from=next_day, target=MEANS).model_id == "no-means-test"
        assert not [one for one in alarms(site, next_day) if test in one]


def test_who_was_asked_is_held_against_the_truth(demo: Made) -> None:
    rights = pl.read_parquet(demo.province / "truth" / "entitlements.parquet")
    with open_site(demo.home) as site:
        found = asked_incomes(site, rights, demo.dates[-1])
    by_list = {row["as_of"]: row for row in found.to_dicts()}
    assert set(by_list) == {*map(str, demo.dates), "all"}
    for row in by_list.values():
        assert row["asked_gap_cnt"] <= row["asked_cnt"] <= row["listed_cnt"] <= row["unknown_cnt"]
        assert row["listed_gap_cnt"] <= row["gap_cnt"] <= row["unknown_cnt"]
    assert 0 < max(by_list[str(day)]["gap_cnt"] for day in demo.dates) <= by_list["all"]["gap_cnt"]
