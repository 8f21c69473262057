"""What a line says of the family: who receives what, what was applied for, and what came of it."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from transforms.alerts.list_lines import applied_text, receiving_text, visit_order, who_text

NAMES = pl.DataFrame({"code": ["dibao", "nursing"], "zh": ["低保", "护理补贴"]})
RELATIONS = pl.DataFrame({"code": ["head", "spouse"], "zh": ["户主", "配偶"]})


def test_what_is_received_says_who_receives_it() -> None:
    """tried §3: 已享受 does not say who."""
    persons = pl.DataFrame(
        [("p1", "head", 72), ("p2", "spouse", None), ("p3", None, 40), ("p4", "other", 12)],
        schema=["person_id", "relation_code", "age_years"],
        orient="row",
    )
    members = who_text(persons, RELATIONS)
    assert members["who_zh"].to_list() == ["户主72岁", "配偶", "成员40岁", "成员12岁"]
    rows = [("H1", "dibao", None, True), ("H1", "nursing", "p2", True), ("H1", "nursing", "p1", True),
            ("H1", "nursing", "p9", False), ("H2", "nursing", "p3", True)]  # fmt: skip
    columns = ["household_id", "benefit_id", "person_id", "is_receiving"]
    said = receiving_text(pl.DataFrame(rows, schema=columns, orient="row"), NAMES, members)
    assert dict(said.iter_rows()) == {
        "H1": "低保（全家）、护理补贴（户主72岁、配偶）",
        "H2": "护理补贴（成员40岁）",
    }
    all_four = [("H1", "nursing", f"p{i}", True) for i in range(1, 5)]
    (text,) = receiving_text(pl.DataFrame(all_four, schema=columns, orient="row"), NAMES, members)[
        "receiving_zh"
    ]
    assert text == "护理补贴（户主72岁、配偶、成员40岁等4人）"


def test_an_application_says_what_came_of_it() -> None:
    """tried §3: of 265 applications 53 are on the rolls, and the lists say nothing of either."""
    found = pl.DataFrame(
        [("a1", "20", date(2025, 9, 8), "dibao"), ("a2", "20", date(2025, 10, 8), "dibao"),
         ("a2", "21", date(2025, 10, 8), "nursing"), ("a3", "20", date(2025, 9, 9), None),
         ("a4", "40", date(2025, 9, 9), "dibao")],
        schema=["alert_id", "result_code", "found_date", "benefit_id"], orient="row",
    )  # fmt: skip
    households = {"alert_id": ["a1", "a2", "a3", "a4"], "household_id": ["H1", "H1", "H2", "H3"]}
    paid = {"household_id": ["H1", "H1"], "benefit_id": ["nursing", "dibao"], "is_receiving": [True, False]}
    said = applied_text(found, pl.DataFrame(households), NAMES, pl.DataFrame(paid))
    assert dict(said.iter_rows()) == {
        "H1": "2025年10月8日已申请低保：名册尚未见发放\n2025年10月8日已申请护理补贴：名册已有",
        "H2": "2025年9月9日已帮着申请，没有写明是哪一项",
    }


LINES = st.lists(
    st.tuples(st.sampled_from("rob"), st.integers(1, 3), st.sampled_from(["a", "b", "c", None])), max_size=14
)


@given(LINES, st.randoms())
def test_level_then_due_date_then_villages_together(
    listed: list[tuple[str, int, str | None]], random: Any
) -> None:
    """tried §3: 191 changes of village along the lists where 115 would do."""
    levels = {"r": "red", "o": "orange", "b": "blue"}
    rows = [
        ("t1", f"a{i:02}", i + 1, levels[c], date(2025, 9, due), v) for i, (c, due, v) in enumerate(listed)
    ]
    schema = {"town_code": pl.String, "alert_id": pl.String, "list_rank": pl.Int64, "level": pl.String,
              "due_date": pl.Date, "village_code": pl.String}  # fmt: skip
    lines = pl.DataFrame(rows, schema=schema, orient="row")
    printed = visit_order(lines)
    random.shuffle(rows)
    assert visit_order(pl.DataFrame(rows, schema=schema, orient="row")).equals(printed)
    # Another station's lines, of villages that are called the same, leave the order as it is.
    other = lines.with_columns(pl.lit("t2").alias("town_code"), pl.col("list_rank").reverse())
    both = visit_order(pl.concat([other, lines]))
    assert both.filter(town_code="t1").equals(printed)
    assert both.filter(town_code="t2").equals(visit_order(other))
    assert printed["list_rank"].to_list() == list(range(1, len(listed) + 1))
    assert sorted(printed["alert_id"]) == sorted(lines["alert_id"])
    order = ["red", "orange", "blue"]
    places = [(order.index(level), due) for level, due in printed.select("level", "due_date").iter_rows()]
    assert places == sorted(places)
    ways = [way for way, _ in groupby(printed.select("level", "due_date", "village_code").iter_rows())]
    assert len(ways) == len(set(ways))  # nobody comes back to a village for the same day


def test_the_village_of_the_most_urgent_line_comes_first_where_all_else_is_alike() -> None:
    lines = pl.DataFrame(
        [("t1", "a1", 1, "blue", date(2025, 9, 1), "z"), ("t1", "a2", 2, "blue", date(2025, 9, 1), "b"),
         ("t1", "a3", 3, "blue", date(2025, 9, 1), "z")],
        schema=["town_code", "alert_id", "list_rank", "level", "due_date", "village_code"], orient="row",
    )  # fmt: skip
    assert visit_order(lines)["alert_id"].to_list() == ["a1", "a3", "a2"]
