"""The receipt, opened by a second reader."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from exchange.receipts.receipts import Findings, receipt_name, write_receipt
from exchange.receipts.refusals import OTHER, SAME_BYTES, TOO_MANY, reasons_zh
from exchange.sheets import safe_text
from exchange.words import words
from tests.helpers.receipts import CONTRACT, DELIVERY, INFO, checked, findings
from zhaoren.rooms import room


def written(folder: Path, name: str = "receipt.xlsx", **info: object) -> Path:
    write_receipt(folder / name, CONTRACT, INFO | info, findings())
    return folder / name


def table(path: Path, sheet: str) -> list[list[str | None]]:
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(path)[sheet].iter_rows()]


def texts(path: Path, sheet: str) -> str:
    return "\n".join(str(cell) for row in table(path, sheet) for cell in row if cell is not None)


def test_refused_rows_go_back_as_they_came(tmp_path: Path) -> None:
    path = written(tmp_path)
    header, *rows = table(path, "问题行")
    assert header[:3] == [f"原文件行号\n（回执编号 {DELIVERY}）", "问题", "修改办法"]
    assert header[3:] == [column.header for column in CONTRACT.columns]
    assert [row[0] for row in rows] == ["4", "5", "6"]
    assert rows[0][3:5] == ["4.40308E+17", """'=HYPERLINK("http://x")"""]
    assert "科学计数法" in str(rows[0][1]) and "文本" in str(rows[0][2])
    assert "校验位" in str(rows[1][1]) and "男、女" in str(rows[1][2])


