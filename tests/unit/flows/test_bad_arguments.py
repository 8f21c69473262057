"""tried §4: every command with every kind of bad argument ends in one plain message and leaves nothing.

The commands, their arguments and the kinds of argument are read from the command line itself, so that a new
one is covered without being named here.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from flows.cli.app import app
from flows.context.home import Home
from flows.context.site import open_site

NOISE = bytes(range(256)) * 8
# Commands that make a home, or ask for none; every other one must say that there is none.
MAKERS = {"run", "demo", "serve"}


def leaves(command: Any, name: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, by its words."""
    for word, inner in getattr(command, "commands", {}).items():
        yield from leaves(inner, (*name, word))
    if name and not hasattr(command, "commands"):
        yield name, command


COMMANDS = dict(leaves(get_command(app)))


def kind_of(parameter: Any) -> Any:
    """The plain type behind an annotation: Path, str, int, float, bool or an enumeration."""
    waiting = [parameter.type_descriptor.annotation]
    while waiting:
        one = waiting.pop(0)
        if inspect.isclass(one) and not typing.get_args(one) and one is not type(None):
            return one
        waiting += typing.get_args(one)
    return str


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files as people have them that are not what they are taken for."""
    folder = tmp_path_factory.mktemp("box")
    for name, content in {
        "empty.csv": b"",
        "noise.xlsx": NOISE,
        "noise.parquet": NOISE,
        "broken.yaml": b"a: [1\nb: {",
        "list.yaml": b"- 1\n- 2\n",
        "broken.json": b"{",
        "x[b]{y}[red].csv": b"[/b],[/red]\n[/x],1\n",
        "good.csv": "身份证号,姓名\n11010519491231002X,张三\n".encode(),
    }.items():
        (folder / name).write_bytes(content)
    (folder / "foreign").mkdir()
    (folder / "foreign" / "notes.txt").write_text("somebody's")
    return folder


@pytest.fixture(scope="module")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which nothing was run."""
    root = tmp_path_factory.mktemp("home") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZHAOREN_VAULT_KEY", "the key of the tests")
        with open_site(Home(root)):
            pass
    return root


def bad_values(parameter: Any, box: Path) -> list[str]:
    """What people and scripts put there by mistake."""
    kind = kind_of(parameter)
    if kind in (int, float):
        beyond = [
            str(end)
            for end in (parameter.min and parameter.min - 1, parameter.max and parameter.max * 2)
            if end
        ]
        return ["x", "", "nan" if kind is int else "1e", *beyond]
    if kind is bool:
        return []
    if issubclass(kind, Enum):
        return ["nothing", ""]
    if issubclass(kind, Path):
        files = [str(path) for path in sorted(box.iterdir()) if path.name != "good.csv"]
        return [str(box / "nowhere.csv"), str(box / "no" / "where"), "n" * 5000, "a\0b", *files]
    return [
        "",
        "[/b][red]x",
        "9" * 3000,
        "a\0b",
        "'; DROP TABLE x; --",
        "2025-13-45",
        "9999-12-31",
        "no\nthing",
    ]


def good_value(parameter: Any, box: Path, out: Path) -> str:
    """Something of the right kind, for the arguments that must be there beside the bad one."""
    named = {"contract": "civil_affairs.temporary_relief", "sets": "dibao.standard=+10%", "inbox": str(box)}
    if parameter.name in named:
        return named[parameter.name]
    if parameter.name in ("out_dir", "out_file", "target"):
        return str(out / "new")
    if "as_of" in parameter.name:
        return "2025-09-05"
    return str(box / "good.csv") if issubclass(kind_of(parameter), Path) else "x"


def typed(parameter: Any, value: str) -> list[str]:
    return [value] if parameter.param_type_name == "argument" else [parameter.opts[0], value]


def calls(name: tuple[str, ...], box: Path, home: Path, out: Path) -> Iterator[tuple[str, list[str]]]:
    """(which argument is bad, the whole command) for every argument and value."""
    parameters = [p for p in COMMANDS[name].params if p.name != "help" and not getattr(p, "is_flag", False)]
    must = [p for p in parameters if p.required]
    flags = [p.opts[0] for p in COMMANDS[name].params if p.required and getattr(p, "is_flag", False)]
    for bad in parameters:
        for value in bad_values(bad, box):
            if is_right(name, bad.name, value):
                continue
            beside = [word for p in must if p is not bad for word in typed(p, good_value(p, box, out))]
            beside += flags
            if bad.name != "home" and any(p.name == "home" for p in parameters) and takes_home(name):
                beside += ["--home", str(home)]
            yield f"{bad.name}={value[:40]!r}", [*name, *beside, *typed(bad, value)]


