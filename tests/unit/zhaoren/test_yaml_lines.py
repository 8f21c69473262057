"""The one reader of YAML: the line of every entry, exact amounts, and what is refused."""

from __future__ import annotations

import os
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from zhaoren.errors import ZhaorenError
from zhaoren.rooms import ROOMS, room
from zhaoren.yaml_lines import load_yaml, read_yaml

TEXT = """\
name: 门槛   # a comment
values:
  - {from: 2024-01-01, yuan: 12.10}
  -
    from: 2025-01-01
    yuan: 13
    on: yes
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "file.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_place_has_its_line(tmp_path: Path) -> None:
    file = load_yaml(written(tmp_path, TEXT))
    known = {(): 1, ("name",): 1, ("values",): 2, ("values", 0): 3, ("values", 0, "yuan"): 3,
             ("values", 1): 5, ("values", 1, "yuan"): 6}  # fmt: skip
    assert {place: file.lines[place] for place in known} == known
    assert file.line("values", 1, "no such key", 7) == 5  # the nearest entry around it
    assert file.line("nothing") == 1
    assert str(file.problem("too low", "values", 1, "yuan", todo="raise it")) == (
        f"{tmp_path / 'file.yaml'}:6: too low (raise it)"
    )


def test_values_are_those_of_yaml_or_exact(tmp_path: Path) -> None:
    path = written(tmp_path, TEXT)
    plain: Any = load_yaml(path).data
    assert plain == yaml.safe_load(TEXT) and isinstance(plain["values"][0]["yuan"], float)
    exact: Any = load_yaml(path, exact=True).data
    assert exact["values"] == (
        {"from": date(2024, 1, 1), "yuan": Decimal("12.10")},
        {"from": date(2025, 1, 1), "yuan": 13, "on": True},
    )


@pytest.mark.parametrize("path", [p for name in ROOMS for p in sorted(room(name).rglob("*.yaml"))], ids=str)
def test_shipped_files_read_as_yaml_says(path: Path) -> None:
    """Another reader agrees, and no shipped file has a key that stands twice."""
    assert load_yaml(path).data == yaml.safe_load(path.read_text(encoding="utf-8"))


def test_merge_keys_and_times_of_other_peoples_files(tmp_path: Path) -> None:
    text = "base: &b {a: 1, k: 2}\nx: &x\n  <<: *b\n  k: 3\ny: *x\nz: {<<: [*b, *x], a: 5}\n"
    text += "at: 2024-05-01T10:00:00\n"
    data: Any = load_yaml(written(tmp_path, text)).data
    assert data == yaml.safe_load(text)
    assert data["z"] == {"a": 5, "k": 2} and data["at"] == datetime(2024, 5, 1, 10)  # noqa: DTZ001


REFUSED = [
    ("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n", 5, "the key 'c' stands twice"),
    ("- {x: 1, x: 1}\n", 1, "the key 'x' stands twice"),
    ("a: 1\nfrom: 2024-02-30\n", 2, "'2024-02-30' is no day of the calendar"),
    ("a: [1\nb: 2\n", 2, "not valid YAML"),
    ("a: 1\n? [b, c]\n: 2\n", 2, "a key must be a plain word"),
    ("", 1, "the file is empty"),
]


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize(("text", "line", "what"), REFUSED)
def test_what_is_refused_names_file_and_line(
    tmp_path: Path, text: str, line: int, what: str, exact: bool
) -> None:
    path = written(tmp_path, text)
    found, (problem, *_) = read_yaml(path, exact=exact)
    assert found is None
    assert (problem.file, problem.line) == (str(path), line) and what in problem.what
    with pytest.raises(ZhaorenError, match=what) as caught:
        load_yaml(path, exact=exact)
    assert caught.value.where == f"{path}:{line}" and caught.value.todo


def test_other_reasons_not_to_read_a_file(tmp_path: Path) -> None:
    with pytest.raises(ZhaorenError, match="no such file"):
        load_yaml(tmp_path / "none.yaml")
    (tmp_path / "gbk.yaml").write_bytes("name: 门槛".encode("gb18030"))
    with pytest.raises(ZhaorenError, match="not UTF-8"):
        load_yaml(tmp_path / "gbk.yaml")
    with pytest.raises(ZhaorenError, match="tag !python"):
        load_yaml(written(tmp_path, "a: !python {b: 1}\n"))


ALIASES = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)
)
MERGES = "a0: &a0 {k: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 30)
)
MUCH = "written out, this is more than 100,000 entries"
BOMBS = {
    "aliases": (ALIASES, 6, MUCH),
    "merge keys": (MERGES, 6, MUCH),
    "a long text": (f"a: &a {'x' * 1_000_000}\nb: [{', '.join(['*a'] * 20)}]\n", 2, MUCH),
    "itself": ("a:\n  &a [1, *a]\n", 2, "the alias *a stands inside what it refers to"),
    "itself merged": ("a: &a\n  <<: *a\n", 2, "the alias *a stands inside what it refers to"),
    "brackets": ("a:\n  " + "[" * 100_000, 2, "more than 50 levels"),
    "dashes": ("- " * 100_000, 1, "more than 50 levels"),
    "keys": ("? " * 100_000, 1, "more than 50 levels"),
    "size": ("#" * (4 << 20) + "\n", 1, "the file is larger than 4 MB"),
    "digits": (f"a: {'9' * 4000}\n", 1, "is not a valid int"),
    "by sixties": (f"a: 1{':59' * 4000}\n", 1, "is not a valid int"),
    "exponent": ("a: 1\nb: 1.0e+999999999\n", 2, "is not a valid float"),
    "infinite": ("a: -.inf\n", 1, "is not a valid float"),
    "no number": ("a: .nan\n", 1, "is not a valid float"),
    "program": ("a: !!python/object/apply:os.system [id]\n", 1, "python/object/apply:os.system"),
    "name": ("a: !!python/name:os.system x\n", 1, "python/name:os.system"),
    "set": ("a: !!set {b, c}\n", 1, "tag:yaml.org,2002:set"),
    "truth": ("a: !!bool maybe\n", 1, "'maybe' is not a valid bool"),
    "merged nothing": ("a: 1\n<<: 5\n", 2, "<< takes the entries of a mapping"),
}


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_file_that_stands_for_more_than_a_machine_holds_is_refused_at_its_line(
    tmp_path: Path, bomb: str, exact: bool
) -> None:
    text, line, what = BOMBS[bomb]
    found, (problem, *_) = read_yaml(written(tmp_path, text), exact=exact)
    assert found is None and problem.line == line and what in problem.what
    assert len(problem.what) < 200


def test_only_ordinary_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")  # opening it would wait for ever
    for path in (tmp_path, tmp_path / "pipe.yaml", Path("/dev/zero")):
        with pytest.raises(ZhaorenError, match="no ordinary file"):
            load_yaml(path)


def test_all_problems_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, "a: 1\na: 2\nb: 2024-13-01\n")
    _, problems = read_yaml(path)
    assert [problem.line for problem in problems] == [2, 3]
    with pytest.raises(ZhaorenError) as caught:
        load_yaml(path)
    assert f"{path}:3" in caught.value.why
