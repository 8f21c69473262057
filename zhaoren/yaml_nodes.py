"""A YAML file's tree of nodes, within bounds: a few lines of aliases can stand for more than a machine holds.

Every bound is checked while the file is parsed, and reported with its line before anything is built from it.
"""

from __future__ import annotations

import stat
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.events import AliasEvent

from zhaoren.names import short

# The largest file that we ship has 60 kB and 9 levels; a contract of hundreds of columns has 20,000 entries.
MOST_BYTES = 4 << 20
MOST_ENTRIES = 100_000  # aliases counted as what they stand for
MOST_TEXT = 16 << 20  # characters, likewise
DEEPEST = 50  # libyaml takes a second for 10,000 open brackets, and quadratically more
KEPT = 64 << 10  # characters: rules and contracts, which one process reads several times
_TOO_MUCH = f"written out, this is more than {MOST_ENTRIES:,} entries or {MOST_TEXT >> 20} MB of text"


class Unreadable(Exception):
    """The file is not to be read: at which line (from 1), why, and what to do."""

    def __init__(self, what: str, line: int = 1, todo: str = "") -> None:
        super().__init__(what)
        self.what, self.line, self.todo = what, line, todo


def composed(path: Path) -> yaml.Node | None:
    """The root of the file's nodes; None for an empty file. Raises Unreadable."""
    try:
        text = _text(path)
        return _root_kept(text) if len(text) <= KEPT else _root(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        said = str(getattr(error, "problem", None) or getattr(error, "reason", error))
        raise Unreadable(f"not valid YAML: {_in_words(said)}", line, _todo(path, line, said)) from None


# What the library says -> what that means to whoever wrote the file.
_SAID = {
    "found a tab character": "a tab stands where blanks belong",
    "could not find expected ':'": "a key has no colon and blank behind it",
    "mapping values are not allowed": "a second “: ” stands in one line",
    "did not find expected key": "this line does not fit under the one before it",
    "did not find expected ',' or": "a bracket { or [ is not closed, or a comma is missing",
    "did not find expected '-'": "this line does not fit into the list before it",
    "found character that cannot start any token": "a sign that no value begins with",
    "found unexpected end of stream": "a quotation mark or bracket is not closed",
    "found unknown escape character": "a \\ stands in double quotation marks",
}
_TODO = {
    "found a tab character": "write blanks, two for each step",
    "mapping values are not allowed": "put a text that holds “: ” in quotation marks",
    "did not find expected key": "indent it like its neighbours; put a text that begins with { in quotes",
    "found character that cannot start any token": "write blanks, no tabs; put a text with % or @ in quotes",
}


def _in_words(said: str) -> str:
    return next((words for start, words in _SAID.items() if said.startswith(start)), said)


def _todo(path: Path, line: int, said: str) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    if any("：" in each and ": " not in each for each in lines[max(line - 2, 0) : line + 1]):
        return "write : and a blank instead of ："
    if said.startswith("could not find expected ':'"):
        return "write a key as `key: value`, with a blank behind the colon"
    return next((todo for start, todo in _TODO.items() if said.startswith(start)), "")


def _root(text: str) -> yaml.Node | None:
    root: yaml.Node | None = _Bounded(text).get_single_node()
    return root


_root_kept = lru_cache(maxsize=256)(_root)  # nobody changes a node


def _text(path: Path) -> str:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise Unreadable("there is no such file", todo="check the path") from None
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable("this is no ordinary file", todo="name a YAML file")
    with path.open("rb") as stream:
        data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Unreadable(
            f"the file is larger than {MOST_BYTES >> 20} MB", todo="split it, if it is YAML at all"
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("the file is not UTF-8 text", todo="save it as UTF-8") from None


class _Bounded(Composer, yaml.CSafeLoader):
    """Composes nodes from the C parser's events, and counts on the way what each of them stands for."""

    def __init__(self, text: str) -> None:
        super(Composer, self).__init__(text)
        Composer.__init__(self)
        self._depth = 0
        self._entries: dict[int, int] = {}  # by the node's id: it and all within it, aliases in full
        self._texts: dict[int, int] = {}

    def compose_node(self, parent: yaml.Node | None, index: Any) -> Any:
        """The next node, however it is written."""
        event: Any = self.peek_event()
        self._depth += 1
        if self._depth > DEEPEST:
            raise Unreadable(
                f"more than {DEEPEST} levels within each other", _line(event), "write it flatter"
            )
        node: Any = super().compose_node(parent, index)
        self._depth -= 1
        if not isinstance(event, AliasEvent):
            self._count(node)
        elif id(node) not in self._entries:
            what = f"the alias *{short(str(event.anchor))} stands inside what it refers to"
            raise Unreadable(what, _line(event), "write it out")
        # The file's own entries are counted as they come, so that a long list is not read to its end in vain.
        if (
            max(len(self._entries), self._entries[id(node)]) > MOST_ENTRIES
            or self._texts[id(node)] > MOST_TEXT
        ):
            raise Unreadable(_TOO_MUCH, _line(event), "use fewer aliases, or split the file")
        return node

    def _count(self, node: yaml.Node) -> None:
        inner: list[yaml.Node] = []
        if isinstance(node, yaml.MappingNode):
            inner = [one for pair in node.value for one in pair]
        elif isinstance(node, yaml.SequenceNode):
            inner = node.value
        self._entries[id(node)] = 1 + sum(self._entries[id(one)] for one in inner)
        own = len(node.value) if isinstance(node, yaml.ScalarNode) else 0
        self._texts[id(node)] = own + sum(self._texts[id(one)] for one in inner)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
