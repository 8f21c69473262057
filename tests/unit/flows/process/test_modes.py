"""A home is closed to other accounts whatever it was before, and only what is the home's is touched."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from flows.context.home import Home
from flows.process.modes import close_to_others


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def opened(tmp_path: Path) -> Path:
    """A home as an early version left it, with a key and links to what lies elsewhere."""
    home, disk, inbox = tmp_path / "home", tmp_path / "disk", tmp_path / "inbox"
    for folder in (home / "receipts" / "2025-01-05", disk, inbox):
        folder.mkdir(parents=True)
    for path in (home / "warehouse.duckdb", home / "receipts/2025-01-05/a.xlsx", home / "vault.key",
                 disk / "kept.fernet", inbox / "file.csv"):  # fmt: skip
        path.touch()
    (home / "archive").symlink_to(disk)
    (home / "inbox").symlink_to(inbox)
    (home / "published").symlink_to(tmp_path / "nowhere")
    for path in (tmp_path, *tmp_path.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)
    return home


def test_an_open_home_is_closed_and_it_is_said_once(opened: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Home(opened).prepare() == Home(opened)
    said = capsys.readouterr().err
    assert (
        said
        == f"Note: 7 files and folders of {opened} could be opened by other accounts; now only by yours.\n"
    )
    closed = [opened, *(path for path in opened.rglob("*") if not path.is_symlink()), opened / "archive"]
    assert {mode(path) for path in closed if path.name != "vault.key"} == {0o700, 0o600}
    assert mode(opened.parent / "disk" / "kept.fernet") == 0o600
    assert close_to_others(opened) == 0 and capsys.readouterr().err == ""


def test_what_is_not_the_homes_keeps_its_readers(opened: Path) -> None:
    """An inbox that is linked into the home is its departments' too; an open key is refused elsewhere."""
    close_to_others(opened)
    assert mode(opened.parent / "inbox") == 0o755 and mode(opened.parent / "inbox/file.csv") == 0o644
    assert mode(opened / "vault.key") == 0o644


def test_scratch_that_leads_elsewhere_is_made_a_folder(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "theirs").touch()
    home = Home(tmp_path / "home").prepare()
    home.scratch.symlink_to(tmp_path / "elsewhere")
    home.clear_scratch()
    assert not home.scratch.is_symlink() and mode(home.scratch) == 0o700
    assert (tmp_path / "elsewhere" / "theirs").exists()
