"""Exclusive benefits: the combination taken is the best lawful one, by trying every one of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from policies.catalogue.benefit import Benefit
from policies.engine.exclusive_benefits import best_choices, conflicts

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "household_id": pl.String, "person_id": pl.String, "benefit_id": pl.String,
    "amount_yuan_month": pl.Decimal(18, 2), "is_receiving": pl.Boolean, "gap_yuan_month": pl.Decimal(18, 2),
}  # fmt: skip
# id -> (whose, excludes); `d` stands outside of everything.
RULES = {"h1": ("household", ("a", "b")), "h2": ("household", ("h1", "c")), "a": ("person", ("b", "c")),
         "b": ("person", ()), "c": ("person", ()), "d": ("person", ())}  # fmt: skip


def rule(name: str) -> Benefit:
    entity, excludes = RULES[name]
    return Benefit.model_validate(
        {
            "id": name, "name_zh": name, "entity": entity, "region": "x", "status": "verified",
            "source": {"document": "x"}, "department_zh": "x", "mode": "outreach", "excludes": excludes,
            "who": ({"id": "all", "sql": "TRUE", "zh": "x", "clause": "x"},), "amount_sql": "1",
            "valid_from": date(2020, 1, 1),
        }
    )  # fmt: skip


BENEFITS = [rule(name) for name in RULES]
AGAINST = conflicts(BENEFITS)


def row(home: str, person: str | None, benefit: str, amount: int, paid: int | None) -> dict:
    """`paid`: None is not receiving; else what is received, at most the amount."""
    gap = amount if paid is None else amount - min(paid, amount)
    return {
        "household_id": home, "person_id": person, "benefit_id": benefit,
        "amount_yuan_month": Decimal(amount),
        "is_receiving": paid is not None, "gap_yuan_month": Decimal(gap),
    }  # fmt: skip


amounts = st.tuples(st.integers(0, 900), st.one_of(st.none(), st.none(), st.integers(0, 900)))
home_of = st.fixed_dictionaries(
    {name: st.one_of(st.none(), amounts) for name in ("h1", "h2")}
    | {
        f"{name}{i}": st.one_of(st.none(), st.none(), amounts)
        for name in ("a", "b", "c", "d")
        for i in range(3)
    }
)


def rows_of(home: str, drawn: dict) -> list[dict]:
    made = []
    for key, value in drawn.items():
        if value is not None:
            name, i = (key, None) if key in RULES else (key[:-1], key[-1])
            made.append(row(home, i and f"{home}{i}", name, *value))
    return made


def clash(one: dict, other: dict) -> bool:
    """Whether two rows of a household may not be had together."""
    against = other["benefit_id"] in AGAINST.get(one["benefit_id"], set())
    return against and (
        None in (one["person_id"], other["person_id"]) or one["person_id"] == other["person_id"]
    )


def best_sum(rows: list[dict]) -> Decimal:
    """The highest sum of amounts over every lawful subset."""
    best = Decimal(0)
    for picks in product((False, True), repeat=len(rows)):
        taken = [r for r, is_in in zip(rows, picks, strict=True) if is_in]
        if not any(clash(a, b) for i, a in enumerate(taken) for b in taken[:i]):
            best = max(best, sum((r["amount_yuan_month"] for r in taken), Decimal(0)))
    return best


@given(st.lists(home_of, min_size=1, max_size=4))
def test_what_is_owed_is_the_best_lawful_combination_less_what_is_paid(
    drawn: list[dict[str, Any]],
) -> None:
    homes = {f"H{i}": rows_of(f"H{i}", one) for i, one in enumerate(drawn)}
    frame = pl.DataFrame([r for rows in homes.values() for r in rows], schema=SCHEMA)
    found = best_choices(frame, BENEFITS)
    assert found.drop("gap_yuan_month").equals(frame.drop("gap_yuan_month"))
    for home, rows in homes.items():
        contested = [r for r in rows if r["benefit_id"] in AGAINST]
        if len(contested) > 11:
            continue  # 2^11 subsets are enough
        paid = sum(
            (r["amount_yuan_month"] - r["gap_yuan_month"] for r in contested if r["is_receiving"]), Decimal(0)
        )
        free = sum((r["gap_yuan_month"] for r in rows if r["benefit_id"] not in AGAINST), Decimal(0))
        owed = found.filter(pl.col("household_id") == home)["gap_yuan_month"].sum() or Decimal(0)
        assert owed == max(best_sum(contested) - paid, Decimal(0)) + free


def test_members_of_no_household_choose_for_themselves() -> None:
    rows = [
        row("H", "p", "a", 500, None) | {"household_id": None},
        row("H", "p", "b", 600, 100) | {"household_id": None},
    ]
    found = best_choices(pl.DataFrame(rows, schema=SCHEMA), BENEFITS)
    assert found["gap_yuan_month"].to_list() == [Decimal(0), Decimal(500)]


def test_an_unknown_gap_stays_unknown_and_out_of_the_choice() -> None:
    rows = [
        row("H", "p", "a", 500, None) | {"gap_yuan_month": None, "is_receiving": None},
        row("H", "p", "b", 100, None),
    ]
    found = best_choices(pl.DataFrame(rows, schema=SCHEMA), BENEFITS)
    assert found["gap_yuan_month"].to_list() == [None, Decimal(100)]
