"""The page of the rule language: fresh, complete in both languages, and its YAML gives what it says."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
import yaml

from flows.handbook.rule_language import LANGUAGES, language_pages, language_table, page_name
from tests.helpers.source import ROOT
from tests.spec.evaluator.evaluation import Evaluation
from tests.spec.evaluator.world import Home, Person, Rules

TABLE = language_table()
PAGES = language_pages(TABLE)
YAML = [yaml.safe_load(body) for body in re.findall(r"```yaml\n(.*?)```", PAGES["rule-language.md"], re.S)]
ARGUMENTS = ("never", "value", "fact", "place", "condition", "test")  # as they are written in a rule
JANUARY, JULY = date(2026, 1, 15), date(2026, 7, 15)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_committed_page_is_what_the_table_says(name: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == PAGES[name], "run: make docs"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_stands_on_the_page_with_an_example(language: str) -> None:
    rows = [row for row in PAGES[page_name(language)].splitlines() if row.startswith("| `")]
    for word in TABLE["words"]:
        (row,) = [row for row in rows if row.startswith(f"| `{word['form'].replace('|', chr(92) + '|')}`")]
        assert row.count(" → ") == len(word["examples"]) > 0
        assert word["en" if language == "en" else "zh"] in row
    refused = [word["why" if language == "en" else "why_zh"] for word in TABLE["refused"]]
    assert [why for why in refused if not any(why in row for row in rows)] == []


def test_both_pages_have_the_same_shape_and_the_chinese_one_is_chinese() -> None:
    shapes = [re.findall(r"^#+|^\|.*→|^```\w*", page, re.M) for page in PAGES.values()]
    assert [len(shape) for shape in shapes] == [len(shapes[0])] * 2
    bodies = [re.findall(r"```yaml\n(.*?)```", page, re.S) for page in PAGES.values()]
    assert bodies[0] == bodies[1]
    prose = re.sub(r"`[^`]*`|\]\([^)]*\)|```.*?```", "", PAGES["rule-language.zh-CN.md"], flags=re.S)
    of_the_language = {"English", "low", "high", "unit", "day", "town", *ARGUMENTS}
    assert set(re.findall(r"\b[A-Za-z]?[a-z]{3,}", prose)) <= of_the_language


def test_the_definition_on_the_page_gives_what_its_examples_say() -> None:
    (definition,) = YAML[0]["definitions"]
    adult = {"values": [{"valid_from": date(2015, 1, 1), "value": 18}]}
    for example in definition["examples"]:
        home = Home({}, [Person(facts) for facts in example["members"]])
        rules = Rules(
            example["as_of"],
            {("household", "child_cnt"): definition},
            {"fact_definitions.adult_from_years": adult},
        )
        assert Evaluation(rules).answer("child_cnt", home) == example["gives"]


@pytest.mark.parametrize(
    ("town", "age", "day", "gives"),
    [
        *[("440103001", 82, JANUARY, 100), ("440103001", 82, JULY, 0), ("440201001", 82, JULY, 90)],
        *[("440103001", None, JANUARY, None), ("440201001", None, JANUARY, None)],
        ("440301001", None, JANUARY, 0),
    ],
)
def test_the_table_on_the_page_gives_what_is_said_beside_it(
    town: str, age: int | None, day: date, gives: int | None
) -> None:
    assert asked("heating.aid_yuan_month", YAML[1], day, town_code=town, age_years=age) == gives


@pytest.mark.parametrize(("income", "gives"), [(5000, 700), (900, 0), (None, None)])
def test_the_scale_on_the_page_gives_what_is_said_beside_it(income: int | None, gives: int | None) -> None:
    assert asked("housing_fund.own_part_yuan_month", YAML[2], JULY, income_yuan_month=income) == gives


def asked(name: str, file: dict[str, Any], day: date, **facts: Any) -> Any:
    """A parameter's value for a person in a household of five."""
    (parameter,) = file["parameters"]
    home = Home({"member_cnt": 5})
    return Evaluation(Rules(day, {}, {name: parameter})).answer(f"${name}", Person(facts, {"hukou": home}))


def test_the_amount_on_the_page_gives_what_its_example_says() -> None:
    (example,) = YAML[3]["examples"]
    standard = {"dibao.standard_yuan_month": {"values": [{"valid_from": date(2021, 1, 1), "value": 900}]}}
    found = Evaluation(Rules(JULY, {}, standard)).answer(YAML[3]["amount_sql"], Home(example["household"]))
    assert found == Fraction(example["amount_yuan_month"])
