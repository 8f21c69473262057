"""The policy catalogue's pages: fresh, complete in both languages, the Chinese ones free of SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from data_contracts.contract.code_tables import load_codes
from data_contracts.loading.contracts import load_contracts
from flows.cli.app import app
from flows.delivery.rule_words import word_lists
from flows.handbook.codes import Codes
from flows.handbook.pages import LANGUAGES, evidence, page_name, policy_index, policy_pages, used_by
from flows.handbook.rule_language import language_pages, language_table
from flows.handbook.rule_to_chinese import Vocabulary, aloud
from flows.handbook.words import Words
from policies.catalogue.model import Rule
from policies.catalogue.parameter import Entry
from policies.catalogue.rule_texts import rule_texts
from policies.catalogue.shapes import Given
from policies.loading import load_catalogue
from zhaoren.errors import ZhaorenError

DOCS = Path(__file__).parents[3] / "docs"
CAT = load_catalogue()
RULES = CAT.rules
PAGES = policy_pages(CAT)
INDEX = policy_index(CAT)
CHINESE = [name for name in PAGES if "zh-CN" in name]
ZH = Words("zh-CN", CAT, load_contracts(), Codes(CAT, load_contracts(), load_codes()))
EN = Words("en", CAT, ZH.contracts, ZH.codes)


def rule(rule_id: str) -> Rule:
    return next(r for r in RULES if r.id == rule_id)


def section(page: str, anchor: str) -> str:
    """What a page says of one rule: from its anchor to the next rule's."""
    return PAGES[page].split(f'<a id="{anchor}"></a>\n')[1].split("\n<a id=")[0]


def seen(page: str) -> str:
    """The page as a reader sees it: without folded parts, link targets and code."""
    text = re.sub(r"<details>.*?</details>", "", PAGES[page], flags=re.S)
    return re.sub(r"\]\([^)]*\)|<[^>]+>|`[^`]*`", "", text)


