"""The catalogue: every fact, parameter, benefit and signal, read, checked and ready to run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from zhaoren.errors import ZhaorenError
from zhaoren.policies import schema
from zhaoren.policies.schema import (
    Benefit,
    Entity,
    Fact,
    Number,
    Parameter,
    ResultCode,
    Signal,
    Strict,
    Value,
)
from zhaoren.policies.yamlfile import Problem, YamlFile, read_yaml

HOUSE = Path(__file__).parent
# Columns every frame carries beside its facts.
KEYS = ("person_id", "household_id", "town_code", "village_code")


@dataclass(frozen=True)
class Catalogue:
    """Everything the policy files say; benefits and signals in the order of their ids.

    `files` maps a rule or parameter ("benefits/dibao", "dibao.standard_yuan_month") to the file it
    was read from, so that a problem found later can still be pointed at.
    """

    facts: dict[str, Fact]  # keyed "entity.name"
    parameters: dict[str, Parameter]  # keyed "group.name"
    benefits: tuple[Benefit, ...]
    signals: tuple[Signal, ...]
    result_codes: tuple[ResultCode, ...]
    labels: dict[str, dict[str, str]]
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

    def benefits_at(self, as_of: date) -> tuple[Benefit, ...]:
        """The benefits in force on the date."""
        return tuple(b for b in self.benefits if b.in_force(as_of))

    def signals_at(self, as_of: date) -> tuple[Signal, ...]:
        """The signals in force on the date."""
        return tuple(s for s in self.signals if s.in_force(as_of))


def load_catalogue(root: Path | None = None) -> Catalogue:
    """Read and check the policy files under `root` (default: this package's own).

    Raises ZhaorenError naming file and line of the first mistake, and how many more there are:
    unknown key, missing source, undefined fact or parameter, overlapping dates, a fact that may not
    be used for finding people.
    """
    return _load((root or HOUSE).resolve())


@lru_cache(maxsize=4)
def _load(root: Path) -> Catalogue:
    catalogue, problems = read_catalogue(root)
    if catalogue is None or problems:
        first, more = problems[0], len(problems) - 1
        others = "\n".join(str(problem) for problem in problems[1:20])
        raise ZhaorenError(
            first.what,
            first.where,
            f"and {more} more:\n{others}" if more else "",
            first.todo or "correct the file; `zhaoren policies lint` lists every problem",
        )
    return catalogue


def lint(root: Path | None = None) -> list[Problem]:
    """Every problem in the policy files, in file order; empty when all is well."""
    return read_catalogue((root or HOUSE).resolve())[1]


def read_catalogue(root: Path) -> tuple[Catalogue | None, list[Problem]]:
    """The catalogue and all problems; None when a file is so broken that rules cannot be compared."""
    from zhaoren.policies.checks import check_catalogue  # checks compile rules, which need this module

    reader = _Reader(root)
    catalogue = reader.read()
    if reader.problems:
        return None, reader.problems
    return catalogue, check_catalogue(catalogue)


def with_values(cat: Catalogue, changes: dict[str, Number | dict[str, Number]]) -> Catalogue:
    """The same rules with other parameter values, for what-if runs: `{"dibao.edge_multiple": 2}`.

    The change holds on every date and counts as verified by whoever asks the question.
    """
    parameters = dict(cat.parameters)
    for name, new in changes.items():
        old = cat.parameter(name)
        parameters[name] = old.model_copy(update={"values": tuple(_changed(v, new) for v in old.values)})
    return replace(cat, parameters=parameters)


def _changed(value: Value, new: Number | dict[str, Number]) -> Value:
    form: dict[str, object]
    if not isinstance(new, dict):
        form = {"value": new, "places": None, "cases": None}
    elif value.cases is not None:
        form = {"cases": value.cases.model_copy(update={"of": {**value.cases.of, **new}})}
    else:
        form = {"places": {**(value.places or {}), **new}, "value": None}
    return value.model_copy(update={**form, "status": "verified"})


class _Reader:
    """Reads the folder; every fault goes to `problems`, none stops the reading of the next file."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.files: dict[str, YamlFile] = {}

    def read(self) -> Catalogue:
        facts = self._one("facts.yaml", schema.FactFile)
        codes = self._one("result_codes.yaml", schema.ResultCodeFile)
        labels = self._one("labels.yaml", schema.LabelFile)
        return Catalogue(
            facts=self._facts(facts),
            parameters=self._parameters(),
            benefits=self._rules("benefits", Benefit),
            signals=self._rules("signals", Signal),
            result_codes=codes.result_codes if codes else (),
            labels=labels.labels if labels else {},
            root=self.root,
            files=self.files,
        )

    def _one(self, name: str, shape: type[Strict]) -> schema.Any:
        path = self.root / name
        if not path.is_file():
            self.problems.append(Problem(str(path), 1, "the file is missing", "put it back"))
            return None
        return self._file(path, shape)

    def _file(self, path: Path, shape: type[Strict]) -> schema.Any:
        file, problems = read_yaml(path)
        self.problems += problems
        if file is None:
            return None
        self.files[path.relative_to(self.root).as_posix()] = file
        content, problems = schema.validate(file, shape)
        self.problems += problems
        return content

    def _facts(self, content: schema.FactFile | None) -> dict[str, Fact]:
        found: dict[str, Fact] = {}
        for i, fact in enumerate(content.facts if content else ()):
            key = f"{fact.entity}.{fact.name}"
            if key in found:
                self._twice("facts.yaml", f"the fact '{fact.name}'", "facts", i)
            found[key] = fact
        return found

    def _parameters(self) -> dict[str, Parameter]:
        found: dict[str, Parameter] = {}
        for path in sorted((self.root / "parameters").glob("*.yaml")):
            content = self._file(path, schema.ParameterFile)
            for i, parameter in enumerate(content.parameters if content else ()):
                key = f"{content.group}.{parameter.name}"
                if key in found:
                    self._twice(f"parameters/{path.name}", f"the parameter '{key}'", "parameters", i)
                found[key] = parameter
                self.files[key] = self.files[f"parameters/{path.name}"]
        return found

    def _rules(self, folder: str, shape: type[Strict]) -> tuple[schema.Any, ...]:
        found = []
        for path in sorted((self.root / folder).glob("*.yaml")):
            rule = self._file(path, shape)
            if rule is not None:
                found.append(rule)
                self.files[f"{folder}/{rule.id}@{rule.valid_from}"] = self.files[f"{folder}/{path.name}"]
        return tuple(sorted(found, key=lambda rule: (rule.id, rule.valid_from)))

    def _twice(self, name: str, what: str, *key: str | int) -> None:
        self.problems.append(self.files[name].problem(f"{what} is defined twice", *key))
