"""A delivery's promises by Great Expectations on DuckDB, with real files."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest

from data_contracts.contract.model import Contract, Rule
from data_contracts.delivery_checks import gx
from data_contracts.delivery_checks.past import Past
from data_contracts.delivery_checks.runner import CheckResult, check_suite, compile_suite, decide_delivery
from data_contracts.loading.contracts import load_contracts
from data_contracts.rules.quality import quality_rule
from zhaoren.errors import ZhaorenError

pytestmark = pytest.mark.slow

POPULATION = load_contracts()["public_security.population"]


def staged(folder: Path, rows: int, faulty: int = 0, duplicate: int = 0, named: int | None = None) -> Path:
    place = pl.int_range(rows, eager=True)
    frame = pl.DataFrame(
        {
            "row_no": place + 2,
            "is_faulty": place < faulty,
            "is_duplicate": place >= rows - duplicate,
            "has_name": place < (rows if named is None else named),
        }
    )
    path = folder / f"stage_{rows}_{faulty}_{duplicate}_{named}.duckdb"
    with duckdb.connect(path) as con:
        con.register("frame", frame.to_arrow())
        con.execute("CREATE TABLE staged AS SELECT * FROM frame")
    return path


def run(contract: Contract, path: Path, previous: int | None = None) -> dict[str, CheckResult]:
    results = check_suite(contract, path, "staged", Past(previous_rows=previous)).results
    return {result.rule_id.removeprefix(f"{contract.id}."): result for result in results}


def test_a_sound_delivery_is_accepted(tmp_path: Path) -> None:
    results = run(POPULATION, staged(tmp_path, 1000, faulty=200), previous=1000)
    checked = {name for name, result in results.items() if result.checked}
    assert checked == {"not_empty", "faulty_share", "few_duplicates", "row_count_against_previous"}
    assert all(result.passed for result in results.values())
    assert (results["faulty_share"].failing_cnt, results["not_empty"].failing_cnt) == (0, 0)
    assert decide_delivery(list(results.values())) == "accepted"


@pytest.mark.parametrize(
    ("rows", "faulty", "duplicate", "previous", "failed", "verdict"),
    [
        (0, 0, 0, None, {"not_empty"}, "rejected"),
        (1000, 201, 0, None, {"faulty_share"}, "held"),
        (1000, 0, 101, None, {"few_duplicates"}, "held"),
        (699, 0, 0, 1000, {"row_count_against_previous"}, "held"),
        (700, 0, 0, 1000, set(), "accepted"),
        (1400, 0, 0, 1000, set(), "accepted"),
        (1401, 0, 0, 1000, {"row_count_against_previous"}, "held"),
    ],
)
def test_a_broken_promise_decides(
    tmp_path: Path,
    rows: int,
    faulty: int,
    duplicate: int,
    previous: int | None,
    failed: set[str],
    verdict: str,
) -> None:
    results = run(POPULATION, staged(tmp_path, rows, faulty, duplicate), previous)
    assert {name for name, result in results.items() if not result.passed} == failed
    assert decide_delivery(list(results.values())) == verdict


def test_without_an_earlier_delivery_nothing_is_compared_and_that_is_said(tmp_path: Path) -> None:
    result = run(POPULATION, staged(tmp_path, 10))["row_count_against_previous"]
    assert (result.checked, result.failing_cnt) == (False, 0)
    assert result.detail == "nothing to compare with: no accepted delivery before this one"
    assert decide_delivery([result]) == "accepted"


def test_what_was_out_of_bounds_is_said(tmp_path: Path) -> None:
    result = run(POPULATION, staged(tmp_path, 699), 1000)["row_count_against_previous"]
    assert (result.passed, result.checked, result.detail) == (False, True, "n 699, before 1000")


def test_the_worst_failure_decides() -> None:
    held = CheckResult("a", "hold_delivery", False, 1)
    rejected = CheckResult("b", "reject_delivery", False, 1)
    warned = CheckResult("c", "warn", False, 1)
    assert decide_delivery([held, rejected, warned]) == "rejected"
    assert decide_delivery([held, warned]) == "held"
    assert decide_delivery([warned, CheckResult("d", "reject_delivery", True, 0)]) == "accepted"


OTHER_KINDS = [
    (
        {"type": "library", "metric": "nullValues", "unit": "percent", "mustBeLessOrEqualTo": 10},
        "name",
        950,
        True,
    ),
    (
        {"type": "library", "metric": "nullValues", "unit": "percent", "mustBeLessOrEqualTo": 10},
        "name",
        850,
        False,
    ),
    ({"type": "library", "metric": "rowCount", "mustBeBetween": [1, 999]}, None, None, False),
    ({"type": "sql", "query": "SELECT avg(row_no) FROM {table}", "mustBeLessThan": 2000}, None, None, True),
    ({"type": "sql", "query": "SELECT max(row_no) FROM {table}", "mustBeLessThan": 500}, None, None, False),
]


@pytest.mark.parametrize(("entry", "column", "named", "passes"), OTHER_KINDS)
def test_other_kinds_of_promise(
    tmp_path: Path, entry: dict[str, object], column: str | None, named: int | None, passes: bool
) -> None:
    rule = quality_rule(
        POPULATION.id, {"name": "more", "severity": "warn", "description": "x", **entry}, column
    )
    contract = replace(POPULATION, rules=(*POPULATION.rules, rule))
    result = run(contract, staged(tmp_path, 1000, named=named))[f"{column}.more" if column else "more"]
    assert result.passed is passes
    # Two rules of one kind do not displace each other.
    assert len(run(contract, staged(tmp_path, 1001))) == len(contract.rules_in("suite"))


def test_a_check_that_cannot_run_says_so(tmp_path: Path) -> None:
    entry = {"name": "odd", "type": "sql", "query": "SELECT missing FROM {table}", "mustBe": 1}
    contract = replace(POPULATION, rules=(quality_rule(POPULATION.id, entry, None),))
    with pytest.raises(ZhaorenError, match="could not run") as caught:
        run(contract, staged(tmp_path, 3))
    assert caught.value.where == "public_security.population.odd"


def test_the_compiled_suite_is_stable() -> None:
    configs = compile_suite(POPULATION, Past(previous_rows=100))
    assert [c.rule_id for c in configs] == [rule.id for rule in POPULATION.rules_in("suite")]
    assert len({(c.type, str(c.kwargs)) for c in configs if not c.why_not}) == 4
    assert '"is_faulty" IS DISTINCT FROM false' in configs[1].kwargs["unexpected_rows_query"]
    assert "> 0.200000000 *" in configs[1].kwargs["unexpected_rows_query"]


def test_the_file_is_free_again_and_the_run_is_quick(tmp_path: Path) -> None:
    path = staged(tmp_path, 50_000)
    run(POPULATION, path, 50_000)  # the import is paid here at the latest
    started = time.process_time()
    run(POPULATION, path, 50_000)
    assert time.process_time() - started < 1.5
    with duckdb.connect(path) as con:  # a writer is let in: no handle was left open
        con.execute("DROP TABLE staged")


def test_a_query_without_end_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A contract from others may ask for anything, and nothing else would end it."""
    monkeypatch.setattr(gx, "MOST_SECONDS", 0.2)
    query = "SELECT count(*) FROM {table}, range(400000000000)"
    endless = Rule(
        id="a.b.endless", name="endless", kind="sql", level="note", runs_in="suite", zh="", column=None,
        options={"sql": query, "minimum": 0, "maximum": 1},
    )  # fmt: skip
    with pytest.raises(ZhaorenError, match="checks take too long") as caught:
        run(replace(POPULATION, rules=(endless,)), staged(tmp_path, 3))
    assert caught.value.where == "a.b" and "0 seconds" in caught.value.why
