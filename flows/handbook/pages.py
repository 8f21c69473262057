"""Pages of the policy catalogue in Chinese and English, generated from the rule files.

    README            every benefit and signal on one line
    benefits, signals the conditions of each rule, what it gives and rests on, and its worked examples
    parameters        every dated value

The index (policy-catalogue) holds the lines of README with links to the rule files: it is committed, for who
reads the repository; the pages are nearly a megabyte that follows from the rules, and are made on demand.

The Chinese pages are for policy officers: facts and codes by their Chinese names, every test read aloud, the
SQL folded away. Nothing depends on the day they are made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import jinja2

from data_contracts.contract.code_tables import CodeTable, load_codes
from data_contracts.contract.model import Contract
from data_contracts.loading.contracts import load_contracts
from flows.handbook.codes import TEMPLATES, Codes
from flows.handbook.words import Words, in_words, newest_first
from policies.catalogue.benefit import Benefit, BenefitExample, Material
from policies.catalogue.fact import Fact
from policies.catalogue.model import Catalogue, Rule
from policies.catalogue.parameter import Parameter, Value
from policies.catalogue.rule_texts import rule_texts
from policies.catalogue.shapes import Source
from policies.engine.exclusive_benefits import conflicts
from policies.engine.sentences import TOKEN, facts_in, templates
from policies.language.parsing import parsed

NAMES = ("README", "benefits", "signals", "parameters")
LANGUAGES = ("en", "zh-CN")


def policy_pages(
    cat: Catalogue,
    contracts: Mapping[str, Contract] | None = None,
    codes: Mapping[str, CodeTable] | None = None,
) -> dict[str, str]:
    """Every page by its file name, as Markdown. Contracts and code tables: by default the shipped ones."""
    contracts = contracts or load_contracts()
    labels = Codes(cat, contracts, codes or load_codes())
    found = {}
    for language in LANGUAGES:
        environment = _environment(Words(language, cat, contracts, labels), _to_sections(language))
        for name in NAMES:
            found[page_name(name, language)] = _page(environment, name.lower(), language)
    return found


def policy_index(cat: Catalogue) -> dict[str, str]:
    """The index in both languages by its file name: the shipped rules, each with a link to its file."""
    contracts = load_contracts()
    labels = Codes(cat, contracts, load_codes())
    found = {}
    for language in LANGUAGES:
        words = Words(language, cat, contracts, labels)
        name = "policy-catalogue.md" if language == "en" else f"policy-catalogue.{language}.md"
        found[name] = _page(_environment(words, _to_rule_files(words)), "index", language)
    return found


def page_name(name: str, language: str) -> str:
    """The file's name: the English index is README.md, as every folder's first page is."""
    return "README.md" if (name, language) == ("README", "en") else f"{name}.{language}.md"


def write_pages(pages: Mapping[str, str], folder: Path) -> None:
    """Write pages into the folder by their names; those of the same name are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


class Links(NamedTuple):
    """Where a rule and a group of parameters are found from the page in hand."""

    rule: Callable[[Rule], str]
    group: Callable[[str], str]


def _to_sections(language: str) -> Links:
    def rule(one: Rule) -> str:
        return f"{_folder(one)}.{language}.md#{one.id}"

    return Links(rule, lambda group: f"parameters.{language}.md#{group}")


def _to_rule_files(words: Words) -> Links:
    def rule(one: Rule) -> str:
        return f"../policies/{_folder(one)}/{words.file(one)}"

    return Links(rule, lambda group: f"../policies/parameters/{group}.yaml")


def _folder(rule: Rule) -> str:
    return "benefits" if isinstance(rule, Benefit) else "signals"


def _page(environment: jinja2.Environment, template: str, language: str) -> str:
    text = environment.get_template(f"policy_{template}.{language}.md.j2").render()
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


@dataclass(frozen=True)
class Used:
    """A parameter that a rule uses: its name `group.name`, and its last two values within the rule's dates.

    Two, since the newest may not be in force yet when somebody reads the page.
    """

    name: str
    parameter: Parameter
    values: tuple[Value, ...]


