"""The catalogue: every fact, parameter, benefit and signal, read, checked and ready to run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

from data_contracts.loading.declared_facts import DeclaredFact, shipped_facts
from policies.catalogue import schema
from policies.catalogue.schema import (
    Benefit,
    Entity,
    Fact,
    Parameter,
    ResultCode,
    Signal,
    Strict,
)
from policies.catalogue.yaml_source import Problem, YamlFile, read_yaml, refuse
from zhaoren.errors import ZhaorenError
from zhaoren.rooms import room

HOUSE = room("policies")
# What a home may add beside the shipped files.
OVERLAY = ("parameters", "benefits", "signals")
# Columns every frame carries beside its facts.
KEYS = ("person_id", "household_id", "town_code", "village_code")


@dataclass(frozen=True)
class Catalogue:
    """Everything the policy files say; benefits and signals in the order of their ids.

    `files` maps a rule or parameter ("benefits/dibao", "dibao.standard_yuan_month") to the file it
    was read from, so that a problem found later can still be pointed at. `declared` are those of the
    facts that a contract brings.
    """

    facts: dict[str, Fact]  # keyed "entity.name"
    parameters: dict[str, Parameter]  # keyed "group.name"
    benefits: tuple[Benefit, ...]
    signals: tuple[Signal, ...]
    result_codes: tuple[ResultCode, ...]
    labels: dict[str, dict[str, str]]
    declared: tuple[DeclaredFact, ...] = ()
    root: Path = HOUSE
    files: dict[str, YamlFile] = field(default_factory=dict, compare=False, repr=False)

    def parameter(self, name: str) -> Parameter:
        """The parameter `group.name`; an unknown name is a ZhaorenError."""
        if name not in self.parameters:
            raise ZhaorenError(
                f"there is no parameter ${name}",
                str(self.root / "parameters"),
                "no file defines it",
                "check the spelling, or add it",
            )
        return self.parameters[name]

    def facts_of(self, entity: Entity) -> dict[str, Fact]:
        """Facts a rule of this entity may name; person rules see household facts as `household_<name>`."""
        own = {f.name: f for f in self.facts.values() if f.entity == entity}
        if entity == "household":
            return own
        return own | {f"household_{f.name}": f for f in self.facts.values() if f.entity == "household"}

    def panel_facts(self) -> tuple[Fact, ...]:
        """The facts that are columns of the panel: all but the awaited."""
        return tuple(fact for fact in self.facts.values() if not fact.is_awaited)

    def benefits_at(self, as_of: date) -> tuple[Benefit, ...]:
        """The benefits in force on the date."""
        return tuple(b for b in self.benefits if b.in_force(as_of))

    def signals_at(self, as_of: date) -> tuple[Signal, ...]:
        """The signals in force on the date."""
        return tuple(s for s in self.signals if s.in_force(as_of))


def load_catalogue(
    root: Path | None = None,
    overlay: Path | None = None,
    declared: tuple[DeclaredFact, ...] | None = None,
) -> Catalogue:
    """Read and check the policy files under `root` (default: this package's own).

    `overlay` is a folder whose parameters, benefits and signals are added to them; `declared` are the facts
    that contracts bring (default: those of the shipped contracts).
    Raises ZhaorenError naming file and line of the first mistake, and how many more there are:
    unknown key, missing source, undefined fact or parameter, overlapping dates, a fact that may not
    be used for finding people, an added rule with the id of one that is there already.
    """
    root = (root or HOUSE).resolve()
    if overlay is None and declared is None:
        return _shipped(root)
    return _sound(*read_catalogue(root, overlay, declared))


@lru_cache(maxsize=4)
def _shipped(root: Path) -> Catalogue:
    return _sound(*read_catalogue(root))


def _sound(catalogue: Catalogue | None, problems: list[Problem]) -> Catalogue:
    refuse(problems, "correct the file; `zhaoren policies lint` lists every problem")
    if catalogue is None:
        raise AssertionError("a catalogue that cannot be read has problems")
    return catalogue


def lint(
    root: Path | None = None,
    overlay: Path | None = None,
    declared: tuple[DeclaredFact, ...] | None = None,
) -> list[Problem]:
    """Every problem in the policy files, in file order; empty when all is well."""
    return read_catalogue((root or HOUSE).resolve(), overlay, declared)[1]


def read_catalogue(
    root: Path, overlay: Path | None = None, declared: tuple[DeclaredFact, ...] | None = None
) -> tuple[Catalogue | None, list[Problem]]:
    """The catalogue and all problems; None when a file is so broken that rules cannot be compared."""
    from policies.lint.checks import check_catalogue  # checks compile rules, which need this module

    reader = _Reader(root, overlay, shipped_facts() if declared is None else declared)
    catalogue = reader.read()
    if reader.problems:
        return None, reader.problems
    return catalogue, check_catalogue(catalogue)


class _Reader:
    """Reads the folders; every fault goes to `problems`, none stops the reading of the next file."""

    def __init__(self, root: Path, overlay: Path | None, declared: tuple[DeclaredFact, ...]) -> None:
        self.root = root
        self.folders = (root, overlay) if overlay else (root,)
        self.declared = declared
        self.problems: list[Problem] = []
        self.files: dict[str, YamlFile] = {}

    def read(self) -> Catalogue:
        facts = self._one("facts.yaml", schema.FactFile)
        # Another place's law may need no words for codes, and ends no visits.
        codes = self._one("result_codes.yaml", schema.ResultCodeFile, is_needed=self.root == HOUSE)
        labels = self._one("labels.yaml", schema.LabelFile, is_needed=self.root == HOUSE)
        return Catalogue(
            facts=self._facts(facts),
            parameters=self._parameters(),
            benefits=self._rules("benefits", Benefit),
            signals=self._rules("signals", Signal),
            result_codes=codes.result_codes if codes else (),
            labels=labels.labels if labels else {},
            declared=self.declared,
            root=self.root,
            files=self.files,
        )

    def _one(self, name: str, shape: type[Strict], is_needed: bool = True) -> schema.Any:
        path = self.root / name
        if not path.is_file() and not is_needed:
            return None
        if not path.is_file():
            self.problems.append(Problem(str(path), 1, "the file is missing", "put it back"))
            return None
        content, file = self._file(path, shape)
        if file is not None:
            self.files[name] = file
        return content

    def _file(self, path: Path, shape: type[Strict]) -> tuple[schema.Any, YamlFile | None]:
        file, problems = read_yaml(path)
        self.problems += problems
        if file is None:
            return None, None
        content, problems = schema.validate(file, shape)
        self.problems += problems
        return content, file

    def _each(self, folder: str, shape: type[Strict]) -> Iterator[tuple[schema.Any, YamlFile, bool]]:
        """Every readable file of one kind, the shipped ones first, and whether it was added to them."""
        for place in self.folders:
            for path in sorted((place / folder).glob("*.yaml")):
                content, file = self._file(path, shape)
                if content is not None and file is not None:
                    yield content, file, place is not self.root

    def _facts(self, content: schema.FactFile | None) -> dict[str, Fact]:
        found: dict[str, Fact] = {}
        for i, fact in enumerate(content.facts if content else ()):
            key = f"{fact.entity}.{fact.name}"
            if key in found:
                self._twice(self.files["facts.yaml"], f"the fact '{fact.name}'", "facts", i)
            found[key] = fact
        for brought in self.declared:
            key = f"{brought.entity}.{brought.name}"
            awaited = found.get(key)
            if awaited is not None and awaited.is_awaited:
                if (awaited.type, awaited.unit) != (brought.type, brought.unit):
                    awaits = f"{awaited.type}, unit '{awaited.unit}'"
                    what = f"the fact '{brought.name}' is awaited as {awaits}"
                    self.problems.append(Problem(brought.file, brought.line, what, "declare it so"))
                # The rules that wait for it were written for its purposes: both must allow a use.
                both = [purpose for purpose in awaited.purposes if purpose in brought.purposes]
                found[key] = _as_fact(brought).model_copy(update={"purposes": tuple(both)})
            elif brought.name in {fact.name for fact in found.values()} | set(KEYS):
                what = f"there is a fact '{brought.name}' already"
                self.problems.append(Problem(brought.file, brought.line, what, "choose another name"))
            else:
                found[key] = _as_fact(brought)
        return found

    def _parameters(self) -> dict[str, Parameter]:
        found: dict[str, Parameter] = {}
        shipped: set[str] = set()
        for content, file, added in self._each("parameters", schema.ParameterFile):
            if added and content.group in shipped:
                self._taken(file, f"the parameter group '{content.group}'", "group")
            shipped |= set() if added else {content.group}
            for i, parameter in enumerate(content.parameters):
                key = f"{content.group}.{parameter.name}"
                if key in found:
                    self._twice(file, f"the parameter '{key}'", "parameters", i)
                found[key] = parameter
                self.files[key] = file
        return found

    def _rules(self, folder: str, shape: type[Strict]) -> tuple[schema.Any, ...]:
        found, shipped = [], set()
        for rule, file, added in self._each(folder, shape):
            if added and rule.id in shipped:
                self._taken(file, f"the id {rule.id}", "id")
                continue
            shipped |= set() if added else {rule.id}
            found.append(rule)
            self.files[f"{folder}/{rule.id}@{rule.valid_from}"] = file
        return tuple(sorted(found, key=lambda rule: (rule.id, rule.valid_from)))

    def _twice(self, file: YamlFile, what: str, *key: str | int) -> None:
        self.problems.append(file.problem(f"{what} is defined twice", *key))

    def _taken(self, file: YamlFile, what: str, *key: str | int) -> None:
        todo = "choose another; a shipped file is changed where it stands, not from here"
        self.problems.append(file.problem(f"{what} belongs to a shipped file", *key, todo=todo))


def _as_fact(brought: DeclaredFact) -> Fact:
    same = ("name", "entity", "type", "unit", "zh", "purposes")
    return Fact.model_validate({key: getattr(brought, key) for key in same} | {"sources": (brought.extract,)})
