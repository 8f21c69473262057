"""The warehouse's tables in the data dictionary: each column's meaning, and whether analysts get it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from data_contracts.registry.published import PublishedTable, published_tables
from data_contracts.registry.tables import Column, Table, extract_columns

HEAD = """
## Tables of the warehouse 库表

Declared in `data_contracts/tables/`. What is published is in the analysts' file; of the rest it says why not.
Each extract has a table `core.<extract>`, with the columns *in core* above and those given here.
"""
PUBLISHED = "yes 公布"
FOLDED = """
## Tables of the analysts' file about people 公布的个人和家庭数据

Declared in `data_contracts/tables/published/`, made at publishing, without any id. Each row stands there at
least five times (in `panel.fact`: `cnt` is at least 5); the columns are in order of worth, and where rows
would stand out the last are not shown first. Left of other tables is what the sections above call published.
"""


def warehouse_tables(tables: Mapping[str, Table]) -> Iterator[str]:
    """The section, a line at a time; tables by name, as declared, without the facts that follow."""
    yield HEAD
    yield "\n### core.<extract> 各部门数据\n"
    yield from _columns(extract_columns(), "not published: persons' rows; the panel has the facts")
    for name in sorted(tables):
        yield from _table(tables[name])


def folded_tables() -> Iterator[str]:
    """The section on what is published of people, a line at a time."""
    yield FOLDED
    for table in sorted(published_tables().values(), key=lambda table: table.name):
        yield from _folded(table)


def table_row(cells: Iterable[str]) -> str:
    """One line of a Markdown table."""
    written = (cell.replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(written)} |"


def _table(table: Table) -> Iterator[str]:
    yield f"\n### {table.name} {table.zh}\n"
    key = f"key 主键: {', '.join(table.key)}" if table.key else "no key 无主键"
    yield f"{_sentence(table.en)} {_sentence(key)} {_sentence(_fate(table))}\n"
    yield from _columns(table.columns, table.withheld and "with the table 不公布")
    if table.facts:
        yield f"\nAfter these comes a column for every fact of a {table.facts} (above)."


def _folded(table: PublishedTable) -> Iterator[str]:
    yield f"\n### {table.name} {table.zh}\n"
    yield f"{_sentence(table.en)} Of {table.of}.\n"
    yield "| column | type | meaning 含义 | in English | taken from | sensitive |\n|---|---|---|---|---|---|"
    for name, c in table.columns.items():
        taken = c.sql or name
        source = f"`{taken}`, within {c.within}" if c.within else f"`{taken}`"
        yield table_row((name, c.type, c.zh, c.en, source, "yes" if c.sensitive else ""))
    for name, added in list(table.table.columns.items())[len(table.columns) :]:
        yield table_row((name, added.type, added.zh, added.en, "folding", ""))


def _fate(table: Table) -> str:
    return f"not published 不公布: {table.withheld}" if table.withheld else "published 公布"


def _columns(columns: Mapping[str, Column], withheld: str = "") -> Iterator[str]:
    yield "| column | type | meaning 含义 | in English | published |\n|---|---|---|---|---|"
    for name, column in columns.items():
        fate = withheld or (f"no 不公布: {column.withheld}" if column.withheld else PUBLISHED)
        yield table_row((name, column.type, column.zh, column.en, fate))


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
