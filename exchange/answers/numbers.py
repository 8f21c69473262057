"""Numbers of people in what somebody typed: ID numbers, phones, bank cards, however they are written."""

from __future__ import annotations

import re
import unicodedata

_DIGITS_ZH = str.maketrans("〇零一二三四五六七八九幺两", "0012345678912")
_ZH_RUN = re.compile(r"[〇零一二三四五六七八九幺两]{7,}")
# A day is no number of a person: taken out first where it stands alone.
_DAY = re.compile(
    r"(?<![0-9])(?:19|20)[0-9]{2}(?:[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}|[01][0-9][0-3][0-9])(?![0-9])日?"
)
_NUMBERS = (
    # ID numbers: the area, the birth date, the rest, however parted.
    re.compile(
        r"[1-9][0-9]{5}[- ]?(?:18|19|20)[0-9]{2}[- ]?[01][0-9][- ]?[0-3][0-9][- ]?[0-9]{3}[- ]?[0-9Xx*]"
    ),
    re.compile(r"(?<![0-9])[1-9][0-9]{5}[- ]?[0-9]{2}[01][0-9][0-3][0-9][- ]?[0-9]{3}(?![0-9])"),
    re.compile(
        r"(?<![0-9])1[3-9][0-9](?:[-. ]?[0-9]{4}[-. ]?[0-9]{4}|[-. ]?[0-9]{3}[-. ]?[0-9]{5})(?![0-9])"
    ),
    re.compile(r"(?<![0-9])1(?:[-. ][0-9]){10}(?![0-9])"),  # a mobile phone, digit by digit
    re.compile(r"(?<![0-9])0[0-9]{2,3}[-) ]{0,2}[2-9][0-9]{2,3}[- ]?[0-9]{4}(?![0-9])"),  # with an area code
    re.compile(r"(?:电话|手机|座机|固话|联系|致电|打)[^0-9]{0,6}[2-9][0-9]{2,3}[- ]?[0-9]{4}(?![0-9])"),
    re.compile(r"(?<![0-9.])[2-8][0-9]{7}(?![0-9.元])"),  # a phone without its area code
    re.compile(r"(?:[0-9]{4}[- ]){3}[0-9]{3,4}"),  # cards, in fours
    re.compile(r"[0-9]{11,}"),
)


def holds_number(text: str | None) -> bool:
    """Whether a text holds a number of a person: ID, phone or card, in digits of any width or in words."""
    plain = unicodedata.normalize("NFKC", text or "")
    plain = _ZH_RUN.sub(lambda run: run[0].translate(_DIGITS_ZH), plain)
    if _NUMBERS[0].search(plain):
        return True
    plain = _DAY.sub("、", plain)
    return any(pattern.search(plain) for pattern in _NUMBERS)
