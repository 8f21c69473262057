"""Which facts are, or stand for, what people must not be ordered by; and why some features read them.

A feature that reads such a fact needs a reason here; a test holds it. Facts that no feature may read at all
are `feature_list.PROTECTED`; a signal that reads one needs a reason too, since whether it fired is a feature.
The group audit watches what all of them do.
"""

from __future__ import annotations

# Fact -> what it is, or is a proxy of.
SENSITIVE = {
    "age_years": "age",
    "adult_cnt": "age",
    "elder_cnt": "age",
    "child_cnt": "age",
    "is_elder_only": "age",
    "is_living_alone": "age",
    "elder_allowance_yuan_month": "age",
    "disabled_cnt": "disability",
    "severe_disabled_cnt": "disability",
    "card_issued_days": "disability",
    "card_days_left": "disability",
    "living_subsidy_yuan_month": "disability",
    "nursing_subsidy_yuan_month": "disability",
    "care_ability_code": "disability",
    "place_tier_code": "urban or rural",
    "house_grade_code": "urban or rural",
    "is_watched": "urban or rural",
    "pension_yuan_month": "hukou",
    "has_premium_subsidy": "hukou",
    "is_unemployed": "hukou",
    "unemployed_days": "hukou",
    "unemployment_benefit_days_left": "hukou",
    "worker_cnt": "hukou",
    "worker_previous_cnt": "hukou",
}
_AGE = "who is too young or too old to earn is what the benefits ask; the audit compares age bands"
_DISABILITY = "care and its cost are need itself, and benefits ask for it; the audit compares both kinds"
_INCOME = "a sum that is lived on; which scheme pays it (the old hukou line) is not read"
_WORK = "losing work is need itself; only the register of work is read, not the scheme that insures"
# Feature -> why it may be looked at though it reads a fact of SENSITIVE.
REASONS = {
    "adult_cnt": _AGE,
    "elder_cnt": _AGE,
    "child_cnt": _AGE,
    "is_elder_only": _AGE,
    "youngest_years": _AGE,
    "oldest_years": _AGE,
    "living_alone_cnt": _AGE,
    "elder_allowance_yuan_month": _INCOME,
    "parent_dead_max": _AGE,
    "parent_unable_max": _AGE,
    "disabled_cnt": _DISABILITY,
    "severe_disabled_cnt": _DISABILITY,
    "card_issued_days_min": _DISABILITY,
    "card_left_days_min": _DISABILITY,
    "living_subsidy_yuan_month": _DISABILITY,
    "nursing_subsidy_yuan_month": _DISABILITY,
    "care_needed_cnt": _DISABILITY,
    "place_level": "the place's standard decides who is below it; urban and rural of a tier are folded",
    "house_grade_level": "an unsafe house is need itself, and only a rural register grades houses",
    "watched_cnt": "being watched for a fall into poverty is a sign of need; cities have no such list",
    "pension_yuan_month": _INCOME,
    "premium_subsidy_cnt": "who is subsidised was found poor once already",
    "unemployed_cnt": _WORK,
    "unemployed_days_min": _WORK,
    "unemployment_left_days": _WORK,
    "worker_cnt": _WORK,
    "worker_previous_cnt": _WORK,
    "worker_lost_cnt": _WORK,
    "missing_fact_share": "what is not known is counted, never what it says",
}
# Signal of need -> (the protected facts its rule reads, why).
_HERE = "asks that the person has not moved away: what was left behind in a register is no need here"
SIGNALS = {
    "I07": (("registration_status_code",), _HERE),
    "I10": (("registration_status_code",), _HERE),
    "I17": (
        ("insurance_type_code", "registration_status_code"),
        "only the residents' scheme is paid by the year and lapses; " + _HERE,
    ),
}
