"""A home's own values: what the rules would not read, what contradicts itself, what an update overtook.

own_problems(cat)   mistakes: nothing runs until they are corrected
own_notices(cat)    the shipped rules bring another value for the same place and time: the home's goes on
                    holding, and whoever owns it decides which is right
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from policies.analysis.examples import run_own
from policies.catalogue.model import Catalogue
from policies.catalogue.own_values import Written
from policies.catalogue.parameter import Entry, LocalValue, Parameter, Value
from policies.catalogue.rule_texts import rule_file, rule_texts
from policies.catalogue.shapes import Number
from policies.engine import sentences
from policies.language.parsing import parsed
from policies.lint.sources import is_from_issuer
from zhaoren.errors import ZhaorenError
from zhaoren.yaml_lines import Problem


def own_problems(cat: Catalogue) -> Iterator[Problem]:
    """All mistakes in a home's policies/local/, each with file and line."""
    in_rules = _named_by_rules(cat) if cat.own.values else set()
    for name, values in cat.own.values.items():
        where, parameter = cat.own.where[name], cat.parameters[name]
        for value, written in zip(values, where, strict=True):
            yield from _form(parameter, name, value, written)
            yield from _reach(parameter, name, value, written, is_in_rules=name in in_rules)
            yield from _vouched(cat, name, value, written)
        yield from _overlaps(name, values, where)


def example_problems(cat: Catalogue) -> Iterator[Problem]:
    """Examples of a home that do not come out as stated; only for files without another fault."""
    for result, written in zip(run_own(cat), cat.own.examples_where, strict=True):
        for fault in result.faults:
            yield written.problem(f"the example “{result.name}” does not hold: {fault}")


def own_notices(cat: Catalogue) -> Iterator[Problem]:
    """Shipped values that began after the home's own, or that name its very place, and say something else."""
    for name, values in cat.own.values.items():
        for own, written in zip(values, cat.own.where[name], strict=True):
            for shipped, amount in _shipped(cat.parameters[name], own):
                if own.value is None or amount == own.value:
                    continue
                place = own.place or "the whole installation"
                yield written.problem(
                    f"${name} for {place} is {own.value} here, from {own.valid_from}; "
                    f"the shipped rules say {amount} from {shipped.valid_from} ({shipped.status})",
                    todo="the home's value goes first; give it a valid_to if the shipped one is right",
                )


def own_texts(cat: Catalogue) -> Iterator[Problem]:
    """Which rules of a place go before the text for everywhere, and from when: no fault, but to be known."""
    for rule in cat.rules:
        everywhere = [r for r in cat.rules if r.id == rule.id and r.place is None and r.meets(rule)]
        if rule.place is None or not everywhere:
            continue
        file = ", ".join(rule_file(cat, each).path.name for each in everywhere)
        until = f" to {rule.valid_to}" if rule.valid_to else ""
        what = f"{rule.id} is answered by this text in {rule.place}, from {rule.valid_from}{until}"
        yield rule_file(cat, rule).problem(f"{what}; elsewhere {file} holds", "place")


def _shipped(parameter: Parameter, own: LocalValue) -> Iterator[tuple[Entry, Number | str]]:
    """Plain shipped values that meet the own one in place and time: newer than it, or made for the place."""
    for local in parameter.local:
        is_here = _contains(own.place, local.place) or _contains(local.place, own.place)
        if is_here and local.value is not None and own.meets(local):
            yield local, local.value
    for value in parameter.values:
        if not own.meets(value):
            continue
        if value.value is not None and value.valid_from > own.valid_from:
            yield value, value.value
        for key, amount in (value.places or {}).items():
            if key.isdigit() and own.place and _contains(key, own.place):
                yield value, amount


def _contains(outer: str | None, inner: str | None) -> bool:
    return outer is None or (inner is not None and inner.startswith(outer))


def _form(parameter: Parameter, name: str, value: LocalValue, written: Written) -> Iterator[Problem]:
    """A text where the rules reckon with a number, or the other way round."""
    plain = [entry.value for entry in (*parameter.values, *parameter.local) if entry.value is not None]
    is_text = any(isinstance(entry, str) for entry in plain)
    if value.value is not None and isinstance(value.value, str) != is_text:
        yield written.problem(f"${name} is a {'text' if is_text else 'number'}", "value")


def _reach(
    parameter: Parameter, name: str, value: LocalValue, written: Written, *, is_in_rules: bool
) -> Iterator[Problem]:
    """What only the program reads has one value for the whole installation."""
    if is_in_rules:
        return
    if any(isinstance(entry, Value) and entry.places for entry in parameter.values):
        yield written.problem(f"${name} is a table that the program reads; a home cannot change it", "value")
    elif value.place is not None or value.residence or value.cases:
        what = f"no rule names ${name}: the program reads one value for the whole installation"
        yield written.problem(what, "place", todo="leave out place, and give one value")


def _vouched(cat: Catalogue, name: str, value: LocalValue, written: Written) -> Iterator[Problem]:
    if value.cases and f"household.{value.cases.fact}" not in cat.facts:
        what = f"${name} differs by '{value.cases.fact}', which is not a household fact"
        yield written.problem(what, "cases", "fact")
    if value.status == "verified" and not is_from_issuer(cat, value.source):
        what = f"a value of ${name} is verified, but its source is no issuing body's page"
        todo = "set status: unverified, or name the page; policies/issuers.yaml lists whose pages count"
        yield written.problem(what, "status", todo=todo)


def _overlaps(name: str, values: tuple[LocalValue, ...], where: tuple[Written, ...]) -> Iterator[Problem]:
    """Two values of one place on one day; a hole between two is no fault: the shipped value fills it."""
    ordered = sorted(
        zip(values, where, strict=True), key=lambda pair: (pair[0].place or "", pair[0].valid_from)
    )
    for (old, _), (new, written) in pairwise(ordered):
        if old.place == new.place and old.meets(new):
            place = new.place or "the whole installation"
            what = f"two values of ${name} for {place} are in force on {new.valid_from}"
            yield written.problem(what, todo="set valid_to of the earlier one")


def _named_by_rules(cat: Catalogue) -> set[str]:
    found: set[str] = set()
    for rule in cat.rules:
        for _, text, _ in rule_texts(rule):
            try:
                found |= set(parsed(text).parameters)
            except ZhaorenError:  # told by the lint of the rule itself
                continue
        for _, template in sentences.templates(rule):
            found |= set(sentences.parameters_in(template))
    return found
