"""Other tables that a checked file refers to: who is known there, read from files a person names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from data_contracts.contract.code_tables import load_codes
from data_contracts.contract.model import Contract
from zhaoren.errors import ZhaorenError

if TYPE_CHECKING:
    from data_contracts.row_checks.rows import CheckedDelivery


def mark_referenced(
    contract: Contract, tables: Mapping[str, Contract], checked: CheckedDelivery, references: Sequence[str]
) -> pl.DataFrame:
    """The staged rows, marked where what they refer to is known in `references`, or in the file itself.

    `references`: TABLE=FILE. A reference to a table without a file is left unmarked: its rule then has
    nothing to compare with and is reported as not run. ZhaorenError when a file is missing or unreadable.
    """
    from data_contracts.delivery_checks.foreign_keys import hashes, mark_known

    files = dict(_named_file(one) for one in references)
    stage = checked.stage
    for rule in contract.rules_in("suite"):
        if rule.kind != "orphan_share":
            continue
        # People write the table with a department or schema before it, or without: either finds the file.
        table, _, column = str(rule.options["references"]).replace("/", ".").rpartition(".")
        table = table if table in files or table in tables else table.rpartition(".")[2]
        if table == contract.extract and table not in files:
            own = column in {c.name for c in contract.columns}
            known = pl.concat([chunk[column] for chunk in checked.good_chunks()]) if own else None
        else:
            known = _known_values(files.get(table), tables.get(table), column)
        if known is not None:
            stage = mark_known(stage, checked.references, str(rule.column), hashes(known))
    return stage


def _named_file(text: str) -> tuple[str, Path]:
    name, given, path = text.partition("=")
    if not given or not Path(path).is_file():
        raise ZhaorenError(
            f"“{text}” names no table's file.",
            "",
            "",
            "Write --reference TABLE=FILE, and a file that is there.",
        )
    return name, Path(path)


def _known_values(file: Path | None, contract: Contract | None, column: str) -> pl.Series | None:
    if file is None or contract is None or column not in {c.name for c in contract.columns}:
        return None
    from data_contracts.row_checks.rows import check_rows
    from exchange.deliveries.reading import read_delivery

    return check_rows(read_delivery(file, contract).frame, contract, load_codes()).good[column]
