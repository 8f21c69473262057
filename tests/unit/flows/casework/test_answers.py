"""Receivers and departments answer in the workbooks they were sent; silence turns red."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.workbook.workbook import Workbook

from exchange.lists.referrals import (
    ObjectionHeader,
    ReferralHeader,
    write_objections,
    write_referrals,
)
from flows.actions.feedback import Taken, take_feedback
from flows.context.home import Home
from flows.context.site import Site, open_site
from flows.delivery.objections import NAME, pass_on_objections, write_objection_lists
from tests.helpers.returned import RECEIVED
from tests.helpers.station_books import AS_OF, CASES, MATTERS, on_record

pytestmark = pytest.mark.slow

LINE = MATTERS.tail(1).with_columns(
    town_name=pl.lit("石湾镇街道"), reason_zh=pl.lit("看病花费大"), begun_date=pl.lit(date(2025, 8, 20))
)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZHAOREN_VAULT_KEY", "the key of the tests")
        with open_site(Home(tmp_path_factory.mktemp("answers") / "home")) as site:
            yield site


@pytest.fixture
def site(opened: Site) -> Site:
    on_record(opened)
    return opened


def answer(site: Site, path: Path, day: str, **cells: Any) -> Taken:
    """Fill in the first line of a workbook and take it back."""
    book: Workbook = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    top = next(row for row in range(1, 20) if "填写人" in {c.value for c in sheet[row]})
    columns = {c.value: c.column for c in sheet[top]}
    for heading, value in cells.items():
        sheet.cell(top + 1, columns[heading]).value = value
    book.properties.title = day
    back = path.with_name(f"{day}.xlsx")
    book.save(back)
    (taken,) = take_feedback(site, [back], RECEIVED)
    return taken


def events(site: Site, step: str) -> list[str]:
    query = "SELECT event_code FROM mart.step WHERE step_id = ? ORDER BY step_no"
    return [row[0] for row in site.con.execute(query, [step]).fetchall()]


def test_a_receiver_accepts_then_answers(site: Site, tmp_path: Path) -> None:
    header = ReferralHeader("440604", "禅城区", "medical_insurance", "医保部门", AS_OF, "v1")
    write_referrals(tmp_path / "out.xlsx", header, LINE)
    first = answer(site, tmp_path / "out.xlsx", "one", 答复="已受理", 日期="2025-09-10", 填写人="丙")
    assert first.problems == () and events(site, "S2") == ["sent", "accepted"]
    then = answer(site, tmp_path / "out.xlsx", "two", 答复="已答复", 日期="2025-09-20", 填写人="丙")
    again = answer(site, tmp_path / "out.xlsx", "three", 答复="已答复", 日期="2025-09-20", 填写人="丙")
    assert (then.lines_taken, again.lines_repeated) == (1, 1)
    assert events(site, "S2") == ["sent", "accepted", "answered"]
    late = answer(
        site, tmp_path / "out.xlsx", "four", 答复="未受理", 日期="2025-09-21", 填写人="丙", 说明="无此项"
    )
    assert late.codes == {"event_not_allowed": 1} and "已经了结" in late.problems[0]


def test_a_forged_number_is_refused(site: Site, tmp_path: Path) -> None:
    header = ReferralHeader("440604", "禅城区", "medical_insurance", "医保部门", AS_OF, "v1")
    write_referrals(tmp_path / "out.xlsx", header, LINE.with_columns(step_id=pl.lit("S1")))
    taken = answer(site, tmp_path / "out.xlsx", "one", 答复="已受理", 日期="2025-09-10", 填写人="丙")
    assert set(taken.codes) == {"matter_unclear"} and events(site, "S1") == ["submitted"]


def test_an_objection_goes_to_the_department_and_back(site: Site) -> None:
    contract = next(iter(site.contracts.values()))
    column = contract.columns[0]
    fact = f"{contract.department}.{contract.extract}.{column.name}"
    site.con.execute(
        "INSERT INTO mart.step (step_id, step_no, case_no, kind_code, subject, event_code, event_date, "
        "due_date, owner_code, known_date) VALUES ('S9', 1, ?, 'objection', ?, 'raised', ?, ?, 'county', ?)",
        [CASES["aa"], fact, AS_OF, date(2025, 9, 12), AS_OF],
    )
    with site.open_vault(AS_OF, "deliver") as vault:
        pass_on_objections(site, vault, AS_OF)
        write_objection_lists(site, vault, AS_OF)
        path = site.home.dated("receipts", AS_OF) / contract.department / NAME
        written = path.read_bytes()
        pass_on_objections(site, vault, AS_OF)
        write_objection_lists(site, vault, AS_OF)
    assert path.read_bytes() == written and events(site, "S9") == ["raised", "passed_on"]
    texts = {
        str(c.value) for row in openpyxl.load_workbook(path).worksheets[0].iter_rows() for c in row if c.value
    }
    assert f"{contract.title_zh}的“{column.zh}”" in texts and CASES["aa"] in texts
    wrong = answer(site, path, "one", 核实结果="部门核实无误", 核实日期="2025-09-20", 填写人="丁")
    assert wrong.codes == {"note_missing": 1}
    right = answer(site, path, "two", 核实结果="部门已更正", 核实日期="2025-09-20", 填写人="丁")
    assert right.problems == () and events(site, "S9")[-1] == "corrected"


def test_a_department_list_is_the_same_bytes(tmp_path: Path) -> None:
    lines = LINE.with_columns(
        kind_code=pl.lit("objection"), event_code=pl.lit("passed_on"), note_zh=pl.lit("不符")
    )
    header = ObjectionHeader("health", "卫生健康", AS_OF, "v1")
    write_objections(tmp_path / "a.xlsx", header, lines)
    write_objections(tmp_path / "b.xlsx", header, lines)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
