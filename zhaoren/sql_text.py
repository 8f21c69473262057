"""Names and texts as SQL writes them: the one place where a quote inside them is doubled."""

from __future__ import annotations


def quoted_name(name: str) -> str:
    """A table's or column's name: "name"."""
    return '"' + name.replace('"', '""') + '"'


def quoted_text(value: object) -> str:
    """A text value: 'value'."""
    return "'" + str(value).replace("'", "''") + "'"
