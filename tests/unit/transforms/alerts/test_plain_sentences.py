"""A fact is said once on a line, and nobody is counted."""

from __future__ import annotations

import polars as pl
import pytest

from transforms.alerts.plain_sentences import said_once, without_zeros


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("现有4口人，其中未成年1人、老人0人", "现有4口人，其中未成年1人"),
        ("现有4口人，其中未成年0人、老人2人", "现有4口人，其中老人2人"),
        ("现有4口人，其中未成年0人、老人0人，家庭为低保家庭", "现有4口人，家庭为低保家庭"),
        ("现有10口人，其中未成年10人、老人20人", "现有10口人，其中未成年10人、老人20人"),
        (
            "一名成员于2025年8月1日登记失业，家中其他在职0人",
            "一名成员于2025年8月1日登记失业，家中没有其他人在职",
        ),
        (
            "家里有4项难处：2口人，在职0人（上期（不详）人），老人0人、未成年1人，持残疾人证0人，需治疗0人；近12个月医疗个人负担10元，学年自付0元",
            "家里有4项难处：2口人，无人在职，未成年1人；近12个月医疗个人负担10元",
        ),
        ("在职0人（上期1人）", "无人在职（上期1人）"),
        ("在职0人（上期0人）", "本期和上期都无人在职"),
        ("在职1人（上期0人）", "在职1人（上期无人）"),
        ("在职1人（上期10人）", "在职1人（上期10人）"),
        ("每月自付0.5元，欠租100元", "每月自付0.5元，欠租100元"),
    ],
)
def test_nobody_is_not_counted(text: str, plain: str) -> None:
    """tried §3: 38 of 240 lines say 0人."""
    assert pl.select(without_zeros(pl.lit(text))).item() == plain


BILLS = "近12个月全家医疗个人负担16654.71元"


@pytest.mark.parametrize(
    ("sentences", "line"),
    [
        (
            [f"{BILLS}，超过2口人一年的低保标准", f"{BILLS}，超过一般家庭预警线"],
            [f"{BILLS}，超过2口人一年的低保标准", "上述费用超过一般家庭预警线"],
        ),
        (  # the same sum under another name
            ["近12个月医疗和教育自付16654.71元，支出占比已达认定线", f"{BILLS}，超过一般家庭预警线"],
            ["近12个月医疗和教育自付16654.71元，支出占比已达认定线", "上述费用超过一般家庭预警线"],
        ),
        ([f"{BILLS}，超过预警线", "一名46岁成员被登记需大额治疗，近12个月个人负担16654.71元"],
         [f"{BILLS}，超过预警线", "一名46岁成员被登记需大额治疗"]),
        ([f"{BILLS}，超过预警线", "家里有4项难处：2口人；近12个月医疗个人负担16654.71元，学年自付500元"],
         [f"{BILLS}，超过预警线", "家里有4项难处：2口人；学年自付500元"]),
        (["一名成员去世，现有4口人", "上期有人在职，现有4口人"], ["一名成员去世，现有4口人", "上期有人在职"]),
        # another sum, and another member's like clause, are other facts
        ([BILLS, "近12个月全家医疗个人负担16654.7元"], [BILLS, "近12个月全家医疗个人负担16654.7元"]),
        (["每月领100元", "每月领100元，未认证"], ["每月领100元", "每月领100元，未认证"]),
        ([BILLS, BILLS.replace("全家", "")], [BILLS]),
    ],
)  # fmt: skip
def test_a_fact_of_the_household_is_said_once(sentences: list[str], line: list[str]) -> None:
    """tried §3: 55 of 240 lines print the same amount twice."""
    texts = pl.DataFrame({"case_id": ["H1"] * len(sentences) + ["H2"], "_text": [*sentences, BILLS]})
    said = said_once(texts, "case_id")
    assert said.filter(case_id="H1")["_text"].to_list() == line
    assert said.filter(case_id="H2")["_text"].to_list() == [BILLS]  # another family's line
