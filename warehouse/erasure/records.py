"""Delete one person from every table of vault and warehouse, whatever tables there are.

Tables are told by their columns: a table that is added later is covered as soon as it says `person_id`. Rows
of others that only refer to the person keep everything but that reference.
"""

from __future__ import annotations

import re

import polars as pl

from transforms.alerts.plain_sentences import THE_SAME_SUM
from warehouse.database.catalogue import columns_of, database_of
from warehouse.database.connection import Connection, fetch, run
from warehouse.erasure.subject import Subject, table_columns
from warehouse.identity.vault import Vault
from zhaoren.sql_text import quoted_name

# A pair of persons says nothing once one of the two is gone.
_PAIRS = ("other_person_id", "same_as")
# What is still to be done, and what was, stays until all is (tasks.py).
_OWN = ("erasure",)
_SEVERAL = re.compile(r"(.*)（(\d+)人）")
UNNAMED_ZH = "（已删除）"
GONE_ZH = "（相关人员的信息已依申请删除）"


def delete_from_vault(vault: Vault, subject: Subject) -> int:
    """Delete the person from the vault; returns how many rows went. The caller holds the transaction."""
    gone, con = 0, vault.con
    for table, columns in table_columns(con, "v").items():
        if not _is_own(table):
            gone += _delete(con, f"v.{table}", columns, subject)
            gone += _delete_written(con, f"v.{table}", columns, subject)
            _empty_numbers(con, f"v.{table}", subject)
    return gone


def _delete_written(con: Connection, table: str, columns: list[str], subject: Subject) -> int:
    """Delete what people wrote of the person's cases; unname them in what was written of the household."""
    key = next((name for name in ("about", "case_id") if name in columns), None)
    if key is None:
        return 0
    theirs = f"list_bool_or(list_transform($1::VARCHAR[], one -> contains({key}, one)))"
    query = f"DELETE FROM {table} WHERE {theirs}"
    gone = con.execute(query, [[*subject.alone, *subject.cases, *subject.ids]]).fetchall()
    if "text" in columns:
        for name in (name for name in subject.names if len(name) > 1):
            change = f"UPDATE {table} SET text = replace(text, $2, $3) WHERE {theirs} AND contains(text, $2)"
            con.execute(change, [list(subject.households), name, UNNAMED_ZH])
    return int(gone[0][0])


def _empty_numbers(con: Connection, table: str, subject: Subject) -> None:
    """Take the person's numbers out of what others' rows say, as a child's that bears a parent's number."""
    for column in (column for column, kind in columns_of(con, table).items() if kind == "VARCHAR"):
        name = quoted_name(column)
        bare = f"regexp_replace(upper({name}), '[^0-9A-Z]', '', 'g')"
        con.execute(
            f"UPDATE {table} SET {name} = NULL WHERE length({name}) >= 15 AND "
            f"list_bool_or(list_transform($1::VARCHAR[], n -> contains({bare}, n)))",
            [list(subject.numbers)],
        )


def delete_from_warehouse(con: Connection, subject: Subject) -> int:
    """Delete the person from core, panel, mart and ops; returns how many rows went.

    Households with other members keep their lists and figures of past dates; a sentence about the person is
    taken out of the reason on them. The caller holds the transaction.
    """
    _unsay(con, subject)
    return sum(
        _delete(con, table, columns, subject)
        for table, columns in table_columns(con, database_of(con)).items()
        if not _is_own(table)
    )


def _is_own(table: str) -> bool:
    return any(table.partition(".")[2].strip('"').startswith(name) for name in _OWN)


def _delete(con: Connection, table: str, columns: list[str], subject: Subject) -> int:
    """Delete the person's rows of one table, and empty what refers to them in others' rows."""
    ids, alone = list(subject.ids), list(subject.alone)
    told_by: list[tuple[str, list[str]]] = [
        (quoted_name(c), ids) for c in columns if c == "person_id" or c in _PAIRS
    ]
    if "household_id" in columns:
        told_by.append(("household_id", alone))
    if "alert_id" in columns:  # a case number holds its household's id
        told_by.append(("split_part(alert_id, '-', 2)", [*alone, *ids]))
    if "case_no" in columns:  # tries, visits, matters: they name nobody, and lead to the person by the case
        told_by.append(("case_no", list(subject.cases)))
    if "id_number" in columns:
        told_by.append(("id_number", list(subject.numbers)))
    conditions = [f"{what} IN (SELECT unnest(?::VARCHAR[]))" for what, _ in told_by]
    if {"delivery_id", "row_no"} <= set(columns) and "person_id" not in columns:
        conditions.append("(delivery_id, row_no) IN (SELECT (delivery_id, row_no) FROM theirs)")
    gone = 0
    if conditions:
        query = f"DELETE FROM {table} WHERE {' OR '.join(conditions)}"
        gone = int(fetch(con, query, [values for _, values in told_by], theirs=subject.rows).item())
    for column in columns:
        if column.endswith("_person_id") and column not in _PAIRS:
            name = quoted_name(column)
            con.execute(
                f"UPDATE {table} SET {name} = NULL WHERE {name} IN (SELECT unnest($1::VARCHAR[]))", [ids]
            )
    return gone


def _unsay(con: Connection, subject: Subject) -> None:
    """Take the sentences about the person out of the reasons of households that live on without them."""
    said = con.execute(
        "SELECT as_of, household_id, list(DISTINCT rtrim(sentence_zh, '。')) FROM mart.signal "
        "WHERE person_id IN (SELECT unnest($1)) AND sentence_zh IS NOT NULL GROUP BY ALL",
        [list(subject.ids)],
    ).fetchall()
    changed: list[tuple[str, str, str]] = []
    for as_of, household, sentences in said:
        rows = con.execute(
            "SELECT alert_id, reason_zh, signal_person_ids FROM mart.alert "
            "WHERE as_of = ? AND household_id = ?",
            [as_of, household],
        ).fetchall()
        changed += [
            (alert, _without(reason or "", sentences), _others(persons or "", subject.ids))
            for alert, reason, persons in rows
        ]
    if changed:
        frame = pl.DataFrame(changed, schema=["alert_id", "reason_zh", "persons"], orient="row")
        run(
            con,
            "UPDATE mart.alert a SET reason_zh = c.reason_zh, signal_person_ids = c.persons FROM changed c "
            "WHERE a.alert_id = c.alert_id",
            changed=frame,
        )


def _without(reason: str, sentences: list[str]) -> str:
    """A reason, which is sentences joined by semicolons, without some of them.

    A list leaves out clauses that an earlier sentence said, and says how many members a sentence is about.
    """
    clauses = {clause for sentence in sentences for clause in sentence.split("，")}
    parts = reason.removesuffix("。").split("；")
    kept = []
    for part in parts:
        several = _SEVERAL.fullmatch(part)
        if several and set(several[1].split("，")) <= clauses:
            left = int(several[2]) - 1
            kept.append(f"{several[1]}（{left}人）" if left > 1 else several[1])
        elif not set(part.removeprefix(THE_SAME_SUM).split("，")) <= clauses:
            kept.append(part)
    if kept == parts:
        return reason
    return "；".join(kept) + "。" if kept else GONE_ZH


def _others(persons: str, ids: tuple[str, ...]) -> str:
    return ",".join(one for one in persons.split(",") if one and one not in ids)
