"""Work, pension, school and custody of persons, in pandas."""

from __future__ import annotations

import pandas as pd

from tests.bench.twin.core import ORDER, Core
from tests.bench.twin.tools import Parameters, among, beside, days, equals, strict_sum


def unemployment(core: Core, p: Parameters) -> pd.DataFrame:
    columns = ["unemployment_status_code", "benefit_start_date", "benefit_end_date", "benefit_yuan_month"]
    roll = core.roll("unemployment", columns)
    if roll is not None:
        roll = roll[roll["registered_date"] <= core.today].sort_values("registered_date", kind="stable")
        roll = roll.drop_duplicates("person_id", keep="last")
        out = equals(roll["unemployment_status_code"], "unemployed")
        started = roll["benefit_start_date"].notna()
        begun = (roll["benefit_start_date"] <= core.today) & started
        ends = (
            (roll["benefit_end_date"] >= core.today).astype("boolean").mask(roll["benefit_end_date"].isna())
        )
        running = (out & begun & ends).mask((~started | ~out).fillna(False), False)
        roll = roll.assign(
            is_unemployed=out,
            unemployed_days=days(core.today, roll["registered_date"]).where(out.fillna(False)),
            unemployment_benefit_days_left=days(roll["benefit_end_date"], core.today).where(
                (out & begun).fillna(False)
            ),
            unemployment_benefit_yuan_month=roll["benefit_yuan_month"]
            .where(running.fillna(False))
            .mask((~running).fillna(False), 0),
        )
    absent = {"is_unemployed": False, "unemployed_days": None, "unemployment_benefit_days_left": None}
    return beside(core.people.index, roll, "person_id", {**absent, "unemployment_benefit_yuan_month": 0})


def at_work(roll: pd.DataFrame) -> pd.Series:
    """Only employees' insurance shows work."""
    return equals(roll["pension_type_code"], "employee") & equals(roll["pension_status_code"], "paying")


def pension(core: Core, p: Parameters) -> pd.DataFrame:
    columns = ["pension_status_code", "pension_yuan_month"]
    roll = core.roll("pension_insurance", columns)
    if roll is not None:
        order = roll["pension_status_code"].map({"drawing": 0, "paying": 1, "stopped": 2}).fillna(9)
        drawn = roll["pension_yuan_month"].where(
            equals(roll["pension_status_code"], "drawing").fillna(False), 0
        )
        lines = roll.assign(order=order, works=at_work(roll)).sort_values(["order", "pension_type_code"])
        roll = lines.drop_duplicates("person_id").set_index("person_id")
        roll["is_working"] = lines["works"].groupby(lines["person_id"]).any()
        roll["pension_yuan_month"] = strict_sum(drawn, lines["person_id"].reindex(drawn.index))
        roll = roll.reset_index()
    absent = {"pension_status_code": "none", "pension_type_code": "none", "pension_yuan_month": 0}
    doubt = core.left("pension_insurance")
    return beside(core.people.index, roll, "person_id", {**absent, "is_working": False}, doubt)


def school(core: Core, p: Parameters) -> pd.DataFrame:
    roll = core.roll("student_aid", ["student_status_code", "own_cost_yuan_year"])
    if roll is not None:
        # The newest term; of several lines of one term the one that came last.
        roll = roll[roll["term_month"] <= core.today].sort_values(["term_month", *ORDER], kind="stable")
        roll = roll.drop_duplicates("person_id", keep="last")
        enrolled = equals(roll["student_status_code"], "enrolled")
        roll = roll.assign(
            is_student=enrolled,
            is_dropout=equals(roll["student_status_code"], "dropout"),
            own_cost_yuan_year=roll["own_cost_yuan_year"].where(enrolled.fillna(False), 0),
        )
    absent = {"is_student": False, "is_dropout": False, "own_cost_yuan_year": 0}
    return beside(core.people.index, roll, "person_id", absent)


def custody(core: Core, p: Parameters) -> pd.DataFrame:
    roll = core.roll("custody", ["custody_type_code", "custody_until_date"])
    if roll is not None:
        inside = among(roll["custody_type_code"], ["prison", "detox"]).fillna(False)
        inside &= roll["custody_from_date"] <= core.today
        inside &= roll["custody_until_date"].isna() | (roll["custody_until_date"] >= core.today)
        roll = roll[inside].sort_values("custody_from_date", kind="stable").drop_duplicates("person_id")
        roll = roll.assign(
            in_custody=True,
            custody_days=days(core.today, roll["custody_from_date"]),
            custody_total_days=days(roll["custody_until_date"], roll["custody_from_date"]),
        )
    absent = {"in_custody": False, "custody_days": None, "custody_total_days": None}
    return beside(core.people.index, roll, "person_id", absent)
