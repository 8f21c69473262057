"""Names that others gave, of files, folders and members of archives, made safe to print, to store and to
write."""

from __future__ import annotations

import os
from pathlib import Path

# Where Linux shows the files that a process has open, those without a name among them.
NAMELESS = Path("/proc/self/fd")
# A file system allows 255 bytes; a receipt named after a delivery adds up to 40 of its own.
MOST_BYTES = 150
_CUT = "…"
_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0"  # called printable, and nobody sees them


def visible(text: str) -> str:
    """The text as one may print it: no escape sequence, line break or direction mark is left in force."""
    return "".join(c if c.isprintable() and c not in _BLANK else " " if c.isspace() else "?" for c in text)


def short(text: str, most: int = 60) -> str:
    """The text as one may quote it in a message: visible, and cut when it is long."""
    return visible(text[:most]) + ("…" if len(text) > most else "")


def safe_name(name: str) -> str:
    """The name as people and tables may have it: readable, printable, and short enough for a file.

    A name in bytes that are no UTF-8 is read as GB18030, which older Windows writes. Two names may come out
    alike: whoever needs to tell them apart goes by the bytes.
    """
    text = visible(_decoded(name)).strip() or "?"
    if len(text.encode()) <= MOST_BYTES:
        return text
    start, end = text, text[-20:]
    while len((start + _CUT + end).encode()) > MOST_BYTES:
        start = start[:-1]
    return start + _CUT + end


def _decoded(name: str) -> str:
    raw = os.fsencode(name)
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("ascii", "replace")
