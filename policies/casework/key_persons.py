"""Key persons, whom a station visits every month whatever the alerts say: `key_persons.yaml`.

keys = load_key_persons()
keys.kinds, keys.excuse_codes
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pydantic import Field

from policies.casework.life_checks import twice_named
from policies.casework.versions import in_force, read_versions, shipped
from policies.catalogue.model import Catalogue
from policies.catalogue.shapes import Dated, Source, Status, Strict, Text
from policies.language.mistakes import Mistake
from policies.language.parsing import parsed
from policies.lint.expressions import loose_numbers
from policies.lint.facts import purposes_of
from policies.lint.places import problem_of
from policies.values.names import facts_named, text_meaning
from zhaoren.yaml_lines import Problem, YamlFile, load_yaml


class Kind(Strict):
    """Why somebody is a key person; `when`: a rule over the person's facts."""

    code: Text
    zh: Text
    when: Text


class Excuse(Strict):
    """Why a month's visit was not made."""

    code: Text
    zh: Text


class KeyPersons(Dated):
    """One version of `key_persons.yaml`: the first kind that holds is the one that is shown."""

    source: Source
    status: Status
    kinds: tuple[Kind, ...] = Field(min_length=1)
    excuses: tuple[Excuse, ...] = Field(min_length=1)

    @property
    def excuse_codes(self) -> tuple[str, ...]:
        """The reasons that may be given."""
        return tuple(excuse.code for excuse in self.excuses)


def key_person_problems(keys: KeyPersons, file: YamlFile) -> Iterator[Problem]:
    """Every mistake of one version that its shape does not show, with file and line."""
    yield from twice_named(file, "kinds", (kind.code for kind in keys.kinds))
    yield from twice_named(file, "excuses", (excuse.code for excuse in keys.excuses))


def key_rule_problems(cat: Catalogue, folder: Path) -> list[Problem]:
    """Rules of key persons that mean nothing in the catalogue, or may not be asked; none without the file."""
    paths = sorted((*folder.glob("key_persons.yaml"), *folder.glob("key_persons_*.yaml")))
    if not paths or read_versions(folder, "key_persons", KeyPersons, key_person_problems)[1]:
        return []
    files = [load_yaml(path, exact=True) for path in paths]
    return [
        problem
        for file in files
        for i, kind in enumerate(KeyPersons.model_validate(file.data).kinds)
        for problem in _of_kind(cat, kind, file, i)
    ]


def _of_kind(cat: Catalogue, kind: Kind, file: YamlFile, place: int) -> Iterator[Problem]:
    key = ("kinds", place, "when")
    try:
        term = text_meaning(cat, kind.when, "person")
    except Mistake as mistake:
        yield problem_of(file, key, kind.when, mistake)
        return
    for found in loose_numbers(parsed(kind.when)):
        yield problem_of(file, key, kind.when, found)
    if term.kind.name not in ("boolean", "any"):
        yield file.problem("the rule gives no yes or no", *key, todo="compare it with something")
    for fact in facts_named(cat, term, "person"):
        if "discovery" not in purposes_of(fact):
            what = f"the fact '{fact.name}' may not be used for discovery"
            yield file.problem(what, *key, todo="take it out: its source was shared for another purpose")


def load_key_persons(as_of: date | None = None) -> KeyPersons:
    """Who is a key person by the rules of the day (default: the newest). ZhaorenError with file and line."""
    return in_force(shipped("key_persons", KeyPersons, key_person_problems), as_of)
