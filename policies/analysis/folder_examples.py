"""Every worked example of a folder, each with the file and line where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policies.analysis.definition_examples import run_definition
from policies.analysis.examples import ExampleResult, run_own, run_rule
from policies.catalogue.model import Catalogue
from policies.catalogue.rule_texts import rule_file
from policies.catalogue.where import definition_place


@dataclass(frozen=True)
class Outcome:
    """An example's result and where it is written."""

    file: str
    line: int
    result: ExampleResult


def run_folder(cat: Catalogue) -> Iterator[Outcome]:
    """The examples of every definition and rule, then those of the home's own values."""
    for definition in cat.definitions.values():
        written_in, place = definition_place(cat.files, definition)
        for i, result in enumerate(run_definition(cat, definition)):
            yield Outcome(str(written_in.path), written_in.line(*place, "examples", i), result)
    for rule in cat.rules:
        file = rule_file(cat, rule)
        for i, result in enumerate(run_rule(cat, rule)):
            yield Outcome(str(file.path), file.line("examples", i), result)
    for result, written in zip(run_own(cat), cat.own.examples_where, strict=True):
        yield Outcome(str(written.file.path), written.file.line(*written.place), result)
