"""Files in the form that open government portals publish: workbooks named .csv, GBK, titles, 210 columns.

Made-up contents; form and size are those of eight real files (tests/data/README.md).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from data_contracts.loading.contracts import load_contracts
from exchange.deliveries.peeking import peek

FOLDER = Path(__file__).resolve().parents[1] / "data" / "government_files"
# file, format, encoding, header row, rows below it that hold anything (text: lines counted apart; workbooks:
# by their last serial number), named columns
FILES = [
    ("高新企业名单.csv", "xls", "utf-8", 1, 329, 3),
    ("生态农场授予名单.csv", "xls", "utf-8", 1, 76, 5),
    ("节水设施竣工验收情况统计表.csv", "xls", "utf-8", 1, 22, 4),
    ("托育机构备案信息公开表.csv", "csv", "gb18030", 2, 29, 6),
    ("政府购买服务指导性目录 (1).csv", "csv", "gb18030", 3, 212, 5),
    ("清洁生产示范项目数据.csv", "csv", "gb18030", 1, 26, 11),
    ("标准化基地名录.csv", "csv", "gb18030", 2, 162, 7),
    ("行政处罚统计数据.csv", "csv", "utf-8", 3, 55, 3),
]


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
    """Every id of this file stands as 2.67632E+16: seven of the units' codes too.

    The latter's header is none of ours, so only its shape is shown: it might be a person's cell.
    """
    found = peek(FOLDER / "清洁生产示范项目数据.csv", load_contracts())
    assert found["looks_damaged"] == {
        "id": {"numbers_in_scientific_notation": 26},
        "column 11 (12 Chinese characters)": {"numbers_in_scientific_notation": 7},
    }
