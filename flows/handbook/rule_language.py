"""The reference page of the rule language in Chinese and English, made from its table of words.

rule-language.md, rule-language.zh-CN.md   every word with what it means, what it does with the unknown, and
                                           examples; the refused words; one YAML of each thing rules rest on
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import jinja2

from flows.handbook.codes import TEMPLATES
from zhaoren.rooms import room
from zhaoren.yaml_lines import load_yaml

LANGUAGES = ("en", "zh-CN")


class Wording(NamedTuple):
    """How an example reads in one language."""

    answers: Mapping[bool | None, str]
    members: str
    nobody: str
    person: str
    known_by: str
    marks: tuple[str, str, str, str]  # before and after what is given, between two facts, between two parts


WORDINGS = {
    "en": Wording(
        {True: "yes", False: "no", None: "unknown"},
        *("members", "no members", "the person", "told by"),
        (" (", ")", ", ", "; "),
    ),
    "zh-CN": Wording(
        {True: "是", False: "否", None: "不详"},
        *("成员", "没有成员", "本人", "登记看"),
        ("（", "）", "，", "；"),
    ),
}


def language_pages(table: Mapping[str, Any]) -> dict[str, str]:
    """Both pages by their file name, from the content of policies/language/words.yaml."""
    return {page_name(language): _page(table, language) for language in LANGUAGES}


def language_table() -> Mapping[str, Any]:
    """The shipped table of words; its numbers are exact."""
    found: Mapping[str, Any] = load_yaml(room("policies") / "language" / "words.yaml", exact=True).data
    return found


def page_name(language: str) -> str:
    """The page's file in docs/."""
    return "rule-language.md" if language == "en" else f"rule-language.{language}.md"


def _page(table: Mapping[str, Any], language: str) -> str:
    loader = jinja2.FileSystemLoader(TEMPLATES / "language")
    environment = jinja2.Environment(
        loader=loader, undefined=jinja2.StrictUndefined, autoescape=False,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters |= {"cell": _cell, "code": _code}
    short = language[:2]
    environment.globals |= {
        "table": table,
        "of_group": lambda group: [word for word in table["words"] if word["group"] == group],
        "said": lambda one, key: one[f"{key}_{short}"] if f"{key}_{short}" in one else one[key],
        "example": lambda one: _example(one, WORDINGS[language]),
    }
    return environment.get_template(f"page.{language}.md.j2").render().strip() + "\n"


def _cell(text: str) -> str:
    """Text for a cell of a table: a bar would end it."""
    return text.replace("|", "\\|")


def _code(text: str) -> str:
    return f"`{_cell(text)}`"


def _example(one: Mapping[str, Any], wording: Wording) -> str:
    """One example: what is written, over which facts, and the answer."""
    before, after, _, between = wording.marks
    facts = between.join(_given(one, wording))
    return f"{_code(one['say'])}{before + facts + after if facts else ''} → {_value(one['gives'], wording)}"


def _given(one: Mapping[str, Any], wording: Wording) -> list[str]:
    parts = [_facts(one["given"], wording)] if one.get("given") else []
    parts += [f"{fact} {wording.known_by} {known}" for fact, known in one.get("never", {}).items()]
    if "person" in one:
        parts.append(f"{wording.person} {_facts(one['person'], wording)}")
    if "members" in one:
        members = " / ".join(_facts(facts, wording) for facts in one["members"])
        parts.append(f"{wording.members} {members}" if members else wording.nobody)
    return parts


def _facts(facts: Mapping[str, Any], wording: Wording) -> str:
    return wording.marks[2].join(f"{name} = {_value(value, wording)}" for name, value in facts.items())


def _value(value: Any, wording: Wording) -> str:
    if value is None or isinstance(value, bool):
        return wording.answers[value]
    return value.isoformat() if isinstance(value, date) else f"{value}".replace("-", "−", 1)
