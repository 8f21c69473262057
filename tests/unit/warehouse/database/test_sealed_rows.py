"""Good rows wait on the disk where nobody can read them, and come back as they were, as often as asked."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from cryptography.exceptions import InvalidTag
from polars.testing import assert_frame_equal

from warehouse.database.derived_keys import Pieces
from warehouse.database.staging import SealedRows

NUMBER = "440524188001010014"


def frame(first: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "row_no": [first, first + 1],
            "id_number": [NUMBER, None],
            "born": [date(1880, 1, 1), None],
            "yuan": pl.Series([Decimal("1.50"), None], dtype=pl.Decimal(18, 2)),
            "is_alive": [True, None],
        }
    )


def of_this_process(folder: Path) -> list[bytes]:
    """What the files without a name hold that this process has open in the folder."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the descriptor of this very listing
            found += [link.read_bytes()] if str(folder) in str(link.readlink()) else []
    return found


def test_rows_come_back_in_order_as_often_as_asked(tmp_path: Path) -> None:
    rows = SealedRows(tmp_path)
    assert list(rows) == []
    for place in range(4):
        rows.append(frame(place))
    one, other = iter(rows), iter(rows)
    for place in range(4):  # two readers at a time
        assert_frame_equal(next(one), frame(place))
        assert_frame_equal(next(other), frame(place))
    assert next(one, None) is None
    rows.append(frame(9))
    assert [rows_["row_no"][0] for rows_ in rows] == [0, 1, 2, 3, 9]


def test_two_frames_are_never_written(tmp_path: Path) -> None:
    rows = SealedRows(tmp_path / "nowhere")
    rows.append(frame(0))
    rows.append(frame(2))
    assert [part["row_no"][0] for part in rows] == [0, 2]


def test_on_the_disk_nothing_can_be_read_and_nothing_is_left(tmp_path: Path) -> None:
    rows = SealedRows(tmp_path)
    for place in range(3):
        rows.append(frame(place))
    assert list(rows)[0]["id_number"][0] == NUMBER
    assert not list(tmp_path.iterdir())
    held = of_this_process(tmp_path)
    assert len(held) == 1 and len(held[0]) > 1000
    assert NUMBER.encode() not in held[0] and b"id_number" not in held[0]
    del rows
    assert of_this_process(tmp_path) == []


def test_a_piece_belongs_to_its_place_and_key() -> None:
    pieces = Pieces(bytes(32))
    sealed = pieces.sealed(3, b"rows")
    assert pieces.opened(3, sealed) == b"rows"
    for other, place in ((pieces, 2), (Pieces(bytes([1] * 32)), 3)):
        with pytest.raises(InvalidTag):
            other.opened(place, sealed)
