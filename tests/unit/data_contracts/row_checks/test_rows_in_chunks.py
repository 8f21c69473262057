"""A delivery in chunks: wherever it is cut, the answer is that on the whole."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from data_contracts.contract.code_tables import load_codes
from data_contracts.loading.contracts import load_contracts
from data_contracts.row_checks import accumulator
from data_contracts.row_checks.rows import CheckedDelivery, CheckedRows, check_delivery, check_rows
from divisions import area_codes
from tests.helpers.examples import costly

pytestmark = pytest.mark.slow

CONTRACT, CODES, AREAS = load_contracts()["medical_insurance.settlement"], load_codes(), area_codes()
# Few values per column, so that keys and whole rows meet again; clean ones first.
CELLS: dict[str, list[str | None]] = {
    "settlement_id": ["S1", "S2", "S3", "Ｓ１", "合计", None, "S" * 50],
    "id_number": [
        "440308199901101512", "'440308199901101512", "34052419800101001X", "440308199901101513", None,
    ],
    "name": ["张三", "张 三", "无"],
    "settlement_date": ["2025-01-05", "20250105", "2025-02-30", None],
    "care_type_code": ["普通住院", "住院", "理发"],
    "total_yuan": ["1000.00", "1,000", "2000000.01", "1"],
    "fund_pay_yuan": ["600"],
    "medical_aid_yuan": [None, "无"],
    "out_of_scope_yuan": ["0", "a"],
    "personal_burden_yuan": ["400.00", "-400"],
    "cash_pay_yuan": ["400", "1"],
    "settlement_status_code": ["正常"],
    "_extra": [None, None, None, None, None, "多"],
}  # fmt: skip
ROW = st.fixed_dictionaries(
    {
        # Mostly the first value: a row where everything is wrong says little about repeats.
        name: st.sampled_from([*cells, *cells[:1] * 3 * len(cells)])
        for name, cells in CELLS.items()
    }
)


def frame(rows: list[dict[str, str | None]], first: int = 2) -> pl.DataFrame:
    schema = {"row_no": pl.Int64, **dict.fromkeys(CELLS, pl.String)}
    return pl.DataFrame([{"row_no": first + at, **row} for at, row in enumerate(rows)], schema=schema)


def cut(text: pl.DataFrame, places: Iterable[int]) -> list[pl.DataFrame]:
    """The frame in pieces; as a reader gives them, without the extra cells where a piece has none."""
    ends = [0, *sorted({place % (text.height + 1) for place in places}), text.height]
    pieces = [text[start:end] for start, end in zip(ends, ends[1:], strict=False)]
    return [p.drop("_extra") if p["_extra"].null_count() == p.height else p for p in pieces]


def assert_same(found: CheckedDelivery, whole: CheckedRows) -> None:
    for name in ("rows_read", "rows_good", "rows_refused", "counts", "must_be_held", "unlisted_refused",
                 "unlisted_notes", "unlisted_repairs"):  # fmt: skip
        assert getattr(found, name) == getattr(whole, name), name
    for name in ("faults", "duplicates", "repairs", "stage", "references"):
        assert_frame_equal(getattr(found, name), getattr(whole, name))
    # `_extra` only comes with chunks that have any.
    assert_frame_equal(found.quarantined, whole.quarantined.select(found.quarantined.columns))
    missing = whole.quarantined.drop(found.quarantined.columns)
    assert all(missing[name].null_count() == missing.height for name in missing.columns)
    assert_frame_equal(pl.concat(found.good_chunks()), whole.good)
    assert found.rows_read == found.rows_good + found.rows_refused + found.duplicates.height


@costly
@given(st.lists(ROW, max_size=14), st.lists(st.integers(0, 20), max_size=4), st.booleans())
def test_chunks_change_nothing(
    rows: list[dict[str, str | None]], places: list[int], with_areas: bool
) -> None:
    areas = AREAS if with_areas else None
    text = frame(rows)
    pieces = cut(text, places)
    assert_same(check_delivery(pieces, CONTRACT, CODES, areas), check_rows(text, CONTRACT, CODES, areas))


CLEAN = {name: cells[0] for name, cells in CELLS.items()}


def in_pieces(*rows: dict[str, str | None]) -> CheckedDelivery:
    """Every row a chunk of its own."""
    text = frame([{**CLEAN, **row} for row in rows]).drop("_extra")
    pieces = [text[at : at + 1] for at in range(text.height)]
    return check_delivery(pieces, CONTRACT, CODES)


def test_repeats_and_conflicts_are_found_across_chunks() -> None:
    found = in_pieces({}, {"cash_pay_yuan": "1"}, {"settlement_date": "20250105"}, {"settlement_id": "S2"})
    assert found.duplicates["row_no"].to_list() == [4]
    assert found.faults.select("row_no", "rule_id").rows() == [(3, f"{CONTRACT.id}.key_conflict")]
    assert pl.concat(found.good_chunks())["row_no"].to_list() == [2, 5]


def test_a_refused_row_of_an_earlier_chunk_is_no_first_of_its_key() -> None:
    found = in_pieces({"total_yuan": "?"}, {"cash_pay_yuan": "1"}, {})
    assert pl.concat(found.good_chunks())["row_no"].to_list() == [3]
    assert found.faults["row_no"].to_list() == [2, 4]


def test_a_footer_that_begins_a_chunk_is_no_record() -> None:
    blank = dict.fromkeys(CLEAN)
    found = in_pieces({}, {**blank, "settlement_id": "合计", "total_yuan": "1000.00"})
    assert found.counts[f"{CONTRACT.id}.not_a_record"] == 1
    assert (found.rows_read, found.stage.height) == (2, 1)


def test_no_chunk_at_all() -> None:
    found = check_delivery([], CONTRACT, CODES)
    assert (found.rows_read, found.rows_good, pl.concat(found.good_chunks()).height) == (0, 0, 0)
    assert {"is_faulty", "has_id_number"} <= set(found.stage.columns)


def test_beyond_the_limit_rows_are_counted_and_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accumulator, "MAX_LISTED_REFUSED", 2)
    monkeypatch.setattr(accumulator, "MAX_LISTED_NOTES", 1)
    bad, noted = {"total_yuan": "?", "name": "张 三"}, {"personal_burden_yuan": "5000"}
    rows: list[dict[str, str | None]] = [
        {**row, "settlement_id": f"S{at}"} for at, row in enumerate([bad, noted, bad, noted, bad, bad])
    ]
    found = in_pieces(*rows)
    assert found.must_be_held
    assert (found.rows_read, found.rows_good, found.rows_refused) == (6, 2, 4)
    assert found.quarantined["row_no"].to_list() == [2, 4]
    assert found.faults["row_no"].to_list() == [2, 3, 4]
    assert (found.unlisted_refused, found.unlisted_notes, found.unlisted_repairs) == (2, 1, 3)
    assert found.counts[f"{CONTRACT.id}.total_yuan.type"] == 4
    assert found.stage["is_faulty"].sum() == 4


def test_each_chunk_is_looked_at_once_and_good_rows_are_given_as_often_as_asked() -> None:
    readings = iter([frame([CLEAN]), frame([{**CLEAN, "settlement_id": "S2"}], first=3)])
    found = check_delivery((text.drop("_extra") for text in readings), CONTRACT, CODES)
    for _ in range(2):
        assert [chunk["row_no"].to_list() for chunk in found.good_chunks()] == [[2], [3]]
