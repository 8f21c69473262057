"""A delivery's promises, checked by Great Expectations on a staged copy in DuckDB.

The staged table has one row per record read, without identifiers: row_no, is_faulty, is_duplicate,
has_<column> for every column, and the plain columns a rule's SQL names (rows.CheckedRows.stage).
Great Expectations is imported on first use: it takes seconds.
"""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zhaoren.data_contracts.contract import Contract, Rule
from zhaoren.errors import ZhaorenError

_DATASOURCE = "deliveries"
logging.getLogger("great_expectations").setLevel(logging.WARNING)  # it chats while it is imported


@dataclass(frozen=True)
class CheckResult:
    """What one delivery rule found. failing_cnt: rows of a broken share; 1 or 0 for whole-file rules."""

    rule_id: str
    level: str
    passed: bool
    failing_cnt: int
    detail: str = ""


@dataclass(frozen=True)
class ExpectationConfig:
    """One Great Expectations expectation: its type and arguments, for one rule of the contract.

    `needs_previous`: it can only run where an earlier delivery's row count is known.
    """

    rule_id: str
    level: str
    type: str
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""
    needs_previous: bool = False
    kind: str = ""


def compile_suite(contract: Contract, previous_rows: int | None = None) -> list[ExpectationConfig]:
    """Every suite rule of the contract as one expectation, in the contract's order."""
    return [_expectation(rule, previous_rows) for rule in contract.rules_in("suite")]


def run_suite(
    contract: Contract, database: str | Path, table: str, previous_rows: int | None = None
) -> list[CheckResult]:
    """Run the contract's suite on `table` of a DuckDB file (a path or a `duckdb:///…` address).

    `previous_rows`: rows of the last accepted delivery, None when there is none; then the comparison with
    it has nothing to say and gives no result. ZhaorenError when a check itself fails.
    """
    configs = [c for c in compile_suite(contract, previous_rows) if previous_rows or not c.needs_previous]
    if not configs:
        return []
    outcome = _validate(configs, str(database), table)
    return [_result(config, result) for config, result in zip(configs, outcome, strict=True)]


def decide_delivery(results: Sequence[CheckResult]) -> str:
    """accepted, held (a person decides) or rejected (nothing is loaded), by the worst failed rule."""
    failed = {result.level for result in results if not result.passed}
    if "reject_delivery" in failed:
        return "rejected"
    return "held" if "hold_delivery" in failed else "accepted"


def _expectation(rule: Rule, previous_rows: int | None) -> ExpectationConfig:
    type_, kwargs = _COMPILERS[rule.kind](rule, previous_rows)
    needs_previous = rule.kind == "row_count_against_previous"
    return ExpectationConfig(rule.id, rule.level, type_, kwargs, rule.zh, needs_previous, rule.kind)


def _row_count(rule: Rule, previous_rows: int | None) -> tuple[str, dict[str, Any]]:
    bounds = {
        f"{end}_value": int(rule.options[f"{end}imum"])
        for end in ("min", "max")
        if f"{end}imum" in rule.options
    }
    return "expect_table_row_count_to_be_between", bounds


def _row_count_against_previous(rule: Rule, previous_rows: int | None) -> tuple[str, dict[str, Any]]:
    before = previous_rows or 0
    low, high = before * float(rule.options["minimum"]), before * float(rule.options["maximum"])
    query = (
        f"SELECT * FROM (SELECT count(*) FROM {{batch}}) AS counted(n) WHERE n < {low:.6f} OR n > {high:.6f}"
    )
    return "unexpected_rows_expectation", {"unexpected_rows_query": query}


def _share(column: str, wanted: bool, rule: Rule) -> tuple[str, dict[str, Any]]:
    # A query, not an in-set expectation: those first read the whole catalogue, a quarter of a second each.
    failing = f"{column} IS DISTINCT FROM {str(wanted).lower()}"
    query = (
        f"SELECT row_no FROM {{batch}} WHERE {failing} AND (SELECT count(*) FILTER ({failing}) "
        f"> {float(rule.options['maximum']):.9f} * count(*) FROM {{batch}})"
    )
    return "unexpected_rows_expectation", {"unexpected_rows_query": query}