@pytest.mark.parametrize("name", sorted(INDEX))
def test_the_committed_index_is_what_the_rules_say(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == INDEX[name], "run: make docs"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_and_parameter_group_is_in_the_committed_index(language: str) -> None:
    index = INDEX["policy-catalogue.md" if language == "en" else f"policy-catalogue.{language}.md"]
    for kind, rules in (("benefits", CAT.benefits), ("signals", CAT.signals)):
        for one in rules:
            assert index.count(f"(../policies/{kind}/{ZH.file(one)})") == 1, one.id
    groups = {name.split(".")[0] for name in CAT.parameters}
    assert {g for g in groups if f"(../policies/parameters/{g}.yaml)" not in index} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_stands_on_its_page_and_in_the_index(language: str) -> None:
    for kind, rules in (("benefits", CAT.benefits), ("signals", CAT.signals)):
        page, index = PAGES[page_name(kind, language)], PAGES[page_name("README", language)]
        for one in rules:
            assert page.count(f'<a id="{one.id}"></a>') == 1, one.id
            assert one.name_zh in section(page_name(kind, language), one.id)
            assert f"({kind}.{language}.md#{one.id})" in index


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_version_and_example_of_a_rule_is_there(language: str) -> None:
    words = {"en": EN, "zh-CN": ZH}[language]
    for one in RULES:
        kind = "benefits" if one in CAT.benefits else "signals"
        told = section(page_name(kind, language), one.id)
        assert words.dates(one) in told
        assert words.file(one) in told
        if language == "en":
            assert [e.name for e in one.examples if one_cell(e.name) not in told] == []


def one_cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_value_of_a_parameter_is_there(language: str) -> None:
    page = PAGES[page_name("parameters", language)]
    words = {"en": EN, "zh-CN": ZH}[language]
    for name, parameter in CAT.parameters.items():
        values: list[Entry] = [*parameter.values, *parameter.local]
        rows = page.split(f'<a id="{name}"></a>')[1].split("<a id=")[0].splitlines()[: len(values)]
        for value, row in zip(values, rows, strict=True):
            assert f"| {words.dates(value)} |" in row and words.word("status", value.status) in row, name


@pytest.mark.parametrize("name", CHINESE)
def test_a_chinese_page_shows_no_gap_of_ours(name: str) -> None:
    found = re.findall(r".{0,30}\b(?:None|True|False|null|undefined)\b.{0,30}|\{[{%]", PAGES[name])
    assert found == []


def test_a_chinese_page_shows_no_sql_outside_its_folded_parts() -> None:
    for name in CHINESE:
        shown = seen(name)
        assert not re.search(r"\b(?:AND|OR|NOT|CASE|WHEN|IS NULL)\b|<>|>=|\$\w+\.", shown), name
        facts = {f.name for f in CAT.facts.values() if "_" in f.name}
        assert {f for f in facts if re.search(rf"\b(?:household_)?{f}\b", shown)} == set(), name


@pytest.mark.parametrize("kind", ["unit", "family", "mode"])
def test_every_key_has_a_chinese_word(kind: str) -> None:
    by_kind: dict[str, set[str]] = {
        "unit": {p.unit for p in CAT.parameters.values()} | {f.unit for f in CAT.facts.values()} - {""},
        "family": {s.family for s in CAT.signals},
        "mode": {b.mode for b in CAT.benefits},
    }
    assert by_kind[kind] <= set(word_lists()["zh-CN"][kind]), (
        "add the word to flows/handbook/templates/policy_words.yaml"
    )


def test_every_rule_can_be_read_aloud_without_english() -> None:
    for one in RULES:
        for _, text, _ in rule_texts(one):
            said = ZH.aloud(text, one)
            assert not re.search("[A-Za-z_]{2}", said), (one.id, said)


def test_every_code_of_an_example_has_a_chinese_word() -> None:
    for one in RULES:
        for given in (one.examples_base, *one.examples):
            assert not re.search("：[a-z_]+(；|$)", ZH.given(given)), (one.id, ZH.given(given))


PLAIN = Vocabulary(
    fact=lambda name: {"age": "年龄", "alone": "独居", "code": "类别"}.get(name, name),
    parameter=lambda name: f"「{name}」",
    code=lambda fact, code: {"a": "甲", "b": "乙"}.get(code, code),
)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("alone", "独居"),
        ("NOT alone AND age >= $p.q", "并非独居，并且年龄不低于「p.q」"),
        ("alone OR age < 2 AND code = 'a'", "独居，或者（年龄低于2，并且类别为“甲”）"),
        ("(alone OR age < 2) AND code <> 'a'", "（独居，或者年龄低于2），并且类别不是“甲”"),
        ("code NOT IN ('a', 'b')", "类别不属于（“甲”、“乙”）"),
        ("age BETWEEN 0 AND $p.q AND alone", "年龄介于0至「p.q」，并且独居"),
        ("age NOT BETWEEN 0 AND 1 OR NOT (alone OR age = -1)",
         "年龄不介于0至1，或者并非（独居，或者年龄为－1）"),
        ("NEVER(age) OR IF_UNKNOWN(alone, age > 2, '没有登记')",
         "年龄空着（没有发生，或没有期限），或者（独居；不详时取“年龄超过2”，理由：没有登记）"),
        ("CASE WHEN alone THEN TRUE WHEN age > 2 THEN NULL ELSE age < 1 END",
         "若独居，则成立；若年龄超过2，则不详；否则要看是否年龄低于1"),
        ("CASE WHEN code = 'a' THEN $p.a WHEN code = 'b' THEN age END",
         "若类别为“甲”，则「p.a」；若类别为“乙”，则年龄"),
        ("GREATEST($p.q * age - 1, 0)", "取较大者（「p.q」×年龄－1，0）"),
        ("AT_LEAST(2, age > 2, alone, age < 1)", "下列至少2项成立（年龄超过2；独居；年龄低于1）"),
        ("COUNT_MEMBERS(age > 2) * age", "家庭成员中符合（年龄超过2）的人数×年龄"),
        ("age - CASE WHEN alone THEN 1 ELSE 2 END", "年龄－［若独居，则1；否则2］"),
    ],
)  # fmt: skip
def test_a_rule_read_aloud(sql: str, said: str) -> None:
    assert aloud(sql, PLAIN) == said


