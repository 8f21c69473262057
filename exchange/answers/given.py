"""What the hidden page of a list says was handed out: whose list, which lines and codes, what it showed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from exchange.answers.opening import Book, Page, open_list
from exchange.answers.side_sheets import Declared
from exchange.form import HIDDEN_SHEET
from zhaoren.errors import ZhaorenError


@dataclass(frozen=True, kw_only=True)
class Given:
    """Alert to line number, code and benefit to Chinese; the headings, and the digests of each line.

    alert_of: the case number that is printed -> the alert of the line.

    A list of an earlier version has neither headings nor digests.
    """

    as_of: date
    place_code: str
    queue: str
    version: str
    seq_of: dict[str, str]
    codes: dict[str, str]
    benefits: dict[str, str]
    headings: tuple[str, ...] = ()
    digests: dict[str, dict[str, str]]
    alert_of: dict[str, str] = field(default_factory=dict)

    @property
    def printed(self) -> set[str]:
        """The case numbers as the list shows them."""
        return set(self.alert_of) or set(self.seq_of)


def read_hidden(book: Book) -> Given:
    """Read the hidden page of a list; raises ZhaorenError if it is gone or altered."""
    page = book.page(HIDDEN_SHEET)
    if page is None or page.text.is_empty():
        raise ZhaorenError(
            "不是本系统发出的名单，或隐藏的校验页丢了（not one of our lists, or its hidden page is gone）",
            where=book.file_name,
            why="没有校验页就不知道是哪个站、哪一期的名单",
            todo="请在原来发的文件里填写，并把整个文件交回（fill in and return the whole original file）",
            code="hidden_page_missing",
        )
    try:
        return _given(page)
    except (KeyError, ValueError) as error:
        raise altered(book.file_name, type(error).__name__) from error


def altered(file_name: str, why: str) -> ZhaorenError:
    """The error for a hidden page that says what we did not write."""
    return ZhaorenError(
        "名单的校验页被改动过（the hidden page was altered）",
        where=f"{file_name}, {HIDDEN_SHEET}",
        why=why,
        todo="请在原来发的文件里重新填写（fill in the original file)",
        code="hidden_page_altered",
    )


def _given(page: Page) -> Given:
    columns = {str(page.text[0, name]): page.text[name][1:].to_list() for name in page.text.columns}
    keys = _pairs(columns, "key", "value")
    digested = [heading for heading in columns.get("digested", []) if heading]
    parts_of = _pairs(columns, "alert_id", "digest") if "digest" in columns else {}
    digests = {case: text.split(" ") for case, text in parts_of.items()}
    return Given(
        as_of=date.fromisoformat(keys["as_of"]),
        place_code=keys["place_code"],
        queue=keys["queue"],
        version=keys["version"],
        seq_of=_pairs(columns, "alert_id", "seq"),
        codes=_pairs(columns, "code", "zh"),
        benefits=_pairs(columns, "benefit_id", "benefit_zh"),
        headings=tuple(heading for heading in columns.get("heading", []) if heading),
        digests={case: dict(zip(digested, parts, strict=True)) for case, parts in digests.items()},
        alert_of=_pairs(columns, "case_no", "alert_id") if "case_no" in columns else {},
    )


def _pairs(columns: dict[str, list], key: str, value: str) -> dict[str, str]:
    """Two columns of the hidden page as a mapping; shorter columns end in nulls."""
    both = zip(columns.get(key, []), columns.get(value, []), strict=True)
    return {k: v for k, v in both if k is not None and v is not None}


def list_kind(book: Book) -> str:
    """What the hidden page says a list is: need, compliance or identity. ZhaorenError as read_feedback."""
    return read_hidden(book).queue


def list_version(path: Path) -> str:
    """The version of rules and code that made a list, from its hidden page. ZhaorenError as list_kind."""
    return read_hidden(open_list(path)).version


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
