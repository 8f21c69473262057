"""The casework YAML: what ships is sound, and every mistake a person can make is told with file and line."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from policies.casework.contacts import load_contacts
from policies.casework.life import load_life
from policies.casework.life_checks import life_problems
from policies.casework.life_shape import Life
from policies.casework.linting import casework_problems
from policies.casework.steps import load_steps
from policies.casework.versions import FOLDER, in_force, read_versions
from policies.loading import lint, load_catalogue

CODES = [code.code for code in load_catalogue().result_codes]


def _changed(tmp_path: Path, name: str, before: str, after: str) -> list[str]:
    folder = tmp_path / "casework"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    text = (folder / name).read_text(encoding="utf-8")
    assert text.count(before) >= 1, "the shipped file says so no more"
    (folder / name).write_text(text.replace(before, after, 1), encoding="utf-8")
    return [str(problem) for problem in casework_problems(folder, CODES)]


def test_what_ships_is_sound() -> None:
    assert lint() == []
    assert load_life().is_open("not_reached") and not load_life().is_open("closed")
    assert {after.code for after in load_steps().kinds["follow_up"].may_follow("agreed")} == {
        *("changed", "done", "cancelled")
    }
    assert load_contacts().not_reached.tries == 3


def test_a_visit_that_reached_nobody_is_no_visit() -> None:
    life = load_life()
    assert "60" not in life.visit_codes and "90" not in life.visit_codes
    assert set(life.closing_codes).isdisjoint(life.step_codes)


MISTAKES = [
    (
        "life.yaml",
        "from: [issued], to: assigned",
        "from: [isued], to: assigned",
        "'isued' that is not declared",
    ),
    (
        "life.yaml",
        "to: not_reached, by: system",
        "to: closed, by: system",
        "nothing leads to the state 'not_reached'",
    ),
    ("life.yaml", "from: [none], to: issued, by: system", "from: [none], by: system", "leads nowhere"),
    ("life.yaml", "by: receiver}", "by: postman}", "'postman' is no role"),
    ("life.yaml", '  "62": {then: close}\n', "", "says nothing of the result code 62"),
    (
        "life.yaml",
        '"10": {then: close}',
        '"10": {then: close}\n  "12": {then: close}',
        "knows no result code 12",
    ),
    ("life.yaml", '"30": {needs_step: true}', '"30": {}', "says not one thing"),
    (
        "life.yaml",
        "from: [issued], to: assigned",
        "from: [issued, assigned], to: assigned",
        "leads from 'assigned' to two",
    ),
    (
        "life.yaml",
        "- {event: issue, zh: 签发, from: [none]",
        "- {event: begin, zh: 签发, from: [none]",
        "none of",
    ),
    ("life.yaml", "after_working_days: 10", "after_working_days: 0", "do not rise"),
    (
        "steps.yaml",
        "from: [sent, accepted], is_end: true, case: answer}",
        "from: [send], is_end: true, case: answer}",
        "no event 'send'",
    ),
    ("steps.yaml", "due: 5, owner: receiver", "owner: receiver", "nobody has to do anything by any day"),
    ("steps.yaml", "due: 5, owner: receiver", "due: 5, owner: mayor", "'mayor' is no owner"),
    ("contacts.yaml", "parts_of_day: 2, then_ways", "parts_of_day: 4, then_ways", "cannot lie in 4 parts"),
    ("contacts.yaml", "[neighbour, village]", "[neighbour, radio]", "'radio' is no way"),
    ("appraisal.yaml", "points: 60}", "points: 61}", "the items have 1001 points, not 1000"),
    ("appraisal.yaml", "metric: handed_in", "metric: confirmed", "that is a quota"),
    ("appraisal.yaml", "enough: 5", "of: form", "does not say how data answer it"),
    ("services.yaml", "a1, field: assistance", "a1, field: aid", "'aid' is no field"),
    ("services.yaml", "code: a2", "code: a1", "'a1' is declared twice"),
    ("reports.yaml", "[confirmed,", "[issued, confirmed,", "'issued' has a figure and is called unpublished"),
    ("contacts.yaml", "tries: 3", "tries: 3, trys: 2", "unknown key 'trys'"),
]


@pytest.mark.parametrize(("name", "before", "after", "said"), MISTAKES)
def test_every_mistake_is_told_with_file_and_line(
    tmp_path: Path, name: str, before: str, after: str, said: str
) -> None:
    problems = _changed(tmp_path, name, before, after)
    assert any(said in problem for problem in problems), problems
    assert all(f"{name}:" in problem for problem in problems)


def test_no_end_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "casework"
    shutil.copytree(FOLDER, folder)
    text = (folder / "life.yaml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "to: closed" not in line and "to: withdrawn" not in line]
    kept = [
        line.replace("none, closed, withdrawn, issued, assigned, contacted, not_reached, escalated", "none")
        for line in lines
    ]
    (folder / "life.yaml").write_text("\n".join(kept), encoding="utf-8")
    problems = [str(problem) for problem in read_versions(folder, "life", Life, life_problems)[1]]
    assert any("no way leads from 'handled' to an end" in problem for problem in problems), problems


def test_the_version_of_the_day_holds(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "casework")
    text = (tmp_path / "casework" / "life.yaml").read_text(encoding="utf-8")
    later = text.replace("valid_from: 2020-01-01", "valid_from: 2027-01-01").replace("zh: 签发,", "zh: 发出,")
    (tmp_path / "casework" / "life_2027.yaml").write_text(later, encoding="utf-8")
    versions, problems = read_versions(tmp_path / "casework", "life", Life, life_problems)
    assert problems == []
    names = [in_force(versions, day).event_zh("issue") for day in (date(2019, 1, 1), date(2026, 12, 31))]
    assert names == ["签发", "签发"]
    assert in_force(versions, date(2027, 1, 1)).event_zh("issue") == "发出"
    assert in_force(versions, None).event_zh("issue") == "发出"
