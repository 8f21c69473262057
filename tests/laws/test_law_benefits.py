"""What a law pays, asked as a home asks: the sums are those that its source reckons for whole households."""

from __future__ import annotations

from decimal import Decimal

import pytest

from policies.engine.evaluate_benefits import evaluate_benefits
from tests.laws.by_engine import frames, law_as_read
from tests.laws.cases import Case, by_question, read_cases

# law, benefit, whose it is; the definition of the same name is what the cases expect
PAID = [
    ("country_template", "basic_income", "person_id"),
    ("country_template", "parenting_allowance", "household_id"),
    ("japan_public_assistance", "public_assistance", "household_id"),
    ("kentucky_ktap", "ktap", "household_id"),
]


@pytest.mark.parametrize(("law", "benefit", "key"), PAID)
def test_a_benefit_pays_what_the_source_reckons(law: str, benefit: str, key: str) -> None:
    cat = law_as_read(law, None)
    whole = [case for case in read_cases(law) if case.origin.startswith("reckoned") and case.reform is None]
    assert len(whole) > 30
    for (_, day), cases in by_question(whole).items():
        persons, households = frames(cat, cases)
        rows = evaluate_benefits(cat, persons, households, day).filter(benefit_id=benefit)
        assert set(rows.get_column("eligible")) <= {"likely", "no"}
        paid = {row[key]: row["amount_yuan_month"] for row in rows.to_dicts() if row["eligible"] == "likely"}
        for whose, (due, tolerance) in expected(cases, benefit, key).items():
            assert abs(float(paid.get(whose, Decimal(0))) - due) <= tolerance, (day, whose)


def expected(cases: list[Case], benefit: str, key: str) -> dict[str, tuple[float, float]]:
    """What each person or household is due, by id, and how exactly that is known (to the cent at best)."""
    return {
        f"{i}.{whose}" if whose else str(i): (float(facts[benefit]), max(case.tolerance, 0.006))
        for i, case in enumerate(cases)
        for whose, facts in case.expected.items()
        if benefit in facts and bool(whose) == (key == "person_id")
    }
