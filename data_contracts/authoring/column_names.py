"""What a drafted column is called: as in our contracts, else as identity resolution needs it, else by sound.

A column of the person a row is about must be called id_number, name and so on, whatever its header: under any
other name the extract says nothing about anybody. The same kind of column about somebody else must not be.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from data_contracts.contract.model import Column, Contract

# The names that identity resolution, core and declared facts look for: what such a column's header holds.
REQUIRED = {
    "id_number": r"",
    "name": r"",
    "birth_date": r"出生|birth",
    "sex_code": r"",
    "village_code": r"(村|居委|社区).*代码",
}
# Whose it is, where it is not the person's of the row: the beginning of its name in our contracts.
ROLES = {"配偶": "spouse", "监护": "guardian", "父亲": "father", "母亲": "mother", "户主": "head"}
# The head of a household is whom a row is about where it names nobody else, as in the extract disaster.
_HEAD = "户主"
_SOMEBODY_ELSE = r"配偶|监护|父|母|子女|赡养|抚养|扶养|联系人|经办|负责人|法定代表|代理|代办|委托|紧急"
_SUFFIX = {"date": "_date", "month": "_month", "yuan": "_yuan", "cn_id": "_id_number", "code": "_code"}


def plain_header(header: str) -> str:
    """A header without the differences of typing: full width, blanks, case."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", header)).casefold()


def known_headers(contracts: Mapping[str, Contract]) -> dict[str, list[Column]]:
    """Plain header -> the columns it names: as header, alias or everyday term."""
    columns = [column for contract in contracts.values() for column in contract.columns]
    found: dict[str, list[Column]] = {}
    for spellings in ([((c.header,), c) for c in columns], [(c.aliases, c) for c in columns],
                      [((c.zh,), c) for c in columns]):  # fmt: skip
        for texts, column in spellings:
            for text in texts:
                found.setdefault(plain_header(text), []).append(column)
    return found


def required_names(columns: Sequence[Column]) -> list[str]:
    """The columns' names once those about the person of the row have the names that are looked for.

    At most one column gets each; another of the same kind is called after whose it is, where that is known.
    """
    names = [column.name for column in columns]
    for required in REQUIRED:
        alike = [place for place, column in enumerate(columns) if _is_kind(required, column)]
        subjects = [place for place in alike if not re.search(_SOMEBODY_ELSE, columns[place].header)]
        subjects.sort(key=lambda at: (_HEAD in columns[at].header, columns[at].name != required, at))
        for place in alike:
            if place in subjects[:1]:
                names[place] = required
            elif role := next((en for zh, en in ROLES.items() if zh in columns[place].header), None):
                names[place] = f"{role}_{required}"
    return names


def _is_kind(required: str, column: Column) -> bool:
    """Whether a column holds what the required name stands for, about whomever."""
    if column.name == required:
        return True
    kind = {"id_number": "cn_id", "name": "name", "birth_date": "date", "village_code": "text"}
    if required == "sex_code":
        return column.codes == "sex"
    return column.reads_as == kind[required] and bool(re.search(REQUIRED[required], column.header))


def transliterated(header: str, number: int) -> tuple[str, bool]:
    """(a snake_case name, whether it is the header's own): Latin headers are kept, others transliterated."""
    plain = re.sub(r"[^a-z0-9]+", "_", re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", header).lower()).strip("_")
    if plain and header.isascii() and plain[0].isalpha():
        return plain, True
    try:
        from pypinyin import lazy_pinyin
    except ImportError:
        return f"col_{number}", False
    spoken = re.sub(r"[^a-z0-9]+", "_", "_".join(lazy_pinyin(header)).lower()).strip("_")
    return (spoken[:40].strip("_") if spoken and spoken[0].isalpha() else f"col_{number}"), False


def suffixed(name: str, reads_as: str) -> str:
    """The name with the ending that says what the values are: _yuan, _date, is_."""
    if reads_as == "cn_id" and name.endswith("id_number"):
        return name
    if reads_as == "bool":
        return name if name.startswith(("is_", "has_")) else f"is_{name}"
    suffix = _SUFFIX.get(reads_as, "")
    return name if name.endswith(suffix) else name + suffix


def one_each(names: Iterable[str]) -> list[str]:
    """The names in order, a repeated one with its number."""
    found: list[str] = []
    for first in names:
        name, again = first, 2
        while name in found:
            name, again = f"{first}_{again}", again + 1
        found.append(name)
    return found
