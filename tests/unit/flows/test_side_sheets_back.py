"""The further sheets of a filled workbook: taken, said again, or returned with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl.workbook.workbook import Workbook

from flows.actions.feedback import Taken, take_feedback
from flows.context.catalogue_frames import result_names
from flows.context.home import Home
from flows.context.site import Site, open_site
from tests.helpers.returned import RECEIVED
from tests.helpers.station_books import CASES, FOUND, SERVICE, TRY, add_line, edited, hand_out
from warehouse.written import words

pytestmark = pytest.mark.slow

VISIT: dict[str, Any] = {"结果代码": "20", "走访日期": "2025-09-08", "走访人": "甲"}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZHAOREN_VAULT_KEY", "the key of the tests")
        with open_site(Home(tmp_path_factory.mktemp("sides") / "home")) as site:
            yield site


@pytest.fixture
def back(opened: Site, tmp_path: Path) -> Callable[..., Taken]:
    """Hand the workbook out, fill it in, take it back."""
    path = hand_out(opened, tmp_path / "out.xlsx", result_names(opened.catalogue, "need"))

    made: dict[tuple[object, str], Path] = {}

    def take(change: Callable[[Workbook], Any], name: str = "back.xlsx", received: date = RECEIVED) -> Taken:
        again = made.get((change, name))  # the same bytes: a file saved anew has another hour in it
        file = made[change, name] = again or edited(path, change, name)
        (taken,) = take_feedback(opened, [file], received)
        return taken

    return take


def rows(site: Site, query: str) -> list[tuple]:
    return site.con.execute(query).fetchall()


def test_every_sheet_is_taken(opened: Site, back: Callable[..., Taken]) -> None:
    def fill(book: Workbook) -> None:
        add_line(book, "联系记录", 个案编号=CASES["aa"], **TRY)
        add_line(book, "联系记录", 个案编号=CASES["bb"], **TRY | {"时段": "晚上", "联系结果": "联系上"})
        add_line(book, "重点人员", 1, 走访日期="2025-09-11", 走访人="甲")
        add_line(book, "重点人员", 2, 未走访原因="住院", 走访人="甲")
        add_line(book, "后续办理", 2, 新进展="已批准", 日期="2025-09-09", 填写人="甲")
        add_line(book, "服务记录", **SERVICE | {"志愿者": "３", "链接资源（元）": "1,200.50"})

    taken = back(fill)
    assert taken.problems == () and (taken.lines_filled, taken.lines_taken) == (6, 6)
    assert rows(
        opened, "SELECT case_no, part_of_day, way_code, contact_result FROM mart.contact ORDER BY 1"
    ) == [
        (CASES["aa"], "morning", "phone", "no_answer"),
        (CASES["bb"], "evening", "phone", "reached"),
    ]
    key = "SELECT person_id, visited_date, excuse_code FROM mart.key_visit ORDER BY 1"
    assert rows(opened, key) == [("P1", date(2025, 9, 11), None), ("P2", None, "hospital")]
    step = "SELECT step_no, event_code, owner_code, due_date FROM mart.step WHERE step_id = 'S1' ORDER BY 1"
    assert rows(opened, step)[1][:3] == (2, "granted", "county")
    service = "SELECT person_cnt, volunteer_cnt, resource_yuan::VARCHAR FROM mart.activity"
    assert rows(opened, service) == [(12, 3, "1200.50")]
    with opened.open_vault(RECEIVED, "names") as vault:
        assert words.written(vault, words.CONTACT)["author"].to_list() == ["甲", "甲"]


def test_a_copy_adds_what_is_new_and_the_same_file_nothing(opened: Site, back: Callable[..., Taken]) -> None:
    def first(book: Workbook) -> None:
        add_line(book, "联系记录", 个案编号=CASES["aa"], **TRY)

    def copy(book: Workbook) -> None:
        add_line(book, "联系记录", 个案编号=CASES["bb"], **TRY)
        for _ in range(2):  # tried twice that morning
            add_line(book, "联系记录", 个案编号=CASES["aa"], **TRY)

    def other(book: Workbook) -> None:
        add_line(book, "联系记录", 个案编号=CASES["aa"], **TRY | {"联系人": "乙"})

    told = [back(first), back(first), back(copy, "copy.xlsx"), back(other, "other.xlsx")]
    assert [t.lines_repeated for t in told] == [0, 0, 1, 0]
    assert [t.lines_taken for t in told] == [1, 1, 2, 1]
    assert rows(opened, "SELECT case_no, count(*) FROM mart.contact GROUP BY 1 ORDER BY 1") == [
        (CASES["aa"], 3),
        (CASES["bb"], 1),
    ]


def test_a_result_begins_what_follows(opened: Site, back: Callable[..., Taken]) -> None:
    def fill(book: Workbook) -> None:
        more: dict[str, Any] = {"下一步": "再次上门", "由谁办": "社工站", "约定日期": "2025-10-15"}
        add_line(book, "走访名单", 1, **VISIT, 协助申请的政策="低保", **more)
        add_line(book, "走访名单", 2, **VISIT | {"结果代码": "22"}, 说明="转给医保部门")
        add_line(book, "走访名单", 3, **VISIT | {"结果代码": "41"}, 说明="残联的残疾人持证名册错了")

    first, again = back(fill), back(fill, "copy.xlsx")
    assert first.problems == () and again.lines_repeated == 3
    found = "SELECT case_no, kind_code, subject, event_code, due_date, owner_code, visit_id IS NOT NULL "
    steps = rows(opened, found + "FROM mart.step WHERE step_id NOT IN ('S1', 'S2') ORDER BY 1, 2")
    assert [step[:4] for step in steps] == [
        (CASES["aa"], "referral", "medical_insurance", "sent"),
        (CASES["bb"], "application", "dibao", "submitted"),
        (CASES["bb"], "follow_up", "revisit", "agreed"),
        (CASES["cc"], "objection", None, "raised"),
    ]
    assert steps[2][4:] == (date(2025, 10, 15), "station", True) and all(step[6] for step in steps)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"个案编号": "10000001"}, "case_not_known"),
        ({"个案编号": None}, "cell_empty"),
        ({"时段": "半夜"}, "not_a_choice"),
        ({"联系日期": "2025-13-01"}, "unclear_date"),
        ({"联系日期": "2025-10-09"}, "date_after_today"),
        ({"联系日期": "2024-09-09"}, "date_before_list"),
        ({"联系人": "13812345678"}, "forbidden_number"),
        ({"联系人": None}, "cell_empty"),
        ({"方式": "=1+1"}, "formula"),
    ],
)
def test_a_try_goes_back_with_its_reason(
    opened: Site, back: Callable[..., Taken], cells: dict[str, Any], code: str
) -> None:
    taken = back(lambda book: add_line(book, "联系记录", **{"个案编号": CASES["aa"]} | TRY | cells))
    assert set(taken.codes) == {code} and taken.lines_refused == 1
    assert "“联系记录”第" in taken.problems[0] and rows(opened, "SELECT 1 FROM mart.contact") == []


@pytest.mark.parametrize(
    ("line", "cells", "code"),
    [
        (2, {"新进展": "已受理"}, "unknown_event"),
        (1, {"新进展": "已转出"}, "event_not_allowed"),
        (1, {"新进展": "未受理"}, "note_missing"),
        (2, {"新进展": "已批准", "日期": "2025-08-01"}, "event_not_allowed"),
        (0, {"个案编号": CASES["aa"], "事项": "申请待遇", "新进展": "已批准"}, "unknown_subject"),
        (
            0,
            {"个案编号": CASES["aa"], "事项": "申请待遇", "对象": "低保", "新进展": "已批准"},
            "matter_unclear",
        ),
        (0, {"个案编号": CASES["aa"], "事项": "修路", "新进展": "已批准"}, "unknown_matter"),
        (0, {"个案编号": CASES["aa"], "事项": "下一步", "新进展": "已约定"}, "due_missing"),
        (1, {"户主": "张*", "新进展": "已受理"}, "line_moved"),
    ],
)
def test_an_event_goes_back_with_its_reason(
    opened: Site, back: Callable[..., Taken], line: int, cells: dict[str, Any], code: str
) -> None:
    whole: dict[str, Any] = {"日期": "2025-09-09", "填写人": "甲"} | cells
    taken = back(lambda book: add_line(book, "后续办理", line, **whole))
    assert set(taken.codes) == {code}, taken.problems
    assert rows(opened, "SELECT count(*) FROM mart.step") == [(2,)]


def test_a_new_matter_and_how_it_goes_on(opened: Site, back: Callable[..., Taken]) -> None:
    case: dict[str, Any] = {"个案编号": CASES["aa"], "填写人": "甲"}

    def fill(book: Workbook) -> None:
        more = case | {"事项": "个案服务"}
        add_line(book, "后续办理", **more, 新进展="预估", 日期="2025-09-10", 说明="需要照料")
        add_line(book, "后续办理", **more, 新进展="接案", 日期="2025-09-09")

    taken = back(fill)
    assert taken.problems == ()
    found = "SELECT step_no, event_code FROM mart.step WHERE kind_code = 'casework' ORDER BY 1"
    assert rows(opened, found) == [(1, "intake"), (2, "assessment")]
    assert back(fill, "copy.xlsx").lines_repeated == 2 and len(rows(opened, found)) == 2


def test_a_next_step_needs_a_day_and_a_result(opened: Site, back: Callable[..., Taken]) -> None:
    def fill(book: Workbook) -> None:
        add_line(book, "走访名单", 1, **VISIT, 下一步="再次上门")
        add_line(book, "走访名单", 2, 下一步="再次上门", 约定日期="2025-10-15")

    taken = back(fill)
    assert taken.codes["step_incomplete"] == 1 and taken.codes["step_without_result"] == 1
    assert rows(opened, "SELECT count(*) FROM mart.visit") == [(1,)]


def test_a_sheet_whose_headings_were_altered_goes_back(opened: Site, back: Callable[..., Taken]) -> None:
    def fill(book: Workbook) -> None:
        row = add_line(book, "联系记录", 个案编号=CASES["aa"], **TRY)
        sheet = book["联系记录"]
        cell = next(c for r in sheet.iter_rows(max_row=row) for c in r if c.value == "联系结果")
        cell.value = "怎么样"

    assert back(fill).codes["headings_altered"] == 1


def test_unfilled_sheets_say_nothing(back: Callable[..., Taken]) -> None:
    assert back(lambda book: None).problems == ()


def test_a_found_family_gets_a_case_of_its_own(opened: Site, back: Callable[..., Taken]) -> None:
    def fill(book: Workbook) -> None:
        add_line(book, "主动发现", **FOUND)
        more = {
            "姓名": "钱七",
            "身份证号": " １１０１０５19491231002x",
            "结果代码": "20 符合条件，已协助申请",
        }
        more |= {"下一步": "陪同办理", "由谁办": "社工站", "约定日期": "2025-10-20", "说明": "独自居住"}
        add_line(book, "主动发现", **FOUND | more)
        add_line(book, "主动发现", **FOUND | {"姓名": "孙八", "身份证号": "110105194912310021"})

    first, copy = back(fill), back(fill, "copy.xlsx")
    assert first.codes == {"wrong_id": 1} and first.lines_taken == 2
    cases = rows(opened, "SELECT case_no, source_code FROM mart.case WHERE case_id IS NULL ORDER BY 1")
    assert [source for _, source in cases] == ["neighbour", "neighbour"]  # the copy found nobody new
    ways = rows(opened, "SELECT DISTINCT found_by FROM mart.visit WHERE alert_id IS NULL")
    assert ways == [("neighbour",)]
    assert copy.codes == {"wrong_id": 1} and rows(opened, "SELECT count(*) FROM mart.visit") == [(4,)]
    counted = "SELECT result_code, count(*) FROM mart.outcome GROUP BY 1 ORDER BY 1"
    assert rows(opened, counted) == [("20", 1), ("40", 1)]
    step = "SELECT kind_code, subject, due_date FROM mart.step WHERE step_id NOT IN ('S1', 'S2')"
    assert rows(opened, step) == [("follow_up", "accompany", date(2025, 10, 20))]
    warehouse = str([rows(opened, f"FROM mart.{t}") for t in ("case", "visit", "step", "case_event")])
    with opened.open_vault(RECEIVED, "names") as vault:
        kept = "".join(words.written(vault, words.FOUND)["text"].to_list())
    for secret in ("赵六", "钱七", "11010519491231002X", "独自居住"):
        assert secret in kept and secret not in warehouse
