"""Signs that a rule is not written with: full-width ones, Chinese quotation marks, other programs' operators.

wrong_sign(text) -> Mistake | None      the first of them, what to write instead, and brackets that stay open

Asked before the text is read: the reader would take ＞ or 且 for a name, == for = and THEN for left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.language.mistakes import Mistake

# Sign -> what to write.
_FULL_WIDTH = {
    **{"＞": ">", "＜": "<", "＝": "=", "≥": ">=", "≧": ">=", "≤": "<=", "≦": "<=", "≠": "<>"},
    **{"＋": "+", "－": "-", "—": "-", "−": "-", "×": "*", "＊": "*", "÷": "/", "／": "/"},
    **{"（": "(", "）": ")", "【": "(", "】": ")", "，": ",", "、": ",", "；": "nothing", "。": "nothing"},
    **{"．": ".", "＿": "_", "＄": "$", "￥": "nothing", "¥": "nothing", "\u3000": "a blank"},
    **dict.fromkeys("‘’“”＂＇「」`", "'"),
}
_WORDS = {
    **dict.fromkeys(("且", "并且", "而且", "和", "同时"), "AND"),
    **dict.fromkeys(("或", "或者"), "OR"),
    **dict.fromkeys(("非", "不是"), "NOT"),
    **dict.fromkeys(("如果", "若"), "CASE WHEN … THEN … ELSE … END"),
    **{"大于": ">", "小于": "<", "等于": "=", "ELSEIF": "WHEN", "ELSIF": "WHEN", "ELIF": "WHEN"},
}
_OTHER = {
    **{"&&": "AND", "==": "=", "=<": "<=", "=>": ">=", "!": "NOT", "&": "AND", "|": "OR"},
    **{"[": "(", "]": ")", "{": "(", "}": ")"},
}
_PIECES = re.compile(
    r"(?P<text>'(?:[^']|'')*')|(?P<name>\"[^\"]*\")|(?P<comment>--|/\*)"
    r"|(?P<unit>[0-9][0-9.]*\s*(?:%|％|元|岁|天|个月|年|倍|折))"
    r"|(?P<word>[^\W\d][\w$]*)|(?P<other>&&|\|\||==|=<|=>|!=|[^\w\s])|(?P<digits>[0-9]+)|(?P<open>\w)",
)
_FULL_DIGITS = re.compile(r"[０-９]+")


def wrong_sign(text: str) -> Mistake | None:
    """The first sign or word that belongs to another way of writing, or what is opened and never closed."""
    return next(_wrong(text), None)


def _wrong(text: str) -> Iterator[Mistake]:
    pieces = list(_PIECES.finditer(text))
    for piece in pieces:
        found, kind = piece[0], piece.lastgroup
        if kind in ("text", "name"):
            continue
        if kind == "comment":
            yield _at(piece, "a rule holds no comments of its own", "write it as a YAML comment, behind #")
        elif kind == "unit":
            todo = "write the number alone; a share is written 0.5, and what it counts stands in its name"
            yield _at(piece, f"“{found}” is a number with its unit", todo)
        elif digits := _FULL_DIGITS.search(found):
            plain = "".join(str(int(digit)) for digit in digits[0])
            yield _sign(piece, digits[0], plain)
        elif sign := next((each for each in found if each in _FULL_WIDTH), ""):
            yield _sign(piece, sign, _FULL_WIDTH[sign])
        elif instead := _WORDS.get(found.upper()) or _OTHER.get(found):
            yield _at(piece, f"“{found}” is no word of a rule", f"write {instead}")
        elif found == ";":
            yield _at(piece, "one text holds one test, and “;” begins another", "join them with AND")
        elif found == "'":
            todo = "write ' at its end too"
            yield Mistake("the quotation mark ' is opened and not closed", piece.start(), len(text), todo)
        elif found == '"':
            todo = "a text stands between two ', not between \""
            yield Mistake('the quotation mark " is opened and not closed', piece.start(), len(text), todo)
    yield from _unclosed(pieces)


def _unclosed(pieces: list[re.Match[str]]) -> Iterator[Mistake]:
    """Brackets, and CASE … END with a THEN for each WHEN."""
    opened: list[re.Match[str]] = []
    waiting: list[tuple[re.Match[str], list[re.Match[str]]]] = []
    for piece in pieces:
        word = piece[0].upper() if piece.lastgroup in ("word", "other") else ""
        if word == "(":
            opened.append(piece)
        elif word == ")":
            if not opened:
                yield _at(piece, "this bracket closes what nothing opened", "take it out, or add ( before it")
                return
            opened.pop()
        elif word == "CASE":
            waiting.append((piece, []))
        elif word == "END" and waiting:
            _, whens = waiting.pop()
            if whens:
                yield _no_then(whens[0])
                return
        elif waiting and word in ("WHEN", "THEN", "ELSE"):
            whens = waiting[-1][1]
            if whens and word != "THEN":
                yield _no_then(whens[0])
                return
            if word == "WHEN":
                whens.append(piece)
            elif word == "THEN" and whens:
                whens.pop()
    for piece, _ in waiting:
        yield _at(piece, "this CASE has no END", "write END behind its last value")
    for piece in reversed(opened):
        yield _at(piece, "this bracket is not closed", "add ) where it ends")


def _no_then(when: re.Match[str]) -> Mistake:
    return _at(when, "this WHEN has no THEN", "write WHEN test THEN value")


def _sign(piece: re.Match[str], sign: str, instead: str) -> Mistake:
    start = piece.start() + piece[0].index(sign)
    what = f"“{sign}” is a full-width or Chinese sign, which a rule is not written with"
    if sign == "\u3000":
        what = "a full-width blank stands here"
    return Mistake(what, start, start + len(sign), f"write {instead} instead of {sign}")


def _at(piece: re.Match[str], what: str, todo: str) -> Mistake:
    return Mistake(what, piece.start(), piece.end(), todo)
