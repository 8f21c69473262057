"""A sheet's cells walked one by one, by their type: those that the quick reader shows as whole, or drops."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from xml.parsers import expat

from data_contracts.cells.damage import CELL_ERROR

# A number too long for a number: of 16 digits or more the last ones are lost.
LONG = r"[0-9]{16,}(?:\.0*)?|[0-9](?:\.[0-9]*)?[eE]\+?(?:1[5-9]|[2-9][0-9])"
_LONG = re.compile(LONG)
_REFERENCE = re.compile(r"\s*([A-Za-z]{1,3})([0-9]{1,7})\s*")
_NAMED_ERROR = re.compile(CELL_ERROR.replace(r"\x{", r"\x"))
# The errors that the reader knows; any other word in a cell of that type makes it refuse the workbook.
READ_ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")
# A formula's result of this kind may be an empty text; of any other it is missing when empty.
_TEXT_RESULT = "str"


@dataclass(frozen=True)
class OddCells:
    """fixes: (row, column, text as a spreadsheet shows it), from 1. first_column: of the first filled cell.

    unsolved_rows: how many rows hold formulas without a stored result and nothing else. has_unread_errors:
    whether an error is none of READ_ERRORS.
    """

    fixes: tuple[tuple[int, int, str], ...]
    first_column: int
    unsolved_rows: int
    has_unread_errors: bool = False


class _Cells:
    """Walks a sheet's cells in order: damaged ones by their type, wherever they say they are.

    A cell without a reference stands right of the one before it, a row without a number below the one before.
    """

    def __init__(self) -> None:
        self.fixes: list[tuple[int, int, str]] = []
        self.first_column = 0
        self.unsolved: set[int] = set()
        self.filled: set[int] = set()
        self.has_unread_errors = False
        self._row = self._column = 0
        self._kind, self._text, self._in_value, self._has_formula = "n", "", False, False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element opens."""
        tag = tag.rpartition(":")[2]
        if tag == "row":
            self._row = int(attributes["r"]) if attributes.get("r", "").isdecimal() else self._row + 1
            self._column = 0
        elif tag == "c":
            reference = _REFERENCE.fullmatch(attributes.get("r", ""))
            self._column = column_number(reference[1].encode()) if reference else self._column + 1
            self._row = int(reference[2]) if reference else self._row
            self._kind, self._text, self._has_formula = attributes.get("t", "n").strip(), "", False
        self._has_formula = self._has_formula or tag == "f"
        self._in_value = tag == "v"

    def text(self, text: str) -> None:
        """Text between two marks; only that of a value counts."""
        self._text += text if self._in_value else ""

    def end(self, tag: str) -> None:
        """An element closes; a cell is judged when it is whole."""
        self._in_value = False
        if tag.rpartition(":")[2] != "c":
            return
        text = self._text.strip()
        if not text and self._kind != "inlineStr":
            if self._has_formula and self._kind != _TEXT_RESULT:
                self.unsolved.add(self._row)
            return
        self.filled.add(self._row)
        self.first_column = min(self.first_column or self._column, self._column)
        if self._kind == "e":
            self.fixes.append((self._row, self._column, _error(text)))
            self.has_unread_errors = self.has_unread_errors or text not in READ_ERRORS
        elif self._kind in ("n", "") and _LONG.fullmatch(text):
            self.fixes.append((self._row, self._column, f"{float(text):.5E}"))


def _error(text: str) -> str:
    """An error as it is shown; a kind that nobody knows yet is an error all the same."""
    return text if _NAMED_ERROR.fullmatch(text) or text == "#N/A" else "#VALUE!"


def column_number(letters: bytes) -> int:
    """A = 1, Z = 26, AA = 27."""
    place = 0
    for letter in letters[:8].upper():
        place = place * 26 + letter - 64
    return place


def odd_cells(data: bytes, member: str) -> OddCells:
    """Cells the reader would write out as if whole, or drop, and rows it would not see.

    Raises what zip and XML readers raise (expat.ExpatError among it) when the sheet is damaged.
    """
    cells, parser = _Cells(), expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = cells.start, cells.end
    parser.CharacterDataHandler = cells.text
    with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(member) as stream:
        parser.ParseFile(stream)
    return OddCells(
        fixes=tuple(sorted(cells.fixes)),
        first_column=cells.first_column or 1,
        unsolved_rows=len(cells.unsolved - cells.filled),
        has_unread_errors=cells.has_unread_errors,
    )
