"""Why warehouse, vault, archive and key do not belong together: each cause in its own words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from warehouse.identity.marks import NONE, Mark
from zhaoren.errors import ZhaorenError

UNTOUCHED = "Nothing was changed."
_FROM_ONE_BACKUP = (
    "put warehouse.duckdb, vault.duckdb and archive/ back from one and the same backup, and hand in again "
    "what came after it"
)


def older(vault: Mark, warehouse: Mark, *, has_log: bool) -> ZhaorenError:
    """The vault lacks steps that the warehouse went through; has_log: vault.duckdb.wal is there."""
    why = (
        "Its log vault.duckdb.wal ends too early: it was cut off or damaged, or belongs to another copy."
        if has_log
        else "It was put back from an older backup, or copied without its log vault.duckdb.wal."
    )
    return ZhaorenError(
        "The vault is older than the warehouse.",
        "vault.duckdb",
        f"The warehouse went through {warehouse.in_words}, the vault only through {_reached(vault)}. {why} "
        "People would be given ids that are other people's already.",
        "Put back a vault.duckdb (and vault.duckdb.wal, if the backup has one) that holds "
        f"{warehouse.in_words} or a later step. If there is none, {_FROM_ONE_BACKUP}. {UNTOUCHED}",
        code="vault_older",
    )


def forked(common: Mark, vault: Mark, warehouse: Mark) -> ZhaorenError:
    """Both went on after a step, each for itself."""
    return ZhaorenError(
        "Vault and warehouse went separate ways.",
        "vault.duckdb and warehouse.duckdb",
        f"Both went through {_reached(common)}. After that the vault went on to {_reached(vault)} and the "
        f"warehouse, on its own, to {_reached(warehouse)}: a copy of the home was run, too. One id "
        "may mean two people.",
        "Choose the copy that is to count, and take both files and archive/ from it. Else "
        f"{_FROM_ONE_BACKUP}. {UNTOUCHED}",
        code="vault_forked",
    )


def other_home(stranger: str) -> ZhaorenError:
    """Vault and warehouse were made by different homes; stranger: the file that is another home's."""
    return ZhaorenError(
        "Vault and warehouse are of two different homes.",
        stranger,
        "Each of them bears the number of the home it was made in, and the numbers differ.",
        f"Put this home's own file back from its backup. {UNTOUCHED}",
        code="other_home",
    )


def not_covering(persons: int, households: int) -> ZhaorenError:
    """A vault of a former version does not know everybody whom the warehouse speaks of."""
    return ZhaorenError(
        "The vault does not belong to this warehouse.",
        "vault.duckdb",
        f"The warehouse speaks of {persons} persons and {households} households whom the vault does "
        "not know: it is older than the warehouse, or another home's.",
        "Put back a vault.duckdb that was copied together with this warehouse.duckdb, or later. If there is "
        f"none, {_FROM_ONE_BACKUP}. {UNTOUCHED}",
        code="vault_not_covering",
    )


def other_people(share: int) -> ZhaorenError:
    """The ids of a former version's vault and warehouse agree, but not the deliveries that brought them."""
    return ZhaorenError(
        "The vault does not belong to this warehouse.",
        "vault.duckdb",
        f"Of the persons whom both know from the same deliveries, {share} % are not the same: the vault is "
        "another home's.",
        f"Put this home's own vault.duckdb back from its backup. {UNTOUCHED}",
        code="vault_not_covering",
    )


def vault_gone(newest: Mark, what_stands: Sequence[str], *, key_gone: bool) -> ZhaorenError:
    """There is no vault in a home that holds something."""
    gone = "The vault and its key are missing." if key_gone else "The vault is missing."
    needed = (
        f"a vault.duckdb that holds {newest.in_words} or a later step"
        if newest != NONE
        else "its vault.duckdb"
    )
    return ZhaorenError(
        gone,
        "vault.duckdb",
        f"The home holds {_and(what_stands)}. With a new vault the ids in it would stand for other people.",
        f"Put back {needed}{', and its key,' if key_gone else ''} from the backup. Without a backup, "
        f"make a new home from the same files: `zhaoren run --all --inbox INBOX --home NEW`. {UNTOUCHED}",
        code="vault_missing",
    )


