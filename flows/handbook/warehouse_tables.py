"""The warehouse's tables in the data dictionary: each column's meaning, and whether analysts get it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from data_contracts.registry.tables import Column, Table, extract_columns

HEAD = """
## Tables of the warehouse 库表

Declared in `data_contracts/tables/`. What is published is in the analysts' file; of the rest it says why not.
Each extract has a table `core.<extract>`, with the columns *in core* above and those given here.
"""
PUBLISHED = "yes 公布"


def warehouse_tables(tables: Mapping[str, Table]) -> Iterator[str]:
    """The section, a line at a time; tables by name, as declared, without the facts that follow."""
    yield HEAD
    yield "\n### core.<extract> 各部门数据\n"
    yield from _columns(extract_columns(), "not published: persons' rows; the panel has the facts")
    for name in sorted(tables):
        yield from _table(tables[name])


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
        yield f"\nAfter these comes a column for every fact of a {table.facts} (above), published but for:\n"
        yield from (f"- `{name}`: {why}" for name, why in table.withheld_facts.items())
        if not table.withheld_facts:
            yield "- none 无"


def _fate(table: Table) -> str:
    if table.withheld:
        return f"not published 不公布: {table.withheld}"
    return f"published 公布: {table.rows_en}" if table.rows else "published 公布"


def _columns(columns: Mapping[str, Column], withheld: str = "") -> Iterator[str]:
    yield "| column | type | meaning 含义 | in English | published |\n|---|---|---|---|---|"
    for name, column in columns.items():
        fate = withheld or (f"no 不公布: {column.withheld}" if column.withheld else PUBLISHED)
        yield table_row((name, column.type, column.zh, column.en, fate))


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
