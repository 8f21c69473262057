"""Step 8: outcomes become visits, what was taken back becomes rulings, and `mart.outcome` shows which count.

Where an earlier version let several results of one line count side by side, the last received going before, a
ruling says so: past dates stay as they were, and the pair is still on the list of differences.
"""

from __future__ import annotations

from collections.abc import Mapping

from data_contracts.contract.model import Contract
from warehouse.casework.visits import FORMER, VISIT_ID
from warehouse.database.catalogue import has_table
from warehouse.database.connection import Connection
from warehouse.database.views import make_views
from warehouse.identity.vault import Vault
from warehouse.shown.outcome import CONTRADICTS, named

_KEY = ("alert_id", "result_code", "found_date", "known_date", "feedback_sha256")


def outcomes_into_visits(con: Connection, vault: Vault, contracts: Mapping[str, Contract]) -> None:
    """Do it for every row; notes stay where they are, under the same name."""
    if has_table(con, "mart.outcome"):
        for name, kind in (
            ("benefit_id", "VARCHAR"),
            ("feedback_sha256", "VARCHAR"),
            ("withdrawn_date", "DATE"),
        ):
            con.execute(f"ALTER TABLE mart.outcome ADD COLUMN IF NOT EXISTS {name} {kind}")
        _take_visits(con)
        _take_withdrawals(con)
        con.execute("DROP TABLE mart.outcome")
        con.execute("DROP TABLE IF EXISTS ops.outcome_withdrawal")
    make_views(con, contracts.values(), anew=True)
    _rule_as_before(con)


def _take_visits(con: Connection) -> None:
    """Rows that were alike in all but what people wrote are told apart by their number."""
    con.execute(
        "INSERT INTO mart.visit BY NAME "
        f"SELECT {VISIT_ID} || CASE WHEN twin_no > 1 THEN '-' || twin_no ELSE '' END AS visit_id, "
        f"{', '.join(_KEY)}, benefit_id FROM (SELECT *, NULL AS case_no, NULL AS row_no, "
        f"row_number() OVER (PARTITION BY {', '.join(_KEY)}, benefit_id) AS twin_no FROM mart.outcome) "
        "ON CONFLICT DO NOTHING"
    )


def _take_withdrawals(con: Connection) -> None:
    """Each as a ruling; who decided and when is in the log, which the first versions did not have."""
    log = "ops.outcome_withdrawal"
    if not has_table(con, log):
        log = "(SELECT *, NULL::TIMESTAMP AS decided_at, NULL AS decided_by FROM mart.outcome)"
    same = " AND ".join(f"w.{name} IS NOT DISTINCT FROM v.{name}" for name in _KEY)
    con.execute(f"""
        INSERT INTO mart.visit_ruling BY NAME
        SELECT v.visit_id, 1 AS ruling_no, false AS does_count, w.withdrawn_date AS effective_date,
               any_value(d.decided_at) AS decided_at, any_value(d.decided_by) AS decided_by
        FROM mart.visit v JOIN mart.outcome w ON {same} LEFT JOIN {log} d ON {same.replace("w.", "d.")}
        WHERE w.withdrawn_date IS NOT NULL GROUP BY v.visit_id, w.withdrawn_date
        QUALIFY row_number() OVER (PARTITION BY v.visit_id ORDER BY w.withdrawn_date) = 1
    """)


def _rule_as_before(con: Connection) -> None:
    con.execute(
        f"INSERT INTO mart.visit_ruling BY NAME WITH named AS ({named()}), free AS (SELECT * FROM named "
        "ANTI JOIN mart.visit_ruling USING (visit_id)) SELECT DISTINCT a.visit_id, 1 AS ruling_no, "
        f"true AS does_count, a.known_date AS effective_date, '{FORMER}' AS decided_by "
        f"FROM free a JOIN free b ON a.list_id = b.list_id AND {CONTRADICTS}"
    )
