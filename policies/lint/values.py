"""Parameters whose values are of different kinds: a number in quotation marks is a text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from policies.catalogue.model import Catalogue
from policies.catalogue.where import parameter_entries
from policies.language.kinds import KIND_EN
from policies.values.options import value_kinds
from zhaoren.yaml_lines import Problem


def value_problems(cat: Catalogue) -> Iterator[Problem]:
    """The first value of a parameter that is of another kind than those before it."""
    for name, entries in groupby(parameter_entries(cat), key=lambda each: each[0]):
        found = ""
        for _, file, place, entry in entries:
            kinds = dict.fromkeys(kind.name for kind in value_kinds(entry) if kind.name != "any")
            other = next((kind for kind in kinds if found and kind != found), None)
            if other is not None:
                what = f"${name} is {KIND_EN[other]} here, and {KIND_EN[found]} before"
                todo = "give one kind; a number has no quotation marks"
                yield file.problem(what, *place, todo=todo)
                break
            found = found or next(iter(kinds), "")
