"""Finding the header row among titles, and telling which column each header is."""

from __future__ import annotations

import difflib
import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from data_contracts.contract.model import Column, Contract

SEARCHED_ROWS = 20
LEAST_MATCHES = 2
# A longer cell is no header.
LONGEST_HEADER = 200
# Wider rows are not tried as the lower half of a header.
MOST_JOINED = 500
_DECORATION = re.compile(r"[\s*\"'“”_:\u200b-\u200f\ufeff]")
# An ID number, whole or as a spreadsheet rounds it: no title, note or header holds one.
ID_LIKE = r"(?:^|[^0-9])[1-9][0-9]{14}(?:[0-9]{2}[0-9Xx])?(?:$|[^0-9])|^[1-9]\.[0-9]+[eE]\+?1[4-7]$"
_LONG_NUMBER = re.compile(r"[0-9]{14,}")
# A cell that is a value and nothing else: a date, a long number, an amount.
VALUE = re.compile(r"^[0-9]{4}[-/.][0-9]{1,2}([-/.][0-9]{1,2})?$|^[0-9]{6,}$|^[0-9]+\.[0-9]+$")
# Headers that no contract promises and many files have.
_USUAL_HEADERS = (
    *(
        "序号",
        "备注",
        "说明",
        "电话",
        "手机",
        "联系人",
        "联系方式",
        "地址",
        "单位",
        "编号",
        "年龄",
        "民族",
        "街道",
        "社区",
    ),
    *(
        "乡镇",
        "村居",
        "填报人",
        "证件号码",
        "证件类型",
        "开户银行",
        "账号",
        "卡号",
        "状态",
        "类别",
        "数量",
        "日期",
        "金额",
    ),
)
_NAMELESS = re.compile(r"(unnamed|列|column)?[0-9]*(level[0-9]+)?")


@dataclass(frozen=True, kw_only=True)
class HeaderMatch:
    """How a file's header row fits a contract. places: position in the file -> column name."""

    headers: tuple[str, ...]
    places: Mapping[int, str]
    renamed: Mapping[str, str]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    missing_required: tuple[str, ...]
    share: float


def plain(header: str | None) -> str:
    """A header without what departments decorate it with: width, spaces, stars, quotes, line breaks.

    Nothing is left of a name that a program gave to a column without one (Unnamed: 3).
    """
    if not header or len(header) > LONGEST_HEADER or header.startswith("Unnamed: "):
        return ""
    folded = unicodedata.normalize("NFKC", header)
    bare = _DECORATION.sub("", folded).lower()
    return "" if _NAMELESS.fullmatch(bare) else bare


@functools.lru_cache(4096)
def _term(text: str) -> str:
    """`plain` of an agreed term; a delivery's own cells are not kept."""
    return plain(text)


def terms(column: Column) -> tuple[str, ...]:
    """All that a column may be called: the agreed header, declared aliases, the everyday term, our name."""
    return tuple(_term(text) for text in (column.header, *column.aliases, column.zh, column.name))


def find_header(rows: Sequence[Sequence[str | None]], contracts: Iterable[Contract]) -> int | None:
    """The place of the row that holds any contract's headers; None when none holds two of them.

    A contract of one or two columns needs all of them. Of a header of two rows it is the lower one's place:
    header_cells gives the two together.
    """
    wanted = [
        ({t for c in contract.columns for t in terms(c)}, len(contract.columns)) for contract in contracts
    ]
    known = [{text for cell in row if (text := plain(cell))} for row in rows[:SEARCHED_ROWS]]
    counts = [_most(cells, wanted) for cells in known]
    best = max(counts, default=0)
    # The first that has half as many: a header that stands again further down must not hide the rows between.
    place = next((at for at, count in enumerate(counts) if count and count * 2 >= best), None)
    if place is None:
        return None
    for lower in (place + 1, place):
        if 0 < lower < len(known) and known[lower - 1] and known[lower] and len(rows[lower]) <= MOST_JOINED:
            joined = max(_most({plain(c) for c in both}, wanted) for both in _joined(rows, lower))
            if joined > counts[lower] and joined > counts[place]:
                return lower
    return place


def header_cells(
    rows: Sequence[Sequence[str | None]], place: int, contracts: Iterable[Contract]
) -> tuple[list[str | None], int]:
    """The header's cells, and how many rows it has: 2 where the row above gives headers that it lacks."""
    alone = list(rows[place])
    if place == 0 or len(alone) > MOST_JOINED:
        return alone, 1
    wanted = [
        ({t for c in contract.columns for t in terms(c)}, len(contract.columns)) for contract in contracts
    ]
    joined = max(_joined(rows, place), key=lambda cells: _most({plain(c) for c in cells}, wanted))
    better = _most({plain(c) for c in joined}, wanted) > _most({plain(c) for c in alone}, wanted)
    return (joined, 2) if better else (alone, 1)


def _joined(rows: Sequence[Sequence[str | None]], place: int) -> tuple[list[str | None], list[str | None]]:
    """Two rows as one header: the upper's cell where the lower has none; or the upper's before the lower's.

    A merged cell's text stands in its first place only and reaches to the next one.
    """
    lower = list(rows[place])
    upper = [*rows[place - 1], *[None] * len(lower)][: len(lower)]
    filled = [low or up for up, low in zip(upper, lower, strict=True)]
    over, spread = "", []
    for up, low in zip(upper, lower, strict=True):
        over = up or (over if low else "")
        spread.append((over + (low or "")) or None)
    return filled, spread


def _most(cells: set[str], wanted: Sequence[tuple[set[str], int]]) -> int:
    found = [len(cells & names) for names, _ in wanted]
    enough = [min(LEAST_MATCHES, size) for _, size in wanted]
    return max((n for n, least in zip(found, enough, strict=True) if n >= least), default=0)


