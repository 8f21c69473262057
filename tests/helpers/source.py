"""The code base as syntax trees, and what each file imports: read once for all tests of the house rules."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import zhaoren
from zhaoren.rooms import ROOMS

ROOT = Path(zhaoren.__file__).parents[1]


class Trees(Mapping[str, ast.Module]):
    """Path below the repository -> syntax tree, parsed when somebody looks at it."""

    def __init__(self, *folders: str) -> None:
        paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
        self._found: dict[str, ast.Module | None] = {p.relative_to(ROOT).as_posix(): None for p in paths}

    def __getitem__(self, name: str) -> ast.Module:
        tree = self._found[name] or ast.parse((ROOT / name).read_text(encoding="utf-8"))
        self._found[name] = tree
        return tree

    def __contains__(self, name: object) -> bool:
        return name in self._found

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


FILES = Trees("zhaoren", *ROOMS)
TESTS = Trees("tests")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def room(name: str) -> str:
    """The room a file lies in; `zhaoren` for what all rooms share."""
    return name.split("/")[0]


def folder(name: str) -> str:
    """The sub-room a file lies in, or the room itself."""
    return name.rpartition("/")[0]


@cache
def nodes(name: str) -> tuple[ast.AST, ...]:
    """Every node of a file of the product or of the tests."""
    return tuple(ast.walk(FILES[name] if name in FILES else TESTS[name]))


@cache
def imported(name: str) -> frozenset[str]:
    """Every module a file imports, inside functions too; relative ones written out in full."""
    found: set[str] = set()
    package = name.split("/")[:-1]
    for node in nodes(name):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def outside(name: str) -> set[str]:
    """Top-level names of other people's packages that a file imports."""
    return {m.split(".")[0] for m in imported(name)} - set(sys.stdlib_module_names) - {"zhaoren", *ROOMS}


def attributes(name: str) -> Iterator[tuple[int, str, str]]:
    """Line, owner and name of each attribute used in a file."""
    for node in nodes(name):
        if isinstance(node, ast.Attribute):
            yield node.lineno, ast.unparse(node.value), node.attr


def file_of(module: str) -> str | None:
    """The file of a module of the product, None for a name that is not a module."""
    path = module.replace(".", "/")
    return next((f for f in (f"{path}.py", f"{path}/__init__.py") if f in FILES), None)


def imported_files(name: str) -> set[str]:
    """The files of the product that a file imports: the module of a name, not the packages above it."""
    found: set[str | None] = set()
    for node in nodes(name):
        if isinstance(node, ast.Import):
            found |= {file_of(alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {file_of(f"{node.module}.{a.name}") or file_of(node.module) for a in node.names}
    return {file for file in found if file}


def circles(arrows: dict[str, set[str]]) -> list[list[str]]:
    """Groups of names that reach each other along the arrows (strongly connected, more than one), sorted."""
    reach = {name: _reached(name, arrows) for name in arrows}
    groups = {
        tuple(sorted({name, *(o for o in to if name in reach.get(o, ()))})) for name, to in reach.items()
    }
    return sorted(list(group) for group in groups if len(group) > 1)


def _reached(start: str, arrows: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    left = list(arrows.get(start, ()))
    while left:
        name = left.pop()
        if name not in seen:
            seen.add(name)
            left.extend(arrows.get(name, ()))
    return seen
