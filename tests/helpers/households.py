"""One household and its members by hand, for the tests of the rules."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

AS_OF = date(2025, 9, 5)
NOBODY = pl.DataFrame(schema={"person_id": pl.String, "household_id": pl.String})


def household(**facts: Any) -> pl.DataFrame:
    """A household below its town's standard, with the facts given; the others were never delivered."""
    known = {"member_cnt": 3, "tier_code": "none", "income_yuan_month": Decimal("600.00")}
    # the roll was delivered and nothing was ever stopped; the income was found not long ago
    known |= {"unit_pay_yuan_month": Decimal("0.00"), "income_age_days": 20}
    row = {"household_id": "h1", "town_code": "445202001", "place_tier_code": "t4_urban"} | known | facts
    return pl.DataFrame([row], infer_schema_length=1)


def person(person_id: str, **facts: Any) -> dict[str, Any]:
    """A living member of household h1 who is on no child roll."""
    return {"person_id": person_id, "household_id": "h1", "is_alive": True, "child_type_code": "none"} | facts
