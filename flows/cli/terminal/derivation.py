"""How an answer came about, as `zhaoren explain --rule` prints it: the tests, then what is behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flows.cli.terminal.console import heading, paragraph

_COUNTS = {"yes": "计入", "no": "不计", "unknown": "不详是否计入"}


def show_steps(steps: list[dict[str, Any]]) -> None:
    """Each test of each rule for whom it was asked, and what it read."""
    rule = None
    for step in steps:
        if (step["rule_id"], step["person_id"]) != rule:
            rule = (step["rule_id"], step["person_id"])
            whose = f", {step['person_zh']}" if step.get("person_zh") else ""
            text = f", text of {step['place']}" if step["place"] else ""
            heading(f"{step.get('rule_zh', '')} ({step['rule_id']}){text}{whose}")
        paragraph(f"{step['answer']}: {step['zh']}", indent=2)
        for detail in filter(None, [step["missed_zh"], *_read(step), step["clause"]]):
            paragraph(detail, indent=6)
        for detail in _members(step):
            paragraph(detail, indent=8)


def show_derived(derived: list[dict[str, Any]]) -> None:
    """Each derived fact once: formula and source, and for the household or each person what it rests on."""
    if derived:
        heading("Derived facts 推算项（公式与依据）")
    for one in derived:
        paragraph(f"{one['zh']} ({one['name']}): {_formula(one)}", indent=2)
        for value in one["values"]:
            paragraph(f"{_whose(value) or '本户'}＝{value['value']}", indent=4)
            for detail in _read(value):
                paragraph(detail, indent=8)
            for detail in _members(value):
                paragraph(detail, indent=10)


def _formula(one: dict[str, Any]) -> str:
    if not one["formula"]:
        return "当日没有生效的公式"
    until = f"至{one['valid_to']}" if one["valid_to"] else "起"
    state = "已核实" if one["status"] == "verified" else "未核实"
    return f"{one['formula']}（{one['valid_from']}{until}，{state}，{one['source']}）"


def _read(what: dict[str, Any]) -> Iterator[str]:
    """What a text read, one line each; its members come behind."""
    yield from map(_fact, what["facts"])
    yield from map(_value, what["parameters"])
    yield from (f"按规则视为：{reason}" for reason in what["assumed"])
    if what["missing"]:
        yield f"尚缺：{'、'.join(_whose(one) + one['zh'] for one in what['missing'])}"


def _members(what: dict[str, Any]) -> Iterator[str]:
    """Each word about members with its value, and each member with what decided."""
    for word in what["members"]:
        yield f"{word['text']}＝{word['value']}"
        for member in word["members"]:
            value = f"，取值{member['value']}" if member["value"] and member["counts"] != "no" else ""
            facts = "，".join(f"{fact['zh']}＝{fact['value']}" for fact in member["facts"])
            assumed = "".join(f"；按规则视为：{reason}" for reason in member["assumed"])
            yield f"  {_whose(member)}：{_COUNTS[member['counts']]}{value}（{facts}{assumed}）"


def _whose(one: dict[str, Any]) -> str:
    """「2号（女儿，女，12岁）」; nothing for the household's own."""
    if one["member"] is None:
        return ""
    return f"{one['member']}号（{one['person_zh']}）" if one["person_zh"] else f"{one['member']}号"


def _fact(fact: dict[str, Any]) -> str:
    if fact["is_derived"]:
        return f"{fact['zh']}＝{fact['value']}（推算，见下）"
    source = ", ".join(fact["sources"]) or "尚无部门提供"
    return f"{fact['zh']}＝{fact['value']}（{source}，{fact['known_date'] or '未收到'}）"


def _value(used: dict[str, Any]) -> str:
    if used["valid_from"] is None:
        return f"{used['zh']}：{used['value']}"
    state = "已核实" if used["status"] == "verified" else "未核实"
    return f"{used['zh']}＝{used['value']}（{used['valid_from']}起，{state}，{used['source']}）"
