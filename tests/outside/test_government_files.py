"""Real files from open government portals: workbooks named .csv, GBK, titles, footers, 210 columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_contracts.loading.contracts import load_contracts
from exchange.deliveries.peeking import peek

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "government_files"
# file, format, encoding, header row, rows below it that hold anything (text: lines counted apart; workbooks:
# by their last serial number), named columns
FILES = [
    ("东城园国高新企业名单.csv", "xls", "utf-8", 1, 329, 3),
    ("北京市级生态农场授予名单.csv", "xls", "utf-8", 1, 76, 5),
    ("北京市顺义区建设项目配套节水设施竣工验收情况统计表.csv", "xls", "utf-8", 1, 22, 4),
    ("平谷区托育机构备案信息公开表.csv", "csv", "gb18030", 2, 29, 6),
    ("政府购买服务指导性目录 (1).csv", "csv", "gb18030", 3, 212, 5),
    ("清洁生产示范项目数据.csv", "csv", "gb18030", 1, 26, 11),
    ("顺义区标准化基地名录.csv", "csv", "gb18030", 2, 162, 7),
    ("顺义区行政处罚统计数据.csv", "csv", "utf-8", 3, 55, 3),
]
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the government files are not on this machine")


def test_every_file_is_among_the_cases() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(name for name, *_ in FILES)


@pytest.mark.parametrize(("name", "form", "encoding", "header", "rows", "columns"), FILES)
def test_a_government_file_is_read_whole(
    name: str, form: str, encoding: str, header: int, rows: int, columns: int
) -> None:
    found = peek(FOLDER / name, load_contracts())
    assert (found["format"], found["encoding"], found["header_row"]) == (form, encoding, header)
    assert (found["rows_read"], len(found["headers"])) == (rows, columns)
    assert found["contract"] is None and found["readable_as"] == "table"


def test_ids_lost_to_a_spreadsheet_are_counted() -> None:
    """Every id of this file stands as 2.67632E+17: seven of the units' codes too."""
    found = peek(FOLDER / "清洁生产示范项目数据.csv", load_contracts())
    assert found["looks_damaged"] == {
        "id": {"numbers_in_scientific_notation": 26},
        "实施单位统一社会信用代码": {"numbers_in_scientific_notation": 7},
    }
