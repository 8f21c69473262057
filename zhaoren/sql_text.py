"""SQL as text: names and texts as it writes them, and how much of it a rule may hold.

The one place where a quote inside a name or text is doubled.
"""

from __future__ import annotations

import re


def quoted_name(name: str) -> str:
    """A table's or column's name: "name"."""
    return '"' + name.replace('"', '""') + '"'


def quoted_text(value: object) -> str:
    """A text value: 'value'."""
    return "'" + str(value).replace("'", "''") + "'"


# The longest rule that we ship has 250 words and signs. Of 300 alternatives the engine thinks for seconds, of
# 600 for half a minute; and its parser survives some repeated words only while they are few.
MOST_WORDS = 600  # texts, numbers and commas aside: a list of values may be long
DEEPEST = 30  # brackets within each other; the parser goes as deep as Python's stack
_TEXT = re.compile(r"'(?:[^']|'')*'")
_NAME = re.compile(r'"(?:[^"]|"")*"')
_WORD = re.compile(r"[^\W\d]\w*|[^\w\s,.)\]']")
_BRACKET = re.compile(r"[(\[{})\]]|\b(?:CASE|END)\b", re.IGNORECASE)


def too_much(sql: str) -> str:
    """Why an expression that somebody wrote is more than an engine should be given; '' when it is not."""
    bare = _NAME.sub("x", _TEXT.sub("''", sql))
    depth = deepest = 0
    for bracket in _BRACKET.findall(bare):
        depth += 1 if bracket.upper() in ("(", "[", "{", "CASE") else -1
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        return f"it has more than {DEEPEST} brackets within each other"
    if sum(1 for _ in _WORD.finditer(bare)) > MOST_WORDS:
        return f"it has more than {MOST_WORDS} words and signs: split it, or list values with IN"
    return ""
