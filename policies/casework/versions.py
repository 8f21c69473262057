"""The versions of one casework file: `life.yaml`, and `life_2027.yaml` beside it once the rules change.

Each says from when it holds (`valid_from`); on a day the newest holds that began by then, and before the
first of them the first: a home older than the rules has no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from policies.catalogue.shapes import Dated, Strict, validate
from zhaoren.rooms import room
from zhaoren.yaml_lines import Problem, YamlFile, read_yaml, refuse

FOLDER = room("policies") / "casework"
Shape = TypeVar("Shape", bound=Dated)
Check = Callable[[Any, YamlFile], Iterator[Problem]]


def read_versions(
    folder: Path, name: str, shape: type[Shape], check: Check
) -> tuple[tuple[Shape, ...], list[Problem]]:
    """Every version of a file, the oldest first, and all mistakes in them."""
    found: list[Shape] = []
    problems: list[Problem] = []
    for path in sorted((*folder.glob(f"{name}.yaml"), *folder.glob(f"{name}_*.yaml"))):
        version, faults = _one(path, shape, check)
        problems += faults
        found += [version] if version is not None else []
    if not found and not problems:
        problems.append(Problem(str(folder / f"{name}.yaml"), 1, "the file is missing", "restore it"))
    return tuple(sorted(found, key=lambda one: one.valid_from)), problems + _twice(folder, name, found)


def _one(path: Path, shape: type[Shape], check: Check) -> tuple[Shape | None, list[Problem]]:
    file, problems = read_yaml(path, exact=True)
    if file is None:
        return None, problems
    version, problems = validate(file, shape)
    return version, problems or list(check(version, file))


def _twice(folder: Path, name: str, found: list[Shape]) -> list[Problem]:
    days = [one.valid_from for one in found]
    return [
        Problem(str(folder / f"{name}.yaml"), 1, f"two versions hold from {day}", "give one another day")
        for day in sorted({day for day in days if days.count(day) > 1})
    ]


def in_force(versions: tuple[Shape, ...], as_of: date | None) -> Shape:
    """The version that holds on the day, or the newest."""
    begun = [one for one in versions if as_of is None or one.valid_from <= as_of]
    return begun[-1] if begun else versions[0]


@cache
def shipped(name: str, shape: type[Strict], check: Check) -> tuple[Any, ...]:
    """The versions that this release ships; a ZhaorenError names the first mistake with file and line."""
    versions, problems = read_versions(FOLDER, name, shape, check)  # type: ignore[type-var]
    refuse(problems, "correct the file; `zhaoren policies lint` lists every problem")
    return versions
