"""How well each extract was delivered, month by month: in time, whole, clean, and what it left unanswered.

Read from the accounts that the runs kept; nothing is counted here that is not on record already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

import duckdb
import polars as pl

from data_contracts.contract.cadence import expected_by
from data_contracts.contract.model import Contract
from data_contracts.contract.period import later
from data_contracts.loading.contracts import load_contracts
from policies.catalogue.fact import Fact
from policies.loading import load_catalogue
from warehouse.database.connection import fetch

MONTHS = 12
MOST_FAULTS = 3

# The month a delivery is shown under; events, delivered as they happen, under the month of the list they fed.
MONTH = """(CASE WHEN period_month IS NULL OR period_month = known_date
  THEN date_trunc('month', known_date) - INTERVAL 1 MONTH ELSE date_trunc('month', period_month) END)::DATE"""

# One row per extract and month: when it came, what it held, how often it came again. Shares are of the rows
# of the deliveries that count; a month without an accepted one shows what was held or refused.
DELIVERED = """
WITH d AS (SELECT *, {month} AS month FROM ops.delivery_at($1)),
counting AS (
  SELECT * FROM d WHERE kind = 'full' AND status IN ('accepted', 'held', 'rejected')
  QUALIFY dense_rank() OVER (PARTITION BY extract, month ORDER BY status = 'accepted' DESC) = 1),
arrived AS (
  SELECT extract, month, max(first) AS first_known_date FROM (
    SELECT extract, month, part, min(known_date) AS first FROM d
    WHERE kind = 'full' AND status <> 'rejected' GROUP BY ALL) GROUP BY ALL),
faulty AS (
  SELECT delivery_id, count(DISTINCT row_no) AS cnt FROM ops.quarantine
  WHERE NOT regexp_matches(rule_id, '\\.delivery_(held|rejected)$') GROUP BY 1),
repaired AS (SELECT delivery_id, count(DISTINCT row_no) AS cnt FROM ops.repair GROUP BY 1),
content AS (
  SELECT department, extract, month, sum(rows_read)::BIGINT AS row_cnt, sum(f.cnt)::BIGINT AS faulty_cnt,
         sum(r.cnt)::BIGINT AS repaired_cnt, sum(rows_duplicate)::BIGINT AS duplicate_cnt
  FROM counting LEFT JOIN faulty f USING (delivery_id) LEFT JOIN repaired r USING (delivery_id) GROUP BY ALL),
life AS (
  SELECT extract, month, count(*) AS delivery_cnt, count(*) FILTER (status = 'held') AS held_cnt,
         count(*) FILTER (status = 'rejected') AS rejected_cnt,
         count(*) FILTER (status = 'superseded' OR kind = 'mended') AS corrected_cnt
  FROM d GROUP BY ALL)
SELECT department, extract, month AS period_month, first_known_date, delivery_cnt, held_cnt, rejected_cnt,
       corrected_cnt, row_cnt, coalesce(faulty_cnt, 0) / nullif(row_cnt, 0) AS faulty_share,
       coalesce(repaired_cnt, 0) / nullif(row_cnt, 0) AS repaired_share,
       duplicate_cnt / nullif(row_cnt, 0) AS duplicate_share
FROM content JOIN life USING (extract, month) LEFT JOIN arrived USING (extract, month)
ORDER BY department, extract, period_month
""".replace("{month}", MONTH)

# The last list of each month, and the month whose data it was made from.
LISTS = """
SELECT max(as_of) AS as_of, (date_trunc('month', as_of) - INTERVAL 1 MONTH)::DATE AS period_month
FROM mart.staleness WHERE as_of <= $1 GROUP BY 2 ORDER BY 1 DESC LIMIT $2
"""

# Benefits that could not be judged, by what was missing. A fact that several extracts could tell counts for
# each of them in the first figure, for none of them in the second.
UNJUDGED = """
WITH turn AS (SELECT *, lag(as_of) OVER (ORDER BY as_of) AS as_of_before FROM lists),
answer AS (
  SELECT as_of, household_id, coalesce(person_id, '') AS person_id, benefit_id, missing_facts
  FROM mart.entitlement SEMI JOIN lists USING (as_of) WHERE eligible = 'unknown'),
