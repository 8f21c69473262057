"""The digest that lists carry: it changes with every file that a list rests on, and with no other."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from flows.context import rules_hash as module
from flows.context.home import Home
from flows.context.rules_hash import SHIPPED, rules_hash
from zhaoren.errors import ZhaorenError
from zhaoren.rooms import room


@pytest.fixture
def rooms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copies of the shipped rooms, free to be spoilt."""
    for name in SHIPPED:
        kinds = shutil.ignore_patterns("*.py", "__pycache__", "*.md")
        shutil.copytree(room(name), tmp_path / "rooms" / name, ignore=kinds)
    monkeypatch.setattr(module, "room", lambda name: tmp_path / "rooms" / name)
    return tmp_path / "rooms"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_it_is_the_same_wherever_the_rooms_lie(
    rooms: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = rules_hash(home)
    monkeypatch.setattr(module, "room", room)
    assert rules_hash(home) == copied


@pytest.mark.parametrize(
    "name",
    [
        "policies/facts.yaml",
        "data_contracts/extracts/public_security/population.yaml",
        "exchange/templates/worklist.yaml",
        "divisions/divisions.parquet",
        "divisions/areacodes.parquet",
        "divisions/successors.parquet",
        "divisions/changes.csv",
    ],
)
def test_a_changed_file_changes_it(rooms: Path, home: Home, name: str) -> None:
    before = rules_hash(home)
    with (rooms / name).open("ab") as file:
        file.write(b"#")
    assert rules_hash(home) != before


def test_a_file_under_another_name_changes_it(rooms: Path, home: Home) -> None:
    before = rules_hash(home)
    (rooms / "divisions" / "changes.csv").rename(rooms / "divisions" / "older.csv")
    assert rules_hash(home) != before


@pytest.mark.parametrize(
    "name", ["divisions/changes.csv", "policies/parameters/x.yaml", "contracts/a/b.yaml"]
)
def test_what_the_home_adds_changes_it(home: Home, name: str) -> None:
    before = rules_hash(home)
    path = home.root / name
    path.parent.mkdir(parents=True)
    path.write_text("old_code,new_code,kind,date,source\n")
    added = rules_hash(home)
    path.write_text("old_code,new_code,kind,date,source\n1,2,moved,2025-01-01,x\n")
    assert len({before, added, rules_hash(home)}) == 3


def test_notes_and_data_of_the_home_do_not_change_it(home: Home) -> None:
    before = rules_hash(home)
    for name in ("contracts/notes.md", "policies/.hidden.yaml", "worklists/a.yaml", "divisions/notes.md"):
        path = home.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    assert rules_hash(home) == before


@pytest.mark.parametrize("kind", [f"{name}/{kind}" for name in sorted(SHIPPED) for kind in SHIPPED[name]])
def test_not_one_file_of_a_kind_is_a_broken_installation(rooms: Path, home: Home, kind: str) -> None:
    for path in rooms.glob(kind):
        path.unlink()
    with pytest.raises(ZhaorenError, match=re.escape(f"it has no {kind}")):
        rules_hash(home)


def test_what_only_documents_say_does_not_change_it(rooms: Path, home: Home) -> None:
    before = rules_hash(home)
    for path in (rooms / "data_contracts" / "tables").glob("*.yaml"):
        path.write_text("better words")
    assert rules_hash(home) == before
