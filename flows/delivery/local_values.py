"""The home's own values as lists and the report name them: which amount holds where, since when, how sure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from exchange.words import words
from flows.context.places import place_name
from flows.delivery.rule_words import word_lists
from policies.catalogue.model import Catalogue
from policies.catalogue.parameter import LocalValue, Parameter
from zhaoren.chinese import date_zh

# The head of a page holds this many; what is left out is counted.
SHOWN = 4


def local_values_zh(cat: Catalogue, as_of: date, place: str = "") -> str:
    """「本地参数：…」 with every own value in force at or within the place; empty where there is none."""
    found = [
        _said(cat.parameters[name], value)
        for name, values in cat.own.values.items()
        for value in values
        if value.in_force(as_of) and _concerns(value, place)
    ]
    if not found:
        return ""
    said, text = words("terms")["local_values"], "；".join(found[:SHOWN])
    more = said["more"].format(count=len(found) - SHOWN) if len(found) > SHOWN else ""
    return str(said["line"].format(values=text + more))


def _concerns(value: LocalValue, place: str) -> bool:
    here = value.place or ""
    return here.startswith(place) or place.startswith(here)


def _said(parameter: Parameter, value: LocalValue) -> str:
    """最低生活保障标准（广州市天河区）1350元/月，2026年1月1日起，已核实."""
    listed = word_lists()["zh-CN"]
    where = place_name(value.place) if value.place else words("terms")["local_values"]["everywhere"]
    status = listed["status"][value.status]
    return f"{parameter.zh}（{where}）{_amount(parameter, value)}，{date_zh(value.valid_from)}起，{status}"


def _amount(parameter: Parameter, value: LocalValue) -> str:
    listed = word_lists()["zh-CN"]
    if parameter.unit == "1 yes, 0 no":
        return "是" if value.value else "否"
    unit = str(listed["unit"].get(parameter.unit, ""))
    if value.residence:
        parts = [f"{listed['residence'][key]}{_plain(n)}{unit}" for key, n in value.residence]
        return "、".join(parts)
    if value.cases:
        return "、".join(f"{_plain(n)}{unit}" for n in value.cases.of.values())
    return f"{_plain(value.value)}{unit}"


def _plain(value: object) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