marked AS (
  SELECT t.period_month, a.household_id, a.missing_facts,
         CASE WHEN t.as_of_before IS NOT NULL THEN p.household_id IS NULL END AS is_new
  FROM answer a JOIN turn t USING (as_of)
  LEFT JOIN answer p ON p.as_of = t.as_of_before AND p.household_id = a.household_id
    AND p.person_id = a.person_id AND p.benefit_id = a.benefit_id),
lack AS (  -- few: whole sets of missing facts, each with the extracts that could tell one of them
  SELECT missing_facts, s.extract, count(*) FILTER (s.is_only) = any_value(len(facts)) AS is_only
  FROM (SELECT missing_facts, string_split(missing_facts, ',') AS facts, unnest(facts) AS fact
        FROM (SELECT DISTINCT missing_facts FROM answer)) JOIN sources s USING (fact) GROUP BY ALL)
SELECT extract, period_month, count(DISTINCT household_id) AS unjudged_household_cnt,
       count(DISTINCT household_id) FILTER (is_only) AS unjudged_only_cnt,
       CASE WHEN count(is_new) > 0
            THEN count(DISTINCT household_id) FILTER (is_new) END AS unjudged_new_cnt
FROM marked JOIN lack USING (missing_facts) GROUP BY ALL
"""

FAULTS = """
WITH d AS (
  SELECT delivery_id, department, extract, rows_read, {month} AS period_month
  FROM ops.delivery_at($1) WHERE kind = 'full' AND status IN ('accepted', 'held')),
total AS (SELECT extract, period_month, sum(rows_read) AS row_cnt FROM d GROUP BY ALL),
counted AS (
  SELECT department, extract, period_month, rule_id, min(q.reason) AS reason_zh,
         count(DISTINCT (q.delivery_id, q.row_no)) AS faulty_cnt
  FROM ops.quarantine q JOIN d USING (delivery_id)
  WHERE NOT regexp_matches(rule_id, '\\.delivery_(held|rejected)$') GROUP BY ALL),
shared AS (
  SELECT *, faulty_cnt / nullif(row_cnt, 0) AS faulty_share
  FROM counted JOIN total USING (extract, period_month)),
earlier AS (
  SELECT extract, period_month, lag(period_month) OVER (PARTITION BY extract ORDER BY period_month) AS before
  FROM total)
SELECT s.department, s.extract, s.period_month, s.rule_id, s.reason_zh, s.faulty_cnt,
       s.faulty_share, CASE WHEN e.before IS NOT NULL THEN coalesce(p.faulty_share, 0) END AS previous_share
