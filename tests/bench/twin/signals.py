"""Signals, in pandas: yes, no or NA for every person or household, read off the rules' own text by hand."""

from __future__ import annotations

import pandas as pd

from tests.bench.twin.tools import Parameters, among, equals

Answers = dict[str, pd.Series]
PAID_CATEGORIES = ["dibao", "tekun", "single"]
HELPED = ["dibao", "tekun"]


def person_signals(f: pd.DataFrame, tier: pd.Series, p: Parameters) -> Answers:
    """Signal id -> answers by person. tier: that of each person's household."""
    alive, age, category = f["is_alive"], f["age_years"], f["benefit_category_code"]
    living, nursing = f["living_subsidy_yuan_month"] > 0, f["nursing_subsidy_yuan_month"] > 0
    allowance, child = f["elder_allowance_yuan_month"] > 0, f["child_living_yuan_month"] > 0
    listed = among(category, PAID_CATEGORIES)
    active = equals(f["registration_status_code"], "active")
    helped = ~equals(tier, "none")
    frail = helped | f["has_major_illness"] | f["is_severe_disabled"]
    pay_ends = (f["unemployment_benefit_yuan_month"] > 0) & between(
        f["unemployment_benefit_days_left"], p("alerts.benefit_ending_days")
    )
    left = f["medical_paid_days_left"]
    exclusive = equals(category, "tekun") & (living | nursing)
    exclusive |= child & (living | (listed & (f["person_pay_yuan_month"] > 0)))
    outgrown = child & (age >= p("children.age_limit")) & ~f["is_student"]
    outgrown |= allowance & (age < p("elder.allowance_age"))
    outgrown |= (
        equals(category, "tekun")
        & (age >= p("tekun.child_age"))
        & (age < p("tekun.elder_age"))
        & ~f["is_disabled"]
        & ~f["is_student"]
    )
    outgrown |= (
        (f["unemployment_benefit_yuan_month"] > 0)
        & equals(f["pension_status_code"], "drawing")
        & equals(f["pension_type_code"], "employee")
    )
    parents_gone = f["parent_dead_cnt"] + f["parent_unable_cnt"] >= f["parent_known_cnt"]
    certified = p("compliance.life_certificate_days") + p("compliance.roll_grace_days")
    return {
        "C01": equals(f["death_state_code"], "confirmed")
        & (f["death_days"] > p("alerts.death_grace_days"))
        & (listed | allowance | living | nursing | child),
        "C02": alive & exclusive,
        # No contract of the eighteen extracts says until when help fades out: those days are unknown.
        "C03": alive
        & f["in_custody"]
        & (f["custody_days"] > p("alerts.custody_grace_days"))
        & ((f["person_pay_yuan_month"] > 0) | allowance | living | nursing),
        "C09": alive & equals(f["registration_status_code"], "moved_out") & listed,
        "C10": alive & outgrown,
        "C13": alive & allowance & (f["life_certified_days"] > certified),
        "I03": alive
        & f["has_major_illness"]
        & between(f["illness_registered_days"], p("medical.illness_days")),
        "I04": alive
        & f["is_severe_disabled"]
        & between(f["card_issued_days"], p("alerts.new_disability_days")),
        "I06": alive
        & f["is_unemployed"]
        & (between(f["unemployed_days"], p("alerts.new_unemployment_days")) | pay_ends),
        "I07": alive & active & frail & (~f["is_enrolled_medical"] | (left.notna() & (left < 0))),
        "I08": alive
        & f["is_dropout"]
        & (age >= p("alerts.school_from_age"))
        & (age <= p("alerts.school_to_age")),
        "I11": alive
        & (age < p("children.age_limit"))
        & equals(f["child_type_code"], "none")
        & (f["parent_known_cnt"] > 0)
        & parents_gone,
        "I12": alive
        & (age >= p("elder.care_age"))
        & f["is_living_alone"]
        & among(f["care_ability_code"], ["partial", "disabled"])
        & (~equals(category, "tekun")),
        "I17": alive & (card_ends(f, living | nursing, p) | cover_ends(f, active & frail, p)),
    }


def between(days: pd.Series, most: int) -> pd.Series:
    """Whether a count of days lies between none and the most."""
    return (days >= 0) & (days <= most)