def warehouse_gone(what_stands: Sequence[str], *, is_empty: bool = False) -> ZhaorenError:
    """There is no warehouse, or one that holds nothing, where other things stand."""
    return ZhaorenError(
        "The warehouse holds nothing." if is_empty else "The warehouse is missing.",
        "warehouse.duckdb",
        f"The home holds {_and(what_stands)}, and none of the facts that belong to it.",
        "Put warehouse.duckdb back from the backup: an older one will do, then hand in again what came after "
        "it. Without a backup, have `zhaoren restore --out INBOX` write the archived files out, and make a "
        "new home of them with the same key: `zhaoren run --all --inbox INBOX --home NEW` gives the same "
        f"people the same ids. {UNTOUCHED}",
        code="warehouse_missing",
    )


def archive_gone(deliveries: int) -> ZhaorenError:
    """The warehouse has deliveries on record, and the archive holds nothing."""
    return ZhaorenError(
        "The archive is missing.",
        "archive/",
        f"The warehouse has {deliveries} deliveries on record; the archive holds not one of their "
        "files. They could neither be released, corrected nor restored.",
        f"Put archive/ back from the backup. {UNTOUCHED}",
        code="archive_missing",
    )


def archive_older(deliveries: Sequence[str]) -> str:
    """What a person is told when the archive lacks the newest files; work can go on."""
    return (
        f"The archive lacks the originals of {', '.join(deliveries)}: it is an older copy, or files were "
        "removed. They can neither be released nor restored. Put archive/ back from the newest backup."
    )


def vault_of_other_key() -> ZhaorenError:
    """The key is this home's, yet the vault was made with another one."""
    return ZhaorenError(
        "The vault was made with another key.",
        "vault.duckdb",
        "The key that is given is this home's, and the file is whole: it is another home's vault, or "
        "was copied before the key was last changed.",
        f"Put this home's own vault.duckdb back from a backup made with this key. {UNTOUCHED}",
        code="vault_other_key",
    )


def wrong_key(source: str) -> ZhaorenError:
    """The key is not this home's."""
    return ZhaorenError(
        "The vault's key is wrong.",
        source,
        "The key given there is not the one that this home was made with.",
        f"Give the home's own key. {UNTOUCHED}",
        code="vault_key",
    )


def lacks_steps(warehouse: Mark, missing: Sequence[Mark]) -> str:
    """What a person is told when the vault is ahead of the warehouse; work can go on."""
    first, last = missing[0].in_words, missing[-1].in_words
    if len(missing) == 1:
        return (
            f"The warehouse lacks the later {first}, which the vault went through: a command was cut off in "
            "it, or the warehouse is an older copy. Give that command again, or hand in that file again; "
            "nobody's id is given twice."
        )
    return (
        f"The warehouse is older than the vault: it went through {_reached(warehouse)} and lacks "
        f"{len(missing)} later steps, from {first} to {last}. It is an older copy, or its log was cut off. "
        "Nobody's id is given twice, and work goes on; but what those steps brought is not in the lists "
        "until their files are handed in again: `zhaoren run --all` with the inbox of those days."
    )


def _reached(mark: Mark) -> str:
    return mark.in_words if mark != NONE else "no step that is on record"


def _and(things: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(things[:-1]), things[-1]])) if things else "nothing"


def former_key(source: str, until: date) -> ZhaorenError:
    """The key is the one that the home had before its key was changed."""
    return ZhaorenError(
        "This key was given up.",
        source,
        f"It was this home's until {until}, when its key was changed.",
        f"Give the new one. {UNTOUCHED}",
        code="vault_key",
    )
