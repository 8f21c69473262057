"""Marks: made-up identifiers and words that stand nowhere else, each with the place where it was planted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from tests.helpers.id_numbers import made_number

FIRST_BIRTH = date(1931, 1, 1)
# Characters of given names; two of them tell a name apart. The surname 欧阳 and 琰 stand before them.
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华慧巧美蕊凝燕"
SPELT = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
KINDS = ("number", "number15", "phone", "card", "name", "address", "text")
# How departments write numbers besides: within words, in full width, with blanks and hyphens.
WRITTEN = {
    "number": "{0}",
    "number within words": "证件{0}（本人）",
    "number behind a letter": "G{0}",
    "number15": "{0}",
    "phone": "{0}",
    "phone in words": "联系电话：{0}",
    "card": "{0}",
    "name": "{0}",
    "address": "{0}",
    "text": "{0}",
}


class Marks:
    """Every mark handed out: what it is and where it was put. None is given out twice."""

    def __init__(self) -> None:
        self.planted: dict[str, str] = {}

    def plant(self, kind: str, where: str) -> str:
        """A new mark of a kind of KINDS."""
        mark = _made(kind, len(self.planted))
        assert mark not in self.planted
        self.planted[mark] = f"{kind} in {where}"
        return mark

    def written(self, how: str, where: str) -> str:
        """A new mark as WRITTEN says; what is looked for is the mark alone."""
        return WRITTEN[how].format(self.plant(how.split()[0], where))

    def sought(self) -> list[str]:
        """What to look for: the marks, a number without its last digit, and numbers in full width."""
        numbers = [mark for mark, what in self.planted.items() if what.startswith("number in ")]
        return [*self.planted, *(n[:17] for n in numbers), *(n.translate(SPELT) for n in numbers)]

    def origin(self, found: str) -> str:
        """Where the mark that was found had been put."""
        plain = found.translate({b: a for a, b in SPELT.items()})
        return self.planted.get(plain) or next(w for m, w in self.planted.items() if m.startswith(plain))

    def of(self, kinds: Iterable[str]) -> list[str]:
        """The marks of some kinds."""
        return [mark for mark, what in self.planted.items() if what.split(" in ")[0] in set(kinds)]


def _made(kind: str, n: int) -> str:
    if kind in ("number", "number15"):
        number = made_number(7, f"{FIRST_BIRTH + timedelta(days=n):%Y%m%d}")
        return number if kind == "number" else number[:6] + number[8:17]
    if kind == "phone":
        return f"1390071{n:04d}"
    if kind == "card":
        return _with_luhn(f"62220207130{n:07d}")
    if kind == "name":
        return (
            "欧阳琰"
            + GIVEN[n // len(GIVEN) ** 2 % len(GIVEN)]
            + GIVEN[n // len(GIVEN) % len(GIVEN)]
            + GIVEN[n % len(GIVEN)]
        )
    if kind == "address":
        return f"密印路{n}号之{n % 7}房"
    assert kind == "text", kind
    return f"zqxmark{n:05d}"


def _with_luhn(body: str) -> str:
    digits = [int(d) for d in reversed(body)]
    total = sum(d if at % 2 else sum(divmod(2 * d, 10)) for at, d in enumerate(digits))
    return body + str(-total % 10)
