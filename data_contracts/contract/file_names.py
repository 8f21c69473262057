"""What a delivered file and its folder may be called, and what others are called instead.

`<department>/<extract>[.<YYYY-MM>][.<part>].<ending>`. People write anything into a name, an ID
number too. Outside the vault a name is therefore made of words that a contract knows, months and places;
whatever else stands in it is called by a hash, and the name itself is kept in the vault.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data_contracts.cells.revealing import PROVINCE

if TYPE_CHECKING:
    from data_contracts.contract.model import Contract

ENDINGS = {"csv", "tsv", "txt", "dat", "xlsx", "xlsm", "xls", "et", "parquet", "gz", "zip"}
# Of this century or the last: a year 0000 is a slip.
MONTH = re.compile(r"((?:19|20)[0-9]{2})-(0[1-9]|1[0-2])")
PART = re.compile(r"[0-9A-Za-z]{1,32}")
UNPLACED = "unplaced"  # the extract of a file whose name begins with none
# A part that names nobody: a place's code (it begins with a province's, GB/T 2260), or a short mark.
_PLACE = re.compile(rf"{PROVINCE}(?:[0-9]{{2}}|[0-9]{{4}}(?:[0-9]{{3}}){{0,2}})")
_MARK = re.compile(r"[0-9A-Za-z]{1,3}")
# However somebody writes a day or a month; hardly ever is a folder of the inbox misnamed otherwise.
_DAY = re.compile(r"[0-9]{2,4}[-._/年 ]?[0-9]{1,2}[-._/月 ]?(?:[0-9]{1,2}日?)?")
_SHOWN_DIGITS = 8


def split_name(name: str) -> tuple[list[str], list[str]]:
    """The pieces of a file's name before its known endings, and these endings."""
    pieces = name.split(".")
    endings: list[str] = []
    while len(pieces) > 1 and pieces[-1].lower() in ENDINGS:
        endings.insert(0, pieces.pop())
    return pieces, endings


def read_pieces(name: str) -> tuple[str, str, str] | None:
    """Extract, month (YYYY-MM or '') and part ('': all of it) that a name states; None if it is unclear."""
    (extract, *rest), endings = split_name(name)
    if len(rest) > 1 and not endings:
        rest = rest[:-1]  # an ending we do not know: the content decides how the file is read
    month = rest.pop(0) if rest and MONTH.fullmatch(rest[0]) else ""
    if len(rest) > 1 or not all(PART.fullmatch(piece) for piece in rest):
        return None
    return extract, month, rest[0] if rest else ""


@dataclass(frozen=True)
class KnownWords:
    """The departments and extracts that contracts know. key: of the hashes that stand for anything else.

    Without a key (before a home is open) an unknown name is only counted, not told apart.
    """

    departments: frozenset[str] = frozenset()
    extracts: frozenset[str] = frozenset()
    key: str = ""

    @classmethod
    def of(cls, contracts: Iterable[Contract], key: str) -> KnownWords:
        """The words of these contracts."""
        pairs = [(contract.department, contract.extract) for contract in contracts]
        return cls(frozenset(d for d, _ in pairs), frozenset(e for _, e in pairs), key)

    def hashed(self, *names: str) -> str:
        """A keyed hash of a name as 64 digits; the same name has the same in every home of one key."""
        text = "/".join(names).encode("utf-8", "surrogateescape")
        return hmac.new(self.key.encode(), text, hashlib.sha256).hexdigest() if self.key else "…"

    def folder(self, name: str) -> str:
        """A department's folder: the department, or what it is called instead."""
        return name if name in self.departments else self._called("folder", name)

    def entry(self, name: str, is_folder: bool) -> str:
        """Whatever lies in an inbox beside the days' folders, or loose in one of them."""
        if _DAY.fullmatch(name):
            return name
        return self._called("folder", name) if is_folder else self.file(name, self.hashed(name))

    def extract(self, name: str) -> str:
        """The extract that a file's name begins with, or that it begins with none."""
        first = name.split(".")[0]
        return first if first in self.extracts else UNPLACED

    def part(self, text: str) -> str:
        """A part of a roll: as stated if it names a place or is a short mark, else a hash of it."""
        is_known = not text or _PLACE.fullmatch(text) or _MARK.fullmatch(text)
        return text if is_known else "p" + self.hashed(text)[:_SHOWN_DIGITS]

    def file(self, name: str, digest: str) -> str:
        """A file by the known words of its name; by the first digits of `digest` if it says anything else."""
        found, extract = read_pieces(name), self.extract(name)
        _, endings = split_name(name)
        if found is None or extract == UNPLACED:
            begun = "file" if extract == UNPLACED else extract
            return ".".join([f"{begun}-{digest[:12]}", *endings[-1:]])
        return ".".join(filter(None, (extract, found[1], self.part(found[2]), *endings)))

    def _called(self, what: str, name: str) -> str:
        return f"{what}-{self.hashed(name)[:_SHOWN_DIGITS]}"
