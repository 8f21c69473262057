"""Labels of the proxy means test: found below the line after a date on which the income was unknown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from models.proxy_means.found import Incomes, found_incomes, incomes_of, short_share
from zhaoren.errors import ZhaorenError

SEP, OCT, JAN = date(2025, 9, 5), date(2025, 10, 5), date(2026, 1, 5)
NOBODY = pl.DataFrame(schema={"household_id": pl.String, "found_date": pl.Date})


def on(day: date, **shares: float | None) -> Incomes:
    rows = pl.DataFrame(
        {"household_id": list(shares), "income_share": list(shares.values())},
        schema={"household_id": pl.String, "income_share": pl.Float64},
    )
    return Incomes(day, rows)


def labels(found: pl.DataFrame) -> dict[tuple[date, str], bool]:
    return {(row["as_of"], row["household_id"]): row["label"] for row in found.to_dicts()}


def test_the_first_finding_after_the_date_counts_and_only_within_the_span() -> None:
    known = [
        on(SEP, H1=None, H2=None, H3=None, H4=0.4, H5=None),
        on(OCT, H1=0.7, H2=1.2, H3=None, H4=0.4, H5=None),
        on(JAN, H1=1.5, H2=0.5, H3=0.6, H4=0.4, H5=None),
    ]
    found = labels(found_incomes(known, NOBODY))
    assert found == {
        (SEP, "H1"): True,  # later above the line: what was found first counts
        (SEP, "H2"): False,
        (SEP, "H3"): False,  # found 122 days after: not within the span
        (SEP, "H5"): False,
        (OCT, "H3"): True,  # 92 days after: the last day of the span
        (OCT, "H5"): False,
    }
    assert found_incomes(known[:1], NOBODY).is_empty()


def test_what_is_known_later_changes_no_label_of_an_earlier_day() -> None:
    early = [on(SEP, H1=None, H2=None), on(OCT, H1=0.7, H2=None)]
    later = [*early, on(JAN, H1=0.7, H2=0.2)]
    until_october = found_incomes(later, NOBODY).filter(pl.col("found_on").fill_null(SEP) <= OCT)
    assert until_october.filter(as_of=SEP, household_id="H1").equals(
        found_incomes(early, NOBODY).filter(household_id="H1")
    )


def test_who_was_brought_a_visit_is_left_out_around_it_and_comes_back() -> None:
    known = [on(SEP, H1=None, H2=None), on(OCT, H1=0.7, H2=None), on(JAN, H1=0.7, H2=None)]
    visits = pl.DataFrame({"household_id": ["H1"], "found_date": [date(2025, 9, 20)]})
    assert {home for _, home in labels(found_incomes(known, visits))} == {"H2"}
    long_ago = visits.with_columns(found_date=date(2025, 5, 1))
    assert labels(found_incomes(known, long_ago))[SEP, "H1"]


def test_income_is_asked_of_living_families_that_no_roll_reviews() -> None:
    households = pl.DataFrame(
        [
            ("H1", Decimal(430), "dibao", 2),
            ("H2", None, "none", 2),
            ("H3", None, "dibao", 2),
            ("H4", None, "none", 0),
            ("H5", None, None, 2),
            ("H6", None, "none", 2),
        ],
        schema={
            "household_id": pl.String, "income_yuan_month": pl.Decimal(18, 2),
            "tier_code": pl.String, "member_cnt": pl.Int64,
        },
        orient="row",
    )  # fmt: skip
    line = pl.Series([860.0, 860.0, 860.0, 860.0, 860.0, None])
    found = incomes_of(households, line)
    assert found.select("household_id", "income_share").rows() == [("H1", 0.5), ("H2", None)]


def test_a_family_below_the_line_lacks_what_those_found_lacked() -> None:
    known = [on(SEP, H1=None, H2=None, H3=None), on(OCT, H1=0.7, H2=0.3, H3=1.4)]
    assert short_share(found_incomes(known, NOBODY)) == pytest.approx(0.5)


def test_two_rows_of_one_household_are_refused() -> None:
    twice = pl.DataFrame({"household_id": ["H1", "H1"], "income_share": [0.5, None]})
    with pytest.raises(ZhaorenError, match="duplicate"):
        found_incomes([Incomes(SEP, twice)], NOBODY)
