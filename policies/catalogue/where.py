"""Where a parameter and a definition stand in their files, so that a problem can be pointed at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.catalogue.definition import Definition
from policies.catalogue.model import Catalogue
from policies.catalogue.parameter import Entry
from zhaoren.yaml_lines import Place, YamlFile


def parameter_place(file: YamlFile, name: str) -> Place:
    """The place of the parameter `group.name` in its file."""
    names = [entry["name"] for entry in file.data["parameters"]]
    return ("parameters", names.index(name.partition(".")[2]))


def parameter_entries(cat: Catalogue) -> Iterator[tuple[str, YamlFile, Place, Entry]]:
    """Every value of every parameter, the places' own behind the others, with its name, file and place."""
    for name, parameter in cat.parameters.items():
        file = cat.files[name]
        place = parameter_place(file, name)
        for key, entries in (("values", parameter.values), ("local", parameter.local)):
            for i, entry in enumerate(entries):
                yield name, file, (*place, key, i), entry


def definition_place(files: Mapping[str, YamlFile], definition: Definition) -> tuple[YamlFile, Place]:
    """The file of a definition (`files` as the catalogue's) and its place there."""
    file = files[f"definitions/{definition.key}"]
    names = [(entry["entity"], entry["name"]) for entry in file.data["definitions"]]
    return file, ("definitions", names.index((definition.entity, definition.name)))
