"""A place's own text of a rule: whom it answers, from when, and what is refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from policies.analysis.folder_examples import run_folder
from policies.analysis.trace import trace
from policies.catalogue.model import Catalogue
from policies.engine.evaluate_all import evaluate_all, split_facts
from policies.lint.own_values import own_texts
from tests.helpers.small_law import LAW, with_own

TEXT = (LAW / "benefits" / "aid.yaml").read_text(encoding="utf-8")
# In this city everybody below twice the standard is helped, with the plain difference, from 2026 on.
CITY = (
    TEXT.replace("id: aid", 'id: aid\nplace: "4401"', 1)
    .replace("valid_from: 2020-01-01", "valid_from: 2026-01-01")
    .replace("income_yuan_month < $aid.standard", "income_yuan_month < 2 * $aid.standard")
    .replace(
        "$aid.standard - income_yuan_month + child_cnt * $aid.child_sum",
        "2 * $aid.standard - income_yuan_month",
    )
    .replace("amount_yuan_month: 500", "amount_yuan_month: 1500")
    .replace("{income_yuan_month: 1100}", "{income_yuan_month: 2200}")
)
COUNTY = (
    CITY.replace("4401", "440103")
    .replace("2 *", "12 *")
    .replace(": 1500", ": 12500")
    .replace("2200", "13200")
)
TOWNS = ["440103001", "440104001", "440300001", None]


def sums(cat: Catalogue, day: date) -> list[Decimal | None]:
    """What the aid is in each of the towns, for an income of 700 and one child of the poor."""
    facts = {"household_id": ["a", "b", "c", "d"], "town_code": TOWNS, "income_yuan_month": [700] * 4}
    rows = pl.DataFrame({**facts, "child_cnt": [1] * 4, "tier_code": ["poor"] * 4})
    found = evaluate_all(cat, rows, day).filter(rule_id="aid")
    assert found.height == 4
    return found.get_column("amount_yuan_month").to_list()


def test_each_household_is_answered_by_one_text(tmp_path: Path) -> None:
    cat, problems = with_own(tmp_path, "benefits", CITY, COUNTY)
    assert cat is not None and problems == []
    here, smaller, plain = Decimal(1500), Decimal(12500), Decimal(600)
    assert sums(cat, date(2026, 1, 1)) == [smaller, here, plain, plain]
    # on the day before, the text for everywhere holds in the city too
    assert sums(cat, date(2025, 12, 31)) == [Decimal(500)] * 4
    assert [outcome for outcome in run_folder(cat) if outcome.result.faults] == []
    assert [str(note).split(": ", 1)[1] for note in own_texts(cat)] == [
        "aid is answered by this text in 4401, from 2026-01-01; elsewhere aid.yaml holds",
        "aid is answered by this text in 440103, from 2026-01-01; elsewhere aid.yaml holds",
    ]


def test_what_is_traced_says_whose_text_answered(tmp_path: Path) -> None:
    cat, _ = with_own(tmp_path, "benefits", CITY)
    assert cat is not None
    homes = pl.DataFrame({"household_id": ["a", "c"], "town_code": ["440104001", "440300001"]})
    persons, households = split_facts(cat, homes.with_columns(income_yuan_month=1500))
    steps = trace(cat, persons, households, date(2026, 1, 5), ["aid"])
    assert [(step.household_id, step.place, step.answer) for step in steps] == [
        ("a", "4401", "yes"),
        ("a", "4401", "700.00"),
        ("c", None, "no"),
    ]


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ((TEXT,), "the id aid belongs to a shipped file (choose another id; or give `place`"),
        ((CITY, CITY), "two versions of aid for 4401 are in force on 2026-01-01"),
        (
            (CITY.replace("entity: household", "entity: person"),),
            "aid is of entity household, for every place alike",
        ),
        ((CITY.replace('"4401"', '"44x"'),), "place: "),
        ((CITY.replace("source: {document: 某法}\n", ""),), "the key 'source' is missing"),
    ],
)
def test_what_cannot_stand_for_a_shipped_text_is_refused(
    tmp_path: Path, texts: tuple[str, ...], says: str
) -> None:
    _, problems = with_own(tmp_path, "benefits", *texts)
    assert says in problems[0]
