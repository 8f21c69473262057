"""Visits drawn for a second look: by a hash nobody chooses, with a chance that is true."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from transforms.casework.spot_checks import SPOT_CHECK_SCHEMA, spot_checks

AS_OF = date(2026, 3, 5)
VISITS = {"visit_id": pl.String, "case_no": pl.String, "county_code": pl.String, "is_need": pl.Boolean}


def visits(*rows: tuple[str | None, bool | None]) -> pl.DataFrame:
    named = [(f"V{n:03}", f"{n:08}", *row) for n, row in enumerate(rows)]
    return pl.DataFrame(named, schema=VISITS, orient="row")


def test_each_county_and_answer_is_a_stratum_of_which_at_least_one_is_drawn() -> None:
    drawn = spot_checks(
        visits(*[("440604", True)] * 40, ("440604", False), ("440605", False)), Decimal("0.05"), AS_OF
    )
    assert drawn.schema == SPOT_CHECK_SCHEMA
    assert Counter(drawn["stratum"]) == {"440604-found": 2, "440604-not_found": 1, "440605-not_found": 1}
    assert dict(drawn.select("stratum", "share").iter_rows())["440604-found"] == 0.05


def test_a_visit_that_cannot_tell_or_lies_nowhere_is_not_drawn() -> None:
    assert spot_checks(visits(("440604", None), (None, True)), Decimal(1), AS_OF).is_empty()


def test_over_many_dates_each_visit_is_drawn_as_often_as_its_share_says() -> None:
    here = visits(*[("440604", True)] * 20)
    days = [AS_OF + timedelta(days=n) for n in range(400)]
    drawn = Counter(v for day in days for v in spot_checks(here, Decimal("0.1"), day)["visit_id"])
    assert sum(drawn.values()) == 800 and all(20 <= drawn[v] <= 65 for v in here["visit_id"])  # 40 expected


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.booleans()), max_size=40), st.randoms())
def test_the_same_draw_whatever_the_order_and_chances_add_up(
    rows: list[tuple[str, bool]], random: Any
) -> None:
    here = visits(*rows)
    drawn = spot_checks(here, Decimal("0.2"), AS_OF)
    order = list(range(here.height))
    random.shuffle(order)
    assert spot_checks(here[order], Decimal("0.2"), AS_OF).equals(drawn)
    sizes = Counter(f"{county}-{'found' if need else 'not_found'}" for county, need in rows)
    weight = drawn.group_by("stratum").agg((1 / pl.col("share")).sum().round(6).alias("all"))
    assert dict(weight.iter_rows()) == {name: float(size) for name, size in sizes.items()}
