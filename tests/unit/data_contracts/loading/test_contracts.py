"""The shipped contracts: complete, runnable, each rule checked in exactly one place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from data_contracts.contract.code_tables import load_codes
from data_contracts.delivery_checks.runner import compile_suite
from data_contracts.loading.contracts import load_contract, load_contracts
from data_contracts.row_checks import violations
from zhaoren.errors import ZhaorenError
from zhaoren.rooms import room

CONTRACTS = load_contracts()
POPULATION = room("data_contracts") / "extracts" / "public_security" / "population.yaml"


def test_twelve_departments_send_eighteen_extracts() -> None:
    assert len(CONTRACTS) == 18
    assert len({contract.department for contract in CONTRACTS.values()}) == 12
    assert all(name == f"{c.department}.{c.extract}" for name, c in CONTRACTS.items())


def test_a_contract_says_what_the_yaml_says() -> None:
    contract = CONTRACTS["medical_insurance.settlement"]
    assert (contract.title_zh, contract.loads, contract.event_date) == (
        "医疗费用结算明细",
        "events",
        "settlement_date",
    )
    assert (contract.key, contract.grace_days, contract.period_days) == (("settlement_id",), 10, 28)
    column = contract.column("personal_burden_yuan")
    assert (column.header, column.reads_as, column.unit, column.required) == (
        "个人负担总金额",
        "yuan",
        "yuan",
        True,
    )
    assert contract.column("id_number").is_identifier
    assert CONTRACTS["emergency.disaster"].period_days is None


def test_key_columns_follow_their_position() -> None:
    assert CONTRACTS["civil_affairs.benefit_roll"].key == ("id_number", "category_code")


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_rule_is_checked_in_exactly_one_place(name: str) -> None:
    """Two hand-counted lists from the YAML on one side, what the engines run on the other."""
    contract = CONTRACTS[name]
    by_row = [
        *violations.column_violations(contract, known=date(2026, 1, 1)),
        *violations.condition_violations(contract),
    ]
    by_reader = [r.id for r in contract.rules_in("row") if r.kind in (*violations.CELL_KINDS, "area")]
    by_place = [f"{name}.{kind}" for kind in ("not_a_record", "too_many_cells", "key_conflict")]
    by_suite = [config.rule_id for config in compile_suite(contract)]
    documented = [rule.id for rule in contract.rules_in("documented")]
    by_household = [rule.id for rule in contract.rules_in("row") if rule.kind == "one_head"]
    checked = [*by_household, *by_row, *by_reader, *by_place, *by_suite, *documented]
    assert sorted(checked) == sorted(rule.id for rule in contract.rules)
    assert len(set(checked)) == len(checked)


def test_rule_ids_are_stable() -> None:
    ids = {rule.id for rule in CONTRACTS["public_security.population"].rules}
    assert {
        "public_security.population.id_number.required",
        "public_security.population.id_number.checksum",
        "public_security.population.sex_code.code",
        "public_security.population.village_code.pattern",
        "public_security.population.birth_date_matches_id",
        "public_security.population.faulty_share",
    } <= ids


def test_labels_aliases_and_codes_all_lead_to_the_code() -> None:
    labels = load_codes()["disability_grade"].label_map()
    assert [labels[word] for word in ("一级", "壹级", "Ⅰ", "1")] == ["1"] * 4


def test_prose_is_documented_only(tmp_path: Path) -> None:
    path = _with_quality(
        tmp_path, "      - {name: told, description: 口头约定, type: text, severity: note}\n"
    )
    rule = next(rule for rule in load_contract(path).rules if rule.name == "told")
    assert rule.runs_in == "documented"


def test_a_rule_nothing_can_run_is_refused(tmp_path: Path) -> None:
    path = _with_quality(
        tmp_path, "      - {name: odd, description: x, type: library, metric: invalidValues}\n"
    )
    with pytest.raises(ZhaorenError, match="cannot be run"):
        load_contract(path)


def _with_quality(folder: Path, entry: str) -> Path:
    path = folder / "population.yaml"
    path.write_text(
        POPULATION.read_text("utf-8").replace("    quality:\n", "    quality:\n" + entry), "utf-8"
    )
    return path
