"""The plain-language check on texts by hand, on every words file, and on the words of the rules."""

from __future__ import annotations

import re

import pytest

from exchange.language.plain import barred, faults
from exchange.words import words
from policies.casework.choices import choices
from policies.casework.papers import papers

PEOPLE_READ = (
    "worklist",
    "call_script",
    "printed",
    "contacts",
    "referrals",
    "spot_checks",
    "county",
    "compliance",
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("这一户的得分高。", "hard word"),
        ("按 I22 提示。", "code"),
        ("请看 household_id 一栏。", "code"),
        ("请 check 一下。", "English"),
        ("看一看，。再说", "doubled mark"),
        ("已享受：", "doubled mark"),
        ("{station}的社工。", "left over"),
        ("金额 None 元。", "left over"),
        ("（没有关上", "bracket"),
        ("有骗保嫌疑。", "frightening"),
        ("很" * 80 + "长。", "too long"),
    ],
)
def test_what_is_not_plain_is_told(text: str, kind: str) -> None:
    assert any(fault.startswith(kind) for fault in faults(text)), faults(text)


@pytest.mark.parametrize(
    "text",
    [
        "近12个月全家医疗个人负担9837.04元，超过1口人一年的低保标准。",
        "不是认定有违规。",
        "各部门数据截至　2025年9月5日：" + "、".join(["基本医疗保险参保信息"] * 14),
        "2025-11-05",
        "A4 横向打印。",
    ],
)
def test_what_is_plain_passes(text: str) -> None:
    assert faults(text) == []


def test_no_word_of_the_first_call_may_not_be_said_of_a_family() -> None:
    texts = [line for box in words("call_script")["boxes"] for line in box["lines"]]
    assert [word for text in texts for word in barred(text)] == []
    assert barred("患尿毒症") == ["尿毒症"]


@pytest.mark.parametrize("name", PEOPLE_READ)
def test_every_words_file_of_the_lists_is_plain(name: str) -> None:
    found = {text: wrong for text in _texts(words(name)) if (wrong := faults(_filled(text)))}
    assert found == {}


def test_what_drop_downs_and_papers_say_is_plain() -> None:
    texts = [zh for pairs in choices().values() for _, zh in pairs]
    texts += [text for paper in papers().papers for text in (paper.zh, paper.bring_zh)]
    assert {text: faults(text) for text in texts if faults(text)} == {}


def _filled(text: str) -> str:
    """With something in the place of each part that is filled in later."""
    return re.sub(r"\{[a-z_]*\}", "某", text)


def _texts(data: object) -> list[str]:
    if isinstance(data, dict):
        return [text for value in data.values() for text in _texts(value)]
    if isinstance(data, list):
        return [text for value in data for text in _texts(value)]
    return [data] if isinstance(data, str) else []
