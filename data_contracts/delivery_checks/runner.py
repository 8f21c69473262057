"""A delivery's rules, checked by Great Expectations on a staged copy in DuckDB.

The staged table has one row per record read, without identifiers: row_no, is_faulty, is_duplicate,
has_<column> for every column, and what staged.py adds for the rules that look at values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from data_contracts.contract.model import Contract, Rule
from data_contracts.delivery_checks import gx
from data_contracts.delivery_checks.expectation import ExpectationConfig
from data_contracts.delivery_checks.expectations import expectation_for
from data_contracts.delivery_checks.past import UNKNOWN, Past
from zhaoren.errors import ZhaorenError

NOTHING = "nothing to compare with"


@dataclass(frozen=True)
class CheckResult:
    """What one delivery rule found. failing_cnt: rows of a broken share; 1 or 0 for whole-file rules.

    `checked` is False where the rule had nothing to compare with: then it has neither passed nor failed,
    `passed` is True only so that it holds nothing up, and `detail` names what was missing.
    """

    rule_id: str
    level: str
    passed: bool
    failing_cnt: int
    detail: str = ""
    checked: bool = True


@dataclass(frozen=True)
class SuiteRun:
    """One delivery's suite as it ran: a result per rule, and the validation document for Data Docs.

    document: Great Expectations' own result as plain JSON values, without rows; {} where nothing ran.
    """

    results: tuple[CheckResult, ...]
    document: Mapping[str, Any] = field(default_factory=dict)


def compile_suite(contract: Contract, past: Past = UNKNOWN) -> list[ExpectationConfig]:
    """Every delivery rule of the contract as one expectation, in the contract's order."""
    return [_expectation(contract, rule, past) for rule in contract.rules_in("suite")]


def check_suite(contract: Contract, database: str | Path, table: str, past: Past = UNKNOWN) -> SuiteRun:
    """Run the contract's suite on `table` of a DuckDB file (a path or a `duckdb:///…` address).

    One result per rule: a rule whose past is unknown gives one that is not `checked`. ZhaorenError when a
    check itself fails.
    """
    configs = compile_suite(contract, past)
    if not configs:
        return SuiteRun(())
    configs, outcome, document = gx.validate(configs, str(database), table)
    results = [
        _result(config, outcome[config.rule_id]) if config.rule_id in outcome else _unchecked(config)
        for config in configs
    ]
    return SuiteRun(tuple(results), document)


def queried_columns(contract: Contract, past: Past, stage: pl.DataFrame) -> pl.DataFrame:
    """The stage's columns that an expectation names: the others need not be written for it."""
    configs = compile_suite(contract, past)
    text = " ".join(f"{config.kwargs} {config.needs}" for config in configs)
    return stage.select("row_no", *(name for name in stage.columns if name != "row_no" and name in text))


def decide_delivery(results: Sequence[CheckResult]) -> str:
    """accepted, held (a person decides) or rejected (nothing is loaded), by the worst failed rule."""
    failed = {result.level for result in results if not result.passed}
    if "reject_delivery" in failed:
        return "rejected"
    return "held" if "hold_delivery" in failed else "accepted"


def _expectation(contract: Contract, rule: Rule, past: Past) -> ExpectationConfig:
    found = expectation_for(contract, rule, past)
    return ExpectationConfig(
        rule_id=rule.id,
        level=rule.level,
        type=found.type,
        kwargs=found.kwargs,
        description=rule.zh,
        kind=rule.kind,
        counts_rows=found.counts_rows,
        needs=found.needs,
        why_not=found.why_not,
    )


def _unchecked(config: ExpectationConfig) -> CheckResult:
    return CheckResult(config.rule_id, config.level, True, 0, f"{NOTHING}: {config.why_not}", checked=False)


def _result(config: ExpectationConfig, result: Any) -> CheckResult:
    broken = [entry for entry in result.exception_info.values() if isinstance(entry, dict)]
    if any(entry.get("raised_exception") for entry in broken) or result.exception_info.get(
        "raised_exception"
    ):
        why = gx.without_values(next((str(entry.get("exception_message")) for entry in broken), ""))
        todo = "run `zhaoren contracts lint`; if it finds nothing, report this as a defect"
        raise ZhaorenError("a check of the delivery could not run", config.rule_id, why, todo)
    observed = result.result.get("observed_value")
    failing = int(observed or 0) if config.counts_rows else int(not result.success)
    return CheckResult(
        config.rule_id, config.level, bool(result.success), failing, gx.detail_of(config, result)
    )
