"""Found within so many days of its start, by hand."""

from __future__ import annotations

from datetime import date

import polars as pl

from models.evaluation.found_early import first_found

JAN, FEB, MAR = (date(2026, month, 5) for month in (1, 2, 3))


def test_a_spell_is_found_by_a_list_in_time_and_equals_share_it() -> None:
    candidates = pl.DataFrame(
        {
            "as_of": [JAN] * 3 + [FEB] * 3 + [MAR] * 3,
            "household_id": list("abc") * 3,
            "town_code": ["t"] * 9,
            "order": [1, 2, 3, 9, 2, 3, 9, 1, 1],
            "tied": [5] * 9,
            "sent": [False] * 6 + [True, True, False],
        }
    )
    spells = pl.DataFrame(
        {
            "household_id": ["a", "b", "c", "a"],
            "start_date": [date(2026, 1, 20), JAN, date(2026, 1, 6), date(2026, 2, 20)],
            "asked_date": [date(2026, 2, 15), None, None, date(2026, 3, 1)],
        }
    )
    found = first_found(candidates, spells, 1, ["order", "tied", "sent"], 30).rows_by_key(
        "ranking", named=True, unique=True
    )
    # order lists c in January, before its spell, then a in February, ten days before it asks, and in March
    assert found["order"] | {"spell_cnt": 4, "found_cnt": 2, "days_before_asking": 10} == found["order"]
    # a third on each list: a once and once, b in January and on no later list in time, c once
    assert found["tied"]["found_cnt"] == round(4 / 3, 6)
    # delivered as it was: a of March is in time for its second spell alone, b's is too late
    assert found["sent"]["found_cnt"] == 1 and found["sent"]["days_before_asking"] is None
