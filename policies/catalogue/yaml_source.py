"""Read one YAML file and remember the line of every key, so that a mistake can be pointed at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from zhaoren.errors import ZhaorenError

Key = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One mistake in the policy files: where it stands, what it is, and what to do."""

    file: str
    line: int
    what: str
    todo: str = ""

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}"

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + (f" ({self.todo})" if self.todo else "")


@dataclass(frozen=True)
class YamlFile:
    """A parsed file: plain values (numbers exact, lists as tuples) and the line of every path."""

    path: Path
    data: Any
    lines: dict[Key, int]

    def line(self, *key: str | int) -> int:
        """Line of the deepest part of `key` that exists in the file."""
        for size in range(len(key), 0, -1):
            if key[:size] in self.lines:
                return self.lines[key[:size]]
        return 1

    def problem(self, what: str, *key: str | int, todo: str = "") -> Problem:
        """A problem of this file, at the line of the key."""
        return Problem(str(self.path), self.line(*key), what, todo)


def refuse(problems: list[Problem], todo: str) -> None:
    """A ZhaorenError for the first problem, listing the next twenty below it; nothing when there is none."""
    if not problems:
        return
    first, more = problems[0], problems[1:]
    listed = "\n".join(str(problem) for problem in more[:20])
    why = f"and {len(more)} more:\n{listed}" if more else ""
    raise ZhaorenError(first.what, first.where, why, first.todo or todo)


def read_yaml(path: Path) -> tuple[YamlFile | None, list[Problem]]:
    """The file's content, or the reason it cannot be read (syntax, doubled key, impossible date)."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except UnicodeDecodeError:
        return None, [Problem(str(path), 1, "the file is not UTF-8 text", "save it as UTF-8")]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        return None, [Problem(str(path), line, f"not valid YAML: {getattr(error, 'problem', error)}")]
    if node is None:
        return None, [Problem(str(path), 1, "the file is empty")]
    reader = _Reader(str(path))
    data = reader.build(node, ())
    return (None, reader.problems) if reader.problems else (YamlFile(path, data, reader.lines), [])


class _Reader:
    """Builds plain values from YAML nodes; decimals stay exact, so no amount passes through float."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Key, int] = {}
        self.problems: list[Problem] = []

    def build(self, node: yaml.Node, key: Key) -> Any:
        self.lines.setdefault(key, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, key)
        if isinstance(node, yaml.SequenceNode):
            return tuple(self.build(item, (*key, i)) for i, item in enumerate(node.value))
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, key: Key) -> dict[str | int, Any]:
        found: dict[str | int, Any] = {}
        for name_node, value_node in node.value:
            name = name_node.value
            line = name_node.start_mark.line + 1
            if name in found:
                self.problems.append(Problem(self.file, line, f"the key '{name}' stands twice"))
            self.lines[(*key, name)] = line
            found[name] = self.build(value_node, (*key, name))
        return found

    def _scalar(self, node: yaml.Node) -> Any:
        kind, text = node.tag.rsplit(":", 1)[-1], node.value
        makers: dict[str, Any] = {
            "int": int,
            "float": Decimal,
            "timestamp": date.fromisoformat,
            "bool": lambda word: word.lower() in ("true", "yes", "on"),
            "null": lambda _: None,
        }
        try:
            return makers.get(kind, str)(text)
        except (ValueError, ArithmeticError):
            self.problems.append(
                Problem(self.file, node.start_mark.line + 1, f"'{text}' is not a valid {kind}")
            )
            return None
