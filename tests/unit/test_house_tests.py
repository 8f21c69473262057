"""The house rules of the tests themselves: where they lie, what they may use, how much they draw."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.examples import EXAMPLES, costly
from tests.helpers.source import FILES, TESTS, folder, imported, nodes
from zhaoren.rooms import ROOMS

# Beside the rooms: what all rooms share, and the helpers of the tests.
MIRRORED = {*ROOMS, "zhaoren", "helpers"}
OF_THE_WHOLE = ("test_house", "test_docs", "test_glossary", "test_repository", "test_supply")


def test_no_test_imports_another() -> None:
    """What two of them need lies in tests/helpers."""
    tests = {name.removesuffix(".py").replace("/", ".") for name in TESTS if "/test_" in name}
    strays = {(name, module) for name in TESTS for module in imported(name) if module in tests}
    assert strays == set()


def test_unit_tests_lie_as_the_rooms_do() -> None:
    strays = []
    for name in TESTS:
        where = PurePosixPath(folder(name))
        if not where.is_relative_to("tests/unit") or not PurePosixPath(name).name.startswith("test_"):
            continue
        room = where.relative_to("tests/unit")
        mirrored = not room.parts or (room.parts[0] in MIRRORED and (len(room.parts) == 1 or _is_code(room)))
        house = bool(room.parts) or PurePosixPath(name).name.startswith(
            ("test_house", "test_docs", "test_glossary", "test_repository", "test_supply")
        )
        strays += [] if mirrored and house else [name]
    assert strays == []


def _is_code(room: PurePosixPath) -> bool:
    return any(folder(name) == str(room) for name in FILES)


def test_no_test_depends_on_a_file_being_there() -> None:
    """A test that asks whether its file exists says nothing once the file is renamed."""
    strays = [
        f"{name}:{call.lineno}"
        for name in TESTS
        if "/test_" in name or name.endswith("conftest.py")
        for condition in _conditions(name)
        for call in ast.walk(condition)
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith(".exists")
    ]
    assert strays == []


def _conditions(name: str) -> Iterator[ast.expr]:
    """What decides whether something is looked at; `if not ...` in a list collects what is missing."""
    for node in nodes(name):
        if isinstance(node, ast.If | ast.IfExp):
            yield node.test
        elif isinstance(node, ast.comprehension):
            yield from (test for test in node.ifs if not isinstance(test, ast.UnaryOp))
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("skipif", "xfail")):
            yield from node.args


def test_no_test_reaches_outside_the_checkout() -> None:
    strays = [f"{name}:{line} {what}" for name in TESTS for line, what in _ways_out(name)]
    assert strays == []


def _ways_out(name: str) -> Iterator[tuple[int, str]]:
    """Paths above the repository: counted upwards from a file, or written out."""
    for node in nodes(name):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if re.match(r"/(home|work|root|Users|mnt|srv)\b|~/|\.\./(shared|work)\b", node.value):
                yield node.lineno, node.value
        elif isinstance(node, ast.Subscript | ast.Attribute):
            text = ast.unparse(node)
            counted = re.fullmatch(r".*__file__\).*\.parents\[(\d+)\]", text)
            of_the_root = re.fullmatch(
                r"(ROOT|PACKAGE)\.parents?.*|.*__file__\)(\.\w+\(\))?\.parent\.parent.*", text
            )
            if of_the_root or (counted and int(counted[1]) > (name.count("/") if text[:5] == "Path(" else 1)):
                yield node.lineno, text


def test_generated_examples_are_counted_in_one_place() -> None:
    strays = [
        f"{name}:{node.value.lineno}"
        for name in TESTS
        if name != "tests/helpers/examples.py"
        for node in nodes(name)
        if isinstance(node, ast.keyword) and node.arg == "max_examples"
    ]
    assert strays == []


@pytest.mark.parametrize("profile", ["same", "new"])
def test_a_profile_draws_as_many_as_it_says(profile: str) -> None:
    """The long profile draws many, of costly tests too."""
    before = settings.get_current_profile_name()
    settings.load_profile(profile)
    try:
        assert (_drawn(settings()), _drawn(costly)) == EXAMPLES[profile]
    finally:
        settings.load_profile(before)
    assert profile == "same" or min(EXAMPLES[profile]) >= 500


def _drawn(mark: Callable[[Callable[..., None]], Callable[..., None]]) -> int:
    seen = []

    @mark
    @given(st.integers())
    def probe(number: int) -> None:
        seen.append(number)

    probe()
    return len(seen)
