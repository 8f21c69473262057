"""Code tables: the closed lists of values a coded column may hold, and how departments write them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from zhaoren.errors import ZhaorenError
from zhaoren.rooms import room
from zhaoren.yaml_lines import load_yaml

HERE = room("data_contracts")


@dataclass(frozen=True)
class Code:
    """One value of a code table: our code, the Chinese label, and other ways departments write it."""

    code: str
    zh: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class CodeTable:
    """A closed list of codes with their labels and aliases."""

    name: str
    zh: str
    values: tuple[Code, ...]
    source: str = ""

    def label_map(self) -> dict[str, str]:
        """Every accepted way of writing -> code. A label beats an alias, an alias beats a bare code."""
        # Departments write labels: a text that is one value's label and another's code means the label.
        labels = {value.code: value.code for value in self.values}
        labels |= {alias: value.code for value in self.values for alias in value.aliases}
        return labels | {value.zh: value.code for value in self.values}


def load_codes(root: Path | None = None) -> dict[str, CodeTable]:
    """All code tables under `root` (default: the shipped ones), keyed by name, sorted."""
    return dict(_codes(Path(root) if root else HERE / "codes"))


@functools.cache
def _codes(root: Path) -> dict[str, CodeTable]:
    tables = [_code_table(path) for path in sorted(root.glob("*.yaml"))]
    return {table.name: table for table in tables}


def _code_table(path: Path) -> CodeTable:
    document = load_yaml(path).data
    try:
        values = tuple(
            Code(str(v["code"]), str(v["zh"]), tuple(str(a) for a in v.get("aliases") or ()))
            for v in document["values"]
        )
        return CodeTable(document["name"], document["businessName"], values, document.get("source", ""))
    except (KeyError, TypeError) as error:
        raise ZhaorenError("this is not a code table", str(path), f"missing or malformed: {error}") from error
