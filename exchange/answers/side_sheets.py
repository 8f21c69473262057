"""What a sheet that is filled in looks like: its headings, what stands under each, what is needed.

A sheet is told by its headings, wherever they stand and whatever the sheet is called.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Kind = Literal[
    "case",  # a case number as it is printed
    "day",  # a day that has been
    "later",  # a day that is agreed
    "choice",  # one of a drop-down's words
    "text",  # printed, or matched against what was printed
    "note",  # 说明: free text, within bounds
    "worker",  # who did it: a name
    "count",  # how many, from 0
    "yuan",
    "id_number",
    "person",  # somebody's name
    "place",  # a village as people call it
]
SECRET = frozenset({"note", "worker", "id_number", "person", "place"})  # kinds that the vault alone may keep


@dataclass(frozen=True)
class Cell:
    """One column. group: the drop-down's; is_printed: filled in by us on the lines that we printed."""

    heading: str
    name: str
    kind: Kind
    group: str = ""
    is_needed: bool = False
    is_printed: bool = False


@dataclass(frozen=True)
class Declared:
    """One sheet. known_by: headings that no other sheet has together.

    prefix: begins the hidden page's headings about its printed lines (`key`: the one that names a line).
    back_days: how long before the list's date a day may lie.
    """

    name: str
    known_by: tuple[str, ...]
    cells: tuple[Cell, ...]
    prefix: str = ""
    key: str = ""
    back_days: int = 0

    @property
    def typed(self) -> tuple[Cell, ...]:
        """The cells that make a line a filled one."""
        return tuple(cell for cell in self.cells if not cell.is_printed)

    def earliest(self, as_of: date) -> date:
        """The first day that a line of a list of the date may name."""
        return as_of - timedelta(days=self.back_days)


CASE, NOTE = "个案编号", "说明"
_CASE = Cell(CASE, "case_no", "case", is_needed=True, is_printed=True)
QUARTER = 92  # a try, a step or a service of the time before the list may be entered late

KEY_VISITS = Declared(
    "重点人员",
    ("重点编号", "未走访原因"),
    (
        Cell("重点编号", "key_no", "text", is_needed=True, is_printed=True),
        Cell("走访日期", "visited_date", "day"),
        Cell("未走访原因", "excuse_code", "choice", "excuse"),
        Cell("走访人", "worker", "worker", is_needed=True),
    ),
    prefix="key",
    key="key_no",
    back_days=31,
)
CONTACTS = Declared(
    "联系记录",
    ("联系日期", "联系结果"),
    (
        Cell(CASE, "case_no", "case", is_needed=True),
        Cell("联系日期", "contact_date", "day", is_needed=True),
        Cell("时段", "part_of_day", "choice", "part_of_day", is_needed=True),
        Cell("方式", "way_code", "choice", "way", is_needed=True),
        Cell("联系结果", "contact_result", "choice", "contact_result", is_needed=True),
        Cell("联系人", "worker", "worker", is_needed=True),
    ),
    back_days=QUARTER,
)
MATTERS = Declared(
    "后续办理",
    ("事项", "新进展"),
    (
        _CASE,
        Cell("事项", "kind", "text", is_needed=True, is_printed=True),
        Cell("对象", "subject", "text", is_printed=True),
        Cell("新进展", "event", "text", is_needed=True),
        Cell("日期", "event_date", "day", is_needed=True),
        Cell("下次日期", "due_date", "later"),
        Cell("由谁办", "owner_code", "choice", "owner"),
        Cell(NOTE, "note", "note"),
        Cell("填写人", "worker", "worker", is_needed=True),
    ),
    prefix="step",
    key="step_case_no",
    back_days=QUARTER,
)
FOUND = Declared(
    "主动发现",
    ("身份证号", "发现途径"),
    (
        Cell("姓名", "person", "person", is_needed=True),
        Cell("身份证号", "id_number", "id_number"),
        Cell("村（社区）", "village", "place"),
        Cell("发现途径", "source_code", "choice", "found_by", is_needed=True),
        Cell("结果代码", "result_code", "choice", "code", is_needed=True),
        Cell("走访日期", "found_date", "day", is_needed=True),
        Cell("下一步", "follow_up", "choice", "follow_up"),
        Cell("由谁办", "owner_code", "choice", "owner"),
        Cell("约定日期", "due_date", "later"),
        Cell(NOTE, "note", "note"),
        Cell("走访人", "worker", "worker", is_needed=True),
    ),
    back_days=QUARTER,
)
SERVICES = Declared(
    "服务记录",
    ("服务项目", "服务人次"),
    (
        Cell("日期", "service_date", "day", is_needed=True),
        Cell("服务项目", "service_code", "choice", "service", is_needed=True),
        Cell("形式", "form_code", "choice", "service_form", is_needed=True),
        Cell("服务人次", "person_cnt", "count", is_needed=True),
        Cell("志愿者", "volunteer_cnt", "count"),
        Cell("链接资源（元）", "resource_yuan", "yuan"),
        Cell("填写人", "worker", "worker", is_needed=True),
    ),
    back_days=QUARTER,
)
STATION_SHEETS = (KEY_VISITS, CONTACTS, MATTERS, FOUND, SERVICES)
# 走访名单 itself: what was agreed stands beside the result (exchange/answers reads that one).
AGREED = Declared(
    "走访名单",
    (CASE, "下一步"),
    (
        _CASE,
        Cell("下一步", "follow_up", "choice", "follow_up"),
        Cell("由谁办", "owner_code", "choice", "owner"),
        Cell("约定日期", "due_date", "later"),
    ),
)


def _answered(name: str, *, beside: str, answer: str, day: str, who: str, case: Cell = _CASE) -> Declared:
    """A sheet of matters that somebody else than the station answers. beside: a printed heading."""
    return Declared(
        name,
        (beside, answer),
        (
            case,
            Cell(answer, "event", "text", is_needed=True),
            Cell(day, "event_date", "day", is_needed=True),
            Cell(NOTE, "note", "note"),
            Cell(who, "worker", "worker", is_needed=True),
        ),
        prefix="step",
        key="step_case_no",
    )


REFERRALS = _answered("转介清单", beside="事由", answer="答复", day="日期", who="填写人")
OBJECTIONS = _answered(
    "入户核实反馈",
    beside="数据项目",
    answer="核实结果",
    day="核实日期",
    who="填写人",
    case=Cell("编号", "case_no", "text", is_needed=True, is_printed=True),
)
SPOT_CHECKS = _answered("抽查复核", beside="走访结果", answer="复核结果", day="复核日期", who="复核人")
