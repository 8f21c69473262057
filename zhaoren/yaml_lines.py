"""YAML files read with the line of every entry, so that a mistake can be pointed at. The only reader of YAML.

A key that occurs twice in a mapping is refused: YAML would silently keep the last, and a threshold or a
column that someone wrote would not be the one that counts.

A file may come from anybody, so what it may cost is bounded before it is built: zhaoren/yaml_nodes.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from zhaoren.errors import ZhaorenError
from zhaoren.names import short
from zhaoren.yaml_nodes import Unreadable, composed

Place = tuple[Any, ...]  # the keys and list positions that lead to an entry; () is the whole file
Fault = tuple[Place, str]  # what is wrong there; a YamlFile makes a Problem of it


@dataclass(frozen=True)
class Problem:
    """One mistake in a YAML file: where it is, what it is, and what to do."""

    file: str
    line: int
    what: str
    todo: str = ""
    column: int = 0  # from 1; 0 where only the line is known

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}" + (f":{self.column}" if self.column else "")

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + (f" ({self.todo})" if self.todo else "")


@dataclass(frozen=True)
class YamlFile:
    """A parsed file: its plain values, and the line (from 1) of every place in it."""

    path: Path
    data: Any
    lines: Mapping[Place, int]

    def line(self, *place: Any) -> int:
        """The line of the entry at `place`, or of the nearest entry around it."""
        for size in range(len(place), -1, -1):
            if place[:size] in self.lines:
                return self.lines[place[:size]]
        return 1

    def problem(self, what: str, *place: Any, todo: str = "") -> Problem:
        """A problem of this file, at the line of the place."""
        return Problem(str(self.path), self.line(*place), what, todo)


def refuse(problems: Sequence[Problem], todo: str) -> None:
    """A ZhaorenError for the first problem, listing the next twenty below it; nothing when there is none."""
    if not problems:
        return
    first, more = problems[0], problems[1:]
    listed = "\n".join(str(problem) for problem in more[:20])
    why = f"and {len(more)} more:\n{listed}" if more else ""
    raise ZhaorenError(first.what, first.where, why, first.todo or todo)


def load_yaml(path: Path, *, exact: bool = False) -> YamlFile:
    """The file as `read_yaml` gives it. ZhaorenError with file and line when it cannot be read."""
    found, problems = read_yaml(path, exact=exact)
    refuse(problems, "correct the file")
    assert found is not None
    return found


def read_yaml(path: Path, *, exact: bool = False) -> tuple[YamlFile | None, list[Problem]]:
    """The file's content, or why it cannot be read: syntax, a key that occurs twice, an impossible date.

    With `exact`, no amount passes through float: decimal numbers are Decimals, lists are tuples, keys are
    texts. Otherwise values are what YAML makes of them, merge keys (<<) included.
    """
    node, problem = _composed(path)
    if node is None:
        return None, [problem] if problem else [Problem(str(path), 1, "the file is empty")]
    reader = _ExactReader(str(path)) if exact else _Reader(str(path))
    data = reader.build(node, ())
    return (None, reader.problems) if reader.problems else (YamlFile(path, data, reader.lines), [])


def _composed(path: Path) -> tuple[yaml.Node | None, Problem | None]:
    try:
        return composed(path), None
    except Unreadable as error:
        return None, Problem(str(path), error.line, error.what, error.todo)


class _Reader:
    """Builds the values that YAML's own safe loader would, and notes lines and problems on the way."""

    def __init__(self, file: str) -> None:
        self.lines: dict[Place, int] = {}
        self.problems: list[Problem] = []
        self._file = file
        self._constructor = yaml.constructor.SafeConstructor()

    def build(self, node: yaml.Node, place: Place) -> Any:
        """The value of a node and of all nodes within it."""
        self.lines.setdefault(place, _line(node))
        if isinstance(node, yaml.MappingNode) and node.tag.endswith(":map"):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode) and node.tag.endswith(":seq"):
            return self.sequence([self.build(item, (*place, i)) for i, item in enumerate(node.value)])
        if not isinstance(node, yaml.ScalarNode):  # a set, an ordered map, or another program's object
            return self._fault(node, f"the tag {short(node.tag)} is not known here")
        return self._attempt(self.scalar, node)

    def sequence(self, items: list[Any]) -> Any:
        """What a list is read as."""
        return items

    def scalar(self, node: yaml.ScalarNode) -> Any:
        """What a single value is read as; ValueError when it is none."""
        return self._constructor.construct_object(node, deep=True)

    def key(self, node: yaml.Node) -> Any:
        """What a mapping's key is read as."""
        return self._attempt(self.scalar, node) if isinstance(node, yaml.ScalarNode) else None

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[Any, Any]:
        written: set[Any] = set()
        for source in _sources(node):
            if not isinstance(source, yaml.MappingNode):
                self._fault(source, "<< takes the entries of a mapping, and this is none")
        for key, _ in _own(node):
            name = self.key(key)
            if name is None:
                self._fault(key, "a key must be a plain word")
            elif name in written:
                self._fault(key, f"the key '{short(str(name))}' stands twice")
            written.add(name)
        found: dict[Any, Any] = {}
        for key, value in (*_merged(node), *_own(node)):
            name = self.key(key)
            self.lines[(*place, name)] = _line(key)
            found[name] = self.build(value, (*place, name))
        return found

    def _attempt(self, reading: Callable[[yaml.ScalarNode], Any], node: yaml.ScalarNode) -> Any:
        kind = node.tag.rsplit(":", 1)[-1]
        try:
            if kind in _NUMBERS and not _NUMBER.fullmatch(node.value):
                raise ValueError
            return reading(node)
        except yaml.YAMLError:  # a tag of another program
            self._fault(node, f"the tag {short(node.tag)} is not known here")
        except (ValueError, ArithmeticError, LookupError):
            meant = "no day of the calendar" if kind == "timestamp" else f"not a valid {kind}"
            self._fault(node, f"'{short(node.value)}' is {meant}")
        return None

    def _fault(self, node: yaml.Node, what: str) -> None:
        self.problems.append(Problem(self._file, _line(node), what))


