"""An income that nobody has stated: the list asks for it in plain words, with no chance and no sum."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import polars as pl

from tests.helpers.alerts import AS_OF, NEXT, gap, homes, listed, one, operations, run, signal, visit

NO_AUDIT = operations(audit_share="0")
HALF = operations(audit_share="0", yuan_line_share="0.5")


def means(**found: tuple[float, str]) -> pl.DataFrame:
    """household -> chance, expected yuan."""
    rows = [(home, chance, Decimal(yuan)) for home, (chance, yuan) in found.items()]
    schema = pl.Schema(
        [
            ("household_id", pl.String()),
            ("chance_below_line", pl.Float64()),
            ("expected_yuan_month", pl.Decimal(18, 2)),
        ]
    )
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_a_family_without_a_sign_is_asked_in_plain_words() -> None:
    row = one(run([], means=means(H1=(0.3, "210.50"), H2=(0.19, "900"))))
    assert (row["household_id"], row["level"], row["signal_ids"], row["points"]) == ("H1", "blue", "E02", 0)
    assert row["reason_zh"] == "家庭收入没有登记，可能符合低保，请核实收入和财产。"
    assert "人均收入" in row["questions_zh"] and row["missing_benefits_zh"] == ""
    assert (row["benefit_gap_yuan_month"], row["expected_yuan_month"]) == (Decimal(0), Decimal("210.50"))
    shown = row["reason_zh"] + row["questions_zh"] + row["missing_benefits_zh"]
    assert "210" not in shown and "0.3" not in shown and "30" not in shown


def test_the_question_joins_what_else_is_known() -> None:
    row = one(run([signal()], [gap()], means=means(H1=(0.3, "300"))))
    assert row["signal_ids"] == "I01,E01,E02"
    assert row["reason_zh"] == (
        "I01：近12个月自付医疗费12000元；可能有1项待遇应享未享；家庭收入没有登记，可能符合低保，请一并核实。"
    )
    assert (row["benefit_gap_yuan_month"], row["expected_yuan_month"]) == (Decimal(217), Decimal(517))
    assert row["level"] == "orange"


def test_without_a_test_in_use_nobody_is_asked() -> None:
    assert run([], means=None).is_empty()


def test_a_visit_that_found_no_need_lets_the_question_rest() -> None:
    asked = means(H1=(0.5, "400"))
    first = run([], means=asked, households=homes(["H1"]))
    told = visit("40", AS_OF + timedelta(days=5))
    again = run([], means=means(H1=(0.9, "900")), previous=first, outcomes=told, as_of=NEXT)
    assert one(again)["status"] == "suppressed"
    fresh = run([signal()], means=asked, previous=first, outcomes=told, as_of=NEXT)
    row = one(fresh)
    # what wakes the case comes back alone: the income was asked for already
    assert (row["status"], row["signal_ids"], row["expected_yuan_month"]) == ("new", "I01", Decimal(0))


def test_a_share_of_the_lines_goes_by_what_a_visit_is_expected_to_find() -> None:
    names = [f"H{n}" for n in range(6)]
    signals = [signal(name, points=9 - n) for n, name in enumerate(names[:4])]
    asked = means(H4=(0.4, "800"), H5=(0.4, "100"))
    by_need = run(signals, means=asked, households=homes(names), capacity=3, operations=NO_AUDIT)
    by_both = run(signals, means=asked, households=homes(names), capacity=3, operations=HALF)
    assert listed(by_need) == ["H0", "H1", "H2"]
    assert listed(by_both) == ["H0", "H4", "H1"]
    assert by_both.filter(household_id="H4")["arm"].item() == "model"
    places = by_both.sort("order_no")["household_id"].to_list()
    assert places == ["H0", "H4", "H1", "H5", "H2", "H3"]
