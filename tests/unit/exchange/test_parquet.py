"""Parquet: an instant is a day in China, floats that key something are damage, no row or column is lost."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_contracts.cells.values import slow
from data_contracts.loading.contracts import load_contracts
from exchange.deliveries.reading import TextRows, read_delivery
from zhaoren.errors import ZhaorenError

RELIEF = load_contracts()["civil_affairs.temporary_relief"]
ROW: dict[str, Any] = {
    "救助编号": ["LS1"], "申请人身份证号": ["445224196103051034"], "申请人": ["陈试甲"],
    "申请日期": ["2025-08-20"], "审批日期": ["2025-09-01"], "审批结果": ["批准"], "致困原因": ["因病"],
    "救助金额": ["3000"],
}  # fmt: skip


def read(folder: Path, **columns: pa.Array) -> TextRows:
    path = folder / "temporary_relief.parquet"
    pq.write_table(pa.table(ROW | columns), path)
    return read_delivery(path, RELIEF)


INSTANT = dt.datetime(2025, 8, 31, 16, tzinfo=dt.UTC)
DAYS = {
    "in UTC": pa.array([INSTANT], pa.timestamp("us", "UTC")),
    "in nanoseconds": pa.array([INSTANT], pa.timestamp("ns", "UTC")),
    "with an offset": pa.array([INSTANT], pa.timestamp("ms", "-05:00")),
    "in China": pa.array([INSTANT], pa.timestamp("us", "Asia/Shanghai")),
    "without zone": pa.array([dt.datetime(2025, 9, 1)], pa.timestamp("us")),  # noqa: DTZ001
    "a day": pa.array([dt.date(2025, 9, 1)], pa.date32()),
    "a day in milliseconds": pa.array([dt.date(2025, 9, 1)], pa.date64()),
}


@pytest.mark.parametrize("kind", DAYS)
def test_an_instant_is_a_day_in_china(tmp_path: Path, kind: str) -> None:
    """Tried from outside, §8 B8 and §1 case 09: timestamps in UTC came a day early."""
    assert read(tmp_path, 审批日期=DAYS[kind]).frame["decided_date"].to_list() == ["2025-09-01"]


@pytest.mark.parametrize(
    "number", [4.45224e17, 2.0**53 + 2, 1.5, 12345.25, 44522400100201.5, 44522.0, float("inf")]
)
def test_a_float_keys_nothing(tmp_path: Path, number: float) -> None:
    """Tried from outside, §1 case 14: keys as floats in Parquet made one household of three families."""
    text = read(tmp_path, 救助编号=pa.array([number])).frame["relief_no"]
    answer = slow(text, "text", is_number=True).row(0, named=True)
    assert answer["value"] is None and answer["error"] in ("id_scientific", "id_float", "cell_error")


def test_whole_numbers_and_decimals_are_read_as_they_are(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        申请人身份证号=pa.array([445224196103051034]),
        救助金额=pa.array([3000.5]),
        审批结果=pa.array(["批准"]).dictionary_encode(),
        申请人=pa.array(["陈试甲".encode()], pa.binary()),
    ).frame.row(0, named=True)
    assert (found["id_number"], found["relief_yuan"]) == ("445224196103051034", "3000.5")
    assert (found["decision_code"], found["name"]) == ("批准", "陈试甲")


NO_CELLS = {
    "a list": pa.array([["陈试甲"]]),
    "a structure": pa.array([{"name": "陈试甲"}]),
    "a length of time": pa.array([dt.timedelta(1)]),
    "bytes": pa.array([b"\xff\xfe"]),
}


@pytest.mark.parametrize("kind", NO_CELLS)
def test_what_is_no_cell_is_refused_by_its_column(tmp_path: Path, kind: str) -> None:
    """Tried from outside, §8 B8's kind: such columns were read as the text of their braces, or as blank."""
    with pytest.raises(ZhaorenError, match="申请人 |column 3 ") as caught:
        read(tmp_path, 申请人=NO_CELLS[kind])
    assert "陈" not in str(caught.value)
