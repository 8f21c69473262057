"""tried §8 B10: weak keys and open key files were taken, and a damaged vault was told as a wrong key."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.attacks import command
from tests.helpers.homes import KEY, Made

NO_ENV: dict[str, str | None] = {"ZHAOREN_VAULT_KEY": None}


def status(home: Path, env: dict[str, str | None] | None = None) -> str:
    done = command("status", "--home", home, env=env)
    assert done.returncode == 1, done.said
    assert "Traceback" not in done.said
    return done.stderr


@pytest.mark.parametrize("key", ["a", "abcdefgh", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa", "12341234123412341234"])
def test_a_weak_key_makes_no_home(thin: Made, tmp_path: Path, key: str) -> None:
    """b97b271 made homes with a key of one letter."""
    done = command(
        *("run", "--plain", "--inbox", thin.inbox, "--home", tmp_path / "home"),
        env={"ZHAOREN_VAULT_KEY": key},
    )
    assert done.returncode == 1 and "The vault's key is too weak." in done.stderr
    assert len(key) == 1 or key not in done.said
    assert not (tmp_path / "home" / "vault.duckdb").exists()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o601])
def test_a_key_file_open_to_others_is_refused(small_home: Made, mode: int) -> None:
    """b97b271 read it."""
    path = small_home.home.root / "vault.key"
    path.write_text(KEY)
    path.chmod(mode)
    said = status(small_home.home.root, NO_ENV)
    assert "The vault's key file is open to others." in said and "chmod 600 vault.key" in said


def test_so_is_one_elsewhere_and_one_that_is_no_file(small_home: Made, tmp_path: Path) -> None:
    elsewhere = tmp_path / "secret"
    elsewhere.write_text(KEY + "\n")
    env = {**NO_ENV, "ZHAOREN_VAULT_KEY_FILE": str(elsewhere)}
    elsewhere.chmod(0o644)
    assert "open to others" in status(small_home.home.root, env)
    elsewhere.chmod(0o600)
    assert command("status", "--home", small_home.home.root, env=env).returncode == 0
    env["ZHAOREN_VAULT_KEY_FILE"] = str(tmp_path)
    assert "It is no regular file." in status(small_home.home.root, env)
    env["ZHAOREN_VAULT_KEY_FILE"] = str(tmp_path / "nowhere")
    assert "There is no such file." in status(small_home.home.root, env)


def test_an_empty_key_file_is_told_as_one(small_home: Made) -> None:
    """b97b271: "The vault's key is wrong"."""
    (small_home.home.root / "vault.key").touch(0o600)
    assert "The vault's key file is empty." in status(small_home.home.root, NO_ENV)


def test_two_keys_that_differ_are_not_guessed_between(small_home: Made) -> None:
    path = small_home.home.root / "vault.key"
    path.touch(0o600)
    path.write_text("another key of the tests")
    assert "Two keys are given, and they differ." in status(small_home.home.root)
    path.write_text(f"\ufeff{KEY}\r\n")  # the same, as an editor saves it
    assert command("status", "--home", small_home.home.root).returncode == 0


def test_a_wrong_key_and_a_damaged_vault_are_told_apart(small_home: Made) -> None:
    """b97b271 told bytes that were changed as "The vault's key is wrong"."""
    vault, root = small_home.home.vault, small_home.home.root
    assert "The vault's key is wrong." in status(root, {"ZHAOREN_VAULT_KEY": "another key of the tests"})
    whole = vault.read_bytes()
    for damaged in (
        whole[:5000],
        whole[: len(whole) // 2],
        _flipped(whole, 4200),
        _flipped(whole, 8300),
        b"",
    ):
        vault.write_bytes(damaged)
        said = status(root)
        assert "The vault is damaged." in said and "The key is not the reason." in said
        assert vault.read_bytes() == damaged
    vault.write_bytes(whole)
    assert command("status", "--home", root).returncode == 0


def _flipped(whole: bytes, at: int) -> bytes:
    return whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :]
