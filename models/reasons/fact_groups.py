"""Facts as a person names them: each a group of features that are one thing, and its sentence in Chinese.

A sentence tells what departments delivered about the family, in whole yuan, persons, days; it is null where
nothing of it is known, and where there is nothing to tell (no bill, no child, no unemployment). It never
holds a diagnosis, a score, a chance or the name of a rule.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class FactGroup:
    """What a person would name as one thing: its features, and the sentence (null: not to be said)."""

    name: str
    features: tuple[str, ...]
    said: pl.Expr


# No facts about a family: how old or complete our data are, what a place's standard is, and what rules said
# (a signal's own sentence stands on the list). So are all source_age_* and signal_* columns.
NO_FACTS = (
    "income_age_days",
    "burden_month_cnt",
    "place_level",
    "missing_fact_share",
    "rule_points",
    "fired_cnt",
    "fired_level",
    "event_cnt",
)
# 1 to 5 of feature_list.LEVELS["tier_code"]; 0 has a sentence of its own.
_TIERS = {1: "防返贫监测对象", 2: "刚性支出困难家庭", 3: "低保边缘家庭", 4: "低保家庭", 5: "特困人员"}
_GRADES = {2: "C", 3: "D"}
_DAMAGES = {1: "一般损坏", 2: "严重损坏", 3: "倒塌"}


def _whole(name: str) -> pl.Expr:
    # a Float32 holds no cents of large sums; what is no number is unknown
    return pl.col(name).cast(pl.Float64).round(0).cast(pl.Int64, strict=False)


def _some(text: str, name: str) -> pl.Expr:
    return pl.when(_whole(name) > 0).then(pl.format(text, _whole(name)))


def _known(text: str, name: str) -> pl.Expr:
    return pl.when(_whole(name) >= 0).then(pl.format(text, _whole(name)))


def _level(text: str, name: str, words: dict[int, str]) -> pl.Expr:
    word = _whole(name).replace_strict(words, default=None, return_dtype=pl.String)
    return pl.when(word.is_not_null()).then(pl.format(text, word))


def _any(*parts: pl.Expr) -> pl.Expr:
    """Whichever parts can be said; null where none can."""
    joined = pl.concat_str(parts, separator="，", ignore_nulls=True)
    return pl.when(pl.any_horizontal(part.is_not_null() for part in parts)).then(joined)


def _led(first: pl.Expr, *more: pl.Expr) -> pl.Expr:
    """The first part, and whichever others can be said; null where the first cannot."""
    return pl.when(first.is_not_null()).then(_any(first, *more))


_person_most = pl.when(_whole("burden_person_max_yuan") < _whole("burden_12m_yuan")).then(
    _some("其中一人{}元", "burden_person_max_yuan")
)
_month_more = pl.when(_whole("burden_rise_yuan") > 0).then(_some("最近一个月{}元", "burden_1m_yuan"))
_work = (
    pl.when(_whole("worker_lost_cnt") > 0)
    .then(pl.format("在职人数比上期少{}人，现有{}人在职", _whole("worker_lost_cnt"), _whole("worker_cnt")))
    .when(_whole("worker_cnt") == 0)
    .then(pl.lit("家中无人在职"))
    .when(_whole("worker_cnt") < _whole("member_cnt"))
    .then(pl.format("家中{}人，{}人在职", _whole("member_cnt"), _whole("worker_cnt")))
)
_benefit_left = (
    pl.when(_whole("unemployment_left_days") > 0)
    .then(pl.format("失业保险金还可领{}天", _whole("unemployment_left_days")))
    .when(_whole("unemployment_left_days") <= 0)
    .then(pl.lit("失业保险金已到期"))
)
_old = (
    pl.when(_whole("is_elder_only") == 1)
    .then(pl.lit("全家都在60岁及以上"))
    .otherwise(_some("60岁及以上{}人", "elder_cnt"))
)
_tier = (
    pl.when(_whole("tier_level") == 0)
    .then(pl.lit("目前不在低保、特困等救助名册上"))
    .otherwise(_level("目前是{}", "tier_level", _TIERS))
)
_watched = pl.when(_whole("tier_level") != 1).then(_some("防返贫监测{}人", "watched_cnt"))

# In the order in which they are named where two raise a household alike.
GROUPS = (
    FactGroup(
        "medical_burden",
        (
            *("burden_12m_yuan", "burden_member_yuan", "burden_person_max_yuan", "rigid_spend_12m_yuan"),
            *("burden_1m_yuan", "burden_median_yuan_month", "burden_rise_yuan"),
        ),
        _led(_some("近12个月个人负担医疗费{}元", "burden_12m_yuan"), _person_most, _month_more),
    ),
    FactGroup(
        "major_illness",
        ("major_illness_cnt", "illness_days_min"),
        _led(
            _some("登记重大疾病{}人", "major_illness_cnt"), _known("最近一次登记在{}天前", "illness_days_min")
        ),
    ),
    FactGroup(
        "income",
        ("income_yuan_month", "spend_income_share"),
        _known("家庭人均收入每月{}元", "income_yuan_month"),
    ),
    FactGroup("work", ("worker_cnt", "worker_previous_cnt", "worker_lost_cnt"), _work),
    FactGroup(
        "unemployment",
        ("unemployed_cnt", "unemployed_days_min", "unemployment_left_days"),
        _led(
            _some("登记失业{}人", "unemployed_cnt"),
            _known("最近一次登记在{}天前", "unemployed_days_min"),
            _benefit_left,
        ),
    ),
    FactGroup(
        "breadwinner_death",
        ("breadwinner_died_days",),
        _known("18至59岁成员{}天前去世", "breadwinner_died_days"),
    ),
    FactGroup(
        "disability",
        (
            *("disabled_cnt", "severe_disabled_cnt", "card_issued_days_min", "card_left_days_min"),
            *("living_subsidy_yuan_month", "nursing_subsidy_yuan_month"),
        ),
        _led(
            _some("持残疾人证{}人", "disabled_cnt"),
            _some("其中重度{}人", "severe_disabled_cnt"),
            _some("困难残疾人生活补贴每月{}元", "living_subsidy_yuan_month"),
            _some("重度残疾人护理补贴每月{}元", "nursing_subsidy_yuan_month"),
            pl.when(_whole("card_left_days_min") < 0).then(pl.lit("有残疾人证已过期")),
        ),
    ),
    FactGroup("care_needed", ("care_needed_cnt",), _some("登记失能或半失能{}人", "care_needed_cnt")),
    FactGroup(
        "old_age",
        ("elder_cnt", "oldest_years", "is_elder_only", "living_alone_cnt", "elder_allowance_yuan_month"),
        _led(
            _any(_old, _some("独居老人{}人", "living_alone_cnt")),
            _some("最大{}岁", "oldest_years"),
            _some("高龄津贴每月{}元", "elder_allowance_yuan_month"),
        ),
    ),
    FactGroup("pension", ("pension_yuan_month",), _some("全家养老金每月{}元", "pension_yuan_month")),
    FactGroup(
        "children",
        ("child_cnt", "youngest_years", "child_roll_cnt"),
        _led(
            _some("18岁以下{}人", "child_cnt"),
            _known("最小{}岁", "youngest_years"),
            _some("儿童福利在册{}人", "child_roll_cnt"),
        ),
    ),
    FactGroup(
        "parents",
        ("parent_dead_max", "parent_unable_max"),
        _any(
            _some("未成年人的父母已故{}人", "parent_dead_max"),
            _some("未成年人的父母无力抚养{}人", "parent_unable_max"),
        ),
    ),
    FactGroup("dropout", ("dropout_cnt",), _some("辍学{}人", "dropout_cnt")),
    FactGroup(
        "education",
        ("education_cost_yuan_year", "student_cnt"),
        _any(_some("在校{}人", "student_cnt"), _some("学年自付教育费用{}元", "education_cost_yuan_year")),
    ),
    FactGroup(
        "house",
        ("house_grade_level", "house_damage_level"),
        _any(
            _level("房屋鉴定为{}级", "house_grade_level", _GRADES),
            _level("受灾房屋{}", "house_damage_level", _DAMAGES),
        ),
    ),
    FactGroup(
        "disaster",
        ("disaster_days", "disaster_loss_yuan"),
        _any(_known("{}天前受灾", "disaster_days"), _some("受灾损失{}元", "disaster_loss_yuan")),
    ),
    FactGroup(
        "rent_arrears", ("rent_arrears_month_cnt",), _some("公租房欠租{}个月", "rent_arrears_month_cnt")
    ),
    FactGroup("benefit_stopped", ("benefit_stopped_days",), _known("救助{}天前停发", "benefit_stopped_days")),
    FactGroup(
        "relief_refused",
        ("relief_refused_days",),
        _known("临时救助申请{}天前未获批准", "relief_refused_days"),
    ),
    FactGroup(
        "relief_given",
        ("relief_12m_yuan", "relief_approved_days"),
        _any(
            _known("临时救助{}天前获批", "relief_approved_days"),
            _some("近12个月临时救助{}元", "relief_12m_yuan"),
        ),
    ),
    FactGroup(
        "benefits",
        (
            *("tier_level", "unit_pay_yuan_month", "benefit_person_cnt", "benefit_months_max"),
            *("watched_cnt", "premium_subsidy_cnt"),
        ),
        _led(
            _any(_tier, _watched),
            _some("在领救助金每月{}元", "unit_pay_yuan_month"),
            _some("已连续享受救助{}个月", "benefit_months_max"),
            _some("资助参保{}人", "premium_subsidy_cnt"),
        ),
    ),
    FactGroup(
        "medical_insurance",
        ("uninsured_cnt", "insured_left_days"),
        _any(_some("未正常参加医保{}人", "uninsured_cnt"), _some("医保最早{}天后到期", "insured_left_days")),
    ),
    FactGroup(
        "members",
        ("member_cnt", "adult_cnt"),
        _led(_some("家中{}人", "member_cnt"), _known("其中18至59岁{}人", "adult_cnt")),
    ),
)
