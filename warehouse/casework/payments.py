"""Money that a later roll shows: it ends an application by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb
import polars as pl

from warehouse.database.connection import fetch
from warehouse.database.partitions import at


def payments_seen(con: duckdb.DuckDBPyConnection, day: date, awaiting: Sequence[str]) -> pl.DataFrame:
    """The event `paid` of every application whose benefit the household receives on the list date.

    mart.step's columns. awaiting: the events after which a payment may be seen. What the household received
    before it applied is no answer to the application: somebody asked for more of it, or for another member.
    """
    return fetch(
        con,
        "WITH matter AS (SELECT s.*, c.household_id, "
        "min(event_date) OVER (PARTITION BY step_id) AS begun_date "
        "FROM mart.step s JOIN mart.case c USING (case_no) "
        "WHERE kind_code = 'application' AND known_date <= $1 "
        "QUALIFY row_number() OVER (PARTITION BY step_id ORDER BY step_no DESC) = 1), "
        "open AS (SELECT m.*, (SELECT max(as_of) FROM ops.kept_date WHERE table_name = 'mart.entitlement' "
        "AND as_of <= m.begun_date) AS before FROM matter m WHERE event_code IN (SELECT unnest($2)) "
        "AND begun_date < $1), "
        f"now AS (SELECT DISTINCT household_id, benefit_id FROM {at('mart.entitlement', '$1')} "
        "WHERE is_receiving), "
        "earlier AS (SELECT DISTINCT e.as_of, household_id, benefit_id FROM mart.entitlement e "
        "WHERE household_id IN (SELECT household_id FROM open) AND e.as_of IN (SELECT before FROM open) "
        "AND is_receiving) "
        "SELECT o.step_id, o.step_no + 1 AS step_no, o.case_no, o.kind_code, o.subject, "
        "'paid' AS event_code, $1 AS event_date, o.visit_id, $1 AS known_date FROM open o JOIN now n "
        "ON n.household_id = o.household_id AND n.benefit_id = o.subject "
        "ANTI JOIN earlier e ON e.as_of = o.before AND e.household_id = o.household_id "
        "AND e.benefit_id = o.subject ORDER BY o.step_id",
        [day, list(awaiting)],
    )