def card_ends(f: pd.DataFrame, is_paid: pd.Series, p: Parameters) -> pd.Series:
    """A disability card that a subsidy rests on runs out soon."""
    known = f["card_days_left"].notna() | f["is_disabled"].isna()
    return f["is_disabled"] & is_paid & known & between(f["card_days_left"], p("alerts.card_expiring_days"))


def cover_ends(f: pd.DataFrame, concerns: pd.Series, p: Parameters) -> pd.Series:
    """Residents' medical insurance that nobody has paid on runs out soon."""
    left = f["medical_paid_days_left"]
    insured = f["is_enrolled_medical"] & equals(f["insurance_type_code"], "390") & ~f["has_premium_subsidy"]
    known = left.notna() | f["is_enrolled_medical"].isna()
    return insured & concerns & known & between(left, p("medical_enrolment.expiring_days"))


def household_signals(f: pd.DataFrame, p: Parameters) -> Answers:
    """Signal id -> answers by household."""
    there, tier = f["member_cnt"] > 0, f["tier_code"]
    line = tier.map(p("medical.burden_alert_yuan_year")).astype("Int64") * 100
    grace = p("compliance.roll_grace_days")
    stopped, refused = f["benefit_stopped_days"], f["relief_refused_days"]
    lost = (stopped.notna() | f["unit_pay_yuan_month"].isna()) & between(stopped, p("alerts.stopped_days"))
    denied = (refused.notna() | f["relief_12m_yuan"].isna()) & between(refused, p("alerts.stopped_days"))
    died = f["breadwinner_died_days"]
    struck = (~equals(f["house_damage_code"], "none")) | (f["disaster_loss_yuan"] > 0)
    rise = f["burden_1m_yuan"] > f["burden_median_yuan_month"] * p("medical.rise_multiple")
    return {
        "C12": there
        & (
            (equals(tier, "dibao") & (f["review_days_left"] + grace < 0))
            | (equals(tier, "rigid") & (f["recognised_days"] > p("rigid.valid_days") + grace))
        ),
        "I01": there & (f["burden_12m_yuan"] > line),
        "I02": there
        & (f["burden_1m_yuan"] >= p("medical.rise_floor_yuan") * 100)
        & (f["burden_month_cnt"] >= p("medical.rise_month_cnt"))
        & rise,
        "I05": there & (died.notna() | f["member_cnt"].isna()) & between(died, p("alerts.breadwinner_days")),
        "I09": there & struck & between(f["disaster_days"], p("alerts.disaster_days")),
        "I13": there & (tier.isna() | ~among(tier, HELPED)) & (lost | denied),
        "I15": there & (f["rent_arrears_month_cnt"] >= p("alerts.arrears_month_cnt")),
        "I19": there & (f["adult_cnt"] > 0) & (f["worker_previous_cnt"] > 0) & (f["worker_cnt"] == 0),
        "I20": there & ~among(tier, HELPED) & many_weak_signs(f, line, p),
        "I21": there & among(f["house_grade_code"], ["C", "D"]),
    }


def many_weak_signs(f: pd.DataFrame, line: pd.Series, p: Parameters) -> pd.Series:
    """Enough of nine weak signs; NA where the unknown ones would decide."""
    near = line.astype("Float64") * float(p("weak_signs.burden_near_share"))
    signs = pd.DataFrame(
        {
            "nobody earns": (f["adult_cnt"] > 0) & (f["worker_cnt"] == 0),
            "elders with one adult": (f["elder_cnt"] > 0) & (f["adult_cnt"] <= 1),
            "children": f["child_cnt"] >= 2,
            "disabled": f["disabled_cnt"] > 0,
            "ill": f["major_illness_cnt"] > 0,
            "bills": f["burden_12m_yuan"] >= near,
            "school": f["education_cost_yuan_year"] >= p("weak_signs.education_yuan_year") * 100,
            "arrears": f["rent_arrears_month_cnt"] >= 1,
            "fewer workers": f["worker_cnt"] < f["worker_previous_cnt"],
        }
    ).astype("boolean")
    least, most = (signs.fillna(value).sum(axis=1) for value in (False, True))
    needed = p("weak_signs.need_cnt")
    enough = pd.Series(pd.NA, index=f.index, dtype="boolean")
    return enough.mask(least >= needed, True).mask(most < needed, False)
