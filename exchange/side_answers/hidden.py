"""What the hidden page says beside what a list needs: drop-downs, and the printed lines of each sheet."""

from __future__ import annotations

from dataclasses import dataclass

from exchange.answers.opening import Book
from exchange.form import HIDDEN_SHEET
from exchange.side_answers.declared import Declared


@dataclass(frozen=True)
class Printed:
    """One line as it was printed: the hidden page's cells about it, and the digest under each heading."""

    cells: dict[str, str]
    digests: dict[str, str]


@dataclass(frozen=True)
class Hidden:
    """The hidden page's columns by heading, each as long as it is filled."""

    columns: dict[str, list[str | None]]

    @property
    def values(self) -> dict[str, str]:
        """What the page says of the list as a whole: as_of, queue, place_code …"""
        return dict(self._pairs("key", "value"))

    def choices(self) -> dict[str, dict[str, str]]:
        """Group -> code -> Chinese, of every drop-down; `code` the results, `benefit` the benefits."""
        groups = [name.removesuffix("_zh") for name in self.columns if name.endswith("_zh")]
        found = {group: dict(self._pairs(f"{group}_code", f"{group}_zh")) for group in groups}
        return found | {
            "code": dict(self._pairs("code", "zh")),
            "benefit": dict(self._pairs("benefit_id", "benefit_zh")),
        }

    def printed(self, sheet: Declared) -> list[Printed]:
        """The sheet's printed lines, in order."""
        own = [name for name in self.columns if name.startswith(f"{sheet.prefix}_") and sheet.prefix]
        headings = [heading for heading in self.columns.get(f"{sheet.prefix}_digested", []) if heading]
        about = [name for name in own if not name.endswith(("_digested", "_digest"))]
        keys = self.columns.get(sheet.key, [])
        found = []
        for place in range(sum(1 for key in keys if key)):
            cells = {name: self.columns[name][place] or "" for name in about}
            digests = (self.columns.get(f"{sheet.prefix}_digest") or [None] * len(keys))[place] or ""
            found.append(Printed(cells, dict(zip(headings, digests.split(" "), strict=False))))
        return found

    def _pairs(self, key: str, value: str) -> list[tuple[str, str]]:
        both = zip(self.columns.get(key, []), self.columns.get(value, []), strict=False)
        return [(k, v) for k, v in both if k is not None and v is not None]


def read_hidden_columns(book: Book) -> Hidden:
    """The hidden page; empty where it is gone (exchange/answers refuses such a file)."""
    page = book.page(HIDDEN_SHEET)
    if page is None or page.text.is_empty():
        return Hidden({})
    return Hidden({str(page.text[0, name]): page.text[name][1:].to_list() for name in page.text.columns})
