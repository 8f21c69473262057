"""What persons are listed for or paid: children, elders, social assistance, poverty watch; in pandas."""

from __future__ import annotations

import pandas as pd

from tests.bench.twin.core import Core
from tests.bench.twin.tools import Parameters, beside, days, strict_sum

STRENGTH = {"tekun": 0, "dibao": 1, "single": 2, "marginal": 3, "rigid": 4}
PAID = [
    "start_month",
    "stop_date",
    "person_pay_yuan_month",
    "unit_pay_yuan_month",
    "unit_no",
    "review_due_date",
]


def care(core: Core, p: Parameters) -> pd.DataFrame:
    """Children's and elders' rolls."""
    children = core.roll("child_welfare", ["child_type_code", "basic_living_yuan_month"])
    if children is not None:
        children = children.rename(columns={"basic_living_yuan_month": "child_living_yuan_month"})
    absent = {"child_type_code": "none", "child_living_yuan_month": 0}
    doubt = core.left("child_welfare")
    first = beside(core.people.index, children, "person_id", absent, doubt)
    columns = ["care_ability_code", "is_living_alone", "allowance_yuan_month", "last_certified_date"]
    elders = core.roll("elder_care", columns)
    if elders is not None:
        elders = elders.rename(columns={"allowance_yuan_month": "elder_allowance_yuan_month"})
        elders["life_certified_days"] = days(core.today, elders["last_certified_date"])
    absent = {"care_ability_code": "none", "is_living_alone": False, "elder_allowance_yuan_month": 0}
    second = beside(
        core.people.index,
        elders,
        "person_id",
        {**absent, "life_certified_days": None},
        core.left("elder_care"),
    )
    return pd.concat([first, second], axis=1)


def paid_lines(core: Core) -> pd.DataFrame | None:
    """Lines of the newest benefit roll that have begun and were not stopped by the date."""
    roll = core.roll("benefit_roll", PAID)
    if roll is None:
        return None
    runs = (roll["stop_date"] > core.today) | roll["stop_date"].isna()
    return roll[(roll["start_month"] <= core.today) & runs]


def help_paid(core: Core, p: Parameters) -> pd.DataFrame:
    """The strongest category with the pay of all; and whether the family is watched."""
    lines = paid_lines(core)
    if lines is not None:
        order = lines["category_code"].map(STRENGTH).fillna(9)
        first = lines.assign(order=order).sort_values(["order", "category_code"]).drop_duplicates("person_id")
        pay = strict_sum(lines["person_pay_yuan_month"], lines["person_id"])
        lines = first.set_index("person_id").assign(person_pay_yuan_month=pay).reset_index()
        lines["benefit_category_code"] = lines["category_code"]
    absent = {"benefit_category_code": "none", "person_pay_yuan_month": 0}
    doubt = core.left("benefit_roll", "stop_date")
    benefit = beside(core.people.index, lines, "person_id", absent, doubt)
    roll = core.roll("poverty_watch", ["is_risk_cleared"])
    if roll is not None:
        roll = roll.assign(is_watched=~roll["is_risk_cleared"])
    doubt = core.left("poverty_watch", "is_risk_cleared")
    watched = beside(core.people.index, roll, "person_id", {"is_watched": False}, doubt)
    return pd.concat([benefit, watched], axis=1)
