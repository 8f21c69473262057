"""Doctor says in one page whether a home is whole, finds every fault planted in it, and changes nothing."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from flows.context.home import Home
from tests.helpers.attacks import command
from tests.helpers.homes import Made, copy_home, file_hashes
from warehouse.database.connection import connect

OWN_KEY: dict[str, str | None] = {"ZHAOREN_VAULT_KEY": None}  # the key lies in the home


def _state(home: Home) -> dict[str, tuple[str, int]]:
    """Digest and modes of every file."""
    return {name: (sha, (home.root / name).stat().st_mode) for name, sha in file_hashes(home.root).items()}


def examined(home: Home, *options: str) -> dict[str, list[tuple[str, str, str]]]:
    """What is wrong (or a note) by area; asserts that nothing was changed and the exit code says the same."""
    before = _state(home)
    done = command("doctor", "--home", home.root, "--json", *options, env=OWN_KEY)
    assert _state(home) == before
    said = json.loads(done.stdout)
    assert done.returncode == (0 if said["is_whole"] else 1), done.said
    found: dict[str, list[tuple[str, str, str]]] = {}
    for one in said["findings"]:
        assert one["state"] != "wrong" or one["todo"] or one["area"] == "vault"
        found.setdefault(one["area"], []).append((one["state"], one["text"], one["todo"]))
    return found


def test_a_whole_home_is_told_as_one(thin: Made, tmp_path: Path) -> None:
    home = copy_home(thin.home, tmp_path / "home")
    found = examined(home, "--deep")
    assert {area: {state for state, *_ in rows} - {"fine"} for area, rows in found.items()} == {
        "key": {"note"},
        **{area: set() for area in found if area != "key"},
    }
    assert {"program", "layout", "modes", "conservation", "archive", "vault", "people"} <= found.keys()
    assert {"published", "disk", "work", "leftovers", "warehouse"} <= found.keys()
    printed = command("doctor", "--home", home.root, env=OWN_KEY)
    assert printed.returncode == 0 and printed.stdout.endswith("The home is whole.\n")


def _sql(home: Home, statement: str) -> None:
    with duckdb.connect(str(home.warehouse)) as con:
        con.execute(statement)


def _archived(home: Home) -> list[Path]:
    return sorted(home.archive.rglob("*.fernet"))


def _change(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    path.write_bytes(whole)


Fault = tuple[Callable[[Home], object], str, str]  # what spoils the home, and where doctor says which words
# After these little else can be looked at.
ALONE: dict[str, Fault] = {
    "vault gone": (lambda home: home.vault.unlink(), "vault", "The vault is missing."),
    "vault cut": (lambda home: os.truncate(home.vault, 9000), "vault", "damaged"),
    "warehouse gone": (lambda home: home.warehouse.unlink(), "warehouse", "The warehouse is missing."),
    "warehouse cut": (lambda home: os.truncate(home.warehouse, 9000), "warehouse", "damaged"),
    "key gone": (lambda home: (home.root / "vault.key").unlink(), "vault", "The vault's key is missing."),
    "key open": (lambda home: (home.root / "vault.key").chmod(0o644), "key", "open to others"),
    "archive gone": (lambda home: shutil.rmtree(home.archive), "vault", "The archive is missing."),
    "published gone": (lambda home: home.published.unlink(), "published", "There is no published file"),
}
ROW_LOST = "UPDATE ops.delivery SET rows_read = rows_read + 1"
STRANGER = "UPDATE core._person SET person_id = 'P900000001' WHERE person_id = 'P000000001'"
TOGETHER: tuple[Fault, ...] = (
    (lambda home: (home.root / "worklists").chmod(0o755), "modes", "1 files and folders"),
    (lambda home: _sql(home, ROW_LOST), "conservation", "rows were lost"),
    (lambda home: _archived(home)[0].unlink(), "archive", "originals are not in the archive"),
    (lambda home: _change(_archived(home)[-1]), "archive", "cannot be read back"),
    (lambda home: home.published.write_bytes(b"no database"), "published", "cannot be read"),
    (lambda home: _sql(home, "UPDATE ops.home SET layout = 99"), "layout", "newer version"),
    (lambda home: _sql(home, STRANGER), "people", "unknown"),
)  # fmt: skip


@pytest.mark.parametrize("fault", ALONE)
def test_every_fault_is_found_with_what_to_do(thin: Made, tmp_path: Path, fault: str) -> None:
    _assert_found(copy_home(thin.home, tmp_path / "home"), ALONE[fault])


def test_faults_hide_no_other(thin: Made, tmp_path: Path) -> None:
    _assert_found(copy_home(thin.home, tmp_path / "home"), *TOGETHER)


def _assert_found(home: Home, *faults: Fault) -> None:
    for spoil, *_ in faults:
        spoil(home)
    found = examined(home)
    for _, area, words in faults:
        assert any(state == "wrong" and words in text for state, text, _ in found[area]), found[area]


def test_what_a_kill_left_is_a_note(thin: Made, tmp_path: Path) -> None:
    home = copy_home(thin.home, tmp_path / "home")
    home.scratch.mkdir(exist_ok=True, mode=0o700)
    (home.scratch / "half").touch(0o600)
    with duckdb.connect(str(home.warehouse)) as con:
        con.execute("UPDATE ops.run SET status = 'running'")
        con.execute("PRAGMA disable_checkpoint_on_shutdown")
    found = examined(home)
    assert [state for state, *_ in found["work"]] == ["note"]
    assert [state for state, *_ in found["leftovers"]] == ["note", "note"]


def test_a_home_at_work_is_told_as_one(thin: Made, tmp_path: Path) -> None:
    home = copy_home(thin.home, tmp_path / "home")
    con = connect(home.warehouse)
    try:
        done = command("doctor", "--home", home.root, "--json", env=OWN_KEY, process=True)
    finally:
        con.close()
    assert done.returncode == 1 and "The warehouse is in use." in done.stdout
