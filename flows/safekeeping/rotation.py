"""Change the vault's key: all that the former one opened is encrypted anew, and it opens nothing more.

Killed at any moment, the command given again goes on. In this order, each step harmless twice: a note of the
two keys, the archive file by file, the vault as a whole, the record in the warehouse, the key file, and the
note's removal. While the note is there no other command opens the home (key_change.refuse_under_way).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flows.context.home import Home
from flows.context.progress import Progress, silent
from flows.context.site import Site, local_now, open_site
from warehouse.database.archive import Rekeyed, rekey
from warehouse.database.rewriting import rewrite
from warehouse.identity.given_key import NEW_NAME
from warehouse.identity.key_change import KeyChange, begin, finish, is_under_way, under_way, write_secret
from warehouse.identity.vault import Vault
from warehouse.queries.asker import Asker
from warehouse.queries.key_changes import KeyChanged, note_key_change
from warehouse.wholeness.home_row import home_id_of
from warehouse.wholeness.opening import remember_key
from warehouse.wholeness.vault_key import (
    FILE,
    GivenKey,
    key_check,
    key_missing,
    key_of,
    keys_given,
    new_key,
)
from zhaoren.errors import ZhaorenError


@dataclass(frozen=True)
class Rotated:
    """files: what became of the archive. in_home: whether the new key lies in vault.key. went_on: whether a
    change that had been cut off was finished."""

    files: Rekeyed
    in_home: bool
    went_on: bool


def rotate_key(
    home: Home, asker: Asker, new_file: Path | None = None, progress: Progress = silent
) -> Rotated:
    """Give the home another key: that of `new_file` or ZHAOREN_NEW_VAULT_KEY, else one that is made.

    A change that was cut off is finished first, and alone. Raises ZhaorenError, before anything is changed,
    for a new key that is weak, the present one, or open to others.
    """
    given = new_key(new_file)
    went_on = is_under_way(home.root)
    change = _resumed(home, given) if went_on else _planned(home, given)
    with open_site(home, progress, asker=asker, key=_key_of_vault(home, change)) as site:
        site.log_opening("rotate-key")
        if not went_on:
            begin(home.root, change)
        files = rekey(home.archive, change.former, change.key, _told(progress))
        if site.vault_key != change.key:
            rewrite(home.vault, change.former, change.key)
        _record(site, change, files)
        _keep_key(home, change)
        finish(home.root)
    return Rotated(files, change.in_home, went_on)


def _told(progress: Progress) -> Callable[[int, int], None]:
    return lambda done, of: progress("encrypting the archive anew", done, of + 1)


def _planned(home: Home, given: GivenKey | None) -> KeyChange:
    """The change that is to begin. Raises ZhaorenError when it must not."""
    present = key_of(home.root)
    if present is None:
        raise key_missing()
    new = given.value if given else _made(present)
    if new in present.readings or (given and _opens(home, new)):
        raise ZhaorenError(
            "The new key is the present one.",
            given.source if given else "",
            "The home has this key already; nothing would be changed by it.",
            "If the change is what you wanted, it is done. Else give another key.",
            code="key_same",
        )
    former = present.value if _opens(home, present.value) else present.readings[-1]
    return KeyChange(former, new, local_now().isoformat(), in_home=given is None)


def _resumed(home: Home, given: GivenKey | None) -> KeyChange:
    """The change that was begun, by whichever of its keys is given anywhere."""
    keys = [given.value] if given else []
    for present in keys_given(home.root):
        keys += present.readings
    change = under_way(home.root, keys)
    if given and given.value not in (change.key, change.former):
        raise ZhaorenError(
            "Another change of the key is under way.",
            given.source,
            "A change to another new key was begun and is not finished.",
            f"Finish that one first: the same command without {NEW_NAME} and --new-key-file, then "
            "change the key once more.",
            code="key_change_under_way",
        )
    return change


def _made(present: GivenKey) -> str:
    """A new random key, where the home keeps its key itself."""
    if present.source != FILE:
        raise ZhaorenError(
            "The new key must be given.",
            present.source,
            "The home does not keep its key: it comes from outside, and so must the new one.",
            f"Set {NEW_NAME} to it, or name a file with --new-key-file (`openssl rand -hex 32` prints "
            "a key). Nothing was changed.",
            code="key_missing",
        )
    return secrets.token_hex(32)


def _opens(home: Home, key: str) -> bool:
    """Whether the vault has this key. Raises ZhaorenError when it cannot be opened for another reason."""
    try:
        Vault(home.vault, key, read_only=True).con.close()
    except ZhaorenError as error:
        if error.code != "vault_key":
            raise
        return False
    return True


def _key_of_vault(home: Home, change: KeyChange) -> str:
    """Which of the two keys the vault has now."""
    return change.key if is_under_way(home.root) and _opens(home, change.key) else change.former


def _record(site: Site, change: KeyChange, files: Rekeyed) -> None:
    """The row of ops.key_change; and the new key's check value."""
    changed = KeyChanged(
        begun_at=datetime.fromisoformat(change.begun),
        finished_at=site.now(),
        changed_by=site.asker.name,
        file_cnt=files.file_cnt,
        damaged_cnt=len(files.damaged),
        former_key_check=key_check(change.former, home_id_of(site.con)),
    )
    note_key_change(site.con, changed)
    remember_key(site.con, change.key, anew=True)


def _keep_key(home: Home, change: KeyChange) -> None:
    """vault.key holds the new key where the home keeps it; else it goes, the former one being of no use."""
    path = home.root / FILE
    if change.in_home:
        write_secret(path, change.key)
    else:
        path.unlink(missing_ok=True)
