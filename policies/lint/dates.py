"""Dates across the policy files: no two values or versions in force on one day, and no hole between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from policies.catalogue.model import Catalogue, Rule
from policies.catalogue.parameter import LocalValue, Parameter
from policies.catalogue.rule_texts import rule_file
from policies.catalogue.shapes import Dated
from policies.catalogue.where import parameter_place
from zhaoren.yaml_lines import Place, Problem, YamlFile

EARLIER = "set valid_to of the earlier one"


def date_problems(cat: Catalogue) -> Iterator[Problem]:
    """Overlaps and holes of parameters and rules, and cases that differ by no fact."""
    yield from _parameter_dates(cat)
    yield from _rule_dates(cat)


def _parameter_dates(cat: Catalogue) -> Iterator[Problem]:
    for name, parameter in cat.parameters.items():
        file = cat.files[name]
        place = parameter_place(file, name)
        for i, new, gap in misplaced_in_time(parameter.values):
            what, todo = f"two values of ${name} are in force on {new.valid_from}", EARLIER
            if gap:
                what = f"no value of ${name} is in force from {gap} until {new.valid_from}"
                todo = "join the two, or add the value between"
            yield file.problem(what, *place, "values", i, todo=todo)
        for i, later in _local_overlaps(parameter.local):
            yield file.problem(_twice(name, later), *place, "local", i, todo=EARLIER)
        yield from _case_facts(cat, file, place, name, parameter)


def _local_overlaps(values: Sequence[LocalValue]) -> Iterator[tuple[int, LocalValue]]:
    """Neighbours in time of one place that are in force on one day; between them there may be a hole."""
    ordered = sorted(enumerate(values), key=lambda pair: (pair[1].place or "", pair[1].valid_from))
    for (_, old), (i, new) in pairwise(ordered):
        if old.place == new.place and old.meets(new):
            yield i, new


def _twice(name: str, new: LocalValue) -> str:
    return (
        f"two values of ${name} for {new.place or 'the whole installation'} are in force on {new.valid_from}"
    )


def _case_facts(
    cat: Catalogue, file: YamlFile, place: Place, name: str, parameter: Parameter
) -> Iterator[Problem]:
    for i, value in enumerate(parameter.values):
        if value.cases and f"household.{value.cases.fact}" not in cat.facts:
            what = f"${name} differs by '{value.cases.fact}', which is not a household fact"
            yield file.problem(what, *place, "values", i, "cases", "fact")


def _called(rule: Rule) -> str:
    return f"{rule.id} for {rule.place}" if rule.place else rule.id


def _rule_dates(cat: Catalogue) -> Iterator[Problem]:
    rules: tuple[tuple[Rule, ...], ...] = (cat.benefits, cat.signals)
    for group in rules:
        for old, new in pairwise(group):
            if (old.id, old.place) != (new.id, new.place):
                continue
            if old.meets(new):
                what = f"two versions of {_called(new)} are in force on {new.valid_from}"
                yield rule_file(cat, new).problem(what, "valid_from", todo=EARLIER)
            elif new.place is None and (gap := _hole(old, new)):  # for a place the text for everywhere holds
                what = f"no version of {new.id} is in force from {gap} until {new.valid_from}"
                yield rule_file(cat, new).problem(what, "valid_from", todo="join the two versions")


def misplaced_in_time(entries: Sequence[Dated]) -> Iterator[tuple[int, Dated, date | None]]:
    """Entries that do not follow upon the one before them in time, with their place among `entries`.

    And the first day on which nothing is in force; None where both are in force on some day.
    """
    ordered = sorted(enumerate(entries), key=lambda pair: pair[1].valid_from)
    for (_, old), (i, new) in pairwise(ordered):
        gap = _hole(old, new)
        if gap or old.meets(new):
            yield i, new, gap


def _hole(old: Dated, new: Dated) -> date | None:
    """The first day on which neither is in force; None when they adjoin."""
    if old.valid_to is None:
        return None
    # both ends are included, so the next version begins on the day after
    first = old.valid_to + timedelta(days=1)
    return first if first < new.valid_from else None
