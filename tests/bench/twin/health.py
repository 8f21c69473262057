"""Disability, illness, medical bills and insurance of persons, in pandas."""

from __future__ import annotations

import pandas as pd

from tests.bench.twin.core import Core
from tests.bench.twin.tools import Parameters, among, beside, days, equals


def disability(core: Core, p: Parameters) -> pd.DataFrame:
    columns = ["disability_type_code", "disability_grade_code", "issue_date", "valid_until_date"]
    columns += ["living_subsidy_yuan_month", "nursing_subsidy_yuan_month"]
    roll = core.roll("disability_card", columns)
    if roll is not None:
        grade = roll["disability_grade_code"]
        of_any, of_mind = p.rows("fact_definitions.is_severe_disability")
        mental = among(roll["disability_type_code"], of_mind["disability_type_code"])
        milder = among(grade, [str(of_mind["disability_grade"])])
        roll = roll.assign(
            is_disabled=True,
            is_severe_disabled=among(grade, [str(each) for each in of_any["disability_grade"]])
            | (mental & milder),
            card_issued_days=days(core.today, roll["issue_date"]),
            card_days_left=days(roll["valid_until_date"], core.today),
        )
    absent = {
        "is_disabled": False,
        "is_severe_disabled": False,
        "card_issued_days": None,
        "card_days_left": None,
        "living_subsidy_yuan_month": 0,
        "nursing_subsidy_yuan_month": 0,
    }
    return beside(core.people.index, roll, "person_id", absent, core.left("disability_card"))


def illness(core: Core, p: Parameters) -> pd.DataFrame:
    rows = core.events("major_illness", ["registered_date"])
    if rows is not None:
        rows = rows[rows["registered_date"] <= core.today].groupby("person_id")["registered_date"].max()
        rows = rows.reset_index()
        rows["has_major_illness"] = True
        rows["illness_registered_days"] = days(core.today, rows["registered_date"])
    return beside(
        core.people.index, rows, "person_id", {"has_major_illness": False, "illness_registered_days": None}
    )


def net_bills(core: Core) -> pd.DataFrame | None:
    """Bills in fen, reversed ones at nothing: a bill marked reversed, or sent again as reversed, is void."""
    columns = ["settlement_date", "personal_burden_yuan", "settlement_status_code"]
    rows = core.events("settlement", columns)
    if rows is None:
        return None
    every = core.query(
        "SELECT DISTINCT settlement_id FROM core._settlement WHERE settlement_status_code = 'valid' "
        "AND person_id IS NOT NULL AND delivery_id IN (SELECT unnest($1))",
        core.delivered("settlement", core.periods("settlement")),
    )
    was_valid = rows["settlement_id"].isin(every["settlement_id"])
    fen = rows["personal_burden_yuan"]
    void = equals(rows["settlement_status_code"], "reversed") & (was_valid | (fen > 0))
    rows = rows.assign(fen=fen.mask(void.fillna(False), 0))
    return rows.loc[rows["settlement_date"] <= core.today, ["person_id", "settlement_date", "fen"]]


def bills(core: Core, p: Parameters) -> pd.DataFrame:
    rows = net_bills(core)
    if rows is not None:
        since = core.today - pd.DateOffset(months=p("fact_definitions.burden_window_months"))
        sums = rows[rows["settlement_date"] > since].groupby("person_id")["fen"].sum().clip(lower=0)
        rows = sums.rename("person_burden_12m_yuan").reset_index()
    return beside(core.people.index, rows, "person_id", {"person_burden_12m_yuan": 0})


def insurance(core: Core, p: Parameters) -> pd.DataFrame:
    columns = ["enrolment_status_code", "insurance_type_code", "paid_until_date", "premium_subsidy_code"]
    roll = core.roll("enrolment", columns)
    if roll is not None:
        roll = roll.assign(
            is_enrolled_medical=equals(roll["enrolment_status_code"], "active"),
            medical_paid_days_left=days(roll["paid_until_date"], core.today),
            has_premium_subsidy=~equals(roll["premium_subsidy_code"], "none"),
        )
    absent = {"is_enrolled_medical": False, "insurance_type_code": "none", "medical_paid_days_left": None}
    absent |= {"has_premium_subsidy": False}
    return beside(core.people.index, roll, "person_id", absent, core.left("enrolment"))