class _ExactReader(_Reader):
    """Builds values that are equal whenever they are written equally: for rules and amounts."""

    def sequence(self, items: list[Any]) -> Any:
        return tuple(items)

    def scalar(self, node: yaml.ScalarNode) -> Any:
        reading = _EXACT.get(node.tag.removeprefix(_STANDARD))
        if reading is None:
            raise yaml.YAMLError
        return reading(node.value)

    def key(self, node: yaml.Node) -> Any:
        return node.value if isinstance(node, yaml.ScalarNode) else None


_STANDARD = "tag:yaml.org,2002:"
_EXACT: Mapping[str, Callable[[str], Any]] = {
    "str": str,
    "int": int,
    "float": Decimal,
    "timestamp": date.fromisoformat,
    "bool": lambda word: yaml.constructor.SafeConstructor.bool_values[word.lower()],
    "null": lambda _: None,
}


# What a sum or a table can hold: some 40 digits, an exponent below 20, and no infinity.
_NUMBERS = ("int", "float")
_NUMBER = re.compile(r"(?!.*(inf|nan))(?=.{1,48}$)(0x.*|[^e]*(e[-+]?[01]?[0-9])?)", re.IGNORECASE)

_Pairs = list[tuple[yaml.Node, yaml.Node]]


def _own(node: yaml.MappingNode) -> _Pairs:
    """The keys and values that a mapping names itself."""
    return [pair for pair in node.value if not pair[0].tag.endswith(":merge")]


def _merged(node: yaml.MappingNode) -> _Pairs:
    """Those it takes from others by the merge key (<<); of several sources the first comes last, and wins."""
    mappings = [source for source in reversed(_sources(node)) if isinstance(source, yaml.MappingNode)]
    return [pair for source in mappings for pair in (*_merged(source), *_own(source))]


def _sources(node: yaml.MappingNode) -> list[yaml.Node]:
    """What the mapping names by the merge key, in the order written."""
    values = [value for key, value in node.value if key.tag.endswith(":merge")]
    return [one for value in values for one in (value.value if value.id == "sequence" else [value])]


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
