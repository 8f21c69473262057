"""The common mark of vault and warehouse: which step both went through last.

Every step that changes the vault writes one mark into both, in the step's own commits: the vault's first, the
warehouse's last. A mark's token is a digest of all marks before it, so that two files which went separate
ways are seen to have done so. The vault's log is `v.mark`, the warehouse's `ops.vault_mark`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from warehouse.database.catalogue import has_table
from warehouse.database.connection import Connection, transaction
from warehouse.identity.vault import COUNTED, Vault

_COLUMNS = f"mark_no, token, step, {', '.join(f'last_{name}_no' for name in COUNTED)}"


@dataclass(frozen=True)
class Mark:
    """One step: its number from 1, its token, what it was.

    last: the last number given by then to each kind of id, in the order of vault.COUNTED.
    """

    no: int
    token: str
    step: str
    last: tuple[int, ...]

    @property
    def in_words(self) -> str:
        """The step as messages name it."""
        return f"step {self.no} ({self.step})"


NONE = Mark(0, "", "nothing yet", (0,) * len(COUNTED))


@contextmanager
def marked_step(con: Connection, vault: Vault, step: str) -> Iterator[None]:
    """One change of vault and warehouse, under a mark that names it: all or nothing in each of them.

    The vault commits first. Killed between the two commits, the step is done again and keeps its mark, so
    what it does to the vault must be harmless twice. `step` names no person and holds nobody's words; the
    same text means the same step, hence a digest of the file belongs into it where a file is behind it.
    """
    with transaction(con), transaction(vault.con):
        yield
        write_mark(con, vault, step)


def vault_marks(vault: Vault) -> list[Mark]:
    """The vault's log, oldest first; empty in a vault of a former version."""
    if not vault.has_table("mark"):
        return []
    return _marks(vault.con, "v.mark")


def warehouse_marks(con: Connection) -> list[Mark]:
    """The warehouse's log, oldest first; empty in a warehouse of a former version, or a new one."""
    return _marks(con, "ops.vault_mark") if has_table(con, "ops.vault_mark") else []


def newest_mark(con: Connection, table: str) -> Mark:
    """The newest mark of `v.mark` or `ops.vault_mark`; NONE where there is none."""
    rows = con.execute(f"SELECT {_COLUMNS} FROM {table} ORDER BY mark_no DESC LIMIT 1").fetchall()
    return _as_mark(rows[0]) if rows else NONE


def token_of(before: str, no: int, home_id: str, step: str, last: tuple[int, ...]) -> str:
    """The token of a mark, from the token before it and all that the mark says."""
    said = "\x1f".join([before, str(no), home_id, step, *map(str, last)])
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def write_mark(con: Connection, vault: Vault, step: str) -> None:
    """Write a mark of the step into both; the caller holds both transactions."""
    newest, reached = newest_mark(vault.con, "v.mark"), newest_mark(con, "ops.vault_mark")
    last = vault.counters()
    was_cut_off = newest.no > reached.no and newest.step == step and newest.last == last
    if not was_cut_off:
        no = newest.no + 1
        newest = Mark(no, token_of(newest.token, no, vault.home_id(), step, last), step, last)
        _write(vault.con, "v.mark", newest)
    _write(con, "ops.vault_mark", newest)


def _write(con: Connection, table: str, mark: Mark) -> None:
    places = ", ".join("?" * (3 + len(COUNTED)))
    con.execute(
        f"INSERT INTO {table} ({_COLUMNS}) VALUES ({places})", [mark.no, mark.token, mark.step, *mark.last]
    )


def _marks(con: Connection, table: str) -> list[Mark]:
    return [
        _as_mark(row) for row in con.execute(f"SELECT {_COLUMNS} FROM {table} ORDER BY mark_no").fetchall()
    ]


def _as_mark(row: tuple[object, ...]) -> Mark:
    no, token, step, *last = row
    return Mark(int(str(no)), str(token), str(step), tuple(int(str(n)) for n in last))