def test_the_faulty_cells_are_marked_and_stay_text(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(written(tmp_path))["问题行"]
    marked = {c.column_letter for c in sheet[3] if c.fill.fgColor.rgb == "FFFFE699"}
    assert marked == {"D", "F"}  # ID number and sex
    assert {c.number_format for c in sheet[3][3:]} == {"@"}


def test_the_departments_own_headers_in_its_own_order(tmp_path: Path) -> None:
    headers = {"sex_code": "性 别", "name": "姓名*", "id_number": "证件号码"}
    write_receipt(tmp_path / "own.xlsx", CONTRACT, INFO, replace(findings(), headers=headers))
    header, first, *_ = table(tmp_path / "own.xlsx", "问题行")
    assert header[3:] == ["性 别", "姓名*", "证件号码"]
    assert first[5] == "4.40308E+17"
    assert {"性 别", "证件号码"} <= {str(row[0]) for row in table(tmp_path / "own.xlsx", "汇总")}


def test_nothing_in_it_is_a_formula(tmp_path: Path) -> None:
    seen = 0
    for sheet in openpyxl.load_workbook(written(tmp_path, file_name="=cmd|' /C calc'!A0.csv")):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in ("s", "n", "inlineStr") and (
                    cell.data_type != "n" or cell.value is None
                )
                # Neither as it is, nor when the sheet is saved as CSV and opened again.
                assert not str(cell.value or "").startswith(("=", "+", "-", "@"))
                if str(cell.value or "").startswith("'"):
                    assert cell.quotePrefix
                    seen += 1
    assert seen >= 3


def test_the_summary_counts_by_rule(tmp_path: Path) -> None:
    header, *rows = table(written(tmp_path), "汇总")
    assert header == ["列", "问题", "行数", "占比", "处理", "修改办法"]
    assert len(rows) == 4
    sexes = next(row for row in rows if row[0] == "性别")
    assert sexes[2:5] == ["1", "20.0%", "整行退回"]


def test_the_first_sheet_says_what_came_and_what_to_do(tmp_path: Path) -> None:
    path = written(tmp_path, period_month=date(2025, 8, 1), part="4401")
    rows = table(path, "说明")
    assert rows[2] == ["回执编号", DELIVERY]  # B3: always there
    cells = {str(cell) for row in rows for cell in row}
    assert {
        "数据回执：户籍人口信息",
        "公安部门",
        "population.csv",
        "2025-09-05",
        "2025年8月（4401）",
    } <= cells
    assert "以“population.xlsx”为文件名交回" in texts(path, "说明")


def test_what_we_put_right_is_told_by_column_and_kind(tmp_path: Path) -> None:
    _, *rows = table(written(tmp_path), "提示")
    assert ["出生日期", "已自动更正：日期统一写法", "1"] in [row[:3] for row in rows]


def test_duplicates_are_listed_by_row_number(tmp_path: Path) -> None:
    part = replace(findings(), duplicates=pl.DataFrame({"row_no": [9, 7]}))
    write_receipt(tmp_path / "d.xlsx", CONTRACT, INFO, part)
    assert [row[0] for row in table(tmp_path / "d.xlsx", "重复行")] == ["原文件行号", "7", "9"]


def test_a_correction_says_what_it_changed_and_what_is_open(tmp_path: Path) -> None:
    changes = pl.DataFrame({"change": ["added", "removed"], "row_cnt": [12, 3]})
    part = replace(findings(), changes=changes, open_rows=[41, 57])
    write_receipt(tmp_path / "c.xlsx", CONTRACT, INFO, part)
    rows = table(tmp_path / "c.xlsx", "更正情况")
    assert ["新增的行", "12"] in rows and ["不再出现的行", "3"] in rows
    assert [row[0] for row in rows[-2:]] == ["41", "57"]


def test_the_same_receipt_has_the_same_bytes(tmp_path: Path) -> None:
    assert written(tmp_path, "a.xlsx").read_bytes() == written(tmp_path, "b.xlsx").read_bytes()


def test_a_held_delivery_is_summed_up_not_listed(tmp_path: Path) -> None:
    """Faults as the warehouse keeps them: no level, a rule for the whole delivery, no text for good rows."""
    result, rule = checked(), next(r for r in CONTRACT.rules if r.level == "hold_delivery")
    held = result.good.select(
        "row_no", rule_id=pl.lit(f"{CONTRACT.id}.delivery_held"), column_name=pl.lit(None, pl.String),
        reason_zh=pl.lit("整批数据未通过交付检查，本行暂不入库"),
    )  # fmt: skip
    part = replace(
        findings(),
        faults=pl.concat([result.faults.drop("level"), held]),
        results=pl.DataFrame({"rule_id": [rule.id], "passed": [False], "failing_cnt": [3]}),
    )
    path = tmp_path / "held.xlsx"
    write_receipt(path, CONTRACT, {**INFO, "status": "held"}, part)
    assert len(table(path, "问题行")) == 4
    assert "暂缓入库" in texts(path, "汇总") and "暂缓入库" in texts(path, "说明")
    assert f"{rule.zh}（涉及 3 行）" in texts(path, "说明")


@pytest.mark.parametrize(
    ("code", "reason", "why", "todo"),
    [
        (
            "file_empty",
            "the file is empty\nwhere: population.csv\nwhy: it has no bytes",
            "没有任何内容",
            "重新导出",
        ),
        (
            "columns_missing",
            "required columns are missing: 身份证号、姓名\nwhere: x",
            "缺少必填的列：身份证号、姓名",
            "补上",
        ),
        (
            "structure_suspect",
            "the file cannot be read\nwhere: a.zip\nwhy: it unpacks to more than 8 GiB",
            "层层压缩",
            "只报送约定",
        ),
        (
            "no_contract",
            "No contract covers this file.\nwhere: police/x.csv",
            "没有与此文件对应的数据约定",
            "核对文件夹",
        ),
        ("", "something new and strange", "文件未能读取", "重新导出"),
        ("not_in_the_words", "the file is empty", "文件未能读取", "重新导出"),
    ],
)
def test_a_file_that_could_not_be_read_gets_a_receipt_too(
    tmp_path: Path, code: str, reason: str, why: str, todo: str
) -> None:
    info = {**INFO, "status": "rejected", "rows_read": 0, "rows_quarantined": 0, "reason": reason}
    info["error_code"] = code
    write_receipt(tmp_path / "unread.xlsx", None if "contract" in reason else CONTRACT, info, Findings())
    said = texts(tmp_path / "unread.xlsx", "说明")
    assert why in said and todo in said
    assert reason.splitlines()[0] in said  # nothing of the detail is lost
    assert "未能读取" in said and "一行入库" in said


def test_a_faultless_delivery_gets_a_short_one(tmp_path: Path) -> None:
    write_receipt(tmp_path / "none.xlsx", CONTRACT, {**INFO, "rows_quarantined": 0}, Findings())
    assert len(table(tmp_path / "none.xlsx", "问题行")) == 1
    assert "无须处理" in texts(tmp_path / "none.xlsx", "说明")
    assert openpyxl.load_workbook(tmp_path / "none.xlsx").sheetnames == ["说明", "汇总", "问题行"]


def test_rows_beyond_the_sheet_go_into_a_text_beside_it(tmp_path: Path) -> None:
    path, rest = write_receipt(tmp_path / "population.xlsx", CONTRACT, INFO, findings(), most=1)
    assert [row[0] for row in table(path, "问题行")[1:]] == ["4"]
    assert rest.name == "population.其余问题行.csv" and rest.name in texts(path, "说明")
    frame = pl.read_csv(rest, infer_schema=False)
    assert frame.get_column(frame.columns[0]).to_list() == ["5", "6"]
    assert frame.get_column(CONTRACT.column("id_number").header).to_list() == ["440308199901101513", "合计"]


def test_no_cell_of_the_text_is_a_formula(tmp_path: Path) -> None:
    _, rest = write_receipt(tmp_path / "population.xlsx", CONTRACT, INFO, findings(), most=0)
    first = pl.read_csv(rest, infer_schema=False).row(0, named=True)
    assert (
        first[CONTRACT.column("name").header] == """'=HYPERLINK("http://x")"""
        and first[CONTRACT.column("address").header] == "'+1"
    )


@pytest.mark.parametrize(
    ("file_name", "kind", "receipt"),
    [
        ("population.csv", "full", "population.xlsx"),
        ("population.2025-08.4401.csv.gz", "full", "population.2025-08.4401.xlsx"),
        ("population.xlsx", "mended", "population.mended.xlsx"),
        ("population", "full", "population.xlsx"),
    ],
)
def test_the_receipt_is_named_after_the_file(file_name: str, kind: str, receipt: str) -> None:
    assert receipt_name(file_name, kind) == receipt


# Raised in these rooms, but told to the data team or to whoever sits at the keyboard, never in a receipt.
NEVER_IN_A_RECEIPT = {
    "no_such_file",
    "inbox_empty",
    "nothing_delivered",
    "file_misplaced",
    "rows_lost",
    "release_refused",
    "file_vanished",
    "date_not_come",
    "delivery_",  # held or rejected by its checks: the receipt names the checks
}


def raised_codes() -> dict[str, str]:
    """The code of every error raised in the two rooms that read deliveries -> where; '' where it has none."""
    folders = (room("exchange") / "deliveries", room("flows") / "ingest")
    found: dict[str, str] = {}
    for path in (p for folder in folders for p in sorted(folder.glob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            given = [k.value for k in node.keywords if k.arg == "code"]
            if called == "unreadable":
                given = node.args[:1]
            if called in ("unreadable", "ZhaorenError"):
                for text in literals(given[0] if given else ast.Constant("")):
                    found[text] = f"{path.name}:{node.lineno}"
    return found


def literals(node: ast.AST) -> list[str]:
    """The texts a code may be: those of a conditional too; of an f-string, what it begins with."""
    if isinstance(node, ast.JoinedStr):
        return literals(node.values[0])
    if isinstance(node, ast.IfExp):
        return literals(node.body) + literals(node.orelse)
    return [str(node.value)] if isinstance(node, ast.Constant) else []


def test_more_rows_than_can_be_sent_back_is_said_in_chinese() -> None:
    """The reason reached the department in English."""
    assert reasons_zh(f"{TOO_MANY}; population.volume") == [words("receipt")["too_many"]]
    assert reasons_zh(f"{SAME_BYTES} as 20250905-population-12; x")[0].count("20250905-population-12") == 1
    assert reasons_zh("population.volume") == []


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "\n=1+1",
        " \u3000=1+1",
        "\ufeff=1+1",
        "\u200b@x",
        "＝1+1",
        "＋1",
        "－1",
        "＠x",
        "\t1",
        "\r\n-1",
    ],
)
def test_a_cell_that_a_spreadsheet_may_run_is_guarded_in_every_receipt(tmp_path: Path, cell: str) -> None:
    """tried §8 C: formulas behind a line break or with a full-width sign were handed out as they came."""
    found = replace(findings(), originals=findings().originals.with_columns(name=pl.lit(cell)))
    book, text = write_receipt(tmp_path / "population.xlsx", CONTRACT, INFO, found, most=1)
    rows = pl.read_csv(text, infer_schema=False)
    assert rows[CONTRACT.column("name").header][0].startswith("'")
    sheet = openpyxl.load_workbook(book)["问题行"]
    shown = next(c for c in sheet[2] if c.value and c.value == "'" + safe_text(cell))
    assert shown.quotePrefix and shown.data_type == "s"


def test_every_error_of_a_delivery_has_its_code_and_every_code_its_words() -> None:
    """A new kind of refusal needs a line in receipt.yaml, or the department reads only generalities."""
    raised = raised_codes()
    assert "" not in raised, raised[""]
    assert all(re.fullmatch("[a-z][a-z_]*", code) for code in raised)
    refusals = words("receipt")["refusals"]
    assert set(raised) - NEVER_IN_A_RECEIPT == set(refusals) - {OTHER}
    assert set(raised) >= NEVER_IN_A_RECEIPT
    assert all(kind["zh"] and kind["todo"] for kind in refusals.values())
