"""What a new version of a small law changes: its texts, for whom, by how much; and its dated texts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from flows.cli.app import app
from flows.context.rulebook import folder_rules
from flows.context.site import open_site
from flows.queries.new_version import effects_on_home
from policies.analysis.effects import by_rule
from policies.catalogue.model import SHIPPED
from policies.loading import load_catalogue
from tests.helpers.homes import Made
from tests.helpers.small_law import LAW, small_law
from warehouse.database.partitions import newest_date

FACTS = """\
household_id,income_yuan_month,child_cnt,tier_code
below,700,0,near
between,1150,0,near
open,,0,near
far,5000,0,near
"""


@pytest.fixture(scope="module")
def dearer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The standard of 2026 is 1,200 and no longer 1,100; the card is worth twice as much."""
    return small_law(
        tmp_path_factory.mktemp("law"),
        sums=("valid_from: 2026-01-01, value: 1100", "valid_from: 2026-01-01, value: 1200"),
        aid=("500}", "600}"),
        card=("amount_sql: $aid.card_sum", "amount_sql: $aid.card_sum * 2"),
    )


def run(*args: object, code: int = 0) -> Result:
    result = CliRunner(env={"NO_COLOR": "1"}).invoke(app, ["policies", *map(str, args)])
    assert result.exit_code == code, result.output
    return result


def asked(*args: object, code: int = 0) -> Any:
    return json.loads(run(*args, "--json", code=code).stdout)


def test_the_texts_that_differ_are_named_with_their_dates(dearer: Path) -> None:
    texts = asked("diff", LAW, dearer)["texts"]
    assert [(t["kind"], t["name"], t["valid_from"], t["change"]) for t in texts] == [
        ("benefit", "card", "2021-01-01", "changed"),
        ("parameter", "$aid.standard", "2026-01-01", "changed"),
    ]
    assert texts[1]["keys"] == [{"key": "value", "old": "1100", "new": "1200"}]
    assert "value: 1100 → 1200" in run("diff", LAW, dearer).stdout
    assert run("diff", LAW, LAW).stdout == "The texts are the same.\n"


def test_for_whom_and_by_how_much_with_ids_only_in_the_file(dearer: Path, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(FACTS)
    people = ("--facts", tmp_path / "f.csv", "--as-of", "2026-01-05")
    found = asked("diff", LAW, dearer, *people, "--out", tmp_path / "changed.csv")
    (aid,) = found["effects"]
    assert aid == {
        "rule_id": "aid", "newly_cnt": 1, "no_longer_cnt": 0, "amount_cnt": 1, "unclear_cnt": 0,
        "status_cnt": 0,
        "total_yuan_month": "150.00", "median_yuan_month": 75.0, "largest_yuan_month": "100.00",
    }  # fmt: skip
    rows = pl.read_csv(tmp_path / "changed.csv").select("household_id", "kind", "change_yuan_month").rows()
    assert rows == [("below", "amount", 100.0), ("between", "newly", 50.0)]
    shown = run("diff", LAW, dearer, *people).stdout
    assert "between" not in shown and "aid" in shown
    # the old law of the year before says the same
    assert asked("diff", LAW, dearer, "--facts", tmp_path / "f.csv", "--as-of", "2025-12-31")["effects"] == []


def test_for_everybody_in_a_home(demo: Made, tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "new", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    dibao = tmp_path / "new" / "parameters" / "dibao.yaml"
    dibao.write_text(
        dibao.read_text(encoding="utf-8").replace("t4_rural: 645", "t4_rural: 745"), encoding="utf-8"
    )
    with open_site(demo.home) as site:
        day = newest_date(site.con)
        old, new = load_catalogue(), folder_rules(tmp_path / "new", demo.home.root)
        found = by_rule(effects_on_home(site, old, new, day)).row(
            by_predicate=pl.col("rule_id") == "dibao", named=True
        )
        same = effects_on_home(site, old, old, day)
    assert found["newly_cnt"] + found["amount_cnt"] > 0 and found["total_yuan_month"] > 0
    assert found["no_longer_cnt"] == 0 and same.is_empty()


def test_people_and_the_date_go_together(dearer: Path, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(FACTS)
    assert "date is missing" in asked("diff", LAW, dearer, "--facts", tmp_path / "f.csv", code=1)["error"]
    assert "For whom" in asked("diff", LAW, dearer, "--as-of", "2026-01-05", code=1)["error"]
    assert "nothing to write" in asked("diff", LAW, dearer, "--out", tmp_path / "a.csv", code=1)["error"]


def test_the_history_of_a_benefit_leads_to_what_it_rests_on() -> None:
    texts = asked("history", "aid", "--folder", LAW)
    names = list(dict.fromkeys(text["name"] for text in texts))
    assert names == ["aid", "$aid.standard", "child_cnt", "$aid.child_sum", "$aid.adult_age"]
    standards = [t for t in texts if t["name"] == "$aid.standard"]
    assert [(t["valid_from"], t["valid_to"], t["source"]) for t in standards] == [
        ("2020-01-01", "2025-12-31", "旧文"),
        ("2026-01-01", None, "新文"),
    ]
    assert standards[1]["keys"] == [{"key": "value", "old": "1000", "new": "1100"}]
    assert "value: 1000 → 1100" in run("history", "aid.standard", "--folder", LAW).stdout
    missed = asked("history", "ald", "--folder", LAW, code=1)
    assert missed["todo"] == "Did you mean aid?"


def test_two_versions_of_a_shipped_rule_lie_side_by_side() -> None:
    versions = [text for text in asked("history", "dibao") if text["name"] == "dibao"]
    assert [text["valid_from"] for text in versions] == ["2021-01-01", "2026-01-01"]
    assert versions[1]["keys"] and len(versions[1]["keys"]) < len(versions[0]["keys"])
