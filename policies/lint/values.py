"""Parameters whose values are of different kinds: a number in quotation marks is a text."""

from __future__ import annotations

from collections.abc import Iterator

from policies.catalogue.model import Catalogue
from policies.language.kinds import KIND_EN
from policies.values.options import value_kinds
from zhaoren.yaml_lines import Place, Problem


def value_problems(cat: Catalogue) -> Iterator[Problem]:
    """The first value of a parameter that is of another kind than those before it."""
    for name, parameter in cat.parameters.items():
        file = cat.files[name]
        index = [each["name"] for each in file.data["parameters"]].index(name.partition(".")[2])
        places: list[Place] = [("values", i) for i in range(len(parameter.values))]
        places += [("local", i) for i in range(len(parameter.local))]
        found = ""
        for place, entry in zip(places, (*parameter.values, *parameter.local), strict=True):
            kinds = dict.fromkeys(kind.name for kind in value_kinds(entry) if kind.name != "any")
            other = next((kind for kind in kinds if found and kind != found), None)
            if other is not None:
                what = f"${name} is {KIND_EN[other]} here, and {KIND_EN[found]} before"
                todo = "give one kind; a number has no quotation marks"
                yield file.problem(what, "parameters", index, *place, todo=todo)
                break
            found = found or next(iter(kinds), "")
