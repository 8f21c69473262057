"""The pages keep their word: generated ones are fresh, links resolve, commands and options exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer

from data_contracts.loading.contracts import load_contracts
from flows.cli.app import app
from flows.handbook.dictionary import dictionary
from policies.loading import load_catalogue
from zhaoren.rooms import ROOMS

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for folder in ("", "docs", "docs/adr", *ROOMS)
    for page in ROOT.glob(f"{folder}/*.md".lstrip("/"))
)
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.M | re.S)
LINK = re.compile(r"\]\(([^)\s]+)\)")
INLINE = re.compile(r"`([^`\n]+)`")


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def prose_of(page: str) -> str:
    return FENCE.sub("", text_of(page))


def test_the_pages_are_found() -> None:
    assert {"README.md", "README.zh-CN.md", "docs/data-team.md", "policies/README.md"} <= set(PAGES)


def test_the_dictionary_is_what_the_contracts_say() -> None:
    fresh = dictionary(load_contracts(), load_catalogue())
    assert text_of("docs/dictionary.md") == fresh, "run: zhaoren contracts docs"


def test_both_readmes_have_the_same_shape() -> None:
    english, chinese = text_of("README.md"), text_of("README.zh-CN.md")
    assert headings("README.md") == headings("README.zh-CN.md")
    assert [kind for kind, _ in FENCE.findall(english)] == [kind for kind, _ in FENCE.findall(chinese)]
    assert shell_blocks(english) == shell_blocks(chinese)
    assert tables("README.md") == tables("README.zh-CN.md")


def headings(page: str) -> list[int]:
    """The levels of the headings, in order."""
    return [len(marks) for marks in re.findall(r"^(#+) ", prose_of(page), re.M)]


def shell_blocks(text: str) -> list[str]:
    return [body for kind, body in FENCE.findall(text) if kind == "sh"]


def tables(page: str) -> list[int]:
    """Rows of each table, in order."""
    found = re.findall(r"(?:^ *\|.*\n)+", prose_of(page), re.M)
    return [block.count("\n") for block in found]


def figures(text: str) -> list[str]:
    return sorted(re.findall(r"\d[\d,.]*\d", text))


def test_both_readmes_state_the_same_figures_in_their_table_of_rankings() -> None:
    def ranking(page: str) -> list[str]:
        return figures("\n".join(re.findall(r"^ +\|.*0\.\d.*$", text_of(page), re.M)))

    assert ranking("README.md") == ranking("README.zh-CN.md") != []


@pytest.mark.parametrize("page", PAGES)
def test_every_relative_link_resolves(page: str) -> None:
    here = (ROOT / page).parent
    targets = [t for t in LINK.findall(prose_of(page)) if not re.match(r"[a-z]+:", t)]
    missing = [t for t in targets if not (here / t.split("#")[0]).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_to_a_heading_finds_it(page: str) -> None:
    here = (ROOT / page).parent
    for target in LINK.findall(prose_of(page)):
        if "#" in target and not re.match(r"[a-z]+:", target):
            name, anchor = target.split("#")
            other = (here / name) if name else ROOT / page
            assert anchor in anchors(other.read_text(encoding="utf-8")), target


def anchors(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", FENCE.sub("", text), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def commands(text: str) -> Iterator[list[str]]:
    """The words of every `zhaoren …` named in a code block's line or in code within a sentence."""
    lines = [line for _, body in FENCE.findall(text) for line in body.splitlines()]
    lines += INLINE.findall(FENCE.sub("", text))
    for line in lines:
        for match in re.finditer(r"(?:^|[\s(])(?:\.venv/bin/)?zhaoren ([a-z-].*)", line):
            yield match.group(1).split()


def group_of(command: Any) -> dict[str, Any]:
    return getattr(command, "commands", {})


def problem_with(words: list[str]) -> str | None:
    """What is wrong with a named command: no such command, or no such option; None when nothing is."""
    command: Any = typer.main.get_command(app)
    rest = list(words)
    while rest and group_of(command):
        if rest[0].startswith("-"):
            break
        if rest[0] not in group_of(command):
            return f"no command {rest[0]}"
        command = group_of(command)[rest.pop(0)]
    known = {name for parameter in command.params for name in parameter.opts} | {"--help"}
    unknown = [w for w in rest if w.startswith("--") and w.split("=")[0] not in known]
    return f"no option {unknown[0]}" if unknown else None


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_is_named_exists(page: str) -> None:
    named = list(commands(text_of(page)))
    wrong = [(" ".join(words), problem) for words in named if (problem := problem_with(words))]
    assert wrong == []


def test_a_command_that_does_not_exist_is_noticed() -> None:
    assert problems_in("```sh\nzhaoren fly --home x\n```") == ["no command fly"]
    assert problems_in("say `zhaoren run --fast`") == ["no option --fast"]
    assert problems_in("`zhaoren contracts mend`") == ["no command mend"]


def problems_in(text: str) -> list[str | None]:
    return [problem_with(words) for words in commands(text)]


def test_every_command_is_explained_somewhere() -> None:
    told = {words[0] for page in PAGES for words in commands(text_of(page))}
    assert set(group_of(typer.main.get_command(app))) - told == set()


def test_the_rule_that_the_policy_page_reads_aloud_is_the_rule() -> None:
    quoted = [body for kind, body in FENCE.findall(text_of("docs/policy-staff.md")) if kind == "yaml"][:2]
    rule = text_of("policies/signals/I01_medical_burden.yaml").splitlines()
    examples = "examples_base: {household: {member_cnt: 3, tier_code: dibao}}"
    assert [line for body in quoted for line in body.splitlines() if line not in rule] == []
    assert examples in quoted[1]


COUNTED_ON = date(2026, 2, 5)


def test_the_pages_count_the_rules_right() -> None:
    """README and the policy page name how many rules there are, and how many are unverified, on one date."""
    cat = load_catalogue()
    benefits, signals = cat.benefits_at(COUNTED_ON), cat.signals_at(COUNTED_ON)
    need = sum(s.queue == "need" for s in signals)
    values = [v for p in cat.parameters.values() if (v := p.at(COUNTED_ON))]
    unverified = sum(v.status != "verified" for v in values)
    shaky = sum(s.status != "verified" for s in signals)
    sound = sum(b.status == "verified" for b in benefits)
    readme, policy = text_of("README.md"), text_of("docs/policy-staff.md")
    assert f"{need} signals of need and {len(benefits)} benefits" in readme
    assert f"{unverified} of the {len(values)} parameters" in readme
    assert f"{shaky} of the {len(signals)} signals" in readme
    assert f"{len(values) - unverified} of {len(values)} parameters" in policy
    assert f"rules {sound} are, of the {len(signals)} signals {len(signals) - shaky}" in policy
    assert f"| {need} and {len(signals) - need} |" in policy
    assert f"| the words a rule may use | {len(cat.facts)} |" in policy
    assert f"the cool-down after each | {len(cat.result_codes)} |" in policy


def test_the_licence_is_apache_2() -> None:
    licence = text_of("LICENSE")
    assert "Apache License" in licence and "Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
