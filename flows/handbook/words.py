"""How the policy pages say things: facts, codes, amounts, dates and sources, in Chinese or in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from data_contracts.contract.model import Contract
from flows.context.places import place_name
from flows.delivery.rule_words import word_lists
from flows.handbook.codes import Codes, cities
from flows.handbook.rule_to_chinese import Vocabulary, aloud
from policies.catalogue.benefit import Benefit
from policies.catalogue.fact import Fact
from policies.catalogue.model import Catalogue, Rule
from policies.catalogue.parameter import Entry, LocalValue, Parameter, Value
from policies.catalogue.rule_texts import rule_file
from policies.catalogue.shapes import Dated, Given
from policies.catalogue.signal import Signal
from policies.engine import sentences
from zhaoren.chinese import date_zh

YES_NO = "1 yes, 0 no"  # the unit of a parameter that only switches something on


@dataclass(frozen=True)
class Words:
    """One language's way of saying what the rule files hold."""

    language: str  # zh-CN or en
    cat: Catalogue
    contracts: Mapping[str, Contract]
    codes: Codes

    @property
    def is_zh(self) -> bool:
        """Whether these are the Chinese words."""
        return self.language == "zh-CN"

    @property
    def unknown(self) -> str:
        """What is written where a value is not known."""
        return "不详" if self.is_zh else "not known"

    def word(self, kind: str, key: str) -> str:
        """A key of the rule files in plain words; the key itself when the list has none."""
        return str(word_lists()[self.language].get(kind, {}).get(key, key))

    def several(self, kind: str, text: str) -> str:
        """A list written with 、 and words in （）, each part put into words: 民政、残联."""
        if self.is_zh:
            return text
        borrowed = " (borrowed from elsewhere)" if "（参照）" in text else ""
        parts = (self.word(kind, part) for part in text.replace("（参照）", "").split("、"))
        return ", ".join(parts) + borrowed

    def day(self, day: date) -> str:
        """2025年9月5日, or 2025-09-05."""
        return date_zh(day) if self.is_zh else day.isoformat()

    def dates(self, dated: Dated) -> str:
        """From which day to which day something is in force; of a place's own text, which place."""
        start, end = self.day(dated.valid_from), dated.valid_to
        place = f" ({dated.place})" if isinstance(dated, Benefit | Signal) and dated.place else ""
        if end is None:
            return f"{start}起{place}" if self.is_zh else f"from {start}{place}"
        return f"{start}至{self.day(end)}{place}" if self.is_zh else f"{start} to {self.day(end)}{place}"

    def title(self, rule: Rule) -> str:
        """The rule's name; in English, for want of one, its id in words."""
        if self.is_zh:
            return rule.name_zh
        # A signal's id is a number; the words are in its file's name: I01_medical_burden.yaml.
        words = self.file(rule).removesuffix(".yaml").removeprefix(f"{rule.id}_")
        return rule.name_en or in_words(rule.id if isinstance(rule, Benefit) else words)

    def file(self, rule: Rule) -> str:
        """The name of a rule's file."""
        return rule_file(self.cat, rule).path.name

    def title_of(self, rule_id: str) -> str:
        """The name of the newest rule of that id."""
        same = [rule for rule in self.cat.rules if rule.id == rule_id]
        return self.title(same[-1]) if same else rule_id

    def fact(self, fact: Fact) -> str:
        """A fact's name: the Chinese one without its explanation, or the one rules use."""
        return fact.short_zh if self.is_zh else f"`{fact.name}`"

    def fact_of(self, rule: Rule, name: str) -> str:
        """The same, by the name a rule of this entity uses."""
        found = self.cat.facts_of(rule.entity).get(name)
        return found.short_zh if found and self.is_zh else f"`{name}`"

    def meaning(self, fact: Fact) -> str:
        """A fact's Chinese name with its explanation; codes in it are put into Chinese on a Chinese page."""
        return self.codes.meaning(fact) if self.is_zh else fact.zh

    def code(self, fact: Fact | None, code: str) -> str:
        """What a code of a text fact means; on an English page the code itself."""
        return self.codes.label(fact, code) if fact and self.is_zh else code

    def value(self, fact: Fact, value: Any) -> str:
        """A fact's value with its unit; an unknown one says that it is unknown."""
        if value is None:
            return self.unknown
        if isinstance(value, bool):
            return ("是" if value else "否") if self.is_zh else str(value).lower()
        if isinstance(value, date):
            return self.day(value)
        if fact.type == "text":
            return self.code(fact, str(value))
        return self.amount(value, "" if self.is_zh and fact.short_zh.endswith("岁") else fact.unit)

    def amount(self, value: Any, unit: str) -> str:
        """A number with its unit: 780元/月, 780 yuan/month."""
        text = str(value)
        text = text.rstrip("0").rstrip(".") if "." in text else text
        said = self.word("unit", unit)
        if unit == "share":
            return f"{(Decimal(text) * 100).normalize():f}%"
        if unit == YES_NO:
            return self.word("answer", "yes" if text == "1" else "no")
        return f"{text}{said}" if self.is_zh else f"{text} {said}".strip()

    def given(self, given: Given, base: Given | None = None) -> str:
        """Facts of an example, those that differ from the base if there is one."""
        said = []
        for entity in ("person", "household"):
            shared = getattr(base, entity) if base else {}
            for name, value in getattr(given, entity).items():
                fact = self.cat.facts.get(f"{entity}.{name}")
                if fact is not None and not (name in shared and shared[name] == value):
                    said.append((self.fact(fact), self.value(fact, value)))
                elif fact is None and name == "town_code":  # a key of every frame, no fact
                    city = cities().get(str(value)[:4], str(value)) if self.is_zh else str(value)
                    name = "所在地市" if self.is_zh else "`town_code`"
                    said.append((name, self.unknown if value is None else city))
        pairs = [f"{name}：{value}" if self.is_zh else f"{name}: {value}" for name, value in said]
        return "；".join(pairs) if self.is_zh else "; ".join(pairs)

    def missing(self, rule: Rule, names: tuple[str, ...]) -> str:
        """The missing facts of an example; a missing parameter is named as such."""
        return ("、" if self.is_zh else ", ").join(self._missing(rule, name) for name in names)

    def _missing(self, rule: Rule, name: str) -> str:
        known = self.cat.parameters.get(name.removeprefix("$"))
        return f"「{known.zh}」" if known and self.is_zh else self.fact_of(rule, name)

    def values(self, value: Entry, unit: str) -> str:
        """A parameter's value: one, or one per place or per case."""
        if isinstance(value.value, str):
            parts = [part.strip() for part in value.value.split(",")]
            parts = [self.codes.listed(part) if self.is_zh else part for part in parts]
            return ("、" if self.is_zh else ", ").join(parts)
        if value.value is not None:
            return self.amount(value.value, unit)
        parts = [f"{self._case(value, key)} {self.amount(n, '')}" for key, n in self._parts(value).items()]
        listed = ("、" if self.is_zh else ", ").join(parts)
        said = self.word("unit", unit)
        return listed if not unit else f"{listed}（{said}）" if self.is_zh else f"{listed} ({said})"

    def entries(self, name: str, parameter: Parameter) -> list[tuple[Entry, str]]:
        """A parameter's values and the place of each: the shipped, then places' own, then the home's."""
        general = parameter.region if self.is_zh else self.several("region", parameter.region)
        local = [(value, place_name(value.place or "")) for value in parameter.local]
        mark = "本地参数" if self.is_zh else "local value"
        own = [
            (value, f"{place_name(value.place)}（{mark}）" if value.place else mark)
            for value in self.cat.own.of(name)
        ]
        return [*((value, general) for value in parameter.values), *local, *own]

    def _parts(self, value: Entry) -> dict[str, Any]:
        if value.cases:
            return dict(value.cases.of)
        if isinstance(value, LocalValue):
            return dict(value.residence or ())
        return dict(value.places or {}) if isinstance(value, Value) else {}

    def _case(self, value: Entry, key: str) -> str:
        if isinstance(value, LocalValue) and value.residence:
            return self.word("residence", key)
        if key.isdigit() and not value.cases:
            return cities().get(key, key)
        fact = self.cat.facts.get(f"household.{value.cases.fact if value.cases else 'place_tier_code'}")
        return self.code(fact, key)

    def aloud(self, sql: str, rule: Rule) -> str:
        """A rule's SQL in Chinese words, parameters with their newest value if it is a single one."""
        known = self.cat.facts_of(rule.entity)

        def code(name: str, code: str) -> str:
            if name.startswith("$"):
                is_choice = self.cat.parameters[name[1:]].unit == YES_NO
                return f"“{self.amount(code, YES_NO)}”" if is_choice else code
            return self.code(known.get(name), code)

        def fact(name: str) -> str:
            return known[name].short_zh if name in known else {"town_code": "镇街"}.get(name, name)

        def parameter(name: str) -> str:
            found = self.cat.parameters[name]
            return f"「{found.zh}」（{self._newest(found, rule)}）"

        return aloud(sql, Vocabulary(fact, parameter, code))

    def _newest(self, parameter: Parameter, rule: Rule) -> str:
        """The newest value in a few words, with its dates where there was another before or it has ended."""
        values = newest_first(parameter, rule)
        if not values or values[0].value is None:
            return "见所用数值"
        said = self.values(values[0], parameter.unit)
        return f"{said}，{self.dates(values[0])}" if len(values) > 1 or values[0].valid_to else said

    def sentence(self, template: str, rule: Rule) -> str:
        """A sentence with what is put in written as 〔…〕; in English the template as it stands."""
        return sentences.TOKEN.sub(lambda m: f"〔{self._put_in(m.group(1), rule)}〕", template)

    def _put_in(self, token: str, rule: Rule) -> str:
        if not self.is_zh:
            return token
        if token.startswith("$"):
            return self.cat.parameters[token[1:]].zh
        if token == "value":
            return "数值"
        if token.endswith("|date"):
            return self.day_of(rule, token.removesuffix("|date"))
        return self.fact_of(rule, token)

    def day_of(self, rule: Rule, days: str) -> str:
        """The day that a count of days points back to: 残疾人证发证距今天数 is 残疾人证发证之日."""
        return f"{self.fact_of(rule, days).removesuffix('距今天数')}之日" if self.is_zh else f"`{days}`"

    def departments(self, fact: Fact) -> str:
        """The extracts a fact comes from: 民政部门《社会救助对象名册》, or benefit_roll (civil affairs)."""
        by_name = {contract.extract: contract for contract in self.contracts.values()}
        found = [by_name[name] for name in dict.fromkeys(s.split(".")[0] for s in fact.sources)]
        if self.is_zh:
            return "；".join(f"{c.department_zh}《{c.title_zh}》" for c in found)
        return "; ".join(f"{in_words(c.extract).lower()} ({in_words(c.department).lower()})" for c in found)


def newest_first(parameter: Parameter, rule: Rule | None = None) -> list[Value]:
    """A parameter's values that began before the rule ended, the newest first; the clock is not read."""
    end = rule.valid_to if rule else None
    begun = [value for value in parameter.values if end is None or value.valid_from <= end]
    return sorted(begun, key=lambda value: value.valid_from, reverse=True)


def in_words(name: str) -> str:
    """An identifier as words: elder_allowance is Elder allowance."""
    return name.replace("_", " ").capitalize()
