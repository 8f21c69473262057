"""Compare the marks of vault and warehouse: whether the vault is at or ahead of the warehouse.

Reads two short logs and no other table, so that every opening can afford it.
"""

from __future__ import annotations

from pathlib import Path

from warehouse.database.catalogue import has_table
from warehouse.database.connection import Connection
from warehouse.database.files import log_of
from warehouse.identity.marks import NONE, Mark, newest_mark, vault_marks, warehouse_marks
from warehouse.identity.vault import Vault
from warehouse.wholeness.home_row import home_id_of
from warehouse.wholeness.mismatches import forked, lacks_steps, older, other_home


def delivery_count(con: Connection) -> int:
    """How many deliveries the warehouse has on record."""
    if not has_table(con, "ops.delivery"):
        return 0
    return int(con.execute("SELECT count(*) FROM ops.delivery").fetchall()[0][0])


def newest_of(con: Connection) -> Mark:
    """The warehouse's newest mark; NONE where it has none."""
    return newest_mark(con, "ops.vault_mark") if has_table(con, "ops.vault_mark") else NONE


def has_marks(con: Connection) -> bool:
    """Whether the warehouse bears a mark: one of a former version does not."""
    return newest_of(con) != NONE


def refuse_mismatch(con: Connection, vault: Vault, path: Path, stranger: str = "vault.duckdb") -> list[str]:
    """Raise ZhaorenError unless the vault is at or ahead of the warehouse; both are only read.

    path: the vault's file. stranger: which file is named when they are of two homes. A warehouse without
    marks is not judged here (adoption.py). Returns what a person must know though work can go on.
    """
    ours, theirs = home_id_of(con), vault.home_id()
    if ours and theirs and ours != theirs:
        raise other_home(stranger)
    of_warehouse = warehouse_marks(con)
    if not of_warehouse:
        return []
    of_vault = vault_marks(vault)
    newest, reached = (of_vault or [NONE])[-1], of_warehouse[-1]
    common = _last_common(of_vault, of_warehouse)
    if common == reached:
        missing = [mark for mark in of_vault if mark.no > reached.no]
        return [lacks_steps(reached, missing)] if missing else []
    if common == newest:
        raise older(newest, reached, has_log=log_of(path).exists())
    raise forked(common, newest, reached)


def never_repeated(con: Connection, vault: Vault) -> list[Mark]:
    """Steps before the warehouse's newest mark that only the vault went through: an older copy went on."""
    ours = warehouse_marks(con)
    tokens, steps = {mark.token for mark in ours}, {mark.step for mark in ours}
    newest = ours[-1].no if ours else 0
    theirs = [mark for mark in vault_marks(vault) if mark.no < newest and mark.token not in tokens]
    return [mark for mark in theirs if mark.step not in steps]


def _last_common(of_vault: list[Mark], of_warehouse: list[Mark]) -> Mark:
    """The newest mark that both logs hold; the warehouse's may have gaps, and then the vault's goes first."""
    held = {mark.token for mark in of_vault}
    common = next((mark for mark in reversed(of_warehouse) if mark.token in held), NONE)
    newest = of_vault[-1] if of_vault else NONE
    # A warehouse that was once older has gaps in its log: of a vault that ends in one, all it holds is known.
    beyond = [mark for mark in of_warehouse if mark.no > common.no]
    return newest if newest.no > common.no and beyond and newest.no < beyond[0].no else common
