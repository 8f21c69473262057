"""Open a home's vault beside its warehouse, or say why the two must not be opened together.

Nothing is created where anything stands, and until vault, warehouse, archive and key are seen to belong
together nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from warehouse.database.archive import archive_path, opens
from warehouse.database.catalogue import has_table
from warehouse.database.connection import Connection
from warehouse.identity.marks import NONE
from warehouse.identity.vault import Vault
from warehouse.wholeness.adoption import refuse_uncovered
from warehouse.wholeness.compare import delivery_count, newest_of, refuse_mismatch
from warehouse.wholeness.home_row import home_id_of, keep_key_check, key_check_of
from warehouse.wholeness.inspection import originals
from warehouse.wholeness.mismatches import (
    archive_gone,
    archive_older,
    vault_gone,
    vault_of_other_key,
    warehouse_gone,
    wrong_key,
)
from warehouse.wholeness.vault_key import GivenKey, key_check, key_missing, make_key
from zhaoren.errors import ZhaorenError

# Folders of what was handed out: each line of them bears an id.
HANDED_OUT = ("worklists", "counties", "compliance", "receipts", "reviews", "published")


class Places(Protocol):
    """Where the parts of a home are."""

    @property
    def root(self) -> Path: ...
    @property
    def warehouse(self) -> Path: ...
    @property
    def vault(self) -> Path: ...
    @property
    def archive(self) -> Path: ...


def refuse_missing_warehouse(places: Places) -> None:
    """Raise ZhaorenError when the warehouse is missing and other parts of a home are there."""
    if not places.warehouse.exists() and (stands := _beside_warehouse(places)):
        raise warehouse_gone(stands)


def open_both(
    con: Connection, places: Places, key: GivenKey | None, spare: list[Connection] | None = None
) -> tuple[Vault, str, list[str]]:
    """The vault that belongs to the open warehouse, writable; the key it opens with; what a person must know.

    spare: where the engine is left when the vault is closed, for its next opening.

    A vault, and where none is given a key, are made only for a home that holds nothing. Raises ZhaorenError
    for each way in which the parts of a home do not belong together.
    """
    if not places.vault.exists():
        if home_holds(con):
            raise vault_missing_from(con, places, key)
        if stands := _stands(places):
            raise warehouse_gone(stands, is_empty=True)
        key = key or make_key(places.root)
        return Vault(places.vault, key.value, make=True, spare=spare), key.value, []
    vault, value, notices = look_at_both(con, places, key, spare)
    vault.writable(value)
    return vault, value, notices


def home_holds(con: Connection) -> bool:
    """Whether the warehouse speaks of anybody."""
    return bool(delivery_count(con) or any(newest_of(con).last))


def vault_missing_from(con: Connection, places: Places, key: GivenKey | None) -> ZhaorenError:
    """Which vault is needed where there is none."""
    what = [f"a warehouse with {delivery_count(con)} deliveries", *_stands(places)]
    return vault_gone(newest_of(con), what, key_gone=key is None)


def look_at_both(
    con: Connection, places: Places, key: GivenKey | None, spare: list[Connection] | None = None
) -> tuple[Vault, str, list[str]]:
    """The same for a vault that is there, only read: it cannot be written."""
    deliveries, reached = delivery_count(con), newest_of(con)
    vault, value = _opened(con, places, key, spare)
    try:
        notices = refuse_mismatch(con, vault, places.vault, _stranger(con, places))
        if deliveries and reached == NONE:
            refuse_uncovered(con, vault)  # of a former version
        if not home_holds(con) and any(vault.counters()):
            raise warehouse_gone(_beside_warehouse(places), is_empty=True)
        if kept := _kept_files(con):
            _refuse_empty_archive(places, kept)
            notices += _newest_lacking(con, places)
    except BaseException:
        vault.con.close()
        raise
    return vault, value, notices


def remember_key(con: Connection, key: str, *, anew: bool = False) -> None:
    """Keep the check value of the home's key; `anew`: in place of a former key's."""
    if anew or not key_check_of(con):
        keep_key_check(con, key_check(key, home_id_of(con)))


def is_home_key(con: Connection, places: Places, key: str) -> bool | None:
    """Whether the key is this home's, by its check value or by the archive; None: not known."""
    if value := key_check_of(con):
        return key_check(key, home_id_of(con)) == value
    sample = next(archived(places.archive), None)
    return None if sample is None else opens(sample, key)


def archived(archive: Path) -> Iterator[Path]:
    """Every archived file."""
    return (path for path in archive.glob("*/*.fernet") if path.is_file())


def _opened(
    con: Connection, places: Places, key: GivenKey | None, spare: list[Connection] | None
) -> tuple[Vault, str]:
    """The vault, only read, and the reading of the key that opens it."""
    if key is None:
        raise key_missing()
    for value in key.readings:
        try:
            return Vault(places.vault, value, read_only=True, spare=spare), value
        except ZhaorenError as error:
            if error.code != "vault_key":
                raise
    ours = any(is_home_key(con, places, value) for value in key.readings)
    raise vault_of_other_key() if ours else wrong_key(key.source)


def _stranger(con: Connection, places: Places) -> str:
    """Which of the two files is another home's, if one is: the archive tells whose home it is."""
    if not has_table(con, "ops.delivery"):
        return "vault.duckdb"
    query = "SELECT sha256 FROM ops.delivery WHERE status <> 'rejected' ORDER BY known_date DESC LIMIT 1"
    found = con.execute(query).fetchone()
    if found is None or archive_path(places.archive, found[0]).exists():
        return "vault.duckdb"
    return "warehouse.duckdb"


def _kept_files(con: Connection) -> int:
    """Deliveries whose files were kept: a link or a folder never is, and is refused."""
    if not has_table(con, "ops.delivery"):
        return 0
    return int(con.execute("SELECT count(*) FROM ops.delivery WHERE status <> 'rejected'").fetchall()[0][0])


def _refuse_empty_archive(places: Places, deliveries: int) -> None:
    if next(archived(places.archive), None) is None:
        raise archive_gone(deliveries)


def _newest_lacking(con: Connection, places: Places) -> list[str]:
    """A sentence where the archive lacks one of the newest originals, as an older copy of it does."""
    newest = originals(con)[:5]
    lacking = [delivery for sha, delivery in newest if not archive_path(places.archive, sha).exists()]
    return [archive_older(lacking)] if lacking else []


def _beside_warehouse(places: Places) -> list[str]:
    return [*(["a vault"] if places.vault.exists() else []), *_stands(places)]


def _stands(places: Places) -> list[str]:
    """What a home holds beside warehouse and vault, in words."""
    handed_out = any(any((places.root / name).glob("*")) for name in HANDED_OUT)
    return [
        *(["archived files"] if next(archived(places.archive), None) else []),
        *(["lists, receipts or a published file"] if handed_out else []),
    ]
