"""Which persons turned out to be one: links believed from a day on, and whom every id stands for by them.

`core._person_link` holds the links (a pair, why, since when, until when). `core._person_alias` says of each
id that is not its own master whom it stands for; it follows from the links alone. Both are beliefs with
known_from and known_to, so that a list of an earlier date still reads the ids as they were. An alias with an
extract would concern only what that department reports (one number, used by two people); none is made yet.
"""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from transforms.linkage.person_ids import masters
from warehouse.database.connection import fetch, run

LINK = ["person_id", "other_person_id", "tier", "kind", "probability", "decided_by"]


def links_at(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """The links believed on the day: LINK's columns."""
    return fetch(
        con,
        f"SELECT {', '.join(LINK)} FROM core._person_link WHERE known_from <= $1 "
        "AND (known_to IS NULL OR known_to > $1) ORDER BY ALL",
        [as_of],
    )


def aliases_at(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """person_id, extract ('' for every one), same_as: whom ids stood for on the day."""
    return fetch(
        con,
        "SELECT person_id, extract, same_as FROM core._person_alias WHERE known_from <= $1 "
        "AND (known_to IS NULL OR known_to > $1) ORDER BY ALL",
        [as_of],
    )


def master_of(con: duckdb.DuckDBPyConnection, person_id: str) -> str:
    """The id that stands for the person now; lists look up names under it."""
    query = "SELECT same_as FROM core.person_alias WHERE person_id = ? AND extract = ''"
    found = con.execute(query, [person_id]).fetchone()
    return str(found[0]) if found else person_id


def numbered_persons(con: duckdb.DuckDBPyConnection, among: pl.DataFrame) -> pl.Series:
    """Those of `among` (person_id, other_person_id) who have a valid ID number, sorted."""
    found = fetch(
        con,
        "SELECT person_id FROM core._identity WHERE has_number AND person_id IN "
        "(SELECT person_id FROM among UNION SELECT other_person_id FROM among) ORDER BY 1",
        among=among.select("person_id", "other_person_id"),
    )
    return found.get_column("person_id")


def link_persons(con: duckdb.DuckDBPyConnection, links: pl.DataFrame, on: date) -> None:
    """Believe new links (LINK's columns) from the day on. The caller holds the transaction."""
    if links.is_empty():
        return
    run(
        con,
        f"INSERT INTO core._person_link BY NAME SELECT {', '.join(LINK)}, $1 AS known_from FROM links",
        [on],
        links=links,
    )
    _record(con, "merge", links.with_columns(extract=pl.lit("")), on)
    _settle(con, on)


def renew_links(con: duckdb.DuckDBPyConnection, links: pl.DataFrame, on: date, by: str) -> None:
    """Make the links that `by` found on the day (LINK's columns) these: what is not found again ends.

    Where nothing changed nothing is written; the caller holds the transaction.
    """
    pair = ["person_id", "other_person_id"]
    held = fetch(
        con,
        f"SELECT {', '.join(LINK)} FROM core._person_link "
        "WHERE known_from = $1 AND known_to IS NULL AND decided_by = $2",
        [on, by],
    )
    gone = held.join(links, on=pair, how="anti").sort(pair)
    if gone.height:
        # Deleted, not ended: they were believed from this very day on, so no earlier list rests on them.
        run(
            con,
            "DELETE FROM core._person_link l USING gone g WHERE l.known_from = $1 AND l.decided_by = $2 "
            "AND l.person_id = g.person_id AND l.other_person_id = g.other_person_id",
            [on, by],
            gone=gone,
        )
        _record(con, "split", gone.with_columns(extract=pl.lit("")), on)
        _settle(con, on)
    link_persons(con, links.join(held, on=pair, how="anti"), on)


def unlink_persons(con: duckdb.DuckDBPyConnection, pairs: pl.DataFrame, on: date, by: str) -> None:
    """Believe from the day on that these pairs (person_id, other_person_id) are two persons.

    Only links between the two of a pair end; the caller holds the transaction.
    """
    same = (
        "(l.person_id = p.person_id AND l.other_person_id = p.other_person_id) OR "
        "(l.person_id = p.other_person_id AND l.other_person_id = p.person_id)"
    )
    ended = fetch(
        con,
        f"SELECT {', '.join('l.' + c for c in LINK)} FROM core._person_link l JOIN pairs p ON {same} "
        "WHERE l.known_to IS NULL ORDER BY ALL",
        pairs=pairs,
    )
    if ended.is_empty():
        return
    run(
        con,
        "UPDATE core._person_link l SET known_to = $1 FROM ended e WHERE l.known_to IS NULL "
        "AND l.person_id = e.person_id AND l.other_person_id = e.other_person_id",
        [on],
        ended=ended,
    )
    _record(con, "split", ended.with_columns(extract=pl.lit(""), decided_by=pl.lit(by)), on)
    _settle(con, on)


def _settle(con: duckdb.DuckDBPyConnection, on: date) -> None:
    """Bring `core._person_alias` into line with the links believed now."""
    links = fetch(con, "SELECT person_id, other_person_id FROM core._person_link WHERE known_to IS NULL")
    wanted = masters(links, numbered_persons(con, links)).with_columns(extract=pl.lit(""))
    held = fetch(con, "SELECT person_id, extract, same_as FROM core.person_alias WHERE extract = ''")
    key = ["person_id", "extract", "same_as"]
    gone = held.join(wanted, on=key, how="anti")
    new = wanted.join(held, on=key, how="anti").sort("person_id")
    run(
        con,
        "UPDATE core._person_alias a SET known_to = $1 FROM gone g WHERE a.known_to IS NULL "
        "AND a.extract = '' AND a.person_id = g.person_id",
        [on],
        gone=gone,
    )
    # Believed for not a single day: no list was ever made from it.
    con.execute("DELETE FROM core._person_alias WHERE known_to <= known_from")
    run(
        con,
        "INSERT INTO core._person_alias BY NAME "
        "SELECT person_id, extract, same_as, $1 AS known_from FROM new",
        [on],
        new=new,
    )


def _record(con: duckdb.DuckDBPyConnection, event: str, links: pl.DataFrame, on: date) -> None:
    """Lines of `ops.identity_event`, numbered on."""
    run(
        con,
        "INSERT INTO ops.identity_event BY NAME SELECT "
        "(SELECT coalesce(max(event_no), 0) FROM ops.identity_event) "
        "+ row_number() OVER (ORDER BY person_id, other_person_id) AS event_no, $1 AS event, "
        "person_id, other_person_id, extract, $2 AS known_date, tier, kind, probability, decided_by "
        "FROM links",
        [event, on],
        links=links,
    )


def identity_counts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Figures of identity resolution: refused rows used; persons found by each means; not found."""
    row = con.execute(
        "SELECT (SELECT count(*) FROM ops.recognised_row), "
        "(SELECT count(*) FROM core._person_link WHERE known_to IS NULL AND tier = 2), "
        "(SELECT count(*) FROM core._person_link WHERE known_to IS NULL AND tier = 3), "
        "(SELECT count(*) FROM core._person_link WHERE known_to IS NULL AND tier = 0), "
        "(SELECT count(*) FROM core.person WHERE NOT has_number)"
    ).fetchall()[0]
    names = ("rows used without a usable number", "persons found by rules", "by likeness", "by reviewers")
    return dict(zip((*names, "still nobody known"), row, strict=True))


def links_of(con: duckdb.DuckDBPyConnection, persons: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Per link that leads to one of the persons: person_id, kind, tier, extract, since, decided_by.

    extract: the department's extract whose row was found to be theirs.
    """
    return fetch(
        con,
        "SELECT a.same_as AS person_id, l.kind, l.tier, p.first_extract AS extract, l.known_from AS since, "
        "l.decided_by FROM core._person_alias a JOIN persons s ON s.person_id = a.same_as "
        "JOIN core._person_link l ON l.person_id = a.person_id LEFT JOIN core._person p "
        "ON p.person_id = a.person_id WHERE a.known_from <= $1 AND (a.known_to IS NULL OR a.known_to > $1) "
        "AND l.known_from <= $1 AND (l.known_to IS NULL OR l.known_to > $1) ORDER BY ALL",
        [as_of],
        persons=persons,
    )
