"""The identity vault: who a person_id is. Encrypted at rest, opened only to load and to deliver.

Tables (all inside `vault.duckdb`):
  person_alias(id_number, person_id, source, first_seen)       one row per number ever seen
  alias_sighting(id_number, source, first_seen, last_seen)     where and when each number was met
  provisional(person_id, fingerprint, …)                       persons met without a usable number
  household_alias(kind, household_no, household_id, first_seen, last_seen)
                                                               one row per number, unit or address ever seen
                                                               and household it meant
  identity(person_id, attribute, value, source, period_month, known_date, delivery_id, retired_date)
                                                               names, phones, addresses, departments'
                                                               own numbers: each value once;
                                                               from retired_date on it is not used any more
  quarantine_value(delivery_id, row_no, column_name, value)    the original text of quarantined rows
  delivery_name, entry_name, written                           how files are named, and what people wrote
                                                               (warehouse/written)
  identity_reason(file_sha256, case_id, reason, known_date)    why people said two records are one, or are not
  secret(name, value)                                          keys of its own (vault_secrets.py)
  home(home_id)                                                which home the vault belongs to
  mark(mark_no, token, step, last_…_no)                        one row per step that changed it (marks.py)
  id_counter(letter, last_no)                                  the last number given to each kind of id
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from types import TracebackType

import duckdb
import polars as pl

from warehouse.database.connection import Connection, encrypting, fetch, run, spilling_beside
from warehouse.identity.vault_faults import missing, unopened
from warehouse.identity.vault_secrets import make_secrets
from warehouse.identity.vault_tables import DDL, MARKS, PROVISIONAL, REASONS, WRITTEN
from zhaoren.sql_text import quoted_text

# The first letter of a household id tells its kind, so that ids of two kinds cannot be mixed up unseen.
HOUSEHOLD_LETTERS = {"hukou": "H", "assistance": "A", "dwelling": "D"}
# Every kind of id that is given by counting, and the letter it begins with.
COUNTED = {"person": "P"} | HOUSEHOLD_LETTERS
# The source of what the person themselves had corrected (warehouse/written/personal_corrections.py).
CORRECTION = "correction"


class Vault:
    """An open vault; a context manager. Raises ZhaorenError when it is not there or cannot be opened.

    The caller holds the transaction: what one step adds becomes visible at once or not at all (marks.py).
    make: make a new one where there is none. read_only: nothing of it is changed until `writable` is called,
    not even a torn log folded in. spare: where engines wait that former openings have left, and where this
    one leaves its own; whoever holds them closes them.
    """

    def __init__(
        self,
        path: Path,
        key: str,
        *,
        make: bool = False,
        read_only: bool = False,
        spare: list[Connection] | None = None,
    ) -> None:
        if not make and not path.exists():
            raise missing()
        self._attached = f"{quoted_text(path)} AS v (ENCRYPTION_KEY {quoted_text(key)}"
        self._spare = spare
        # What memory cannot hold is encrypted as well, with a key that DuckDB makes and keeps in memory.
        spill = spilling_beside(path) | {"temp_file_encryption": "true"}
        self.con = spare.pop() if spare else encrypting(spill)
        self._attach(", READ_ONLY)" if read_only else ")")
        if not read_only:
            self._prepare(key)

    def writable(self, key: str) -> None:
        """Open the vault, looked at so far, for changes."""
        self.con.execute("DETACH v")
        self._attach(")")
        self._prepare(key)

    def _prepare(self, key: str) -> None:
        """Bring the tables into today's layout; where that fails, the file is not held on to."""
        try:
            self.con.execute(DDL + PROVISIONAL + REASONS + WRITTEN + MARKS)
            make_secrets(self.con, key)
        except BaseException:
            self.con.close()
            raise

    def _attach(self, how: str) -> None:
        try:
            self.con.execute(f"ATTACH {self._attached}{how}")
            # The tables' list lies in blocks of its own, which may be damaged where the header is not.
            self.con.execute("SELECT count(*) FROM duckdb_tables() WHERE database_name = 'v'").fetchall()
        except duckdb.Error as error:
            self.con.close()
            raise unopened(str(error)) from None

    def __enter__(self) -> Vault:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None and self._spare is not None and self._is_bare():
            self._spare.append(self.con)  # to load its OpenSSL takes ten times as long as to open a vault
        else:
            self.con.close()

    def _is_bare(self) -> bool:
        """Close the vault's file; whether it could be, and nothing is left in the engine that opened it."""
        try:
            self.con.execute("DETACH v")
        except duckdb.Error:  # what was committed is in the vault's log; closing the engine closes the file
            return False
        left = "SELECT 1 FROM duckdb_tables() UNION ALL SELECT 1 FROM duckdb_views() WHERE NOT internal"
        return self.con.execute(left).fetchone() is None

    def mint_persons(self, numbers: pl.Series, source: str, known: date) -> pl.DataFrame:
        """All aliases of the given ID numbers, minting ids for new ones in the order they come.

        Returns id_number, person_id, is_new. The same numbers in the same order give the same ids in any
        home, so a run that is killed and repeated, or rebuilt from the archive, names everybody alike.
        """
        wanted = pl.DataFrame({"id_number": numbers.drop_nulls().unique(maintain_order=True)})
        known_aliases = fetch(
            self.con,
            "SELECT id_number, person_id FROM v.person_alias SEMI JOIN wanted USING (id_number)",
            wanted=wanted,
        )
        new = wanted.join(known_aliases, on="id_number", how="anti", maintain_order="left")
        new = new.with_columns(self.next_persons(new.height))
        run(
            self.con,
            "INSERT INTO v.person_alias SELECT id_number, person_id, ?, ? FROM new",
            [source, known],
            new=new,
        )
        self._note_numbers(wanted, source, known)
        return pl.concat(
            [known_aliases.with_columns(is_new=pl.lit(False)), new.with_columns(is_new=pl.lit(True))]
        )

    def next_persons(self, count: int) -> pl.Series:
        """So many ids that nobody ever had, in order; whoever asks keeps them in the same transaction."""
        return self._minted("P", count).alias("person_id")

    def _minted(self, letter: str, count: int, taken: int = 0) -> pl.Series:
        """So many ids beyond the last one given, and beyond the number `taken`."""
        # Counted apart from the rows: whoever is erased leaves a gap, and no number is given twice.
        start = max(self.counters()[list(COUNTED.values()).index(letter)], taken)
        self.con.execute("UPDATE v.id_counter SET last_no = ? WHERE letter = ?", [start + count, letter])
        numbers = pl.Series(range(start + 1, start + count + 1), dtype=pl.Int64)
        return letter + numbers.cast(pl.String).str.zfill(9)

    def counters(self) -> tuple[int, ...]:
        """The last number given to each kind of id, in the order of COUNTED."""
        if not self.has_table("id_counter"):
            return (0,) * len(COUNTED)
        found = dict(self.con.execute("SELECT letter, last_no FROM v.id_counter").fetchall())
        return tuple(int(found.get(letter, 0)) for letter in COUNTED.values())

    def raise_counters(self, last: Sequence[int]) -> None:
        """Let no id be given up to these numbers (in the order of COUNTED)."""
        self.con.executemany(
            "UPDATE v.id_counter SET last_no = greatest(last_no, ?) WHERE letter = ?",
            [list(pair) for pair in zip(last, COUNTED.values(), strict=True)],
        )

    def has_table(self, name: str) -> bool:
        """Whether the vault has the table: one of a former version has not."""
        query = "SELECT 1 FROM duckdb_tables() WHERE database_name = 'v' AND table_name = ?"
        return self.con.execute(query, [name]).fetchone() is not None

    def home_id(self) -> str:
        """The home that the vault belongs to; empty in a vault that no home took on yet."""
        found = self.con.execute("SELECT home_id FROM v.home").fetchone() if self.has_table("home") else None
        return str(found[0]) if found else ""

    def belongs_to(self, home_id: str) -> None:
        """Note the home that the vault belongs to, once."""
        if not self.home_id():
            self.con.execute("INSERT INTO v.home VALUES (?)", [home_id])

    def _note_numbers(self, wanted: pl.DataFrame, source: str, known: date) -> None:
        """Note where and when the numbers were met."""
        run(
            self.con,
            "UPDATE v.alias_sighting s SET first_seen = least(first_seen, $2), "
            "last_seen = greatest(last_seen, $2) FROM wanted a "
            "WHERE a.id_number = s.id_number AND source = $1 AND (first_seen > $2 OR last_seen < $2)",
            [source, known],
            wanted=wanted,
        )
        run(
            self.con,
            "INSERT INTO v.alias_sighting SELECT id_number, $1, $2, $2 FROM wanted ANTI JOIN "
            "(SELECT id_number FROM v.alias_sighting WHERE source = $1) USING (id_number)",
            [source, known],
            wanted=wanted,
        )

    def numbers(self, persons: pl.Series) -> pl.Series:
        """The ID numbers of these persons."""
        wanted = pl.DataFrame({"person_id": persons})
        found = fetch(
            self.con, "SELECT id_number FROM v.person_alias SEMI JOIN wanted USING (person_id)", wanted=wanted
        )
        return found.get_column("id_number")

    def household_aliases(self, kind: str = "hukou") -> pl.DataFrame:
        """household_no, household_id of every household of the kind ever seen; the newest of a number first.

        A register's number or an address means one household for ever; a unit's name may pass to another.
        """
        return fetch(
            self.con,
            "SELECT household_no, household_id FROM v.household_alias WHERE kind = ? "
            "ORDER BY household_no, last_seen DESC, first_seen DESC, household_id",
            [kind],
        )

    def mint_households(self, assigned: pl.DataFrame, known: date, kind: str = "hukou") -> pl.DataFrame:
        """Keep `assigned` (household_no, household_id), minting ids where null; returns it filled."""
        letter, given = HOUSEHOLD_LETTERS[kind], assigned.drop_nulls("household_id")
        unknown = assigned.filter(pl.col("household_id").is_null()).select("household_no")
        taken = given.select(pl.col("household_id").str.slice(1).cast(pl.Int64).max()).item()
        minted = unknown.with_columns(self._minted(letter, unknown.height, taken or 0).alias("household_id"))
        filled = pl.concat([given, minted], how="vertical")
        run(
            self.con,
            "INSERT INTO v.household_alias SELECT $1, household_no, household_id, $2, $2 FROM filled",
            [kind, known],
            filled=filled,
        )
        return filled

    def note_households(self, met: pl.DataFrame, known: date, kind: str = "hukou") -> None:
        """Note that these numbers (household_no, household_id) were met on the day."""
        run(
            self.con,
            "UPDATE v.household_alias a SET first_seen = least(first_seen, $2), "
            "last_seen = greatest(last_seen, $2) FROM met "
            "WHERE kind = $1 AND a.household_no = met.household_no AND a.household_id = met.household_id",
            [kind, known],
            met=met,
        )

    def dwelling_ids(self, keys: pl.Series, known: date) -> pl.DataFrame:
        """household_no (the address's key) and household_id of these addresses; new ones get ids in order."""
        wanted = pl.DataFrame({"household_no": keys.drop_nulls().unique(maintain_order=True)})
        former = self.household_aliases("dwelling").join(wanted, on="household_no", how="semi")
        new = wanted.join(former, on="household_no", how="anti", maintain_order="left")
        minted = self.mint_households(
            new.with_columns(household_id=pl.lit(None, pl.String)), known, "dwelling"
        )
        self.note_households(former, known, "dwelling")
        return pl.concat([former, minted])

    def keep_identities(self, values: pl.DataFrame, attribute: str, source: str, **same: object) -> None:
        """Keep values that are not kept and in use already.

        values: person_id, value and whatever else of period_month, known_date, delivery_id differs among
        them, each person's value once; `same`: what does not.
        """
        given = "".join(f", ${at} AS {name}" for at, name in enumerate(same, 3))
        run(
            self.con,
            f"INSERT INTO v.identity BY NAME SELECT *, $1 AS attribute, $2 AS source{given} "
            "FROM new ANTI JOIN (SELECT person_id, value FROM v.identity "
            "WHERE attribute = $1 AND source = $2 AND retired_date IS NULL) USING (person_id, value)",
            [attribute, source, *same.values()],
            new=values,
        )

    def retire(self, delivery_ids: list[str], on: date, but: pl.DataFrame | None = None) -> None:
        """From the day on use no value these deliveries brought; `but`: persons (person_id) spared."""
        spared = pl.DataFrame(schema={"person_id": pl.String}) if but is None else but
        run(
            self.con,
            "UPDATE v.identity SET retired_date = $1 WHERE retired_date IS NULL "
            "AND delivery_id IN (SELECT unnest($2)) AND person_id NOT IN (SELECT person_id FROM spared)",
            [on, delivery_ids],
            spared=spared,
        )

    def revive(self, delivery_ids: list[str], on: date) -> None:
        """Use what these deliveries brought again, from the day on."""
        self.con.execute(
            "INSERT INTO v.identity SELECT DISTINCT person_id, attribute, value, source, period_month, "
            "$1::DATE, delivery_id, NULL::DATE FROM v.identity i WHERE retired_date IS NOT NULL "
            "AND delivery_id IN (SELECT unnest($2)) AND NOT EXISTS "
            "(SELECT 1 FROM v.identity o WHERE o.retired_date IS NULL AND o.person_id = i.person_id "
            "AND o.attribute = i.attribute AND o.value = i.value "
            "AND o.source = i.source)",
            [on, delivery_ids],
        )

    def keep_quarantined(self, delivery_id: str, values: pl.DataFrame) -> None:
        """The original text of a delivery's quarantined rows (row_no, column_name, value), replaced whole."""
        run(self.con, "DELETE FROM v.quarantine_value WHERE delivery_id = ?", [delivery_id])
        run(
            self.con,
            "INSERT INTO v.quarantine_value SELECT ?, row_no, column_name, value FROM new",
            [delivery_id],
            new=values,
        )

    def quarantined(self, delivery_id: str) -> pl.DataFrame:
        """One row per quarantined row of the delivery: row_no and its original text, a column each."""
        long = fetch(
            self.con,
            "SELECT row_no, column_name, value FROM v.quarantine_value WHERE delivery_id = ? ORDER BY 1, 2",
            [delivery_id],
        )
        return long.pivot(on="column_name", index="row_no", values="value", maintain_order=True).sort(
            "row_no"
        )

    def latest(
        self, persons: pl.Series, attribute: str, as_of: date, sources: Sequence[str] = ()
    ) -> pl.DataFrame:
        """person_id and the attribute's value known by the date: what the person had corrected, else the
        newest of the first of `sources` that gives one, else of any."""
        wanted = pl.DataFrame({"person_id": persons.unique(maintain_order=True)})
        return fetch(
            self.con,
            f"SELECT person_id, {_first_value('$3')} AS value FROM v.identity "
            "SEMI JOIN wanted USING (person_id) WHERE attribute = $1 AND known_date <= $2 "
            "AND (retired_date IS NULL OR retired_date > $2) "
            "GROUP BY person_id ORDER BY 1",
            [attribute, as_of, list(sources)],
            wanted=wanted,
        )

    def every(self, persons: pl.Series, attribute: str, as_of: date) -> pl.DataFrame:
        """person_id, value: every value of the attribute known by the date and in force, the newest first."""
        wanted = pl.DataFrame({"person_id": persons.unique(maintain_order=True)})
        return fetch(
            self.con,
            "SELECT person_id, value FROM v.identity SEMI JOIN wanted USING (person_id) "
            "WHERE attribute = $1 AND known_date <= $2 AND (retired_date IS NULL OR retired_date > $2) "
            f"GROUP BY person_id, value ORDER BY person_id, max(source = '{CORRECTION}') DESC, "
            "max(period_month) DESC NULLS LAST, max(known_date) DESC, value",
            [attribute, as_of],
            wanted=wanted,
        )

    def known_persons(self, as_of: date, sources: Sequence[str] = ()) -> pl.DataFrame:
        """One row per person with a number: person_id, id_number and name (null: none known).

        The name is that of `latest`: of all that departments sent, and of corrections in force by the day.
        """
        return fetch(
            self.con,
            "SELECT a.person_id, a.id_number, n.name FROM v.person_alias a LEFT JOIN "
            f"(SELECT person_id, {_first_value('$1')} AS name FROM v.identity WHERE attribute = 'name' "
            f"AND CASE WHEN source = '{CORRECTION}' "
            "THEN known_date <= $2 AND coalesce(retired_date > $2, true) ELSE retired_date IS NULL END "
            "GROUP BY 1) n USING (person_id) ORDER BY a.person_id, a.id_number",
            [list(sources), as_of],
        )

    def persons(self) -> pl.DataFrame:
        """id_number, person_id of every number ever seen. Only for the demo's truth and linkage checks."""
        return fetch(self.con, "SELECT id_number, person_id FROM v.person_alias ORDER BY 2")


def _first_value(sources: str) -> str:
    """The value of the source that goes first (a parameter: the list of them), the newest of it.

    What the person had corrected goes before all of them.
    """
    listed = (
        f"coalesce(list_position({sources}::VARCHAR[], source), 1000000)"  # not listed: after all that are
    )
    place = f"(CASE WHEN source = '{CORRECTION}' THEN 0 ELSE {listed} END)"
    return f"arg_max(value, (-{place}, period_month, known_date, value))"
