"""The vault's key is changed, is cut off at every moment, and the former key opens nothing afterwards."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from flows.context.home import Home
from flows.context.site import open_site
from flows.safekeeping import rotation
from tests.helpers.attacks import OTHER_VERSION, command
from tests.helpers.homes import KEY, Made
from tests.helpers.killed import killed_at_operation
from warehouse.database.archive import opens
from warehouse.identity.key_change import NOTE
from warehouse.identity.vault import Vault
from zhaoren.errors import ZhaorenError

NEW = "the new key of the tests"
BOTH: dict[str, str | None] = {"ZHAOREN_VAULT_KEY": KEY, "ZHAOREN_NEW_VAULT_KEY": NEW}
ONLY_NEW: dict[str, str | None] = {"ZHAOREN_VAULT_KEY": NEW}
pytestmark = pytest.mark.skipif(bool(OTHER_VERSION), reason="b97b271 has no such command")


def assert_changed(home: Home, former: str, key: str) -> None:
    """The new key opens everything, the former one nothing."""
    files = sorted(home.archive.glob("*/*.fernet"))
    assert files
    assert all(opens(path, key) and not opens(path, former) for path in files)
    with pytest.raises(ZhaorenError):
        Vault(home.vault, former)
    Vault(home.vault, key).con.close()
    left = {path.name for path in home.root.rglob("*") if path.suffix in (".partial", ".rewriting", ".wal")}
    assert not left
    assert not (home.root / NOTE).exists()


def keyed(small_home: Made) -> Home:
    (small_home.home.root / "vault.key").write_text(KEY)
    (small_home.home.root / "vault.key").chmod(0o600)
    return small_home.home


def test_the_key_is_changed_though_cut_off(small_home: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """tried §8 B10: on b97b271 a key that had got out could not be changed at all."""
    home = small_home.home
    with monkeypatch.context() as patch:
        patch.setattr(rotation, "rewrite", _cut)
        assert command("rotate-key", "--home", home.root, env=BOTH).returncode != 0
    refused = command("status", "--home", home.root)
    assert refused.returncode == 1
    assert "is being changed" in refused.said
    assert "zhaoren rotate-key" in refused.said
    done = command("rotate-key", "--home", home.root, "--by", "Chen", env=ONLY_NEW)  # either key will do
    assert done.returncode == 0, done.said
    assert "cut off is finished" in done.stdout
    assert_changed(home, KEY, NEW)
    given_up = command("status", "--home", home.root)
    assert given_up.returncode == 1
    assert "This key was given up" in given_up.said
    assert not {KEY, NEW} & set(done.said.split("\n"))


def _cut(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("short", "fewer than 16"),
        ("aaaaaaaaaaaaaaaaaaaa", "8 different"),
        (KEY, "the present one"),
        (None, "must be given"),
    ],
)
def test_a_new_key_that_is_none_changes_nothing(tmp_path: Path, new: str | None, why: str) -> None:
    home = Home(tmp_path)
    for path in (home.warehouse, home.vault):
        path.touch()
    refused = command("rotate-key", "--home", tmp_path, env=BOTH | {"ZHAOREN_NEW_VAULT_KEY": new})
    assert refused.returncode == 1
    assert why in refused.said
    assert sorted(p.name for p in tmp_path.iterdir()) == ["vault.duckdb", "warehouse.duckdb"]


@pytest.mark.long
def test_a_home_that_keeps_its_key_gets_one_made(small_home: Made) -> None:
    home = keyed(small_home)
    done = command("rotate-key", "--home", home.root, env={"ZHAOREN_VAULT_KEY": None})
    assert done.returncode == 0, done.said
    made = (home.root / "vault.key").read_text()
    assert len(made) == 64
    assert (home.root / "vault.key").stat().st_mode & 0o077 == 0
    assert_changed(home, KEY, made)
    with open_site_with(made, home) as site:
        found = site.con.execute("SELECT result, error_code, command FROM ops.vault_opening").fetchall()
    assert ("opened", "", "rotate-key") in found
    open_to_all = home.root.parent / "open.key"
    open_to_all.write_text(NEW)
    open_to_all.chmod(0o644)
    refused = command(
        "rotate-key", "--new-key-file", open_to_all, "--home", home.root, env={"ZHAOREN_VAULT_KEY": None}
    )
    assert "open to others" in refused.said


def open_site_with(key: str, home: Home):  # type: ignore[no-untyped-def]
    return open_site(home, key=key)


def rotated_in_pieces(home: Home, operations: list[int]) -> int:
    """Change the key, killed at each of these file operations in turn; how many of the kills came to pass."""
    ended = [killed_at_operation(one, "rotate-key", "--home", home.root, env=BOTH) for one in operations]
    done = command("rotate-key", "--home", home.root, env=BOTH)
    assert done.returncode == 0 or "has this key already" in done.said
    return ended.count(-9)


@pytest.mark.long
def test_killed_at_file_operations_all_over(small_home: Made, tmp_path: Path) -> None:
    draw, kills = random.Random(11), 0
    for turn in range(4):
        home = Home(tmp_path / f"turn{turn}")
        shutil.copytree(small_home.home.root, home.root)
        kills += rotated_in_pieces(home, sorted(draw.sample(range(1, 40), 4)))
        assert_changed(home, KEY, NEW)
    assert kills >= 5
