"""Over many dates the audit arm draws everybody: no household is out of its reach."""

from __future__ import annotations

from datetime import timedelta

from tests.helpers.alerts import AS_OF, OPERATIONS, homes, one, run


def test_every_household_has_its_turn_in_the_audit_arm() -> None:
    households = homes([f"H{i:02}" for i in range(20)])
    quiet = [
        one(run([], households=households, operations=OPERATIONS, as_of=AS_OF + timedelta(days=d)))
        for d in range(100)
    ]
    drawn = {row["household_id"] for row in quiet}
    assert len(drawn) >= 18  # 20 households, 100 draws: all but a few expected
    assert {(row["level"], row["signal_ids"], row["arm"]) for row in quiet} == {("blue", "", "audit")}
    assert quiet[0]["due_date"] == AS_OF + timedelta(days=42)