def _sql(rule: Rule, previous_rows: int | None) -> tuple[str, dict[str, Any]]:
    """ODCS `type: sql`: a query giving one number within the bounds; {table} is the staged table."""
    number = f"SELECT * FROM ({_query(rule)}) AS asked(answer) WHERE answer IS NULL"
    for option, sign in (("minimum", "<"), ("maximum", ">")):
        if option in rule.options:
            number += f" OR answer {sign} {float(rule.options[option])}"
    return "unexpected_rows_expectation", {"unexpected_rows_query": number}


def _query(rule: Rule) -> str:
    for name in ("{table}", "${table}", "{model}", "${object}", "{object}"):
        if name in rule.sql:
            return rule.sql.replace(name, "{batch}")
    todo = "name the table {table} in the query"
    raise ZhaorenError("the query names no staged table", rule.id, "there is no {table} in it", todo)


_COMPILERS: Mapping[str, Any] = {
    "row_count": _row_count,
    "row_count_against_previous": _row_count_against_previous,
    "faulty_share": lambda rule, previous: _share("is_faulty", False, rule),
    "duplicate_share": lambda rule, previous: _share("is_duplicate", False, rule),
    "null_share": lambda rule, previous: _share(f"has_{rule.column}", True, rule),
    "sql": _sql,
}


def _result(config: ExpectationConfig, result: Any) -> CheckResult:
    broken = [entry for entry in result.exception_info.values() if isinstance(entry, dict)]
    if any(entry.get("raised_exception") for entry in broken) or result.exception_info.get(
        "raised_exception"
    ):
        why = next((str(entry.get("exception_message")) for entry in broken), "")
        todo = "run `zhaoren contracts lint`; if it finds nothing, report this as a defect"
        raise ZhaorenError("a check of the delivery could not run", config.rule_id, why, todo)
    observed = result.result.get("observed_value")
    counts_rows = config.kind.endswith("_share")
    failing = int(observed or 0) if counts_rows else int(not result.success)
    detail = "" if observed is None else str(observed)
    return CheckResult(config.rule_id, config.level, bool(result.success), failing, detail)


def _validate(configs: Sequence[ExpectationConfig], database: str, table: str) -> list[Any]:
    """Results in the order of `configs`."""
    import great_expectations as gx

    context = _context()
    address = database if database.startswith("duckdb:") else f"duckdb:///{database}"
    source = context.data_sources.add_sql(_DATASOURCE, connection_string=address)
    try:
        batch = (
            source.add_table_asset(table, table_name=table)
            .add_batch_definition_whole_table("all")
            .get_batch()
        )
        found: dict[str, Any] = {}
        # A suite keeps one expectation of a type and column: a second such rule waits for a second run.
        while waiting := [config for config in configs if config.rule_id not in found]:
            suite = gx.ExpectationSuite("delivery")
            for config in waiting:
                suite.add_expectation_configuration(_configuration(config))
            report = batch.validate(
                suite, result_format={"result_format": "BASIC", "partial_unexpected_count": 0}
            )
            found |= {result.expectation_config.meta["rule_id"]: result for result in report.results}
        return [found[config.rule_id] for config in configs]
    finally:
        # An open handle keeps the file locked and its pages in memory.
        source.get_execution_engine().close()
        source.get_engine().dispose()
        context.data_sources.delete(_DATASOURCE)


def _configuration(config: ExpectationConfig) -> Any:
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    return ExpectationConfiguration(
        type=config.type,
        kwargs=dict(config.kwargs),
        meta={"rule_id": config.rule_id},
        description=config.description,
    )


class _Persisted(str):
    """A dialect name as Great Expectations' list holds them: compared as text, or by `.value`."""

    @property
    def value(self) -> str:
        return str(self)


@functools.cache
def _context() -> Any:
    """The one context of this process: in memory, silent, and never on the network."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx

    # It sets this one to INFO itself, and one line of it breaks the progress bar.
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
    from great_expectations.execution_engine import sqlalchemy_execution_engine as engine

    # For dialects not on this list, a connection is closed before its result is read.
    persisted = engine._PERSISTED_CONNECTION_DIALECTS
    if "duckdb" not in [dialect.value for dialect in persisted]:
        engine._PERSISTED_CONNECTION_DIALECTS = (*persisted, _Persisted("duckdb"))  # type: ignore[assignment]
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    return context
