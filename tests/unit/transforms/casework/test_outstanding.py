"""What is open and late as of a day."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from policies.casework.steps import load_steps
from transforms.casework.outstanding import open_matters_at

RULES = load_steps()
SEP, OCT = date(2025, 9, 5), date(2025, 10, 5)


def matter(step_id: str, kind: str, event: str, due: date | None = None, **more: Any) -> dict[str, Any]:
    base = {"step_id": step_id, "case_no": f"1{step_id}", "kind_code": kind, "subject": "dibao",
            "event_code": event, "event_date": SEP, "due_date": due,
            "owner_code": "receiver", "household_id": f"H{step_id}",
            "town_code": "440604005", "begun_date": SEP}  # fmt: skip
    return base | more


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), infer_schema_length=None)


def test_silence_turns_red_on_the_day_after_it_was_due() -> None:
    rows = frame(
        matter("a", "referral", "sent", due=date(2025, 9, 12)),
        matter("b", "referral", "answered"),
        matter("c", "follow_up", "agreed", due=date(2025, 9, 15)),
        matter("d", "satisfaction", "good"),
    )
    on_the_day = open_matters_at(rows, RULES, date(2025, 9, 12))
    after = open_matters_at(rows, RULES, date(2025, 9, 16))
    assert on_the_day.select("step_id", "is_overdue").rows() == [("a", False), ("c", False)]
    assert after.select("step_id", "is_overdue", "late_days", "owner_code", "town_code").rows() == [
        ("a", True, 4, "receiver", "440604005"),
        ("c", True, 1, "receiver", "440604005"),
    ]
    assert after["state_zh"].to_list() == ["已转出", "已约定"]
