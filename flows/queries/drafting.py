"""The work behind `zhaoren contracts new`: read a sample without a contract, write the draft."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from data_contracts.authoring.draft_yaml import TODO, draft_yaml
from data_contracts.authoring.drafting import draft_columns
from data_contracts.contract.code_tables import load_codes
from data_contracts.contract.model import Column, Contract
from data_contracts.loading.contracts import load_contracts
from zhaoren.errors import ZhaorenError

NAME = r"[a-z][a-z0-9_]*"
# Departments put titles, units and notes above the headers: a few rows, hardly ever twenty.
SEARCHED = 20
# A column without a name, such as a running number, must not hide the header row.
_NAMED_SHARE = 0.8


def draft_file(sample: Path, department: str, extract: str, target: Path | None = None) -> tuple[Path, int]:
    """Write the draft; returns its path and how many places are marked TODO. Never overwrites a file."""
    for what, name in (("department", department), ("extract", extract)):
        if not re.fullmatch(NAME, name):
            raise ZhaorenError(
                f"“{name}” is no name for the {what}.", "", "It names folders and tables.", "Use snake_case."
            )
    path = target or Path(department) / f"{extract}.yaml"
    if path.exists():
        raise ZhaorenError("There is such a file already.", str(path), "", "Name another with --out.")
    text = draft(sample, department, extract)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path, text.count(TODO)


def draft(sample: Path, department: str, extract: str) -> str:
    """The draft's YAML. Raises ZhaorenError when the sample cannot be read or has no header."""
    from exchange.deliveries.reading import read_delivery

    headers = _headers(sample)
    stand_in = _stand_in(headers, f"{department}.{extract}")
    rows = read_delivery(sample, stand_in, {stand_in.id: stand_in})
    drafts = draft_columns(rows.frame, [c.header for c in stand_in.columns], load_contracts(), load_codes())
    return draft_yaml(department, extract, drafts, rows.rows_read, _title(sample))


def _title(sample: Path) -> str:
    return sample.name.split(".")[0]


def _headers(sample: Path) -> list[str]:
    from exchange.deliveries.tables import read_table

    table = read_table(sample, likely_header)
    place = likely_header(table.head)
    if place is None:
        raise ZhaorenError(
            "No header row was found in the sample.",
            sample.name,
            f"None of its first {SEARCHED} rows looks like column names above data.",
            "Give a sample whose columns have names.",
        )
    cells = [(cell or "").strip() for cell in table.head[place]]
    return list(dict.fromkeys(cell for cell in cells if cell))


def likely_header(rows: Sequence[Sequence[str | None]]) -> int | None:
    """The first row that names (nearly) as many columns as any row fills, none of them a number."""
    counts = [sum(bool((cell or "").strip()) for cell in row) for row in rows[:SEARCHED]]
    widest = max(counts, default=0)
    if widest < 2:  # split at the wrong mark, or a page of prose
        return None
    for place, (row, count) in enumerate(zip(rows[:SEARCHED], counts, strict=True)):
        cells = [(cell or "").strip() for cell in row]
        filled = [cell for cell in cells if cell]
        named = not any(re.fullmatch(r"[-+]?[\d.,:/\- ]+", cell) for cell in filled)
        if count and count >= _NAMED_SHARE * widest and named and len(set(filled)) == len(filled):
            return place
    return None


def _stand_in(headers: Sequence[str], contract_id: str) -> Contract:
    """A contract that takes every column as text, so that the sample is read like any delivery."""
    columns = tuple(
        Column(name=f"column_{number}", header=header, zh=header, reads_as="text", logical_type="string")
        for number, header in enumerate(headers, start=1)
    )
    department, extract = contract_id.split(".")
    return Contract(
        id=contract_id,
        department=department,
        department_zh=department,
        extract=extract,
        title_zh=extract,
        grain="",
        version="0.1.0",
        loads="roll",
        cadence="event",
        grace_days=0,
        event_date=None,
        access="shared",
        columns=columns,
        rules=(),
        key=(),
    )
