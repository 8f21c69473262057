"""Archived files come back as they were, from either format, and no byte of them can change unseen."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from warehouse.database import archive
from warehouse.database.archive import keep, opens, refuse_damaged, rekey, restore
from warehouse.database.derived_keys import box_of
from zhaoren.errors import ZhaorenError

KEY, NEW, OTHER = "the key of the tests", "the new key of the tests", "a key of nobody here"
ORIGINAL = "身份证号,姓名\n".encode() * 40
SHA = hashlib.sha256(ORIGINAL).hexdigest()
Keep = Callable[[Path], Path]


def kept_now(folder: Path) -> Path:
    source = folder / "roll.csv"
    source.write_bytes(ORIGINAL)
    return keep(folder, source, SHA, KEY)


def kept_first(folder: Path) -> Path:
    """As the first format wrote it."""
    path = folder / SHA[:2] / f"{SHA}.fernet"
    path.parent.mkdir()
    pieces = (ORIGINAL[at : at + archive.CHUNK] for at in range(0, len(ORIGINAL), archive.CHUNK))
    box = box_of(KEY, "archive")
    path.write_bytes(b"".join(box.encrypt(zlib.compress(piece, 1)) + b"\n" for piece in pieces))
    return path


@pytest.fixture(params=[kept_now, kept_first])
def kept(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(archive, "CHUNK", 300)
    path: Path = request.param(tmp_path)
    return path


def back(kept: Path, key: str = KEY) -> bytes:
    return restore(kept.parent.parent, SHA, key, kept.parent.parent / "back").read_bytes()


def test_it_comes_back_under_its_key_alone(kept: Path) -> None:
    assert ORIGINAL[:9] not in kept.read_bytes()
    assert back(kept) == ORIGINAL
    assert (opens(kept, KEY), opens(kept, OTHER)) == (True, False)
    with pytest.raises(ZhaorenError, match="another key"):
        back(kept, OTHER)


def test_no_byte_can_be_changed_and_no_piece_left_out_or_moved(kept: Path) -> None:
    whole = kept.read_bytes()
    spoilt = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(0, len(whole) - 1, 7)]
    half = len(whole) // 2
    spoilt += [whole[:half], whole[:-1] if not whole.endswith(b"\n") else whole[:-2], whole + whole[4:]]
    for data in spoilt:
        kept.write_bytes(data)
        with pytest.raises(ZhaorenError) as raised:
            refuse_damaged(kept.parent.parent, SHA, KEY)
        assert raised.value.code == "archive_unreadable"


def test_another_key_is_put_in_the_former_ones_place(kept: Path) -> None:
    for _ in range(2):  # the second time there is nothing to do
        assert rekey(kept.parent.parent, KEY, NEW, lambda *_: None).damaged == ()
        assert (opens(kept, NEW), opens(kept, KEY)) == (True, False)
    assert back(kept, NEW) == ORIGINAL


def test_a_damaged_piece_stays_while_the_others_get_the_new_key(kept: Path) -> None:
    whole = bytearray(kept.read_bytes())
    whole[40] ^= 1  # in the first piece
    kept.write_bytes(whole)
    before = len(whole)
    for _ in range(2):
        assert rekey(kept.parent.parent, KEY, NEW, lambda *_: None).damaged == (SHA,)
    after = kept.read_bytes()
    assert (len(after), after[:60]) == (before, bytes(whole[:60]))
    after = after[:40] + bytes([after[40] ^ 1]) + after[41:]
    kept.write_bytes(after)
    assert opens(kept, KEY)  # the first piece, once it is whole again, is under the former key
    with pytest.raises(ZhaorenError):
        back(kept)  # and the others are not


def test_the_new_format_is_the_smaller_one(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert kept_now(tmp_path / "a").stat().st_size < kept_first(tmp_path / "b").stat().st_size
