"""The station's list and the county's checking list, looked at with another reader (openpyxl)."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import yaml

import policies
from exchange.form import HIDDEN_SHEET
from exchange.lists.compliance import ComplianceHeader
from exchange.lists.widths import fitted
from exchange.lists.worklist import COLUMNS, SHEET_NAME, WorklistHeader
from exchange.masks import cover, mask_name, mask_phone, refuse_leaks
from exchange.sheets import Cell, fit_text, lines_needed, row_height
from tests.helpers.lists import AS_OF, CODES, HEADER, SOURCES, header_row, lines, write_checks, write_visits
from zhaoren.errors import ZhaorenError

FILL_INS = ["结果代码", "走访日期", "协助申请的政策", "下一步", "由谁办", "约定日期", "说明", "走访人"]


def written(tmp_path: Path, rows: pl.DataFrame, header: WorklistHeader = HEADER) -> openpyxl.Workbook:
    write_visits(tmp_path / "list.xlsx", header, rows, CODES)
    return openpyxl.load_workbook(tmp_path / "list.xlsx")


def table(sheet: openpyxl.worksheet.worksheet.Worksheet) -> list[dict[str, object]]:
    head = header_row(sheet)
    names = [cell.value for cell in sheet[head]]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=head + 1)]
    return [dict(zip(names, row, strict=True)) for row in rows if row[1]]


def everything(book: openpyxl.Workbook) -> str:
    return "\n".join(str(c.value) for s in book for row in s.iter_rows() for c in row if c.value is not None)


def test_lines_stand_in_rank_order_with_every_column_in_words(tmp_path: Path) -> None:
    first, second, third = table(written(tmp_path, lines())[SHEET_NAME])
    assert [first["个案编号"], second["个案编号"], third["个案编号"]] == [
        "20250905-bb-N", "20250905-aa-N", "20250905-cc-N",
    ]  # fmt: skip
    assert second == {
        "序号": "2",
        "个案编号": "20250905-aa-N",
        "户主": "李*",
        "村（社区）": "永安村",
        "级别": "橙\n已升级",
        "办理期限": "9月16日\n周二",
        "为什么": "近3个月医疗费用个人负担38460元（截至8月31日）。",
        "已享受": "低保边缘",
        "可能还可以享受": "低保（约1980元/月）\n临时救助（约4260元，一次性）",
        "上门核实问题": "1. 看病的钱从哪里来？\n2. 欠了多少？",
        "上次走访与结果": "2025年6月18日：转介其他部门",
        "材料": "请家里准备：银行卡",
        **dict.fromkeys(FILL_INS),
    }
    assert third["办理期限"] == "2026年1月5日\n周一"
    assert (third["户主"], third["级别"], first["材料"]) == (
        "姓名未登记",
        "蓝",
        "先上门了解，暂时不用准备材料",
    )


def test_below_the_heads_name_stands_which_household_is_meant(tmp_path: Path) -> None:
    kinds = {"household_kind": ["dwelling", "hukou", "assistance"]}
    shown = [line["户主"] for line in table(written(tmp_path, lines(**kinds))[SHEET_NAME])]
    assert shown == ["张*\n户籍户", "李*\n同住户", "姓名未登记\n共同生活家庭"]
    rows = lines(**kinds).with_columns(town_name=pl.lit("石湾镇街道"))
    write_checks(tmp_path / "c.xlsx", ComplianceHeader("440604", "禅城区", AS_OF), rows)
    checked = table(openpyxl.load_workbook(tmp_path / "c.xlsx")["待核实清单"])
    assert [line["户主"] for line in checked] == shown


def test_the_head_says_capacity_and_which_data_are_out_of_date(tmp_path: Path) -> None:
    sheet = written(tmp_path, lines())[SHEET_NAME]
    head = "\n".join(str(sheet.cell(row, 1).value) for row in range(1, header_row(sheet)))
    assert "石湾社会工作服务站" in head
    assert "本期列出 3 户（红1、橙1、蓝1）／本站每期能走访 12 户；另有 7 户排队" in head
    assert "下期再列" not in head and "红色超出" not in head
    assert "2025年9月5日：户籍人口、救助名册" in head
    assert "「数据已过期」　残疾人证（停在2025年6月5日）、困难职工（从未收到）" in head


def test_no_score_arm_or_learned_number_is_shown(tmp_path: Path) -> None:
    text = everything(written(tmp_path, lines()))
    assert "0.456" not in text
    assert not re.search(r"\b(audit|rule|model)\b", text)


def test_only_the_fill_in_cells_can_be_changed_and_no_password_is_asked(tmp_path: Path) -> None:
    sheet = written(tmp_path, lines())[SHEET_NAME]
    head = header_row(sheet)
    open_columns = {sheet.cell(head, c.column).value for c in sheet[head + 1] if not c.protection.locked}
    assert open_columns == set(FILL_INS)
    assert sheet.protection.sheet
    assert not sheet.protection.password


def test_drop_downs_offer_the_workers_codes_and_the_policies(tmp_path: Path) -> None:
    book = written(tmp_path, lines())
    offered = {}
    for rule in book[SHEET_NAME].data_validations.dataValidation:
        if rule.type == "list":
            name, cells = rule.formula1.rsplit("!", 1)
            cells = book[name.strip("='")][cells.replace("$", "")]
            offered[str(rule.sqref)[0]] = [cell.value for (cell,) in cells]
    assert list(offered.values()) == [
        ["10 已享受待遇且相符", "20 符合条件，已协助申请", "40 情况不属实"],  # 90 is the system's own
        ["低保", "临时救助"],
        ["提交申请材料", "再次上门", "联系接收单位", "陪同办理", "其他"],
        ["社工站", "镇街", "区县民政", "接收单位", "数据来源部门", "家庭自己"],
    ]
    dates = [r for r in book[SHEET_NAME].data_validations.dataValidation if r.type == "date"]
    assert (dates[0].formula1, dates[0].formula2) == ("45905", "TODAY()")
    assert (dates[1].operator, dates[1].formula1) == ("greaterThanOrEqual", "45905")  # a day to come


def test_it_prints_on_a4_across_one_page_wide_with_the_headings_repeated(tmp_path: Path) -> None:
    sheet = written(tmp_path, lines())[SHEET_NAME]
    head = header_row(sheet)
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.print_title_rows == f"${head}:${head}"
    assert sheet.freeze_panes == f"D{head + 1}"
    assert "&P" in sheet.oddFooter.center.text and "&N" in sheet.oddFooter.center.text
    assert "内部资料 注意保密" in sheet.oddHeader.right.text


def test_the_help_page_tells_codes_and_the_duty_to_report_for_a_child(tmp_path: Path) -> None:
    book = written(tmp_path, lines())
    assert book.sheetnames == [SHEET_NAME, "填写说明", HIDDEN_SHEET]
    text = everything(book)
    assert "未成年人保护法第十一条" in text and "110" in text and "民政" in text
    assert "超时未核" not in text
    assert book[HIDDEN_SHEET].sheet_state in ("hidden", "veryHidden")


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path, start: str) -> None:
    text = start + "HYPERLINK(1)"
    sheet = written(tmp_path, lines(reason_zh=[text] * 3))[SHEET_NAME]
    cell = sheet.cell(header_row(sheet) + 1, 7)
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("'" + text, "s", True)
    with zipfile.ZipFile(tmp_path / "list.xlsx") as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml").replace(b"<formula1>", b"")


def test_the_same_lines_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_visits(tmp_path / f"{name}.xlsx", HEADER, lines(), CODES)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.xlsx", "b.xlsx"]


def test_a_station_without_lines_gets_a_file_that_says_so(tmp_path: Path) -> None:
    text = everything(written(tmp_path, lines().clear()))
    assert "本期没有需要走访的家庭" in text
    assert "本期列出 0 户／本站每期能走访 12 户" in text


@pytest.mark.parametrize(
    ("column", "text", "kind"),
    [
        ("reason_zh", "证号440102199001011234的居民", "number of a person or card"),
        ("questions_zh", "电话138-1234-5678是否有效？", "phone"),
        ("reason_zh", "患恶性肿瘤，自付38460元", "diagnosis"),
        ("reason_zh", "hiv 感染", "diagnosis"),
        ("receiving_zh", "精神分裂症患者补助", "psychiatric"),
        ("reason_zh", "因盗窃罪被判处", "crime"),
        ("head_name_masked", "张三丰", "name"),
        ("papers_zh", "电话13812345678", "phone"),
    ],
)
def test_a_list_that_would_show_too_much_is_not_written(
    tmp_path: Path, column: str, text: str, kind: str
) -> None:
    with pytest.raises(ZhaorenError) as error:
        write_visits(tmp_path / "list.xlsx", HEADER, lines(**{column: [None, text, None]}), CODES)
    assert kind in error.value.what
    assert column in error.value.where
    assert text not in str(error.value)
    assert not list(tmp_path.iterdir())


def test_what_a_worker_once_wrote_is_covered_instead_of_stopping_the_list(tmp_path: Path) -> None:
    note = "2025年6月1日：打13812345678找到，证号44010219900101123X，艾滋"
    text = everything(written(tmp_path, lines(last_visit_zh=[note] * 3)))
    assert "138****5678" in text
    assert "13812345678" not in text and "44010219900101123X" not in text and "艾滋" not in text


def test_no_sentence_of_our_own_rules_would_be_refused() -> None:
    folder = Path(policies.__file__).parent
    texts = [
        text
        for path in sorted(folder.glob("signals/*.yaml"))
        for rule in [yaml.safe_load(path.read_text(encoding="utf-8"))]
        for text in [*(s["zh"] for s in rule["sentence"]), *rule.get("questions_zh", [])]
    ]
    if not texts:
        pytest.skip("no signal rules yet")
    rows = pl.DataFrame({"reason_zh": texts}).with_columns(
        head_name_masked=pl.lit("张*"), phone_masked=pl.lit(None, pl.String), seq=pl.lit("1")
    )
    refuse_leaks(rows, ["reason_zh"])


def test_masks() -> None:
    frame = pl.DataFrame(
        {
            "name": ["张三丰", "阿依古丽·买买提", " ", None],
            "phone": ["13812341234", "+86 138 1234 1234", "0757-82123456", None],
        }
    )
    masked = frame.select(mask_name(pl.col("name")), mask_phone(pl.col("phone")))
    assert masked.rows() == [
        ("张*", "138****1234"),
        ("阿*", "138****1234"),
        (None, "****3456"),
        (None, None),
    ]
    assert pl.select(cover(pl.lit("13800000000 13900000000"))).item() == "138****0000 139****0000"


@pytest.mark.parametrize(
    ("text", "width", "lines_"),
    [
        ("四个汉字", 8, 1),
        ("四个汉字", 7, 2),
        ("", 8, 1),
        ("一\n二\n三", 8, 3),
        ("四个汉字。", 8, 2),  # the stop does not start a line: it takes the last character with it
        ("约1,980,000元", 8, 3),  # a number wider than the rest of the line goes to the next
    ],
)
def test_lines_are_counted_as_they_wrap(text: str, width: float, lines_: int) -> None:
    assert lines_needed(text, width) == lines_


def test_rows_are_high_enough_and_an_endless_text_says_that_it_was_cut() -> None:
    short, long = Cell("短", 30), Cell("很长的一句话。" * 30, 30)
    assert row_height([short, long]) >= long.height
    assert row_height([short], least=54) == 54
    endless = replace(long, text=long.text * 20)
    assert row_height([endless]) == 409
    assert fit_text(endless).endswith("全文见个案系统）")
    assert replace(endless, text=fit_text(endless)).height <= 409
    assert fit_text(long) == long.text


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(ZhaorenError, match="reason_zh"):
        write_visits(tmp_path / "list.xlsx", HEADER, lines().drop("reason_zh"), CODES)


def test_the_checking_list_asks_first_and_stops_nothing(tmp_path: Path) -> None:
    header = ComplianceHeader("440604", "禅城区", AS_OF, sources=SOURCES)
    write_checks(tmp_path / "c.xlsx", header, lines().with_columns(town_name=pl.lit("石湾镇街道")))
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    text = everything(book)
    assert "请先核实是否有合理原因" in text and "申诉" in text
    hidden = book[HIDDEN_SHEET]
    codes = [row[5].value for row in hidden.iter_rows(min_row=2) if row[5].value]
    assert codes and not [zh for zh in codes if re.search("停发|取消|追回|减发|扣", zh)]
    assert "结果代码" in table(book["待核实清单"])[0] and "可能还可以享受" not in table(book["待核实清单"])[0]


def head_of(sheet: openpyxl.worksheet.worksheet.Worksheet) -> str:
    return "\n".join(str(sheet.cell(row, 1).value) for row in range(1, header_row(sheet)))


def test_the_head_says_who_receives_it_and_how_many_red_ones_are_beyond_the_hands(tmp_path: Path) -> None:
    """tried §3: more red than hands, and nobody told; who receives what."""
    header = replace(HEADER, red_beyond_cnt=24, county_name="禅城区")
    head = head_of(written(tmp_path, lines(), header)[SHEET_NAME])
    assert "发给：石湾社会工作服务站" in head
    assert "红色超出 24 户" in head and "已逐户报禅城区（县级汇总）" in head


def test_a_deadline_that_has_passed_says_by_how_many_days(tmp_path: Path) -> None:
    """tried §3: a deadline of last December printed without 逾期."""
    due = [date(2024, 12, 31), date(2025, 9, 5), date(2025, 9, 4)]
    shown = [line["办理期限"] for line in table(written(tmp_path, lines(due_date=due))[SHEET_NAME])]
    assert shown == ["9月5日\n周五", "2024年12月31日\n周二\n已逾期248天", "9月4日\n周四\n已逾期1天"]


def test_where_no_missing_benefit_is_found_the_line_says_what_to_ask(tmp_path: Path) -> None:
    """tried §3: 60 % of the lines say 暂未算出."""
    rows = lines(
        missing_benefits_zh=["可能符合：低保（约1元/月）", None, ""],
        open_benefits_zh=["问", "须先核实家庭人均收入：低保", None],
    )
    red, orange, blue = [line["可能还可以享受"] for line in table(written(tmp_path, rows)[SHEET_NAME])]
    assert (red, orange) == ("须先核实家庭人均收入：低保", "低保（约1元/月）")
    assert blue == "按现有资料没有对得上的待遇，请上门了解"


def test_rows_are_no_higher_than_their_texts_need(tmp_path: Path) -> None:
    """tried §3: rows twice as high as their text, three pages for twelve households."""
    long = "上一次去看病花了多少钱？有没有借钱？" * 6
    rows = lines(questions_zh=[long] * 3, reason_zh=["医保未缴费。"] * 3)
    columns = [replace(column, is_flexible=False) for column in COLUMNS]
    shared = fitted(COLUMNS, rows.with_columns(last_visit_zh=pl.lit("")).fill_null(""))
    assert sum(c.width for c in shared) <= sum(c.width for c in columns)
    by_heading = {c.heading: c.width for c in shared}
    assert by_heading["上门核实问题"] > 2 * by_heading["为什么"]
    sheet = written(tmp_path, rows)[SHEET_NAME]
    first = sheet.row_dimensions[header_row(sheet) + 1].height
    question = next(c for c in COLUMNS if c.heading == "上门核实问题")
    assert first < Cell(long, question.width, question.font_size).height
    empty = written(tmp_path, lines(questions_zh=[""] * 3))[SHEET_NAME]
    assert empty.row_dimensions[header_row(empty) + 1].height < 60  # was the least height of a row