FROM shared s JOIN earlier e USING (extract, period_month)
LEFT JOIN shared p ON p.extract = s.extract AND p.period_month = e.before AND p.rule_id = s.rule_id
QUALIFY row_number() OVER (PARTITION BY s.extract, s.period_month ORDER BY s.faulty_cnt DESC, s.rule_id) <= $2
ORDER BY s.department, s.extract, s.period_month, s.faulty_cnt DESC, s.rule_id
""".replace("{month}", MONTH)


def scorecard(
    con: duckdb.DuckDBPyConnection,
    as_of: date,
    contracts: Mapping[str, Contract] | None = None,
    facts: Iterable[Fact] | None = None,
) -> pl.DataFrame:
    """One row per extract and month of the last twelve, as known by the date; sorted by both.

    department, extract, period_month, expected_by_date, first_known_date, timeliness (on_time, late, missing,
    pending, not_due, event), late_days, delivery_cnt, held_cnt, rejected_cnt, corrected_cnt, row_cnt,
    faulty_share, repaired_share, duplicate_share, is_stale, days_old, unjudged_household_cnt (households
    with a benefit that lacks a fact of this extract), unjudged_only_cnt (nothing but this extract is
    lacking), unjudged_new_cnt (could be judged, or did not ask, the month before). Null is unknown, or
    nothing came.
    """
    contracts = contracts or load_contracts()
    lists = fetch(con, LISTS, [as_of, MONTHS])
    delivered = fetch(con, DELIVERED, [as_of])
    rows = [row for c in contracts.values() for row in _months(c, delivered, as_of)]
    frame = pl.DataFrame(rows, schema=_CALENDAR, orient="row")
    keys = ["extract", "period_month"]
    frame = frame.join(delivered.drop("department", "first_known_date"), on=keys, how="left")
    stale = fetch(
        con,
        "SELECT extract, period_month, is_stale, days_old FROM mart.staleness JOIN lists USING (as_of)",
        lists=lists,
    )
    facts = load_catalogue().facts.values() if facts is None else facts
    frame = frame.join(stale, on=keys, how="left").join(_unjudged(con, lists, facts), on=keys, how="left")
    return _zero_where_known(frame).sort("department", *keys)


def top_faults(con: duckdb.DuckDBPyConnection, as_of: date) -> pl.DataFrame:
    """The commonest faults of each extract and month, and their share in its delivery before.

    department, extract, period_month, rule_id, reason_zh, faulty_cnt, faulty_share, previous_share (null for
    a first delivery); at most three a month, most rows first.
    """
    return fetch(con, FAULTS, [as_of, MOST_FAULTS])


_CALENDAR = {
    "department": pl.String, "extract": pl.String, "period_month": pl.Date, "expected_by_date": pl.Date,
    "first_known_date": pl.Date, "timeliness": pl.String, "late_days": pl.Int64,
}  # fmt: skip


def _unjudged(con: duckdb.DuckDBPyConnection, lists: pl.DataFrame, facts: Iterable[Fact]) -> pl.DataFrame:
    named = [
        (prefix + fact.name, extract, len(fact.sources) == 1)
        for fact in facts
        for prefix in (("", "household_") if fact.entity == "household" else ("",))
        for extract in fact.sources
    ]
    schema = {"fact": pl.String, "extract": pl.String, "is_only": pl.Boolean}
    sources = pl.DataFrame(named, schema=schema, orient="row").unique(maintain_order=True)
    return fetch(con, UNJUDGED, lists=lists, sources=sources)


def _zero_where_known(frame: pl.DataFrame) -> pl.DataFrame:
    """No deliveries are zero deliveries; nobody unjudged is zero only in a month that had a list."""
    listed = pl.col("is_stale").is_not_null()
    second = listed & (pl.col("period_month") > pl.col("period_month").filter(listed).min())
    return frame.with_columns(
        pl.col("delivery_cnt", "held_cnt", "rejected_cnt", "corrected_cnt").fill_null(0),
        *(
            pl.when(listed).then(pl.col(c).fill_null(0))
            for c in ("unjudged_household_cnt", "unjudged_only_cnt")
        ),
        pl.when(second).then(pl.col("unjudged_new_cnt").fill_null(0)),
    )


def _months(contract: Contract, delivered: pl.DataFrame, as_of: date) -> Iterator[tuple[object, ...]]:
    """The extract's calendar: every month since anything was delivered, and whether it came in time."""
    if delivered.is_empty():
        return
    last = later(as_of.replace(day=1), -1)
    start: date = delivered.get_column("period_month").min()  # type: ignore[assignment]
    came = dict(delivered.filter(extract=contract.extract).select("period_month", "first_known_date").rows())
    step = contract.period_months
    month, due = start, start
    while month <= last:
        arrived = came.get(month)
        answer = _timeliness(contract, month, due, arrived, as_of)
        if month >= later(last, 1 - MONTHS):
            yield (contract.department, contract.extract, month, *answer)
        due = later(month, step) if arrived and step else due
        month = later(month, 1)


def _timeliness(
    contract: Contract, month: date, due: date, arrived: date | None, as_of: date
) -> tuple[object, ...]:
    """expected_by_date, first_known_date, timeliness, late_days; `due` is the month that was to come next."""
    step = contract.period_months
    if step is None:
        return (None, arrived, "event", None)
    if month < due:
        return (None, arrived, "on_time" if arrived else "not_due", 0 if arrived else None)
    promised = expected_by(contract, month if step == 1 else due)
    late = ((arrived or as_of) - promised).days
    if arrived:
        return (promised, arrived, "late" if late > 0 else "on_time", max(late, 0))
    return (promised, None, "missing" if late > 0 else "pending", late if late > 0 else None)
