"""What `policies eval` and `policies test` refuse, in words and with exit code 1; and what they answer."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from flows.cli.app import app
from tests.helpers.small_law import LAW, small_law

PLAIN = "household_id,income_yuan_month\nh1,700\n"


@pytest.fixture(scope="module")
def law(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_law(tmp_path_factory.mktemp("law"))


def run(*args: object) -> Result:
    return CliRunner().invoke(app, ["policies", *map(str, args)])


def evaluated(law: Path, facts: Path, out: Path, as_of: str = "2026-01-05") -> Result:
    return run("eval", "--policies", law, "--facts", facts, "--as-of", as_of, "--out", out, "--json")


# What is wrong, the file's text, its name, what is said of it and why.
REFUSED = [
    ("another ending", PLAIN, "f.txt", "no format that the facts can have", ".txt"),
    ("an empty file", "", "f.csv", "There are no facts", "empty"),
    ("a header alone", "household_id\n", "f.csv", "There are no facts", "no row"),
    ("no Parquet", PLAIN, "f.parquet", "cannot be read", "no Parquet"),
    ("ragged", PLAIN + "h2,1,2,3\n", "f.csv", "cannot be read", "more cells"),
    ("a column twice", "household_id,tier_code,tier_code\nh,a,b\n", "f.csv", "stands 2 times", ""),
    ("no fact", "household_id,income_yuan_mouth\nh,1\n", "f.csv", "is no fact", "definitions/"),
    ("two incomes", "person_id,household_id,household_income_yuan_month\na,h,1\nb,h,2\n", "f.csv",
     "household_income_yuan_month", "differs from another row"),
    ("a person twice", "person_id,household_id\na,h\na,h\n", "f.csv", "person_id", "earlier row"),
    ("an id lacking", "person_id,household_id\na,h\n,h\n", "f.csv", "person_id", "is empty"),
    ("a spreadsheet's id", "household_id\n4.45224E+17\n", "f.csv", "household_id", "spreadsheet"),
    ("half a year", "person_id,age_years\na,17.5\n", "f.csv", "age_years", "no whole number"),
    ("NaN", "household_id,income_yuan_month\na,NaN\n", "f.csv", "income_yuan_month", "NaN"),
    ("two as a flag", "person_id,is_disabled\na,2\n", "f.csv", "is_disabled", "neither true"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "facts", "what", "why"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_what_cannot_be_answered_is_refused(
    law: Path, tmp_path: Path, text: str, facts: str, what: str, why: str
) -> None:
    path = tmp_path / facts
    path.write_text(text, encoding="utf-8")
    told = refusal(law, path, tmp_path / "a.csv")
    assert what in told["error"] and why in told["why"] and told["todo"]
    assert [p.name for p in tmp_path.iterdir()] == [facts]


def refusal(law: Path, facts: Path, out: Path, as_of: str = "2026-01-05") -> dict[str, str]:
    result = evaluated(law, facts, out, as_of)
    assert result.exit_code == 1, result.output
    told: dict[str, str] = json.loads(result.stdout)
    return told


def test_a_day_before_any_rule_and_answers_that_would_overwrite_the_facts(law: Path, tmp_path: Path) -> None:
    facts = tmp_path / "f.csv"
    facts.write_text(PLAIN)
    early = refusal(law, facts, tmp_path / "a.csv", "2019-12-31")
    assert early["error"] == "No rule is in force on 2019-12-31." and "2020-01-01" in early["why"]
    assert "no ending" in refusal(law, facts, tmp_path / "answers")["why"]
    (tmp_path / "link.csv").symlink_to(facts)
    for spelling in (facts, tmp_path / "x" / ".." / "f.csv", tmp_path / "link.csv"):
        (tmp_path / "x").mkdir(exist_ok=True)
        assert "written over the facts" in refusal(law, facts, spelling)["error"]
    assert facts.read_text() == PLAIN


def test_the_nearest_fact_and_the_encoding_are_named(law: Path, tmp_path: Path) -> None:
    facts = tmp_path / "f.csv"
    facts.write_text("household_id,income_yuan_mouth\nh,1\n")
    assert refusal(law, facts, tmp_path / "a.csv")["todo"] == "Did you mean income_yuan_month?"
    facts.write_text("household_id,tier_code\nh,近\n", encoding="gb18030")
    assert "UTF-8" in refusal(law, facts, tmp_path / "a.csv")["why"]


def test_a_folder_without_rules_and_one_whose_rules_have_ended(tmp_path: Path) -> None:
    facts = tmp_path / "f.csv"
    facts.write_text(PLAIN)
    shutil.copytree(LAW, tmp_path / "empty", ignore=shutil.ignore_patterns("benefits"))
    assert "no rule in this folder" in evaluated(tmp_path / "empty", facts, tmp_path / "a.csv").stdout
    end = ("source:", "valid_to: 2024-12-31\nsource:")
    told = evaluated(small_law(tmp_path / "law", aid=end, card=end), facts, tmp_path / "a.csv").stdout
    assert "No rule is in force on 2026-01-05" in told and "ended on 2024-12-31" in told


def answers(law: Path, tmp_path: Path, text: str) -> dict[tuple[str | None, str, str], dict]:
    (tmp_path / "f.csv").write_text(text)
    result = evaluated(law, tmp_path / "f.csv", tmp_path / "a.parquet")
    assert result.exit_code == 0, result.output
    rows = pl.read_parquet(tmp_path / "a.parquet").to_dicts()
    return {(row["person_id"], row["household_id"], row["rule_id"]): row for row in rows}


def test_members_make_their_household_s_facts_and_what_is_given_goes_first(law: Path, tmp_path: Path) -> None:
    home = "household_income_yuan_month,household_tier_code,household_child_cnt"
    head = f"person_id,household_id,age_years,{home}\n"
    rows = "a,h,17,700,poor,\nb,h,40,700,poor,\nc,i,17,700,poor,3\nd,j,,700,poor,\n"
    found = answers(law, tmp_path, head + rows)
    amounts = {key[1]: row["amount_yuan_month"] for key, row in found.items() if key[2] == "aid"}
    assert amounts == {"h": Decimal(600), "i": Decimal(1000), "j": None}
    assert found[None, "j", "aid"]["answer"] != "no"


def test_who_lives_with_whom_is_not_guessed(law: Path, tmp_path: Path) -> None:
    found = answers(
        law, tmp_path, "person_id,age_years,household_income_yuan_month,household_tier_code\na,17,7,poor\n"
    )
    assert found[None, "0", "aid"]["amount_yuan_month"] is None


def test_exclusions_and_gaps_hold_as_at_home(law: Path, tmp_path: Path) -> None:
    home = "household_income_yuan_month,household_child_cnt,household_tier_code,household_is_aided"
    head = f"person_id,household_id,is_disabled,has_subsidy,{home}\n"
    found = answers(law, tmp_path, head + "a,h,true,false,1000,0,poor,false\n")
    gaps = {rule: row["gap_yuan_month"] for (_, _, rule), row in found.items()}
    assert gaps == {"aid": Decimal(0), "card": Decimal(400)}


def test_an_absurd_sum_spoils_its_own_row(law: Path, tmp_path: Path) -> None:
    text = "household_id,income_yuan_month,child_cnt,tier_code\nh,700,0,poor\ni,100000000000000000,0,poor\n"
    found = answers(law, tmp_path, text)
    assert [found[None, home, "aid"]["answer"] for home in ("h", "i")] == ["likely", "unknown"]
    assert found[None, "i", "aid"]["missing_facts"] == "income_yuan_month"
    result = evaluated(law, tmp_path / "f.csv", tmp_path / "b.csv")
    assert "income_yuan_month of row 2" in result.stderr


def test_examples_of_a_folder_run(law: Path, tmp_path: Path) -> None:
    assert run("test", law).exit_code == 0
    wrong = ("amount_yuan_month: 500", "amount_yuan_month: 501")
    result = run("test", small_law(tmp_path / "law", aid=wrong))
    assert result.exit_code == 1 and "amount_yuan_month: expected 501, got 500.00" in result.stdout
    assert "aid.yaml:18: aid, “below”" in result.stdout
    told = json.loads(run("test", tmp_path / "law", "--json").stdout)
    family = small_law(tmp_path / "family", family=("gives: 1", "gives: 2"))
    assert "family.yaml:12: child_cnt, “one of two”" in run("test", family).stdout
    assert told["failed"][0]["line"] == 18 and told["examples"] == 4
