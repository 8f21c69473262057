"""Each fault of a contract is named with its line; the shipped ones have none."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_contracts.contract.model import CLASSIFICATIONS
from data_contracts.lint.contracts import lint_contract, lint_contracts
from zhaoren.rooms import room

POPULATION = room("data_contracts") / "extracts" / "public_security" / "population.yaml"


def changed(folder: Path, was: str, becomes: str) -> Path:
    """The contract of the household register with one text replaced, where a contract of its id must lie."""
    text = POPULATION.read_text("utf-8")
    assert was in text
    path = folder / "public_security" / "population.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text.replace(was, becomes, 1), "utf-8")
    return path


def test_the_shipped_contracts_have_no_fault() -> None:
    assert [str(problem) for problem in lint_contracts()] == []


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("value: cn_id", "value: cn_idd", "cn_idd"),
        ("{property: codes, value: sex}", "{property: codes, value: gender}", "no code table gender"),
        ("registration_status_code <> 'dead'", "status_code <> 'dead'", "status_code"),
        ("rule: faulty_share", "rule: faulty_shares", "faulty_shares"),
        ("severity: hold_delivery", "severity: hold", "severity hold"),
        ("physicalName: 性别", "physicalName: 姓名", "姓名 stands twice"),
        ("classification: identifier", "classification: internal", "is an identifier"),
        ("purposes, value: [discovery,", "purposes, value: [marketing,", "purposes"),
        ("{maxLength: 40}", "{maxLen: 40}", "maxLen"),
        ("apiVersion: v3.1.0", "apiVersion: v9", "v9"),
        ("{property: cadence, value: monthly}", "{property: cadence, value: fortnightly}", "fortnightly"),
    ],
)
def test_lint_names_the_line_of_a_fault(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    path = changed(tmp_path, was, becomes)
    problems = lint_contract(path)
    assert any(said in problem.what for problem in problems), problems
    line = next(n for n, text in enumerate(path.read_text("utf-8").splitlines(), 1) if becomes in text)
    nearest = min(abs(problem.line - line) for problem in problems if said in problem.what)
    assert nearest <= 12  # the entry the fault is in


@pytest.mark.parametrize(
    ("promised", "cadence", "agree"),
    [
        ("value: 1, unit: m", "monthly", True),
        ("value: 30, unit: d", "monthly", True),
        ("value: 4, unit: w", "monthly", True),
        ("value: 52, unit: w", "yearly", True),
        ("value: 1, unit: q", "quarterly", True),
        ("value: 0.5, unit: y", "termly", True),
        ("value: 1, unit: m", "event", True),
        ("value: 3, unit: m", "monthly", False),
        ("value: 2, unit: m", "monthly", False),
        ("value: 1, unit: m", "quarterly", False),
        ("value: 1, unit: w", "monthly", False),
        ("value: 0, unit: m", "monthly", False),
    ],
)
def test_a_promised_frequency_that_is_not_the_cadence_is_told(
    tmp_path: Path, promised: str, cadence: str, agree: bool
) -> None:
    """The cadence alone decides when a source is missed; a frequency beside it was read by nothing."""
    path = changed(tmp_path, "{property: frequency, value: 1, unit: m", f"{{property: frequency, {promised}")
    text = path.read_text("utf-8")
    path.write_text(text.replace("cadence, value: monthly", f"cadence, value: {cadence}"), "utf-8")
    found = [(problem.line, problem.what) for problem in lint_contract(path)]
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "property: frequency" in row)
    value, unit = promised.split(", ")
    said = f"{value[7:]} {unit[6:]}, and the cadence is {cadence}: make them agree"
    assert found == ([] if agree else [(line, f"frequency: it promises a file every {said}")])


@pytest.mark.parametrize("word", [*CLASSIFICATIONS, "personal", "restricted", "public", "secret", ""])
def test_one_list_of_classifications(tmp_path: Path, word: str) -> None:
    """A word off the list would not be "identifier", and the column would leave the identity boundary."""
    path = changed(tmp_path, "classification: internal", f"classification: '{word}'")
    found = [problem.what for problem in lint_contract(path)]
    wanted = [] if word in CLASSIFICATIONS else ["must be one of internal, sensitive, identifier"]
    assert [what.partition("classification ")[2] for what in found] == wanted


def test_a_key_that_stands_twice_is_named_with_its_line(tmp_path: Path) -> None:
    path = changed(tmp_path, "kind: DataContract\n", "kind: DataContract\nversion: 9.0.0\n")
    line = next(n for n, text in enumerate(path.read_text("utf-8").splitlines(), 1) if "version: 2" in text)
    assert [(p.line, p.what) for p in lint_contract(path)] == [(line, "the key 'version' stands twice")]
