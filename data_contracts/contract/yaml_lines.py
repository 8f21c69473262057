"""YAML with the line each entry stands on, so that a fault can be shown where it is."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml

from zhaoren.errors import ZhaorenError

Place = tuple[Hashable, ...]  # the keys and list positions that lead to an entry
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """The parsed YAML file, by the C parser where there is one; ZhaorenError names file and line."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except FileNotFoundError as error:
        raise ZhaorenError("no such contract file", str(path), todo="check the path") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ZhaorenError("the YAML cannot be read", str(path), str(error), "mend the file") from error


def line_numbers(path: Path) -> dict[Place, int]:
    """The line (1-based) of every entry of a YAML file, by its place; the whole document is ()."""
    lines: dict[Place, int] = {}
    _walk(yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader), (), lines)
    return lines


def line_of(lines: Mapping[Place, int], place: Place) -> int:
    """The line of the entry at `place`, or of the nearest entry around it."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def _walk(node: Any, place: Place, lines: dict[Place, int]) -> None:
    if node is None:
        return
    lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            _walk(value, (*place, key.value), lines)
            lines[(*place, key.value)] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            _walk(value, (*place, position), lines)
