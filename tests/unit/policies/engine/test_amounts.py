"""Sums without a test, for a day, rounded once; one that no column can hold spoils its own row only."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from policies.catalogue.model import Catalogue
from policies.engine.evaluate_benefits import evaluate_benefits
from policies.loading import load_catalogue
from tests.helpers.households import NOBODY
from tests.helpers.small_law import small_law

DAY = date(2026, 1, 5)


def law(folder: Path, amount: str) -> Catalogue:
    cat = load_catalogue(small_law(folder))
    aid = next(rule for rule in cat.benefits if rule.id == "aid")
    changed = {"who": (), "amount_sql": None, "amount_once_sql": amount, "period": "day"}
    return replace(cat, benefits=(aid.model_copy(update=changed),), signals=())


def homes(*incomes: str | None) -> pl.DataFrame:
    values = [None if income is None else Decimal(income) for income in incomes]
    column = pl.Series("income_yuan_month", values, dtype=pl.Decimal(18, 2))
    return pl.DataFrame([pl.Series("household_id", [f"h{i}" for i in range(len(incomes))]), column])


def test_a_sum_without_a_test_is_answered_for_everybody_whose_sum_is_known(tmp_path: Path) -> None:
    cat = law(tmp_path, "GREATEST(0, $aid.standard - income_yuan_month) / 12")
    rows = evaluate_benefits(cat, NOBODY, homes("1000", None, "2000"), DAY).sort("household_id")
    assert rows["eligible"].to_list() == ["likely", "unknown_amount", "likely"]
    assert rows["amount_once_yuan"].to_list() == [Decimal("8.33"), None, Decimal("0.00")]  # 100 / 12, in fen
    assert rows["missing_facts"].to_list() == ["", "income_yuan_month", ""]


def test_one_absurd_value_spoils_its_own_row_only(tmp_path: Path) -> None:
    cat = law(tmp_path, "income_yuan_month * income_yuan_month")
    rows = evaluate_benefits(cat, NOBODY, homes("9999999999999999.99", "3"), DAY).sort("household_id")
    assert rows["eligible"].to_list() == ["unknown_amount", "likely"]
    assert rows["amount_once_yuan"].to_list() == [None, Decimal("9.00")]
