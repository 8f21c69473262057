"""A change of the vault's key under way: between which two keys, noted so that either can finish it.

The note `key-change.json` lies in the home from before the first byte is encrypted anew until after the last.
It holds each key encrypted by the other: whoever has one of them can go on, and nobody else learns anything.
Once the change is done it is removed, and the former key opens nothing any more.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from warehouse.database.derived_keys import box_of
from warehouse.database.files import sync
from zhaoren.errors import ZhaorenError

NOTE = "key-change.json"


@dataclass(frozen=True)
class KeyChange:
    """From `former` to `key`. begun: when (ISO). in_home: whether the new key goes to vault.key."""

    former: str
    key: str
    begun: str
    in_home: bool


def is_under_way(home: Path) -> bool:
    """Whether a change was begun and not finished."""
    return (home / NOTE).exists()


def refuse_under_way(home: Path) -> None:
    """Raise ZhaorenError while part of the home is encrypted with one key and part with another."""
    if is_under_way(home):
        raise ZhaorenError(
            "The vault's key is being changed.",
            str(home),
            "The change was begun and is not finished: part of the archive opens with the former key, "
            "part with the new one. Nothing is lost.",
            "Type `zhaoren rotate-key` with either of the two keys given: it goes on where it stopped. "
            "Until then no other command opens this home.",
            code="key_change_under_way",
        )


def begin(home: Path, change: KeyChange) -> None:
    """Write the note; it is whole or not there."""
    note = {
        "begun": change.begun,
        "in_home": change.in_home,
        "key": _box(change.former).encrypt(change.key.encode()).decode(),
        "former": _box(change.key).encrypt(change.former.encode()).decode(),
    }
    write_secret(home / NOTE, json.dumps(note))


def under_way(home: Path, keys: Iterable[str]) -> KeyChange:
    """The change that was begun, by any of the keys. Raises ZhaorenError when none is one of the two."""
    note = json.loads((home / NOTE).read_text())
    for key in keys:
        begun, in_home = str(note["begun"]), bool(note["in_home"])
        if new := _opened(key, note["key"]):
            return KeyChange(key, new, begun, in_home)
        if former := _opened(key, note["former"]):
            return KeyChange(former, key, begun, in_home)
    raise ZhaorenError(
        "The key given is neither the former nor the new one.",
        NOTE,
        "The vault's key is being changed, and one of the two is needed to finish it.",
        "Give one of them in ZHAOREN_VAULT_KEY. Nothing was changed.",
        code="vault_key",
    )


def finish(home: Path) -> None:
    """Remove the note."""
    (home / NOTE).unlink(missing_ok=True)
    sync(home)


def write_secret(path: Path, text: str) -> None:
    """A file for its owner only, whole or not there, safe on the disk when this returns."""
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    number = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    sync(path.parent)


def _opened(key: str, token: str) -> str:
    try:
        return _box(key).decrypt(token.encode()).decode()
    except InvalidToken:
        return ""


def _box(key: str) -> Fernet:
    return box_of(key, "key change")
