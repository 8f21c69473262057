"""What a household truly misses in a month, by the sums the made-up offices pay."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from province.people.rates import load_rates
from province.truth.missing import missing_yuan

MONTH = date(2026, 1, 1)


def world() -> dict[str, pl.DataFrame]:
    rights = [
        # two people of one unit are one sum; a right that is paid, or of another month, misses nothing
        ("p1", "H1", "dibao", MONTH, MONTH, False),
        ("p2", "H1", "dibao", MONTH, MONTH, False),
        ("p3", "H2", "nursing_subsidy_disabled", MONTH, MONTH, False),
        ("p4", "H2", "nursing_subsidy_disabled", MONTH, MONTH, False),
        ("p5", "H3", "dibao", MONTH, MONTH, True),
        ("p5", "H3", "elder_allowance", date(2025, 1, 1), date(2025, 12, 1), False),
        ("p6", "H4", "temporary_relief", MONTH, MONTH, False),
        ("p7", "H5", "elder_allowance", MONTH, MONTH, False),
    ]
    columns = ["id_number", "household_no", "benefit_id", "from_month", "until_month", "is_receiving"]
    homes = pl.DataFrame({"household_no": [f"H{i}" for i in range(1, 6)]}).with_columns(
        place_tier_code=pl.lit("t2"),
        standard_yuan_month=pl.lit(1000),
        member_cnt=pl.lit(2),
        income_yuan_month_2026_01=pl.lit(700),
    )
    people = pl.DataFrame({"id_number": [f"p{i}" for i in range(1, 8)]}).with_columns(
        birth_date=pl.lit(date(1930, 5, 1))
    )
    return {
        "entitlements": pl.DataFrame(rights, schema=columns, orient="row"),
        "households": homes,
        "persons": people,
    }


def test_units_are_paid_once_and_persons_each() -> None:
    rates = load_rates()
    got = dict(missing_yuan(world(), MONTH).iter_rows())
    assert got == {
        "H1": Decimal(600),
        "H2": Decimal(2 * rates.nursing_subsidy_yuan[2026]),
        "H5": Decimal(rates.elder_allowance_yuan[90]),
    }
