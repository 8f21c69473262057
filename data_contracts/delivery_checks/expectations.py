"""From a delivery rule to one question about the staged table: rows that should not be there.

Every rule kind compiles to one Great Expectations expectation: its type and its arguments. A comparison
with the department's past carries the past's few numbers as constants, so that the expectation says by
itself what it compared with. A rule whose past is unknown compiles to nothing, and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from data_contracts.contract.cadence import next_expected_by
from data_contracts.contract.model import Contract, Rule
from zhaoren.errors import ZhaorenError
from zhaoren.sql_text import quoted_name, quoted_text

# Two shares of fewer rows than this differ by chance alone; a rule's `fewest` says otherwise.
FEWEST_COMPARED = 100
# A part that had so many rows does not vanish by chance.
FEWEST_IN_PART = 30
PREVIOUS = "previous"


@dataclass(frozen=True)
class Past:
    """What earlier deliveries of the extract tell; all of it may be unknown.

    previous_rows, previous_profile: of the last accepted delivery (profile.profile_of's columns).
    known_date: this delivery's. promised_date: the last day it was due, grace included; where unknown it
    is reckoned from last_known_date, the last accepted delivery's. delivered_parts: parts of the same
    period that are here already.
    """

    previous_rows: int | None = None
    previous_profile: pl.DataFrame | None = None
    known_date: date | None = None
    promised_date: date | None = None
    last_known_date: date | None = None
    delivered_parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Expectation:
    """One expectation's type and arguments; or `nothing`: why there is nothing to ask.

    counts_rows: the unexpected rows are the delivery's own, so that their number is the failing count.
    needs: columns of the staged table it reads.
    """

    type: str = "unexpected_rows_expectation"
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    counts_rows: bool = False
    needs: tuple[str, ...] = ()
    nothing: str = ""


def expectation_for(contract: Contract, rule: Rule, past: Past) -> Expectation:
    """What Great Expectations is asked for one suite rule. ZhaorenError when nothing knows its kind."""
    if rule.kind not in _COMPILERS:
        todo = f"use one of {', '.join(sorted(_COMPILERS))}"
        raise ZhaorenError("no suite check of this kind", rule.id, f"kind “{rule.kind}”", todo)
    return _COMPILERS[rule.kind](contract, rule, past)


def name(column: str) -> str:
    """A column's name as SQL, quoted."""
    return quoted_name(column).replace("{", "{{").replace("}", "}}")


def text(value: Any) -> str:
    """A value as an SQL text literal, safe in a Great Expectations query."""
    plain = str(value).lower() if isinstance(value, bool) else str(value)
    return plainly(quoted_text(plain))


def plainly(sql: str) -> str:
    """SQL that neither `str.format` nor SQLAlchemy's `:name` parameters read as theirs."""
    import re

    doubled = sql.replace("{", "{{").replace("}", "}}")
    return re.sub(r"(?<![:\w\\]):(?=\w)", r"\\:", doubled)


def _rows(failing: str, maximum: Any, needs: Iterable[str], of: str = "count(*)") -> Expectation:
    """The failing rows, where they are more than `maximum` of the rows in `of`."""
    query = (
        f"SELECT row_no FROM {{batch}} WHERE {failing} AND (SELECT count(*) FILTER ({failing}) "
        f"> {float(maximum):.9f} * {of} FROM {{batch}})"
    )
    return Expectation(kwargs={"unexpected_rows_query": query}, counts_rows=True, needs=tuple(needs))


def _numbers(select: str, broken: str, needs: Iterable[str] = ()) -> Expectation:
    """The row of numbers `select` gives, where `broken` says they are out of bounds."""
    query = f"SELECT * FROM ({select}) AS asked WHERE {broken}"
    return Expectation(kwargs={"unexpected_rows_query": query}, needs=tuple(needs))


def _outside(rule: Rule, number: str) -> str:
    signs = (("minimum", "<"), ("maximum", ">"), ("exclusiveMinimum", "<="), ("exclusiveMaximum", ">="))
    found = [f"{number} {sign} {float(rule.options[key])}" for key, sign in signs if key in rule.options]
    return " OR ".join(found) or "false"


def _row_count(contract: Contract, rule: Rule, past: Past) -> Expectation:
    ends = (("min_value", "minimum"), ("max_value", "maximum"))
    bounds = {end: int(rule.options[key]) for end, key in ends if key in rule.options}
    return Expectation("expect_table_row_count_to_be_between", bounds)


def _row_count_against_previous(contract: Contract, rule: Rule, past: Past) -> Expectation:
    before = past.previous_rows
    if not before:
        return Expectation(nothing="no accepted delivery before this one")
    low, high = before * float(rule.options["minimum"]), before * float(rule.options["maximum"])
    select = f"SELECT count(*) AS n, {before} AS before FROM {{batch}}"
    return _numbers(select, f"n < {low:.6f} OR n > {high:.6f}")


def _share(contract: Contract, rule: Rule, past: Past) -> Expectation:
    """faulty_share, duplicate_share of whole rows or of some columns, null_share."""
    flag, wanted = _FLAGS[rule.kind], "false"
    if rule.kind == "null_share":
        flag, wanted = f"has_{rule.column}", "true"
    elif rule.options.get("columns"):
        flag = f"is_repeat_{rule.name}"
    return _rows(f"{name(flag)} IS DISTINCT FROM {wanted}", rule.options["maximum"], [flag])


_FLAGS = {"faulty_share": "is_faulty", "duplicate_share": "is_duplicate", "null_share": ""}


def _value_share(contract: Contract, rule: Rule, past: Past) -> Expectation:
    """Of the filled cells, the share that holds one of the values."""
    column, values = name(str(rule.column)), ", ".join(text(v) for v in rule.options["values"])
    select = (
        f"SELECT count(*) FILTER ({column} IN ({values})) / nullif(count({column}), 0)::DOUBLE AS share "
        "FROM {batch}"
    )
    return _numbers(select, _outside(rule, "share"), [str(rule.column)])


def _invalid_share(contract: Contract, rule: Rule, past: Past) -> Expectation:
    """Of all rows, the share whose cell is filled with something else than agreed."""
    column = name(str(rule.column))
    if rule.options.get("values"):
        agreed = f"{column} IN ({', '.join(text(v) for v in rule.options['values'])})"
    elif rule.options.get("pattern"):
        agreed = f"regexp_matches(CAST({column} AS VARCHAR), {text(rule.options['pattern'])})"
    else:
        todo = "name the values or a pattern"
        raise ZhaorenError("the rule does not say what is valid", rule.id, "no values, no pattern", todo)
    return _rows(f"({column} IS NOT NULL AND NOT ({agreed}))", rule.options["maximum"], [str(rule.column)])


def _orphan_share(contract: Contract, rule: Rule, past: Past) -> Expectation:
    """Of the filled cells, the share that the referenced extract does not know."""
    flag = f"is_known_{rule.column}"
    failing = f"{name(flag)} IS NOT DISTINCT FROM false"
    return _rows(failing, rule.options["maximum"], [flag], f"count({name(flag)})")


def _partition(contract: Contract, rule: Rule, past: Past) -> Expectation:
    """The listed parts (what a cell begins with) of which the delivery has no row."""
    values = rule.options["values"]
    if values == PREVIOUS:
        values = _previous_parts(rule, past)
        if values is None:
            return Expectation(nothing="no profile of a delivery before this one")
    parts = sorted(str(value) for value in values)
    if not parts:
        return Expectation(nothing=f"no part had {FEWEST_IN_PART} rows before")
    here = " UNION ".join(
        f"SELECT left(CAST({name(str(rule.column))} AS VARCHAR), {length}) FROM {{batch}} "
        f"WHERE {name(str(rule.column))} IS NOT NULL"
        for length in sorted({len(part) for part in parts})
    )
    expected = ", ".join(f"({text(part)})" for part in parts)
    query = f"SELECT part FROM (VALUES {expected}) AS expected(part) WHERE part NOT IN ({here}) ORDER BY 1"
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


def _null_share_against_previous(contract: Contract, rule: Rule, past: Past) -> Expectation:
    """The share of empty cells, against the previous delivery's: a change in either direction."""
    before = _profile(past, rule.column, of_values=False)
    few = _too_few(rule, past)
    if before is None or before.is_empty() or few:
        return Expectation(nothing=few or "no profile of a delivery before this one")
    flag, share = f"has_{rule.column}", float(before["share"][0])
    select = (
        f"SELECT count(*) AS n, round(count(*) FILTER (NOT {name(flag)}) / nullif(count(*), 0)::DOUBLE, 4) "
        f"AS share, {share:.4f} AS before FROM {{batch}}"
    )
    broken = f"n >= {_fewest(rule)} AND abs(share - before) > {float(rule.options['maximum'])}"
    return _numbers(select, broken, [flag])


def _value_mix_against_previous(contract: Contract, rule: Rule, past: Past) -> Expectation:
    """Total variation distance: the share of rows that would have to change value to undo the change.

    Values the previous profile does not list count as `other`, as rare ones did in it.
    """
    before = _profile(past, rule.column, of_values=True)
    few = _too_few(rule, past)
    if before is None or before.is_empty() or few:
        return Expectation(nothing=few or "no profile of a delivery before this one")
    column = name(str(rule.column))
    listed = before.filter(pl.col("value") != "other").sort("value")
    shares = dict(zip(listed["value"].to_list(), listed["share"].to_list(), strict=True))
    rows = [f"count(*) FILTER ({column} = {text(value)}) AS v{i}" for i, value in enumerate(shares)]
    apart = [f"abs(v{i} / n - {share:.6f})" for i, share in enumerate(shares.values())]
    other, rest = 1 - sum(shares.values()), " - ".join(["n", *(f"v{i}" for i in range(len(shares)))])
    distance = " + ".join([*apart, f"abs(({rest}) / n - {max(other, 0):.6f})"])
    counts = ", ".join([f"count({column})::DOUBLE AS n", *rows])
    select = (
        f"SELECT n, round(({distance}) / 2, 4) AS distance FROM (SELECT {counts} FROM {{batch}}) AS counted"
    )
    broken = f"n >= {_fewest(rule)} AND distance > {float(rule.options['maximum'])}"
    return _numbers(select, broken, [str(rule.column)])


def _freshness(contract: Contract, rule: Rule, past: Past) -> Expectation:
    """Days from the last promised day to this delivery."""
    promised = past.promised_date
    if promised is None and past.last_known_date is not None:
        promised = next_expected_by(contract, past.last_known_date)
    if promised is None or past.known_date is None:
        return Expectation(nothing="no day was promised for it")
    select = f"SELECT DATE '{past.known_date}' - DATE '{promised}' AS days_late, count(*) AS n FROM {{batch}}"
    return _numbers(select, f"days_late > {int(rule.options['maximum'])}")


def _sql(contract: Contract, rule: Rule, past: Past) -> Expectation:
    """ODCS `type: sql`: a query giving one number within the bounds; {table} is the staged table."""
    query = (
        f"SELECT * FROM ({_asked(rule)}) AS asked(answer) WHERE answer IS NULL OR {_outside(rule, 'answer')}"
    )
    return Expectation(kwargs={"unexpected_rows_query": query})


def _asked(rule: Rule) -> str:
    marks = ("${table}", "{table}", "{model}", "${object}", "{object}")
    for mark in marks:
        if mark in rule.sql:
            return "{batch}".join(plainly(piece) for piece in rule.sql.split(mark))
    todo = "name the table {table} in the query"
    raise ZhaorenError("the query names no staged table", rule.id, "there is no {table} in it", todo)


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


_COMPILERS: Mapping[str, Callable[[Contract, Rule, Past], Expectation]] = {
    "row_count": _row_count,
    "row_count_against_previous": _row_count_against_previous,
    "faulty_share": _share,
    "duplicate_share": _share,
    "null_share": _share,
    "value_share": _value_share,
    "invalid_share": _invalid_share,
    "orphan_share": _orphan_share,
    "partition": _partition,
    "null_share_against_previous": _null_share_against_previous,
    "value_mix_against_previous": _value_mix_against_previous,
    "freshness": _freshness,
    "sql": _sql,
}
