"""The fixed list of what the ranking may look at: a household's facts, its living members, its signals.

It is fixed in code, not read from facts.yaml or the parameters: its names and Chinese words are part of a
registered model's hash, and a limit that moved with a parameter would make an old model read another
quantity under the same name. A change here is another model.

Left out on purpose, and never an input: sex, ethnicity, hukou status, and urban or rural (in China that is
the old hukou line); they only serve the group audit. Custody is left out too: it counts only where a rule
about a child without care names it. Age, disability and illness stay in because need is defined by them;
the group audit watches what they do.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

# Facts no feature may be computed from. The last two are there because the resident and the staff schemes
# follow the hukou line; `place_tier_code` is read only without its urban/rural half. A test holds this.
PROTECTED = ("sex_code", "is_rural", "registration_status_code", "insurance_type_code", "pension_type_code")
# Codes in order, so that a tree can split between "slight" and "severe". Any other code is null: unknown, not
# the lowest. The fourth tier's urban and rural standards are one level here, see PROTECTED.
LEVELS = {
    "tier_code": {"none": 0, "watch": 1, "rigid": 2, "marginal": 3, "dibao": 4, "tekun": 5},
    "place_tier_code": {"t1": 1, "t2": 2, "t3": 3, "t4_urban": 4, "t4_rural": 4},
    "house_grade_code": {"A": 0, "B": 1, "C": 2, "D": 3},
    "house_damage_code": {"none": 0, "slight": 1, "severe": 2, "collapsed": 3},
}


@dataclass(frozen=True)
class Feature:
    """One input: its column, its Chinese name, its value from the facts of a household or of a person, and
    for a person's value how those of a household's living members are aggregated: min, max or sum.

    Values become Float32 in the end: a matrix for ordering, never an amount anyone is told.
    """

    name: str
    zh: str
    value: pl.Expr
    over: str = ""


def _number(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Float64)


def _level(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).replace_strict(LEVELS[name], default=None, return_dtype=pl.Float64)


def _true(condition: pl.Expr) -> pl.Expr:
    return condition.cast(pl.Int64)


def _flag(name: str) -> pl.Expr:
    return _true(pl.col(name).cast(pl.Boolean))


def _amount(name: str) -> pl.Expr:
    # Decimal adds exactly, so the order of rows cannot move a sum
    return pl.col(name).cast(pl.Decimal(18, 2))


def _of_child(name: str) -> pl.Expr:
    # 18 is the civil code's age of majority (民法典第十七条); an age that is not known gives no value
    return pl.when(pl.col("age_years") < 18).then(pl.col(name))


def _text(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String)


_PLAIN = {
    "member_cnt": "在世在户人数",
    "adult_cnt": "18至59岁人数",
    "elder_cnt": "60岁及以上人数",
    "child_cnt": "18岁以下人数",
    "worker_cnt": "在职人数",
    "worker_previous_cnt": "上期在职人数",
    "disabled_cnt": "持证残疾人数",
    "severe_disabled_cnt": "重度残疾人数",
    "major_illness_cnt": "登记重大疾病人数",
    "income_yuan_month": "家庭人均收入",
    "income_age_days": "收入数据距今天数",
    "burden_12m_yuan": "近12个月个人负担医疗费",
    "burden_1m_yuan": "最近一个月个人负担医疗费",
    "burden_median_yuan_month": "此前各月个人负担中位数",
    "burden_month_cnt": "有医疗费数据的月数",
    "education_cost_yuan_year": "学年自付教育费用",
    "rigid_spend_12m_yuan": "近12个月刚性支出",
    "disaster_days": "最近一次受灾距今天数",
    "disaster_loss_yuan": "最近一次受灾损失",
    "breadwinner_died_days": "18至59岁成员死亡距今天数",
    "rent_arrears_month_cnt": "公租房欠租月数",
    "unit_pay_yuan_month": "全家在领救助金",
    "benefit_stopped_days": "救助停发距今天数",
    "relief_12m_yuan": "近12个月临时救助金额",
    "relief_refused_days": "临时救助未批准距今天数",
    "relief_approved_days": "临时救助获批距今天数",
    "is_elder_only": "全部成员60岁及以上",
}

_members = _number("member_cnt")
_income_year = _number("income_yuan_month") * 12 * _members
_spend = _number("rigid_spend_12m_yuan")

HOUSEHOLD = (
    *(Feature(name, zh, _number(name)) for name, zh in _PLAIN.items()),
    Feature("tier_level", "现状档次", _level("tier_code")),
    Feature(
        "place_level",
        "低保标准分档（不分城乡）",
        _level("place_tier_code"),
    ),
    Feature("house_grade_level", "房屋鉴定等级", _level("house_grade_code")),
    Feature(
        "house_damage_level",
        "房屋损坏程度",
        _level("house_damage_code"),
    ),
    Feature(
        "burden_member_yuan",
        "人均个人负担医疗费",
        _number("burden_12m_yuan") / pl.when(_members > 0).then(_members),
    ),
    Feature(
        "burden_rise_yuan",
        "医疗负担较平常上升",
        _number("burden_1m_yuan") - _number("burden_median_yuan_month"),
    ),
    # one yuan is added so that a true zero income gives a very high share instead of a division by zero
    Feature("spend_income_share", "刚性支出占收入比", _spend / (_income_year + 1)),
    Feature(
        "worker_lost_cnt", "较上期减少的在职人数", _number("worker_previous_cnt") - _number("worker_cnt")
    ),
    Feature("missing_fact_share", "未知事实占比", pl.mean_horizontal(pl.col(n).is_null() for n in _PLAIN)),
)

PERSON = (
    Feature("youngest_years", "最小年龄", pl.col("age_years"), "min"),
    Feature("oldest_years", "最大年龄", pl.col("age_years"), "max"),
    Feature("unemployed_cnt", "登记失业人数", _flag("is_unemployed"), "sum"),
    Feature("unemployed_days_min", "最近失业登记距今天数", pl.col("unemployed_days"), "min"),
    Feature("unemployment_left_days", "失业金最少剩余天数", pl.col("unemployment_benefit_days_left"), "min"),
    Feature("uninsured_cnt", "未正常参保人数", 1 - _flag("is_enrolled_medical"), "sum"),
    Feature("insured_left_days", "医保最少剩余天数", pl.col("medical_paid_days_left"), "min"),
    Feature("premium_subsidy_cnt", "已获资助参保人数", _flag("has_premium_subsidy"), "sum"),
    Feature("illness_days_min", "最近重大疾病登记距今天数", pl.col("illness_registered_days"), "min"),
    Feature("burden_person_max_yuan", "单人最高医疗负担", _amount("person_burden_12m_yuan"), "max"),
    Feature("card_issued_days_min", "最近残疾人证发证距今天数", pl.col("card_issued_days"), "min"),
    Feature("card_left_days_min", "残疾人证最少剩余天数", pl.col("card_days_left"), "min"),
    Feature(
        "living_subsidy_yuan_month", "在领困难残疾人生活补贴", _amount("living_subsidy_yuan_month"), "sum"
    ),
    Feature("nursing_subsidy_yuan_month", "在领重残护理补贴", _amount("nursing_subsidy_yuan_month"), "sum"),
    Feature("pension_yuan_month", "全家养老金", _amount("pension_yuan_month"), "sum"),
    Feature("elder_allowance_yuan_month", "全家高龄津贴", _amount("elder_allowance_yuan_month"), "sum"),
    Feature("student_cnt", "在校人数", _flag("is_student"), "sum"),
    Feature("dropout_cnt", "辍学人数", _flag("is_dropout"), "sum"),
    Feature("parent_dead_max", "未成年人已故父母人数", _of_child("parent_dead_cnt"), "max"),
    Feature("parent_unable_max", "未成年人无力抚养父母人数", _of_child("parent_unable_cnt"), "max"),
    Feature("child_roll_cnt", "儿童福利在册人数", _true(_text("child_type_code") != "none"), "sum"),
    Feature(
        "care_needed_cnt", "失能人数", _true(_text("care_ability_code").is_in(["partial", "disabled"])), "sum"
    ),
    Feature("living_alone_cnt", "独居老人数", _flag("is_living_alone"), "sum"),
    Feature("benefit_person_cnt", "在享救助人数", _true(_text("benefit_category_code") != "none"), "sum"),
    Feature("benefit_months_max", "连续享受救助月数", pl.col("benefit_months"), "max"),
    Feature("watched_cnt", "防返贫监测人数", _flag("is_watched"), "sum"),
)

SIGNAL_TOTALS = {
    "rule_points": "规则积分",
    "fired_cnt": "触发信号数",
    "fired_level": "最高预警级别（4红 3橙 2黄 1蓝 0无）",
    "event_cnt": "事件类信号数",
}
# Household columns with this prefix are ages in days of the sources behind a household's facts. They are
# optional, because only a place-by-place delivery makes them differ between households of one list.
SOURCE_AGE = "source_age_"
# One column per need signal: 1 fired, 0 not, null unknown.
SIGNAL = "signal_"


def describe(name: str) -> str:
    """The Chinese name of a feature column."""
    named = {f.name: f.zh for f in (*HOUSEHOLD, *PERSON)} | SIGNAL_TOTALS
    if name.startswith(SIGNAL):
        return f"信号 {name.removeprefix(SIGNAL)} 触发"
    if name.startswith(SOURCE_AGE):
        return f"数据来源 {name.removeprefix(SOURCE_AGE)} 距今天数"
    return named[name]
