"""Web pages saved as .xls, which many government systems export: their tables, as text."""

from __future__ import annotations

from html.parser import HTMLParser

from exchange import limits

_CELLS = ("td", "th")
_MOST_SPAN = 1000
Row = tuple[str | None, ...]


class _Tables(HTMLParser):
    """Tables as rows of cells. A merged cell's value stands in its first place only."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str | None]]] = []
        self._open: list[list[list[str | None]]] = []
        self._cell: list[str] | None = None
        self._span = 1
        self._below: set[tuple[int, int, int]] = set()
        self._size = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._end_cell()
            self._open.append([])
            self.tables.append(self._open[-1])
        elif tag == "tr" and self._open:
            self._end_cell()
            self._open[-1].append([])
        elif tag in _CELLS and self._open and self._open[-1]:
            self._end_cell()
            named = dict(attrs)
            self._span = _number(named.get("colspan"))
            self._make_room(_number(named.get("rowspan")))
            self._cell = []
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in (*_CELLS, "tr", "table"):
            self._end_cell()
        if tag == "table" and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _make_room(self, rows: int) -> None:
        """Leave blank what a cell from above covers; remember what this one covers below."""
        table = self._open[-1]
        row, at = table[-1], len(table) - 1
        while (covered := (id(table), at, len(row))) in self._below:
            self._below.remove(covered)
            row.append(None)
        self._grow(self._span * rows)
        for under in range(at + 1, min(at + rows, at + _MOST_SPAN)):
            for place in range(len(row), len(row) + self._span):
                self._below.add((id(table), under, place))

    def _grow(self, cells: int) -> None:
        self._size += cells
        if self._size > limits.MOST_HTML_CELLS:
            raise ValueError(f"its tables have more than {limits.MOST_HTML_CELLS} cells")

    def _end_cell(self) -> None:
        if self._cell is None or not self._open or not self._open[-1]:
            self._cell = None
            return
        text = "".join(self._cell).replace("\xa0", " ").strip()
        self._open[-1][-1] += [text or None, *[None] * (self._span - 1)]
        self._cell = None


def _number(span: str | None) -> int:
    text = (span or "1").strip()
    return min(max(int(text), 1), _MOST_SPAN) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def web_tables(page: str) -> list[list[Row]]:
    """The page's tables that hold cells, the one with the most first; the rows of each are equally long.

    ValueError when merged cells would make an unreasonable table.
    """
    parser = _Tables()
    parser.feed(page)
    parser.close()
    filled = [table for table in parser.tables if any(map(len, table))]
    return [_squared(table) for table in sorted(filled, key=lambda table: -sum(map(len, table)))]


def _squared(table: list[list[str | None]]) -> list[Row]:
    width = min(max(len(row) for row in table), limits.MOST_COLUMNS)
    return [tuple([*row, *[None] * (width - len(row))][:width]) for row in table]
