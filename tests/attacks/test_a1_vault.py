"""tried §8 A1: a vault that is missing, older, torn or another home's was not noticed: ids were given twice.

On b97b271 each of these ended with exit code 0: a new vault (and key) was made, or the wrong one was used.
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from flows.context.home import Home
from tests.helpers.attacks import OTHER_VERSION, Done, command
from tests.helpers.homes import Made, copy_home, file_hashes, once, send, sent

DATES_AFTER = (date(2025, 11, 5), date(2025, 11, 6))
PARTS = ("vault.duckdb", "warehouse.duckdb", "vault.key")


def run(made: Made, inbox: Path | None = None, **env: str | None) -> Done:
    return command(
        *("run", "--plain", "--all", "--home", made.home.root, "--inbox", inbox or made.inbox),
        env=env or None,
    )


def take_in(home: Path, inbox: Path) -> Done:
    """Files in, without lists; b97b271 knows no such option and makes them."""
    option = () if OTHER_VERSION else ("--no-deliver",)
    return command("run", "--plain", *option, "--home", home, "--inbox", inbox)


def refused(done: Done, *words: str) -> bool:
    assert done.returncode == 1, done.said
    assert "Traceback" not in done.said and "duckdb.duckdb" not in done.said
    for word in words:
        assert word in done.stderr, done.stderr
    return True


def untouched(made: Made) -> dict[str, str]:
    """Digests of vault, warehouse, key and archive."""
    whole = file_hashes(made.home.root)
    return {name: digest for name, digest in whole.items() if name.startswith(("archive", *PARTS))}


def add_file(made: Made, inbox: Path, day: date, rows_less: int = 1) -> Path:
    """An inbox with one file more: the last one's rows but a few."""
    source = sent(made.inbox, max(made.dates), "disability_card")
    send(source, inbox, day, f"disability_card.{day:%Y-%m}.csv", lambda rows: rows[:-rows_less])
    return inbox


def test_a_vault_that_was_deleted_is_not_made_anew(small_home: Made) -> None:
    small_home.home.vault.unlink()
    before = untouched(small_home)
    assert refused(run(small_home), "The vault is missing.", "a vault.duckdb that holds step", "20")
    assert refused(command("status", "--home", small_home.home.root), "The vault is missing.")
    assert untouched(small_home) == before


def test_nor_with_its_key(small_home: Made) -> None:
    small_home.home.vault.unlink()
    before = untouched(small_home)
    done = run(small_home, ZHAOREN_VAULT_KEY=None)
    assert refused(done, "The vault and its key are missing.", "and its key, from the backup")
    assert untouched(small_home) == before
    assert not (small_home.home.root / "vault.key").exists()


def test_a_key_that_is_gone_is_asked_for(small_home: Made) -> None:
    assert refused(run(small_home, ZHAOREN_VAULT_KEY=None), "The vault's key is missing.")
    assert not (small_home.home.root / "vault.key").exists()


@pytest.fixture(scope="session")
def _grown(request: pytest.FixtureRequest, thin: Made, shared: Path) -> Path:
    """`home`: the small home and one file more of `more`; `before`: vault and warehouse without it."""
    source = request.getfixturevalue("_made_by_the_other") if OTHER_VERSION else thin

    def make(folder: Path) -> None:
        home = copy_home(source.home, folder / "home")
        (home.root / "vault.key").unlink(missing_ok=True)
        shutil.copytree(home.root, folder / "before")
        inbox = add_file(thin, folder / "more", DATES_AFTER[0])
        done = take_in(home.root, inbox)
        assert done.returncode == 0, done.said

    return once(shared, f"grown{OTHER_VERSION.replace('/', '-')}", make)


@pytest.fixture
def grown(_grown: Path, tmp_path: Path) -> Made:
    """A copy of it to spoil."""
    shutil.copytree(_grown, tmp_path / "grown")
    return Made(Home(tmp_path / "grown" / "home"), tmp_path / "grown", "")


def test_an_older_vault_is_told_and_which_backup_is_needed(grown: Made) -> None:
    whole = grown.home.vault.read_bytes()
    shutil.copy(grown.province / "before" / "vault.duckdb", grown.home.vault)
    before = untouched(grown)
    done = run(grown, grown.province / "more")
    assert refused(
        done, "The vault is older than the warehouse.", "Put back a vault.duckdb", "from an older backup"
    )
    assert untouched(grown) == before
    grown.home.vault.write_bytes(whole)
    assert command("status", "--home", grown.home.root).returncode == 0


def test_an_older_warehouse_is_told_and_work_goes_on(grown: Made) -> None:
    """b97b271 said nothing of it."""
    shutil.copy(grown.province / "before" / "warehouse.duckdb", grown.home.warehouse)
    done = command("status", "--home", grown.home.root)
    assert done.returncode == 0 and "the warehouse is an older copy" in done.stderr, done.said
    assert "lacks the later step 16 (accepted 20251105-disability_card-" in done.stderr


def test_copies_that_went_separate_ways_are_told(grown: Made, thin: Made) -> None:
    """The older copy, run by itself, gave ids of its own."""
    other = Made(Home(grown.province / "before"), grown.province, "")
    inbox = add_file(thin, grown.province / "else", DATES_AFTER[1], rows_less=2)
    done = take_in(other.home.root, inbox)
    assert done.returncode == 0, done.said
    shutil.copy(other.home.vault, grown.home.vault)
    before = untouched(grown)
    assert refused(
        run(grown, grown.province / "more"), "Vault and warehouse went separate ways.", "Both went through"
    )
    assert untouched(grown) == before


def test_another_homes_vault_is_told(small_home: Made, tmp_path: Path) -> None:
    """Its key is the same, as where an office uses one for all its homes."""
    strange = Made(Home(tmp_path / "strange"), tmp_path, "")
    inbox = add_file(small_home, tmp_path / "more", DATES_AFTER[0])
    done = take_in(strange.home.root, inbox)
    assert done.returncode == 0
    shutil.copy(strange.home.vault, small_home.home.vault)
    before = untouched(small_home)
    assert refused(run(small_home), "of two different homes", "where: vault.duckdb")
    assert untouched(small_home) == before


def test_a_warehouse_that_was_deleted_is_not_made_anew(small_home: Made) -> None:
    small_home.home.warehouse.unlink()
    before = untouched(small_home)
    assert refused(run(small_home), "The warehouse is missing.", "a vault, archived files", "--home NEW")
    assert untouched(small_home) == before


def test_an_archive_that_was_deleted_is_told(small_home: Made) -> None:
    shutil.rmtree(small_home.home.archive)
    before = untouched(small_home)
    assert refused(run(small_home), "The archive is missing.", "Put archive/ back")
    assert untouched(small_home) == before


def test_lists_alone_get_no_new_home(small_home: Made) -> None:
    """Feedback on them would be taken for strangers'."""
    for path in (small_home.home.vault, small_home.home.warehouse):
        path.unlink()
    shutil.rmtree(small_home.home.archive)
    assert refused(run(small_home), "The warehouse is missing.", "lists, receipts or a published file")
    assert not small_home.home.warehouse.exists()
