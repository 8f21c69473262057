"""A first draft of a contract from a sample: what the cells show, and TODO where a person decides.

A header that our other contracts know gets the same name, way of reading and classification; the others are
inferred from their values, and named by their sound only where no name is looked for. The draft holds
nothing of a person: of the cells only short lists of codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from data_contracts.authoring.column_names import (
    REQUIRED,
    known_headers,
    one_each,
    plain_header,
    required_names,
    suffixed,
    transliterated,
)
from data_contracts.cells import values
from data_contracts.contract.code_tables import CodeTable
from data_contracts.contract.model import KEYED_HASH, Column, Contract

SURE = 0.95  # of the filled cells must read as a type for it to be taken
ID_SURE = 0.8  # a check digit that fits by chance does so once in eleven
# A column with so few distinct values is a code, unless the sample is too short to show more.
MOST_CODES = 12
FEW_ROWS = 20
TRIED = ("cn_id", "bool", "date", "month", "timestamp", "int", "yuan", "number")
LOGICAL = {"date": "date", "month": "date", "yuan": "number", "number": "number", "int": "integer",
           "bool": "boolean", "timestamp": "timestamp", "time": "time"}  # fmt: skip
PHYSICAL = {"date": "DATE", "month": "DATE", "yuan": "DECIMAL(18,2)", "int": "BIGINT", "bool": "BOOLEAN",
            "number": "DOUBLE", "timestamp": "TIMESTAMP", "time": "TIME"}  # fmt: skip
MONEY = r"[元¥￥]|金额|费|款|工资|收入|补贴|津贴|保障金|amount|price|yuan"
PERSONAL = {
    "name": r"^(?!.*(名称|单位|机构|学校|医院)).*(姓名|名字|户主|负责人|联系人|法定代表人)|(^|_)name$",
    "text": r"电话|手机|联系方式|住址|地址|银行|卡号|账号|帐号|邮箱|微信|phone|mobile|address|email|account",
}
OPEN_TEXT = (
    "classification: as a text it stays in the vault; give it a code table, or inCore keyed_hash if it is a "
    "number that is compared"
)
SENSITIVE = r"病|诊断|残疾|犯|刑|宗教|民族|婚|health|religion|race"


@dataclass(frozen=True)
class Drafted:
    """One column as drafted, and what a person must still decide about it (English, for the data team)."""

    column: Column
    todos: tuple[str, ...] = ()
    enum: tuple[str, ...] = ()


# A value that is shown in a draft is short and stands in many rows: a name or a note seldom does.
LONGEST_CODE, LEAST_SHARE = 8, 0.05
WRITTEN = r"人$|人员|备注|说明|意见|原因|事由|名称|单位|学校|村|社区|小区|街|路|remark|note|comment|person"
# Headers of days that may be yet to come: an expiry, a planned end, a next review.
AHEAD = r"有效期|到期|截止|终止|期满|届满|预计|预期|计划|下次|至$"


def draft_columns(
    text: pl.DataFrame, headers: Sequence[str], known: Mapping[str, Contract], codes: Mapping[str, CodeTable]
) -> list[Drafted]:
    """One draft per column of `text` (String columns in the headers' order; row_no is skipped)."""
    cells = [text[name] for name in text.columns if name not in ("row_no", "_extra")]
    familiar = known_headers(known)
    drafts: list[Drafted] = []
    for number, (header, column) in enumerate(zip(headers, cells, strict=True), start=1):
        tried = (_familiar(header, like, column, codes) for like in familiar.get(plain_header(header), ()))
        drafted = next(filter(None, tried), None)
        drafts.append(drafted or _inferred(header, number, column, codes))
    return _keyed(_named(drafts), text, cells)


def _familiar(header: str, like: Column, cells: pl.Series, codes: Mapping[str, CodeTable]) -> Drafted | None:
    """A header that another contract knows; None when the cells do not read that way."""
    if _share_read(cells, like.reads_as, codes.get(like.codes or ""), like.unit) < ID_SURE:
        return None
    kept = {key: value for key, value in like.options.items() if key not in ("minLength", "pattern")}
    column = replace(
        like, header=header, required=_always(cells), key_position=None, aliases=(), options=kept
    )
    return Drafted(column, ("level is taken from another contract",) if like.level != "reject_row" else ())


def _inferred(header: str, number: int, cells: pl.Series, codes: Mapping[str, CodeTable]) -> Drafted:
    todos = []
    reads_as, table, enum = _kind(header, cells, codes)
    name, is_sure = transliterated(header, number)
    if not is_sure:
        todos.append("name: an English name, the same as for this quantity elsewhere")
    classification = _classification(header, reads_as)
    if classification == "identifier" and reads_as == "text" and re.search(PERSONAL["name"], header):
        reads_as = "name"
    if reads_as == "text":  # whoever can write anything can write a name
        classification = "identifier"
        todos.append(OPEN_TEXT)
    elif classification != "internal":
        todos.append(f"classification: guessed {classification}")
    if enum:
        todos.append("enum: the values of this sample; make a code table of them, or drop it")
    unit = None
    if reads_as == "yuan":
        unit = "wan_yuan" if "万元" in header else "yuan"
        todos.append(f"unit: guessed {unit}")
    column = Column(
        name=suffixed(name, reads_as),
        header=header,
        zh=header,
        reads_as=reads_as,
        logical_type=LOGICAL.get(reads_as, "string"),
        required=_always(cells),
        classification=classification,
        codes=table,
        unit=unit,
        options=_options(reads_as, cells),
        may_lie_ahead=reads_as in ("date", "month", "timestamp") and bool(re.search(AHEAD, header)),
    )
    return Drafted(column, tuple(todos), enum)


def _kind(
    header: str, cells: pl.Series, codes: Mapping[str, CodeTable]
) -> tuple[str, str | None, tuple[str, ...]]:
    """(way of reading, code table, values of a short list that no table knows)."""
    filled = cells.drop_nulls()
    if filled.is_empty():
        return "text", None, ()
    for reads_as in TRIED:
        if reads_as not in values.DTYPES or (reads_as == "yuan" and not re.search(MONEY, header)):
            continue
        if _share_read(filled, reads_as, None, "yuan") >= (ID_SURE if reads_as == "cn_id" else SURE):
            # Long numbers are numbers of things (cards, cases), never amounts; so are those with leading 0.
            if reads_as in ("int", "number") and filled.str.contains(r"^0[0-9]|^[0-9]{12,}").any():
                break
            return reads_as, None, ()
    distinct = filled.unique().sort()
    if distinct.len() > MOST_CODES or filled.len() < max(FEW_ROWS, 3 * distinct.len()):
        return "text", None, ()
    for name in sorted(codes):
        if set(distinct) <= {label for one in codes[name].values for label in (one.zh, *one.aliases)}:
            return "code", name, ()
    return "text", None, tuple(distinct) if _may_be_shown(header, filled) else ()


def _may_be_shown(header: str, filled: pl.Series) -> bool:
    """Whether a short list of values is one of codes and not of people: a draft goes into repositories."""
    if re.search(WRITTEN, header, re.IGNORECASE) or any(
        re.search(form, header, re.IGNORECASE) for form in PERSONAL.values()
    ):
        return False
    rarest = int(filled.value_counts()["count"].min())  # type: ignore[arg-type]
    longest = int(filled.str.len_chars().max())  # type: ignore[arg-type]
    return longest <= LONGEST_CODE and rarest >= LEAST_SHARE * filled.len()


def _share_read(cells: pl.Series, reads_as: str, table: CodeTable | None, unit: str | None) -> float:
    """Share of the filled cells that read as this type; 0 when none is filled."""
    distinct = cells.drop_nulls().unique()
    if distinct.is_empty():
        return 1.0
    labels = table.label_map() if table else None
    if reads_as == "code" and labels is None:
        return 0.0
    answer = values.slow(distinct, reads_as, labels, unit or "yuan")
    return float((answer["error"].is_null()).sum()) / distinct.len()


def _always(cells: pl.Series) -> bool:
    return cells.len() > 0 and cells.null_count() == 0


def _options(reads_as: str, cells: pl.Series) -> dict[str, Any]:
    if reads_as == "date":
        return {"format": "yyyy-MM-dd", "minimum": "1900-01-01", "maximum": "2099-12-31"}
    if reads_as == "month":
        return {"format": "yyyy-MM", "minimum": "1900-01-01", "maximum": "2099-12-01"}
    if reads_as in ("text", "name"):
        # Twice the longest seen, rounded up to tens: the sample is not the longest there is.
        longest = int(cells.str.len_chars().max() or 0)  # type: ignore[arg-type]
        return {"maxLength": max(20, 10 * -(-2 * longest // 10))}
    if reads_as in ("yuan", "int", "number") and not cells.str.contains(r"^\s*[-－]").any():
        return {"minimum": 0}
    return {}


def _classification(header: str, reads_as: str) -> str:
    if reads_as == "cn_id" or any(re.search(form, header, re.IGNORECASE) for form in PERSONAL.values()):
        return "identifier"
    return "sensitive" if re.search(SENSITIVE, header, re.IGNORECASE) else "internal"


def _named(drafts: Sequence[Drafted]) -> list[Drafted]:
    """The drafts under their final names; a required name that no contract gave is marked for a person."""
    names = one_each(required_names([draft.column for draft in drafts]))
    found = []
    for draft, name in zip(drafts, names, strict=True):
        todos = draft.todos
        if name != draft.column.name and name in REQUIRED:
            whose = f"name: {name} is that of the person a row is about; is it?"
            todos = (whose, *(todo for todo in todos if not todo.startswith("name:")))
        found.append(replace(draft, column=replace(draft.column, name=name), todos=todos))
    return found


def _keyed(drafts: list[Drafted], text: pl.DataFrame, cells: Sequence[pl.Series]) -> list[Drafted]:
    """The draft's key: the first column (an ID number before others) or pair that never repeats."""
    places = [place for place, draft in enumerate(drafts) if draft.column.required]
    places.sort(key=lambda place: (drafts[place].column.reads_as != "cn_id", place))
    candidates: list[tuple[int, ...]] = [
        (place,) for place in places if drafts[place].column.reads_as in ("cn_id", "text", "int", "code")
    ]
    candidates += [(a, b) for at, a in enumerate(places[:6]) for b in places[at + 1 : 6]]
    distinct = text.unique(subset=[s.name for s in cells]).height
    for chosen in candidates:
        if text.select(pl.struct([cells[place].name for place in chosen]).n_unique()).item() == distinct:
            return [_as_key(draft, chosen, place) for place, draft in enumerate(drafts)]
    return drafts


def _as_key(draft: Drafted, chosen: tuple[int, ...], place: int) -> Drafted:
    if place not in chosen:
        return draft
    column = replace(draft.column, key_position=chosen.index(place) + 1)
    if column.reads_as == "int":  # it numbers something: never an amount, and its leading zeros count
        column = replace(
            column, reads_as="text", logical_type="string", options={}, classification="identifier"
        )
    # A key that is a text is compared outside the vault, where it is a hash.
    if column.is_open_text and column.reads_as == "text":
        column = replace(column, in_core=KEYED_HASH)
    return replace(draft, column=column, todos=(*draft.todos, "primaryKey: unique in this sample; in all?"))