def is_right(name: tuple[str, ...], argument: str, value: str) -> bool:
    """Whether the value is none of the bad ones for that command: a folder that may be new or watched."""
    makes = (name[0] in MAKERS and argument == "home") or (name, argument) == (("province",), "out_dir")
    path = Path(value[:99])
    if makes:
        return not path.is_file() and len(value) < 4000
    return (name, argument) == (("serve",), "inbox") and path.is_dir()


def snapshot(*roots: Path) -> set[tuple[str, int]]:
    """Every file and folder below, and how large it is; DuckDB's own may grow when they are opened."""
    found = (path for root in roots for path in root.rglob("*"))
    return {
        (str(p), p.stat().st_size if p.is_file() else 0) for p in found if p.suffix not in (".duckdb", ".wal")
    }


def is_fine(name: tuple[str, ...], what: str) -> bool:
    """Values that only look bad: whatever can be looked at, written over, or asked about."""
    asked = {"id", "peek"} & set(name) or name[-1] in ("docs", "new")
    # What a home is to add may be checked before anything was run in it.
    asked = asked or (name[-1] in ("lint", "test") and what.startswith("home="))
    return bool(asked) or what.startswith(
        ("by=", "reason=", "schema=", "out_file=", "out_dir=", "receipt=", "parquet=")
    )


def takes_home(name: tuple[str, ...]) -> bool:
    return name[0] not in MAKERS | {"peek", "contracts", "policies"}


def takes_long(name: tuple[str, ...]) -> bool:
    if name in {("check",), ("contracts", "new")}:
        return True
    return name[0] not in MAKERS and any(p.name == "home" for p in COMMANDS[name].params)


# Opening a home takes a moment, and so does whatever reads a sample; some three hundred calls do.
MARKED = [
    pytest.param(name, marks=pytest.mark.long if takes_long(name) else pytest.mark.slow, id=" ".join(name))
    for name in COMMANDS
]


@pytest.mark.parametrize("name", MARKED)
def test_a_bad_argument_is_told_in_plain_words(
    name: tuple[str, ...], box: Path, empty_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ZHAOREN_HOME", raising=False)
    monkeypatch.setenv("ZHAOREN_VAULT_KEY", "the key of the tests")
    before, runner, faults = snapshot(tmp_path, box, empty_home), CliRunner(), []
    for what, words in calls(name, box, empty_home, tmp_path):
        done = runner.invoke(app, words)
        said = " ".join(done.output.split())
        crashed = done.exception is not None and not isinstance(done.exception, SystemExit)
        if crashed or "Traceback" in said or "Something went wrong inside" in said:
            faults.append(f"{what}: {done.exception!r} {said[-200:]}")
        elif done.exit_code not in (1, 2) and not is_fine(name, what):
            faults.append(f"{what}: exit {done.exit_code}: {said[:100]}")
        elif done.exit_code and not said:
            faults.append(f"{what}: nothing is said")
        if not is_fine(name, what) and (new := snapshot(tmp_path, box, empty_home) - before):
            faults.append(f"{what}: left {sorted(new)[:3]}")
            break
    assert faults == []


@pytest.mark.parametrize(
    "name", [n for n, c in COMMANDS.items() if any(p.name == "home" for p in c.params)], ids=" ".join
)
def test_a_command_without_a_home_says_so_and_makes_none(
    name: tuple[str, ...], box: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """tried §4: `status` in the wrong folder made a new home with a new key."""
    if name[0] in MAKERS:
        pytest.skip("it makes a home")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ZHAOREN_HOME", raising=False)
    must = [p for p in COMMANDS[name].params if p.required and not getattr(p, "is_flag", False)]
    flags = [p.opts[0] for p in COMMANDS[name].params if p.required and getattr(p, "is_flag", False)]
    words = [*flags, *(word for p in must for word in typed(p, good_value(p, box, tmp_path)))]
    wrong: tuple[list[str], ...] = (
        [],
        ["--home", str(tmp_path / "nowhere")],
        ["--home", str(box / "good.csv")],
    )
    for at in wrong if name[0] not in ("peek", "contracts", "policies") else wrong[1:]:
        done = CliRunner().invoke(app, [*name, *words, *at])
        said = " ".join(done.output.split())
        assert done.exit_code == 1 and "home" in said and "what to do" in said, done.output
        assert list(tmp_path.iterdir()) == []


def test_the_version_is_told() -> None:
    done = CliRunner().invoke(app, ["--version"])
    assert done.exit_code == 0 and done.output.startswith("zhaoren 0.")
