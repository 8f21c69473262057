"""Why a vault cannot be opened, in words: each cause by its own, and none of the engine's text."""

from __future__ import annotations

import duckdb

from warehouse.database.connection import damaged_file, strange_log_of
from zhaoren.errors import ZhaorenError

# What DuckDB says, and which cause it means. "Wrong encryption key" comes from a header whose checksum is
# right; a damaged block fails its checksum or its AES tag, though the text asks after the key then, too.
_WORDS = {
    "wrong encryption key": "vault_key",
    "no space left": "disk_full",
    "could not set lock": "vault_in_use",
    "conflicting lock": "vault_in_use",
    "permission denied": "vault_forbidden",
    "not encrypted": "vault_foreign",
    "wal was created for": "vault_log",  # a file and a log of two moments, or of two databases
    "wal does not match": "vault_log",
    "not a valid duckdb": "vault_damaged",
    "could not read enough bytes": "vault_damaged",
    "checksum": "vault_damaged",
    "aes tag": "vault_damaged",
    "replaying wal": "vault_damaged",
    "corrupt": "vault_damaged",
}


def cause(text: str) -> str:
    """The code of the cause behind DuckDB's message; `vault_unreadable` for one we do not know."""
    lower = text.lower()
    return next((code for words, code in _WORDS.items() if words in lower), "vault_unreadable")


def damage_of(error: BaseException) -> ZhaorenError | None:
    """The error in words, if it says that bytes of vault or warehouse are not those that were written.

    Most blocks are read only when something in them is asked for, in the middle of a step.
    """
    text = str(error)
    if not isinstance(error, duckdb.Error) or cause(text) != "vault_damaged":
        return None
    return (
        damaged() if "aes tag" in text.lower() or "vault.duckdb" in text else damaged_file("warehouse.duckdb")
    )


def unopened(text: str) -> ZhaorenError:
    """The error for a vault that DuckDB does not open, saying `text`."""
    return FAULTS[cause(text)]()


def missing() -> ZhaorenError:
    """There is no vault where there must be one."""
    return ZhaorenError(
        "The home has no vault.",
        "vault.duckdb",
        "The file is not there.",
        "Put the vault back from the backup; nothing was changed.",
        code="vault_missing",
    )


def wrong_key() -> ZhaorenError:
    """The key is not the one that the vault was made with."""
    return ZhaorenError(
        "The vault's key is wrong.",
        "vault.duckdb",
        "The key given by ZHAOREN_VAULT_KEY or a key file does not open it; the vault itself looks whole.",
        "Use the key this home was made with. Nothing was changed.",
        code="vault_key",
    )


def damaged() -> ZhaorenError:
    """Bytes of the vault were changed or cut off."""
    return ZhaorenError(
        "The vault is damaged.",
        "vault.duckdb",
        "Bytes of the file, or of its log vault.duckdb.wal, are missing or are not those that were written. "
        "The key is not the reason.",
        "Put vault.duckdb back from the newest backup, its log with it if the backup has one. "
        "Nothing was changed.",
        code="vault_damaged",
    )


def strange_log() -> ZhaorenError:
    """File and log are of two moments."""
    return strange_log_of("vault.duckdb", code="vault_log")


def foreign() -> ZhaorenError:
    """The file is a database, and no vault."""
    return ZhaorenError(
        "vault.duckdb is no vault.",
        "vault.duckdb",
        "It is a database that is not encrypted; a vault always is.",
        "Put the vault back from the backup. Nothing was changed.",
        code="vault_foreign",
    )


def _in_use() -> ZhaorenError:
    return ZhaorenError(
        "The vault is in use.",
        "vault.duckdb",
        "Another process has it open, and only one may.",
        "Wait for that one to end.",
        code="vault_in_use",
    )


def _forbidden() -> ZhaorenError:
    return ZhaorenError(
        "The vault may not be opened.",
        "vault.duckdb",
        "The account that runs Zhaoren may not read and write it.",
        "Run Zhaoren as the account that owns the home.",
        code="vault_forbidden",
    )


def _disk_full() -> ZhaorenError:
    return ZhaorenError(
        "The disk is full.",
        "vault.duckdb",
        "The system could not write any more of it.",
        "Free some space and run again. Nothing was changed.",
        code="disk_full",
    )


def _unreadable() -> ZhaorenError:
    return ZhaorenError(
        "The vault cannot be opened.",
        "vault.duckdb",
        "The system or the file refuses it, for a reason we do not know.",
        "Check the disk and the file's owner; `zhaoren doctor` looks through the whole home.",
        code="vault_unreadable",
    )


FAULTS = {
    "vault_key": wrong_key,
    "vault_damaged": damaged,
    "vault_foreign": foreign,
    "vault_log": strange_log,
    "vault_in_use": _in_use,
    "vault_forbidden": _forbidden,
    "disk_full": _disk_full,
    "vault_unreadable": _unreadable,
}
