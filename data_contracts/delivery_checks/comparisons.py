"""Rules that compare a delivery with the department's past: rows, cells, values, parts, the day it came.

The past's few numbers are constants of the query, so that the expectation documents what it compared with.
A rule whose past is unknown is not run, with the reason.
"""

from __future__ import annotations

import polars as pl

from data_contracts.contract.cadence import next_expected_by
from data_contracts.contract.model import Contract, Rule
from data_contracts.delivery_checks.expectation import Expectation, numbers_query, sql_name, sql_text
from data_contracts.delivery_checks.past import Past
from data_contracts.delivery_checks.replaced_parts import replaced_by

# Two shares of fewer rows than this differ by chance alone; a rule's `fewest` overrides it.
FEWEST_COMPARED = 100
# A part that had so many rows does not vanish by chance.
FEWEST_IN_PART = 30
PREVIOUS = "previous"


def row_count_against_previous(contract: Contract, rule: Rule, past: Past) -> Expectation:
    """The number of rows, as a multiple of the previous delivery's."""
    before = past.previous_rows
    if not before:
        return Expectation(why_not="no accepted delivery before this one")
    low, high = before * float(rule.options["minimum"]), before * float(rule.options["maximum"])
    select = f"SELECT count(*) AS n, {before} AS before FROM {{batch}}"
    return numbers_query(select, f"n < {low:.6f} OR n > {high:.6f}")


def null_share_against_previous(contract: Contract, rule: Rule, past: Past) -> Expectation:
    """The share of empty cells, against the previous delivery's: a change in either direction."""
    before = _profile(past, rule.column, of_values=False)
    few = _too_few(rule, past)
    if before is None or before.is_empty() or few:
        return Expectation(why_not=few or "no profile of a delivery before this one")
    flag, share = f"has_{rule.column}", float(before["share"][0])
    empty = f"round(count(*) FILTER (NOT {sql_name(flag)}) / nullif(count(*), 0)::DOUBLE, 4)"
    select = f"SELECT count(*) AS n, {empty} AS share, {share:.4f} AS before FROM {{batch}}"
    broken = f"n >= {_fewest(rule)} AND abs(share - before) > {float(rule.options['maximum'])}"
    return numbers_query(select, broken, [flag])


def value_mix_against_previous(contract: Contract, rule: Rule, past: Past) -> Expectation:
    """Total variation distance: the share of rows that would have to change value to undo the change.

    Values the previous profile does not list count as `other`, as rare ones did in it.
    """
    before = _profile(past, rule.column, of_values=True)
    few = _too_few(rule, past)
    if before is None or before.is_empty() or few:
        return Expectation(why_not=few or "no profile of a delivery before this one")
    column = sql_name(str(rule.column))
    listed = before.filter(pl.col("value") != "other").sort("value")
    shares = dict(zip(listed["value"].to_list(), listed["share"].to_list(), strict=True))
    rows = [f"count(*) FILTER ({column} = {sql_text(value)}) AS v{i}" for i, value in enumerate(shares)]
    apart = [f"abs(v{i} / n - {share:.6f})" for i, share in enumerate(shares.values())]
    # Shares of the previous profile are rounded, so what is left of 1 may be just below zero.
    other, rest = 1 - sum(shares.values()), " - ".join(["n", *(f"v{i}" for i in range(len(shares)))])
    distance = " + ".join([*apart, f"abs(({rest}) / n - {max(other, 0):.6f})"])
    counts = ", ".join([f"count({column})::DOUBLE AS n", *rows])
    select = (
        f"SELECT n, round(({distance}) / 2, 4) AS distance FROM (SELECT {counts} FROM {{batch}}) AS counted"
    )
    broken = f"n >= {_fewest(rule)} AND distance > {float(rule.options['maximum'])}"
    return numbers_query(select, broken, [str(rule.column)])


def partition(contract: Contract, rule: Rule, past: Past) -> Expectation:
    """The listed parts (what a cell begins with) of which the delivery has no row.

    A part whose division code was given up counts as here where a cell begins with what replaced it.
    """
    values = rule.options["values"]
    if values == PREVIOUS:
        values = _previous_parts(rule, past)
        if values is None:
            return Expectation(why_not="no profile of a delivery before this one")
    parts = sorted(str(value) for value in values)
    if not parts:
        return Expectation(why_not=f"no part had {FEWEST_IN_PART} rows before")
    starts = [(part, start) for part in parts for start in (part, *replaced_by(part, past.known_date))]
    here = " UNION ".join(
        f"SELECT left(CAST({sql_name(str(rule.column))} AS VARCHAR), {length}) FROM {{batch}} "
        f"WHERE {sql_name(str(rule.column))} IS NOT NULL"
        for length in sorted({len(start) for _, start in starts})
    )
    expected = ", ".join(f"({sql_text(part)}, {sql_text(start)})" for part, start in starts)
    query = (
        f"SELECT part FROM (VALUES {expected}) AS expected(part, start) LEFT JOIN ({here}) AS here(found) "
        "ON found = start GROUP BY part HAVING count(found) = 0 ORDER BY 1"
    )
    return Expectation(kwargs={"unexpected_rows_query": query}, counts_rows=True, needs=(str(rule.column),))


def _previous_parts(rule: Rule, past: Past) -> list[str] | None:
    """The parts that had rows enough in the previous delivery; None when its profile is unknown."""
    before = _profile(past, rule.column, of_values=True)
    if before is None or before.is_empty() or not past.previous_rows:
        return None
    enough = before.filter(
        (pl.col("share") * past.previous_rows >= FEWEST_IN_PART) & (pl.col("value") != "other")
    )
    return enough["value"].to_list()


def freshness(contract: Contract, rule: Rule, past: Past) -> Expectation:
    """Days from the last promised day to this delivery."""
    promised = past.promised_date
    if promised is None and past.last_known_date is not None:
        promised = next_expected_by(contract, past.last_known_date)
    if promised is None or past.known_date is None:
        return Expectation(why_not="no day was promised for it")
    select = f"SELECT DATE '{past.known_date}' - DATE '{promised}' AS days_late, count(*) AS n FROM {{batch}}"
    return numbers_query(select, f"days_late > {int(rule.options['maximum'])}")


def _profile(past: Past, column: str | None, of_values: bool) -> pl.DataFrame | None:
    """The previous shares of the column's values, or of its empty cells."""
    if past.previous_profile is None:
        return None
    has_value = pl.col("value").is_not_null()
    return past.previous_profile.filter(
        (pl.col("column_name") == column) & (has_value if of_values else ~has_value)
    )


def _fewest(rule: Rule) -> int:
    return int(rule.options.get("fewest", FEWEST_COMPARED))


def _too_few(rule: Rule, past: Past) -> str:
    before, fewest = past.previous_rows, _fewest(rule)
    return f"only {before} rows before, fewer than {fewest}" if before is not None and before < fewest else ""