def match_headers(cells: Sequence[str | None], contract: Contract) -> HeaderMatch:
    """Match by the agreed header first, then by alias, everyday term and our own name where unambiguous.

    A header that stands twice is matched the first time only; the second is unknown. Columns without a
    header are not named among the unknown.
    """
    headers = _without_empty_tail(cells)
    plainly = [plain(header) for header in headers]
    places = _claim(plainly, {_term(c.header): c.name for c in contract.columns}, {})
    rest = [c for c in contract.columns if c.name not in places.values()]
    places = _claim(plainly, {_term(a): c.name for c in rest for a in c.aliases}, places)
    for term in ("zh", "name"):
        places = _claim(plainly, {_term(getattr(c, term)): c.name for c in rest}, places)
    found = set(places.values())
    missing = [c for c in contract.columns if c.name not in found]
    agreed = {place: contract.column(name).header for place, name in places.items()}
    return HeaderMatch(
        headers=headers,
        places=dict(sorted(places.items())),
        renamed={headers[p]: header for p, header in agreed.items() if headers[p].strip() != header},
        unknown=tuple(h for place, h in enumerate(headers) if place not in places and plainly[place]),
        missing=tuple(c.header for c in missing),
        missing_required=tuple(c.header for c in missing if c.required),
        share=len(found) / len(contract.columns),
    )


def looks_glued(match: HeaderMatch, below: Sequence[Sequence[str | None]]) -> bool:
    """Whether the first row of data stands in the header: no line end parts the two.

    Then a header holds an ID number, or two of them are values; or behind the last agreed one come headers
    where none of the rows below has a cell.
    """
    odd = [name for place, name in enumerate(match.headers) if place not in match.places]
    if any(_LONG_NUMBER.search(name) for name in odd) or sum(bool(VALUE.search(name)) for name in odd) > 1:
        return True
    widest = max((len(row) for row in below), default=len(match.headers))
    tail = [name for name in match.headers[max(widest, max(match.places, default=-1) + 1) :] if plain(name)]
    return len(tail) > 1


def vocabulary(contracts: Iterable[Contract]) -> frozenset[str]:
    """All that a header may be called, in pieces of two characters (Chinese) or whole words (Latin)."""
    words = {term for contract in contracts for column in contract.columns for term in terms(column)}
    pairs = {text[at : at + 2] for text in (*words, *_USUAL_HEADERS) for at in range(len(text) - 1)}
    latin = {
        part for contract in contracts for c in contract.columns for part in re.split("_", c.name.lower())
    }
    return frozenset(pairs | latin)


def shown(header: str, place: int, known: frozenset[str], near: str | None = None) -> str:
    """A header made of agreed words as it is; of any other only its shape and place, counted from 1.

    A damaged file puts a person into its header, and a name cannot be told from a word. `near`: an agreed
    header that it may stand for; with one character changed it is still shown.
    """
    if near and sum(c not in near and c.isalnum() for c in header) < 2:
        return header
    bare = plain(header)
    pairs = [bare[at : at + 2] in known for at in range(len(bare) - 1)]
    covered = [a or b for a, b in zip([False, *pairs], [*pairs, False], strict=True)] if bare else []
    latin = [part for part in re.split(r"[\W_]+", header.strip().lower()) if part]
    if (covered and all(covered)) or (latin and header.isascii() and all(p in known for p in latin)):
        return header
    han, digits = len(re.findall(r"[\u3400-\u9fff]", header)), len(re.findall("[0-9]", header))
    other = len(header.strip()) - han - digits
    counts = ((han, "Chinese characters"), (digits, "digits"), (other, "others"))
    shape = ", ".join(f"{cnt} {what}" for cnt, what in counts if cnt)
    return f"column {place} ({shape})" if shape else ""


def rows_like_data(rows: pl.DataFrame, columns: int) -> int:
    """How many rows are filled like those of a table of so many columns, though they are not in it.

    As full as half the header and not without a digit, as every record is; or with an ID number and more.
    A note, a title or a code list is not. `rows`: String columns.
    """
    if not rows.width or not rows.height:
        return 0
    texts = pl.all().exclude("row_no").fill_null("")
    least = min(columns, max(2, (columns + 1) // 2))
    shape = rows.select(
        filled=pl.sum_horizontal(texts.str.contains(r"\S").cast(pl.Int32)),
        digits=pl.any_horizontal(texts.str.contains(r"[0-9０-９]")),
        id_like=pl.any_horizontal(texts.str.contains(ID_LIKE)),
    )
    like = ((pl.col("filled") >= least) & pl.col("digits")) | ((pl.col("filled") > 1) & pl.col("id_like"))
    return int(shape.select(like.sum()).item())


def nearest(header: str, candidates: Sequence[str]) -> str | None:
    """The candidate a drifted header may stand for, if any is close."""
    close = difflib.get_close_matches(header[:80], candidates, n=1, cutoff=0.6)
    return close[0] if close else None


def _claim(plainly: Sequence[str], names: Mapping[str, str], places: Mapping[int, str]) -> dict[int, str]:
    claimed, taken = dict(places), set(places.values())
    for place, header in enumerate(plainly):
        name = names.get(header) if header else None
        if place not in claimed and name and name not in taken:
            claimed[place] = name
            taken.add(name)
    return claimed


def _without_empty_tail(cells: Sequence[str | None]) -> tuple[str, ...]:
    headers = [(cell or "").strip()[:LONGEST_HEADER] for cell in cells]
    while headers and not plain(headers[-1]):
        headers.pop()
    return tuple(headers)
