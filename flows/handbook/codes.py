"""Codes in Chinese: what a fact's code means, and lists that only the program reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from data_contracts.contract.code_tables import CodeTable
from data_contracts.contract.model import Contract
from flows.context.places import place_names
from flows.delivery.rule_words import word_lists
from policies.catalogue.fact import Fact
from policies.catalogue.model import Catalogue
from zhaoren.rooms import room

TEMPLATES = room("flows") / "handbook" / "templates"
# extract, extract@date column, or extract.column=code@date column: as parameters/identity.yaml writes them.
_LISTED = re.compile(r"([^.=@]+)(?:\.(\w+)=(\w+))?(?:@(\w+))?")


@cache
def cities() -> dict[str, str]:
    """Guangdong's cities by their four-digit code."""
    return dict(place_names("city").rows())


@dataclass(frozen=True)
class Codes:
    """The Chinese words for codes, wherever they are kept; a code without any is shown as it is."""

    cat: Catalogue
    contracts: Mapping[str, Contract]
    tables: Mapping[str, CodeTable]

    def label(self, fact: Fact, code: str) -> str:
        """From labels.yaml, our own list, the fact's own note (none＝不在册), or a code table."""
        return next(self._labels(fact, code), code)

    def meaning(self, fact: Fact) -> str:
        """A fact's name with its explanation, codes in it put into Chinese."""
        if fact.type != "text":
            return fact.zh
        codes = [code for code in re.findall("[a-z][a-z0-9_]*", fact.zh) if code != "none"]
        listed = "、".join(f"“{self.label(fact, code)}”" for code in codes)
        return f"{fact.short_zh}：{listed}" if listed else fact.short_zh

    def listed(self, item: str) -> str:
        """One entry of a list: 《户籍人口信息》户籍状态为“死亡注销”（按注销日期）."""
        found = _LISTED.fullmatch(item)
        name, column, code, day = found.groups() if found else (item, None, None, None)
        contract = next((c for c in self.contracts.values() if c.extract == name), None)
        columns = {column.name: column for column in contract.columns} if contract else {}
        text = f"《{contract.title_zh}》" if contract else self._anywhere(name)
        if column in columns:
            labels = self._table(columns[column].codes)
            text += f"{columns[column].zh}为“{labels.get(code or '', code)}”"
        if day is None:
            return text
        return f"{text}（按{columns[day].zh if day in columns else self._anywhere(day)}）"

    def _labels(self, fact: Fact, code: str) -> Iterator[str]:
        own = word_lists()["zh-CN"]["codes"]
        for table in (self.cat.labels.get(fact.name, {}), own.get(fact.name, {})):
            if code in table:
                yield table[code]
        yield from re.findall(rf"(?<!\w){re.escape(code)}[＝=]?([\u4e00-\u9fff]+)", fact.zh)
        for name in self._tables_of(fact):
            if code in self._table(name):
                yield self._table(name)[code]
        if code in own[""]:
            yield own[""][code]

    def _tables_of(self, fact: Fact) -> list[str]:
        """Tables that may hold a fact's codes: its column's, its namesake, then those of its extracts."""
        extracts = {source.split(".")[0] for source in fact.sources}
        columns = [c for k in self.contracts.values() if k.extract in extracts for c in k.columns]
        named = [c.codes for c in columns if c.name == fact.name] + [fact.name.removesuffix("_code")]
        return list(dict.fromkeys(name for name in (*named, *(c.codes for c in columns)) if name))

    def _table(self, name: str | None) -> dict[str, str]:
        found = self.tables.get(name or "")
        return {value.code: value.zh for value in found.values} if found else {}

    def _anywhere(self, code: str) -> str:
        """The word of our own list, or of the one code table that holds the code; numbers stay."""
        labels = [table[code] for name in self.tables if code in (table := self._table(name))]
        word = labels[0] if len(labels) == 1 and not code.isdigit() else code
        return str(word_lists()["zh-CN"]["source"].get(code, word))
