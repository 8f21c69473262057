"""What the home holds of who somebody is, as they themselves had it corrected.

The value lies in the vault (`v.identity` with the source `correction`) beside the departments' own and goes
before them, until a department sends one that is new. `ops.correction` says when, by whom, of which attribute
and what became of it; why stands in `v.written`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from warehouse.database.connection import Connection, fetch, run
from warehouse.identity.vault import CORRECTION, Vault
from warehouse.written.words import keep_one

WHY, WHY_UNDONE = "correction", "correction_undone"
IN_FORCE, REPLACED, UNDONE, OVERTAKEN = "in_force", "replaced", "undone", "overtaken"


@dataclass(frozen=True)
class Correction:
    """One row of `ops.correction`. known_date: from which day on it counts."""

    correction_no: str
    corrected_at: datetime
    corrected_by: str
    attribute: str
    person_id: str
    known_date: date
    state: str = IN_FORCE

    @property
    def about(self) -> str:
        """What its reason is about: the person's id, so that erasing them takes the reason along."""
        return f"{self.person_id}|{self.correction_no}"


def correction_cnt(con: Connection, person_id: str, attribute: str) -> int:
    """How many corrections of the person's attribute are on record."""
    query = "SELECT count(*) FROM ops.correction WHERE person_id = ? AND attribute = ?"
    return int(con.execute(query, [person_id, attribute]).fetchall()[0][0])


def in_force(con: Connection, person_id: str, attribute: str) -> Correction | None:
    """The correction of the person's attribute that counts, or will from its day on."""
    query = "SELECT * FROM ops.correction WHERE person_id = ? AND attribute = ? AND state = ?"
    found = fetch(con, query, [person_id, attribute, IN_FORCE])
    return Correction(**found.row(0, named=True)) if found.height else None


def keep_correction(
    con: Connection, vault: Vault, correction: Correction, *, value: str, reason: str, stands_until: date
) -> None:
    """Keep a correction in place of the former one; the caller holds both transactions.

    stands_until: values that departments had sent by that day do not end it. Harmless twice (marks.py).
    """
    whose = [correction.person_id, correction.attribute]
    _retire(con, vault, whose, on=correction.known_date, state=REPLACED, but=correction.correction_no)
    vault.con.execute(
        "INSERT INTO v.identity (person_id, attribute, value, source, period_month, known_date, delivery_id) "
        "SELECT $1, $2, $3, $4, $5, $6, $7 "
        "WHERE NOT EXISTS (FROM v.identity WHERE source = $4 AND delivery_id = $7)",
        [*whose, value, CORRECTION, stands_until, correction.known_date, correction.correction_no],
    )
    _keep_reason(vault, WHY, correction, reason, correction.corrected_by)
    said = asdict(correction)
    con.execute(
        f"INSERT INTO ops.correction ({', '.join(said)}) VALUES ({', '.join('?' * len(said))})",
        list(said.values()),
    )


def undo_correction(
    con: Connection, vault: Vault, correction: Correction, *, on: date, reason: str, by: str
) -> None:
    """From the day on the departments' values count again; the caller holds both transactions."""
    _retire(con, vault, [correction.person_id, correction.attribute], on=on, state=UNDONE)
    _keep_reason(vault, WHY_UNDONE, correction, reason, by)


def end_overtaken(con: Connection, vault: Vault, on: date) -> None:
    """End the corrections beside which a department has sent another value that was new, from the day on.

    New is what no department had sent when the correction was made. The caller holds both transactions.
    """
    overtaken = fetch(
        vault.con,
        "SELECT DISTINCT person_id, attribute FROM (SELECT c.person_id, c.attribute "
        "FROM v.identity c JOIN v.identity d USING (person_id, attribute) "
        "WHERE c.source = $1 AND c.retired_date IS NULL AND d.source <> $1 AND d.value <> c.value "
        "GROUP BY c.person_id, c.attribute, c.period_month, d.value "
        "HAVING min(d.known_date) > c.period_month AND bool_or(d.retired_date IS NULL))",
        [CORRECTION],
    )
    run(
        vault.con,
        "UPDATE v.identity i SET retired_date = $1 FROM overtaken o WHERE i.source = $2 "
        "AND i.retired_date IS NULL AND i.person_id = o.person_id AND i.attribute = o.attribute",
        [on, CORRECTION],
        overtaken=overtaken,
    )
    # By what the vault says and not by what was changed just now: a step done twice changes it only once.
    ended = fetch(
        vault.con,
        "SELECT delivery_id FROM v.identity WHERE source = ? AND retired_date IS NOT NULL",
        [CORRECTION],
    )
    run(
        con,
        "UPDATE ops.correction SET state = $1 WHERE state = $2 "
        "AND correction_no IN (SELECT delivery_id FROM ended)",
        [OVERTAKEN, IN_FORCE],
        ended=ended,
    )


def _retire(con: Connection, vault: Vault, whose: list[str], *, on: date, state: str, but: str = "") -> None:
    vault.con.execute(
        "UPDATE v.identity SET retired_date = $1 WHERE retired_date IS NULL AND source = $2 "
        "AND person_id = $3 AND attribute = $4 AND delivery_id <> $5",
        [on, CORRECTION, *whose, but],
    )
    con.execute(
        "UPDATE ops.correction SET state = ? WHERE person_id = ? AND attribute = ? AND state = ?",
        [state, *whose, IN_FORCE],
    )


def _keep_reason(vault: Vault, kind: str, correction: Correction, reason: str, by: str) -> None:
    keep_one(vault, kind, correction.about, known=correction.known_date, author=by, text=reason.strip())
