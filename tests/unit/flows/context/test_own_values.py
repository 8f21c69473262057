"""tried §7: a home sets this year's standards by place and date; mistakes have a line, updates are told."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from data_contracts.contract.code_tables import load_codes
from data_contracts.loading.contracts import load_contracts
from flows.cli.app import app
from flows.context.home import Home
from flows.context.rulebook import load_rulebook, policy_notices, policy_problems
from flows.context.rules_hash import rules_hash
from flows.delivery.local_values import local_values_zh
from flows.handbook.codes import Codes
from flows.handbook.words import Words
from policies.analysis.examples import run_own
from policies.analysis.trace import trace
from policies.analysis.whatif import parse_change, with_changes
from policies.catalogue.model import Catalogue
from tests.helpers.households import NOBODY, household
from zhaoren.errors import ZhaorenError
from zhaoren.rooms import room

DOCS = room("policies").parent / "docs"
EXAMPLE = DOCS / "examples" / "local" / "standards_2026.yaml"
DAY = date(2026, 1, 5)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with the guide's example."""
    folder = tmp_path / "home" / "policies" / "local"
    folder.mkdir(parents=True)
    shutil.copy(EXAMPLE, folder / "own.yaml")
    return tmp_path / "home"


@pytest.fixture(scope="module")
def cat(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """The rules of a home with the guide's example, read once."""
    folder = tmp_path_factory.mktemp("own") / "policies" / "local"
    folder.mkdir(parents=True)
    shutil.copy(EXAMPLE, folder / "own.yaml")
    return load_rulebook(folder.parents[1]).catalogue


def spoil(home: Path, old: str, new: str) -> int:
    """Change the home's file; the line on which the change was made."""
    path = home / "policies" / "local" / "own.yaml"
    text = path.read_text()
    assert text.count(old) >= 1, old
    path.write_text(text.replace(old, new, 1))
    return text[: text.index(old)].count("\n") + 1


def test_the_guide_s_example_is_sound_and_its_examples_hold(cat: Catalogue) -> None:
    assert EXAMPLE.read_text() in (DOCS / "local-values.md").read_text()
    assert [result.faults for result in run_own(cat)] == [(), (), ()]


def test_a_shipped_value_that_says_something_else_is_told_and_the_home_s_holds(home: Path) -> None:
    """An upgrade that brings 广州 a newer standard changes nothing of what the home set; lint says so."""
    assert policy_problems(home) == []
    (note,) = policy_notices(home)
    assert (note.file.endswith("own.yaml"), note.line) == (True, 5)
    assert (
        "$dibao.standard_yuan_month for 440106 is 1380 here" in note.what
        and "1309 from 2026-01-01" in note.what
    )
    assert "the home's value goes first" in note.todo
    found = CliRunner().invoke(app, ["policies", "lint", "--home", str(home)], env={"COLUMNS": "400"})
    assert found.exit_code == 0 and "Note: " in found.output and "All rules are sound." in found.output


STANDARD = "parameter: dibao.standard_yuan_month"
RELIEF = "parameter: relief.standard_multiple"
DATES = "valid_to: 2026-12-31"
# What is read together is told together: each group is one spoilt file.
SPOILED = {
    "named": [(STANDARD, "parameter: dibao.standard", "no parameter 'dibao.standard'")],
    "read": [
        (DATES, f"{DATES}\n        colour: 1", "unknown key 'colour'"),
    ],
    "compared": [
        ('place: "440106"', 'place: "4416"', f"two values of ${STANDARD.split()[1]} for 4416"),
        ("value: 1380", 'value: "1380"', "is a number"),
        ("https://www.thnet.gov.cn/", "https://www.thnet.example.cn/", "no issuing body's page"),
        (RELIEF, "parameter: operations.station_lines_month", "one value for the whole installation"),
    ],
    "placed": [('place: "440106"', 'place: "449906"', "no town's code begins with 449906")],
    "shown": [
        ("value: 1380", "value: 1381", "amount_yuan_month: expected 1140, got 1143"),
        ("rule: temporary_relief", "rule: temporary", "no rule temporary is in force"),
        ("town_code: \"440106001\"\n    as_of: 2025-12-31\n    household: {", "town_code: \"440106001\"\n"
         "    as_of: 2025-12-31\n    household: {is_country: true, ", "there is no fact 'is_country'"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("group", sorted(SPOILED))
def test_a_mistake_is_told_with_file_and_line(home: Path, group: str) -> None:
    lines = [spoil(home, old, new) for old, new, _ in SPOILED[group]]
    problems = policy_problems(home)
    for line, (_, _, says) in zip(lines, SPOILED[group], strict=True):
        told = [problem for problem in problems if says in problem.what]
        assert told and told[0].file.endswith("own.yaml"), (says, problems)
        # at the line itself, or at the entry that the two lines of an overlap or an example belong to
        assert group in ("compared", "shown") or abs(told[0].line - line) <= 1, (says, told[0].line, line)


def test_with_a_mistake_nothing_runs(home: Path) -> None:
    spoil(home, "value: 1380", "value: 1381")
    with pytest.raises(ZhaorenError, match="does not hold"):
        load_rulebook(home)


def test_an_installation_s_own_issuer_counts(home: Path) -> None:
    spoil(home, "https://www.thnet.gov.cn/", "https://www.thnet.example.cn/")
    (home / "policies" / "issuers.yaml").write_text("issuers: [{host: thnet.example.cn, zh: 天河区民政局}]\n")
    assert policy_problems(home) == []


def test_without_a_place_the_value_holds_everywhere_and_for_the_program(home: Path) -> None:
    text = (
        "local:\n  - parameter: operations.station_lines_month\n    values:\n"
        "      - {valid_from: 2026-01-01, value: 20, status: unverified, source: {document: 县里的安排}}\n"
        "examples:\n  - {name: 名单行数与规则无关, rule: dibao, town_code: '440106001', as_of: 2026-01-05,\n"
        "     eligible: likely, household: {income_yuan_month: 1000, place_tier_code: t1}}\n"
    )
    (home / "policies" / "local" / "second.yaml").write_text(text)
    cat = load_rulebook(home).catalogue
    lines = [cat.value_at("operations.station_lines_month", day) for day in (date(2025, 12, 31), DAY)]
    assert [value.value for value in lines if value] == [12, 20]


def test_its_content_is_part_of_what_a_list_is_made_from(home: Path) -> None:
    before = rules_hash(Home(home))
    spoil(home, "value: 1380", "value: 1381")
    assert rules_hash(Home(home)) != before


def test_lists_name_the_values_of_their_place_in_force(cat: Catalogue) -> None:
    tianhe = local_values_zh(cat, DAY, "440106001")
    assert (
        tianhe.startswith("本地参数（")
        and "最低生活保障标准（广州市天河区）1380元/人·月，2026年1月1日起，已核实" in tianhe
    )
    assert "河源" not in tianhe
    heyuan = local_values_zh(cat, DAY, "441621114")
    assert "城镇960元/人·月、农村760元/人·月" in heyuan and "3倍" in heyuan and "天河" not in heyuan
    assert local_values_zh(cat, date(2025, 12, 31), "440106001") == ""
    assert "天河" in local_values_zh(cat, DAY) and "河源" in local_values_zh(cat, DAY)  # the report names all


def test_a_trace_names_the_home_s_value(cat: Catalogue) -> None:
    frame = household(town_code="440106001", place_tier_code="t1")
    used = [p for step in trace(cat, NOBODY, frame, DAY, ["dibao"]) for p in step.parameters]
    standard = next(p for p in used if p.name == "dibao.standard_yuan_month")
    assert (standard.value, standard.status, standard.is_own) == ("1380", "verified", True)


def test_what_if_changes_own_values_too_and_takes_a_county(cat: Catalogue) -> None:
    name = "dibao.standard_yuan_month"

    def standard(text: str) -> object:
        found = with_changes(cat, [parse_change(cat, text)])
        frame = household(town_code="440106001", place_tier_code="t1")
        used = [p for step in trace(found, NOBODY, frame, DAY, ["dibao"]) for p in step.parameters]
        return next(p.value for p in used if p.name == name)

    assert standard("dibao.standard=+10%").rstrip("0").rstrip(".") == "1518"  # type: ignore[attr-defined]
    assert standard("dibao.standard@440106=1400") == "1400"
    assert standard("dibao.standard@440106=+20") == "1400"
    assert standard("dibao.standard@4416=1400") == "1380"


def test_the_pages_of_a_home_name_its_values_with_their_place(cat: Catalogue) -> None:
    for language, mark in (("zh-CN", "本地参数"), ("en", "local value")):
        words = Words(language, cat, load_contracts(), Codes(cat, load_contracts(), load_codes()))
        name = "dibao.standard_yuan_month"
        regions = [region for _, region in words.entries(name, cat.parameters[name])]
        assert [r for r in regions if mark in r] == [f"广州市天河区（{mark}）", f"河源市（{mark}）"]
