"""Families whom no benefit reaches: what the open answers wait for, by department (tried §7)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from flows.cli.gaps import who_brings
from flows.context.home import Home
from flows.context.run import Run
from flows.context.site import Site, open_site
from flows.queries.gaps import gap_map
from tests.helpers.warehouses import put_rows

pytestmark = pytest.mark.slow

DAY = date(2025, 9, 5)


@pytest.fixture
def site(new_home: Callable[[Path], Home], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Three families in a gap; h1 and h2 with open answers, h3 with one that is not open for it."""
    monkeypatch.setenv("ZHAOREN_VAULT_KEY", "the key of the tests")
    with open_site(new_home(tmp_path / "home")) as opened:
        gap = "INSERT INTO mart.policy_gap (as_of, household_id, basis, may_fit, open_benefit_ids)"
        for home, ids in (("h1", "dibao,tekun"), ("h2", "dibao"), ("h3", "")):
            opened.con.execute(f"{gap} VALUES (?, ?, ?, ?, ?)", [DAY, home, "signs", bool(ids), ids])
        answers = (
            ("h1", "dibao", "income_yuan_month,tier_code"),
            ("h1", "tekun", "has_supporter,household_income_yuan_month"),
            ("h2", "dibao", "income_yuan_month,$minimum_wage.standard_yuan_month"),
            ("h3", "legal_aid", "income_yuan_month"),
        )
        frame = pl.DataFrame(answers, schema=["household_id", "benefit_id", "missing_facts"], orient="row")
        frame = frame.with_columns(as_of=pl.lit(DAY), eligible=pl.lit("unknown"))
        put_rows(opened.con, "mart.entitlement", frame)
        Run(DAY, "f").done(opened, "score").record(opened.con)
        yield opened


def test_what_the_open_answers_wait_for_is_counted_by_fact_and_department(site: Site) -> None:
    rows = [
        (row["fact"], row["department_zh"], row["household_cnt"])
        for row in gap_map(site, DAY, "county")["missing"]
    ]
    assert rows == [
        ("income_yuan_month", rows[0][1], 2),  # once a family, though two benefits of h1 wait for it
        ("$minimum_wage.standard_yuan_month", "", 1),
        ("has_supporter", "", 1),  # no department delivers it yet
        ("tier_code", rows[3][1], 1),
    ]
    assert "民政" in rows[0][1]


def test_a_parameter_waits_for_the_place_and_not_for_a_department(site: Site) -> None:
    """A place that read 尚无部门提供 would wait for a file that never comes."""
    missing = gap_map(site, DAY, "county")["missing"]
    said = {row["fact"]: who_brings(row["fact"], row["department_zh"]) for row in missing}
    assert said["$minimum_wage.standard_yuan_month"] == "本地尚未填写该参数"
    assert said["has_supporter"] == "尚无部门提供"
    assert said["income_yuan_month"] == missing[0]["department_zh"] != ""