def used_by(cat: Catalogue, rule: Rule) -> list[Used]:
    """The parameters of a rule's tests, sums and sentences, in order of first use."""
    names = [name for text in _texts(rule) for name in parsed(text).parameters]
    for _, template in templates(rule):
        names += [token[1:] for token in TOKEN.findall(template) if token.startswith("$")]
    found = [(name, cat.parameters[name]) for name in dict.fromkeys(names)]
    return [Used(name, parameter, tuple(newest_first(parameter, rule)[:2])) for name, parameter in found]


def evidence(cat: Catalogue, rule: Rule) -> list[Fact]:
    """The facts a rule reads, in order of first use: what an answer rests on."""
    names = [name for text in _texts(rule) for name in parsed(text).columns]
    names += [name for _, template in templates(rule) for name in facts_in(template)]
    since = rule.since if isinstance(rule, Benefit) else rule.fact_date
    known = cat.facts_of(rule.entity)
    return [known[n] for n in dict.fromkeys([*names, *([since] if since else [])]) if n in known]


def _texts(rule: Rule) -> list[str]:
    return [text for _, text, _ in rule_texts(rule)]


def _environment(words: Words, links: Links) -> jinja2.Environment:
    cat = words.cat
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined, autoescape=False,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters |= {"cell": cell, "code": code, "link": link}
    environment.globals |= {
        "w": words,
        "at": links.rule,
        "at_group": links.group,
        "cat": cat,
        "benefits": _versions(cat.benefits),
        "signals": _versions(cat.signals),
        "groups": _groups(cat),
        "evidence": lambda rule: evidence(cat, rule),
        "used_by": lambda rule: used_by(cat, rule),
        "users": _users(cat),
        "against": _against(cat),
        "documents": documents,
        "stated": lambda example, key, unit: _stated(words, example, key, unit),
        "in_words": in_words,
    }
    return environment


def _versions(rules: tuple[Any, ...]) -> list[tuple[str, list[Any]]]:
    """Rules of one id together, the newest first."""
    return [(key, list(same)[::-1]) for key, same in groupby(rules, key=lambda rule: rule.id)]


def _groups(cat: Catalogue) -> list[tuple[str, str, list[tuple[str, Parameter]]]]:
    """(group, its Chinese name, its parameters by name) of every parameter file."""
    found = []
    for group, same in groupby(cat.parameters.items(), key=lambda item: item[0].split(".")[0]):
        members = list(same)
        found.append((group, str(cat.files[members[0][0]].data["zh"]), members))
    return found


def _users(cat: Catalogue) -> dict[str, list[Rule]]:
    """The rules that use each parameter, one per id; empty where only the program does."""
    found: dict[str, dict[str, Rule]] = {name: {} for name in cat.parameters}
    for rule in cat.rules:
        for used in used_by(cat, rule):
            found[used.name][rule.id] = rule
    return {name: list(rules.values()) for name, rules in found.items()}


def _against(cat: Catalogue) -> dict[str, list[str]]:
    """Per benefit the others it may not be had together with, both ways."""
    # Versions of one id do not exclude each other.
    return {one: sorted(others - {one}) for one, others in conflicts(cat.benefits).items()}


def documents(benefit: Benefit) -> list[Material]:
    """What an application needs; who holds it already is null where the file does not say."""
    return [m if isinstance(m, Material) else Material(zh=m) for m in benefit.materials]


def _stated(words: Words, example: BenefitExample, key: str, unit: str) -> str:
    """An example's expected amount; nothing where it states none, and in words where it is not known."""
    if key not in example.model_fields_set:
        return ""
    value = getattr(example, key)
    return words.unknown if value is None else words.amount(value, unit)


def cell(text: object) -> str:
    """Text for a table's cell: one line, nothing that would end the cell or start a tag."""
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;")


def code(text: object) -> str:
    """Text in code font, fit for a cell."""
    return f"`{' '.join(str(text).split())}`".replace("|", "\\|")


def link(source: Source) -> str:
    """A source as its document's name linked to its page, and its note."""
    label = cell(source.document or urlsplit(source.url).netloc).replace("[", "(").replace("]", ")")
    named = f"[{label}]({source.url.replace(' ', '%20').replace(')', '%29')})" if source.url else label
    return f"{named}（{cell(source.note)}）" if source.note else named