def test_what_has_no_reading_is_refused_rather_than_left_out() -> None:
    with pytest.raises(ZhaorenError, match="cannot be read aloud"):
        aloud("age % 2 = 0", PLAIN)
    with pytest.raises(ZhaorenError, match="cannot be read aloud"):
        aloud("alone IS TRUE", PLAIN)


def test_an_example_tells_what_differs_from_the_base() -> None:
    base = Given(household={"tier_code": "none", "member_cnt": 3})
    given = Given(household={"tier_code": "dibao", "member_cnt": 3, "income_yuan_month": None})
    assert ZH.given(given, base) == "家庭现状档次：低保；家庭人均收入：不详"
    assert EN.given(given, base) == "`tier_code`: dibao; `income_yuan_month`: not known"


def test_codes_are_said_from_the_list_the_note_or_the_code_table() -> None:
    def said(name: str, code: str) -> str:
        return ZH.code(CAT.facts[name], code)

    assert said("household.tier_code", "watch") == "防返贫监测"  # labels.yaml
    assert said("person.death_state_code", "reported") == "一处登记"  # the fact's own note
    assert said("person.disability_type_code", "5") == "智力"  # the column's code table
    assert said("person.benefit_category_code", "single") == "低保单人户"  # its namesake
    assert said("household.housing_aid_code", "public_rental") == "公租房"  # a table of its extract
    assert said("person.disability_type_code", "none") == "无"


def test_what_an_answer_rests_on() -> None:
    dibao = rule("single_person_dibao")
    names = {(fact.entity, fact.name) for fact in evidence(CAT, dibao)}
    assert {("person", "is_severe_disabled"), ("household", "income_yuan_month")} <= names
    assert {"dibao.standard_yuan_month", "dibao.edge_multiple"} <= {used.name for used in used_by(CAT, dibao)}
    awaited = [r for r in CAT.benefits if any(fact.is_awaited for fact in evidence(CAT, r))]
    for one in awaited:
        assert "**待接入**" in section("benefits.zh-CN.md", one.id)
        assert "**awaited**" in section("benefits.en.md", one.id)
    assert awaited


def test_exclusion_is_told_on_both_sides() -> None:
    for one, other in (("tekun", "dibao"), ("dibao", "tekun"), ("living_subsidy_disabled", "tekun")):
        for language in LANGUAGES:
            assert f"(#{other})" in section(page_name("benefits", language), one)
    for benefit in CAT.benefits:
        for excluded in benefit.excludes:
            assert f"(#{benefit.id})" in section("benefits.zh-CN.md", excluded)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_row_has_the_cells_of_its_table(name: str) -> None:
    for table in tables(PAGES[name]):
        assert {row: cells(row) for row in table if cells(row) != cells(table[0])} == {}


def tables(text: str) -> Iterator[list[str]]:
    for block in re.findall(r"(?:^\|.*\n)+", text, re.M):
        yield block.splitlines()


def cells(row: str) -> int:
    return len(re.findall(r"(?<!\\)\|", row))


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_link_leads_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)\s]*)\)", PAGES[name]):
        if re.match("https?:", target):
            continue
        page, _, anchor = target.partition("#")
        assert page in {"", *PAGES} or (DOCS / "policies" / page).resolve().exists(), target
        if anchor:
            assert f'<a id="{anchor}"></a>' in PAGES[page or name], target


def test_the_command_writes_them(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["policies", "docs", str(tmp_path / "pages")])
    assert result.exit_code == 0, result.output
    assert {p.name: p.read_text("utf-8") for p in (tmp_path / "pages").iterdir()} == PAGES


def test_the_command_writes_the_index_where_it_is_told_to(tmp_path: Path) -> None:
    asked = ["policies", "docs", str(tmp_path / "pages"), "--index", str(tmp_path / "docs")]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 0, result.output
    assert {p.name: p.read_text("utf-8") for p in (tmp_path / "docs").iterdir()} == (
        INDEX | language_pages(language_table())
    )
