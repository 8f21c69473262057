"""A child may be in danger: one step, beside every list, without any detail (未成年人保护法第十一条)."""

from __future__ import annotations

from collections.abc import Sequence

from flows.context.site import Site
from warehouse.casework.child_reports import add_report
from zhaoren.errors import ZhaorenError

TOLD_ZH = {"police": "公安", "civil_affairs": "民政", "education": "教育"}
# What to do now, in the order in which it is done; said before anything is written down.
NOW = (
    "现在就做（登记之前）：",
    "1. 孩子有危险，马上打 110。受了伤或者不舒服，同时打 120。",
    "2. 再打 12345 转民政部门，说明是“未成年人保护强制报告”；学校里的孩子，同时告诉学校或教育部门。",
    "3. 不用等核实清楚，不用等名单，也不要先去问孩子经过，更不要当着家里人问。",
    "4. 不要让孩子独自回到可能伤害他的人那里；等公安或民政的人到了再离开。",
    "5. 本系统只登记“报告过”，不写孩子是谁、发生了什么；细节只告诉公安和民政。",
)


def report_child(site: Site, town_code: str, told: Sequence[str], by: str) -> str:
    """Register that a report was made; returns its number. ZhaorenError: a wrong town, or nobody told."""
    if not (len(town_code) == 9 and town_code.isdigit()):
        raise ZhaorenError(
            "镇街代码不对（the town's code is wrong）",
            town_code,
            "镇街代码是九位数字。（nine digits）",
            "照名单文件名上的代码写。（see the list's file name）",
            code="no_such_town",
        )
    if not told:
        raise ZhaorenError(
            "还没有报告给任何部门（nobody was told yet）",
            "--to",
            "登记的是“已经报告”。（what is registered is a report that was made）",
            "先打 110，再登记：--to police（call 110 first, then register it）",
            code="nobody_told",
        )
    return add_report(site.con, town_code, list(dict.fromkeys(told)), site.now(), by)
