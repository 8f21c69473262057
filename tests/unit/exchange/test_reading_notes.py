"""What a reader notes of a file has its words in both languages, and holds no cell."""

from __future__ import annotations

import re

from exchange.reading_notes import NOTES, note
from exchange.words import words


def test_every_kind_of_note_has_words_for_both_readers() -> None:
    """Tried from outside, §1 case 20 and §8 A3: what the reader leaves out is told, not only by `peek`."""
    chinese = words("receipt")["reading"]
    assert set(chinese) == set(NOTES)
    for code, english in NOTES.items():
        fields = set(re.findall(r"\{(\w+)\}", english + chinese[code]))
        assert fields <= {"cnt", "place"}
        assert re.search(r"[\u4e00-\u9fff]", chinese[code]) and not re.search(r"[\u4e00-\u9fff]", english)
    assert str(note("sheets_unread", 2, "说明、备注")) == "sheets not read: 说明、备注"
