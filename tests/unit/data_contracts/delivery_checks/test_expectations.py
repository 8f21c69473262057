"""Delivery rules that compare with the past or with the population: each meets its fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data_contracts.contract.model import Contract, Rule
from data_contracts.delivery_checks.foreign_keys import hashes, lookups_needed, mark_known, references
from data_contracts.delivery_checks.past import Past
from data_contracts.delivery_checks.profile import profile_of
from data_contracts.delivery_checks.replaced_parts import replaced_by
from data_contracts.delivery_checks.runner import CheckResult, check_suite, compile_suite
from data_contracts.delivery_checks.staged import finish_stage, stage_columns
from data_contracts.loading.contracts import load_contracts
from data_contracts.rules.checks import SUITE_KINDS
from warehouse.database.staging import stage
from zhaoren.errors import ZhaorenError

pytestmark = pytest.mark.slow

CONTRACTS = load_contracts()
ROLL, POPULATION = CONTRACTS["civil_affairs.benefit_roll"], CONTRACTS["public_security.population"]
NUMBERS = [f"44010019700101{i:04d}" for i in range(1000)]
CITIES = [f"{city}00000000" for city in ("4401", "4405", "4412", "4451")]


def rows(contract: Contract, **columns: pl.Expr | pl.Series) -> pl.DataFrame:
    """A thousand typed rows; a column not given holds the same text in every row."""
    place = pl.int_range(1000, eager=True).alias("row_no")
    filled = {c.name: pl.lit(True if c.reads_as == "bool" else "x") for c in contract.columns}
    usual: Mapping[str, Any] = {
        "id_number": pl.Series(NUMBERS),
        "village_code": pl.Series([CITIES[i % 4] for i in range(1000)]),
        "category_code": pl.Series(["dibao" if i % 10 < 7 else "tekun" for i in range(1000)]),
        "registration_status_code": pl.Series(["active" if i % 20 else "moved" for i in range(1000)]),
    }
    usual = {name: values for name, values in usual.items() if name in filled}
    return place.to_frame().with_columns(**{**filled, **usual, **columns})


def staged(contract: Contract, typed: pl.DataFrame) -> pl.DataFrame:
    flags = {"is_faulty": pl.lit(False), "is_duplicate": pl.lit(False)}
    kept = typed.with_columns(**flags).select(*("row_no", *flags), *stage_columns(contract))
    return finish_stage(kept)


def verdicts(folder: Path, contract: Contract, table: pl.DataFrame, past: Past) -> dict[str, CheckResult]:
    found = check_suite(contract, stage(folder / "stage.duckdb", table), "staged", past).results
    return {result.rule_id.removeprefix(f"{contract.id}."): result for result in found}


def broken(results: Mapping[str, CheckResult]) -> set[str]:
    return {name for name, result in results.items() if not result.passed}


def past(contract: Contract) -> Past:
    before = staged(contract, rows(contract))
    profile = profile_of(before, contract)
    return Past(1000, profile, date(2025, 10, 5), date(2025, 10, 6), date(2025, 9, 5))


def test_the_same_again_breaks_nothing_and_everything_is_checked(tmp_path: Path) -> None:
    refers = references(rows(ROLL), ROLL)
    table = mark_known(staged(ROLL, rows(ROLL)), refers, "id_number", hashes(pl.Series(NUMBERS)))
    results = verdicts(tmp_path, ROLL, table, past(ROLL))
    assert broken(results) == set()
    assert {name for name, result in results.items() if not result.checked} == set()


SHUFFLED = pl.Series(["dibao" if i % 10 < 1 else "tekun" for i in range(1000)])
DRIFTED = pl.Series(["dibao" if i % 10 < 4 else "tekun" for i in range(1000)])
HALF_EMPTY = pl.when(pl.col("row_no") % 2 == 0).then(pl.lit("x"))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"income_yuan_month": HALF_EMPTY}, {"income_yuan_month_filled_as_before"}),
        ({"category_code": DRIFTED}, {"category_mix_against_previous"}),
        ({"category_code": SHUFFLED}, {"category_mix_against_previous", "category_mix_overturned"}),
        (
            {"category_code": pl.lit("never_seen")},
            {"category_mix_against_previous", "category_mix_overturned"},
        ),
        ({"village_code": pl.Series([CITIES[i % 3] for i in range(1000)])}, {"every_city_present"}),
        ({"village_code": pl.lit(None, pl.String)}, {"every_city_present"}),
    ],
)
def test_a_seeded_fault_is_caught(tmp_path: Path, changed: dict[str, Any], expected: set[str]) -> None:
    results = verdicts(tmp_path, ROLL, staged(ROLL, rows(ROLL, **changed)), past(ROLL))
    assert broken(results) == expected


def test_the_missing_city_is_named_and_the_change_is_told(tmp_path: Path) -> None:
    changed = {"village_code": pl.Series([CITIES[i % 3] for i in range(1000)]), "category_code": DRIFTED}
    results = verdicts(tmp_path, ROLL, staged(ROLL, rows(ROLL, **changed)), past(ROLL))
    assert (results["every_city_present"].detail, results["every_city_present"].failing_cnt) == ("4451", 1)
    assert results["category_mix_against_previous"].detail == "n 1000.0, distance 0.3"


def test_a_city_whose_code_was_replaced_is_not_missing(tmp_path: Path) -> None:
    """Laiwu (3712) became two districts of Jinan (3701) in 2019: found there, and lost with them.

    Siping (2203) gave a county to Changchun and is a city still: its rows must come.
    """
    old = {"village_code": pl.Series([("370102", "371202", "220302")[i % 3] + "001001" for i in range(1000)])}
    before = replace(past(ROLL), previous_profile=profile_of(staged(ROLL, rows(ROLL, **old)), ROLL))
    for day, counties, missing in (
        (date(2025, 10, 6), ("370102", "370116", "220302"), ""),
        (date(2025, 10, 6), ("370102", "371202", "220302"), ""),  # the department sends the old code still
        (date(2025, 10, 6), ("370102", "370103", "220302"), "3712"),
        (date(2025, 10, 6), ("370102", "370117", "220184"), "2203"),
        (date(2017, 10, 6), ("370102", "370116", "220302"), "3712"),
    ):
        sent = {"village_code": pl.Series([f"{counties[i % 3]}001001" for i in range(1000)])}
        known = replace(before, known_date=day)
        result = verdicts(tmp_path, ROLL, staged(ROLL, rows(ROLL, **sent)), known)["every_city_present"]
        assert (result.passed, result.detail) == (not missing, missing)


@pytest.mark.parametrize(
    ("part", "replaced"),
    [
        ("440183", ["440118"]),  # Zengcheng, a district since 2015
        ("4401", []),
        ("2025", []),
        ("371202", ["370116"]),
        ("37120", []),
    ],
)
def test_what_replaced_a_part(part: str, replaced: list[str]) -> None:
    assert replaced_by(part, date(2025, 10, 6)) == replaced
    assert replaced_by(part, None) == []


@pytest.mark.parametrize(("strangers", "failing"), [(200, 0), (201, 201), (1000, 1000)])
def test_people_the_population_does_not_know(tmp_path: Path, strangers: int, failing: int) -> None:
    assert lookups_needed(ROLL) == [("id_number", "public_security.population", "id_number")]
    refers = references(rows(ROLL), ROLL)
    known = hashes(pl.Series(NUMBERS[strangers:] or ["another province's"]))
    table = mark_known(staged(ROLL, rows(ROLL)), refers, "id_number", known)
    result = verdicts(tmp_path, ROLL, table, past(ROLL))
    assert (result["few_orphans"].failing_cnt, result["few_orphans"].level) == (failing, "hold_delivery")


def test_refused_rows_and_empty_cells_are_no_orphans() -> None:
    table = pl.DataFrame({"row_no": [2, 3, 4, 5]})
    refers = references(pl.DataFrame({"row_no": [2, 3, 5], "id_number": ["a", None, "b"]}), ROLL)
    assert refers.columns == ["row_no", "id_number"]
    assert refers["id_number"].dtype == pl.UInt64
    marked = mark_known(table, refers, "id_number", hashes(pl.Series(["a", "c", None, "a"])))
    assert marked["is_known_id_number"].to_list() == [True, None, None, False]
    nobody = hashes(pl.Series([], dtype=pl.String))
    assert mark_known(table, refers, "id_number", nobody).columns == ["row_no"]


def test_a_number_is_known_however_the_other_contract_types_it() -> None:
    refers = references(pl.DataFrame({"row_no": [2, 3], "id_number": ["7", "8"]}), ROLL)
    marked = mark_known(pl.DataFrame({"row_no": [2, 3]}), refers, "id_number", hashes(pl.Series([7])))
    assert marked["is_known_id_number"].to_list() == [True, False]


def test_an_unknown_past_is_said_rule_by_rule(tmp_path: Path) -> None:
    results = verdicts(tmp_path, ROLL, staged(ROLL, rows(ROLL)), Past())
    silent = {name: result.detail for name, result in results.items() if not result.checked}
    assert silent["few_orphans"] == "nothing to compare with: the staged table has no is_known_id_number"
    assert silent["category_mix_overturned"].endswith("no profile of a delivery before this one")
    assert {"every_city_present", "income_yuan_month_filled_as_before"} <= set(silent)
    assert broken(results) == set()


def test_few_rows_are_not_compared(tmp_path: Path) -> None:
    few = staged(ROLL, rows(ROLL, category_code=SHUFFLED))[:99]
    assert "category_mix_overturned" not in broken(verdicts(tmp_path, ROLL, few, past(ROLL)))
    enough = staged(ROLL, rows(ROLL, category_code=SHUFFLED))[:100]
    assert "category_mix_overturned" in broken(verdicts(tmp_path, ROLL, enough, past(ROLL)))


def with_rule(kind: str, **options: Any) -> Contract:
    column = options.get("column")
    rule = Rule(
        id=f"{ROLL.id}.more", name="more", kind=kind, level="warn", runs_in="suite", zh="更多", column=column,
        options=options,
    )  # fmt: skip
    return replace(ROLL, rules=(rule,))


@pytest.mark.parametrize(
    ("kind", "options", "passes"),
    [
        ("value_share", {"column": "category_code", "values": ["dibao"], "minimum": 0.7}, True),
        ("value_share", {"column": "category_code", "values": ["dibao"], "minimum": 0.71}, False),
        ("value_share", {"column": "is_head", "values": [True], "maximum": 0.99}, False),
        ("invalid_share", {"column": "category_code", "values": ["dibao"], "maximum": 0.3}, True),
        ("invalid_share", {"column": "category_code", "values": ["dibao"], "maximum": 0.29}, False),
        ("invalid_share", {"column": "village_code", "pattern": "^[0-9]{12}$", "maximum": 0}, True),
        ("invalid_share", {"column": "village_code", "pattern": "^44(01|05)", "maximum": 0.1}, False),
        ("invalid_share", {"column": "category_code", "values": ["it's :x {y} %z"], "maximum": 1}, True),
        ("duplicate_share", {"columns": ["id_number"], "maximum": 0}, True),
        ("duplicate_share", {"columns": ["village_code", "category_code"], "maximum": 0.9}, False),
        ("partition", {"column": "village_code", "values": ["4401", "44"]}, True),
        ("partition", {"column": "village_code", "values": ["4401", "4499"]}, False),
        ("freshness", {"maximum": 0}, True),
        ("null_share", {"column": "income_yuan_month", "maximum": 0}, True),
        ("sql", {"sql": "SELECT count(*) FROM {table} WHERE regexp_matches(village_code, '^[0-9]{12}$')",
                 "minimum": 1000}, True),
        ("sql", {"sql": "SELECT count(*) FROM {table} WHERE village_code LIKE '%00'", "maximum": 9}, False),
    ],
)  # fmt: skip
def test_every_other_kind(tmp_path: Path, kind: str, options: dict[str, Any], passes: bool) -> None:
    contract = with_rule(kind, **options)
    results = verdicts(tmp_path, contract, staged(contract, rows(ROLL)), past(ROLL))
    assert (results["more"].passed, results["more"].checked) == (passes, True)


def test_a_late_file_is_told(tmp_path: Path) -> None:
    contract = with_rule("freshness", maximum=0)
    late = replace(past(ROLL), known_date=date(2025, 10, 9))
    assert verdicts(tmp_path, contract, staged(contract, rows(ROLL)), late)["more"].detail.startswith(
        "days_late 3"
    )
    reckoned = replace(late, promised_date=None)  # a month after 5 September, and five days of grace
    assert broken(verdicts(tmp_path, contract, staged(contract, rows(ROLL)), reckoned)) == set()


def test_every_kind_of_rule_has_a_compiler() -> None:
    from data_contracts.delivery_checks.expectations import _COMPILERS

    assert set(_COMPILERS) == set(SUITE_KINDS)


def test_every_shipped_rule_is_one_expectation_of_its_own() -> None:
    for contract in CONTRACTS.values():
        configs = compile_suite(contract, past(contract) if contract in (ROLL, POPULATION) else Past())
        assert [c.rule_id for c in configs] == [rule.id for rule in contract.rules_in("suite")]


def test_the_stage_holds_no_identifier() -> None:
    contract = with_rule("duplicate_share", columns=["id_number"], maximum=0)
    doubled = rows(ROLL, id_number=pl.Series([NUMBERS[0], None, *NUMBERS[2:]]))
    table = staged(contract, pl.concat([doubled, doubled]))
    assert not any(number in table.write_csv() for number in NUMBERS[:5])
    assert table["is_repeat_more"].sum() == 999  # an empty cell repeats nothing
    with pytest.raises(ZhaorenError, match="may not see"):
        stage_columns(with_rule("value_share", column="name", values=["x"], maximum=0))
