"""The policy files of a folder, and of an installation's own beside it, become one catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data_contracts.loading.declared_facts import DeclaredFact
from policies.catalogue.benefit import Benefit
from policies.catalogue.definition import Definition, DefinitionExample, DefinitionFile, PlaceVersion
from policies.catalogue.fact import Fact, FactFile, LabelFile
from policies.catalogue.issuer import Issuer, IssuerFile
from policies.catalogue.model import KEYS, SHIPPED, Catalogue, Rule
from policies.catalogue.own_values import Own, OwnExample, OwnFile, Written
from policies.catalogue.parameter import LocalValue, Parameter, ParameterFile
from policies.catalogue.result_code import ResultCodeFile
from policies.catalogue.rule_texts import rule_key
from policies.catalogue.shapes import FactValue, Strict, validate
from policies.catalogue.signal import Signal
from policies.reading.derived import with_derived
from zhaoren.yaml_lines import Problem, YamlFile, read_yaml

# What an installation may add beside the shipped files.
OVERLAY = ("parameters", "definitions", "benefits", "signals", "local")


_NAMED = "name it group.name; the policy pages (`zhaoren policies docs`) list them all"


class CatalogueReader:
    """Reads the folders; every fault goes to `problems`, none stops the reading of the next file.

    Whoever corrects the files then sees all of it at once, and not one mistake per run.
    """

    def __init__(self, root: Path, overlay: Path | None, declared: tuple[DeclaredFact, ...]) -> None:
        self.root = root
        self.overlay = overlay
        self.folders = (root, overlay) if overlay else (root,)
        self.declared = declared
        self.problems: list[Problem] = []
        self.files: dict[str, YamlFile] = {}

    def read(self) -> Catalogue:
        """The catalogue as far as it can be read: whole only while `problems` is empty."""
        facts = self._one("facts.yaml", FactFile)
        # Another place's law may need no labels for codes, and has no visits to end.
        codes = self._one("result_codes.yaml", ResultCodeFile, is_needed=self.root == SHIPPED)
        labels = self._one("labels.yaml", LabelFile, is_needed=self.root == SHIPPED)
        issuers = self._one("issuers.yaml", IssuerFile, is_needed=self.root == SHIPPED)
        parameters = self._parameters()
        definitions = self._definitions()
        return Catalogue(
            facts=with_derived(self._facts(facts, definitions), definitions, self.files, self.problems),
            definitions=definitions,
            parameters=parameters,
            own=self._own(parameters),
            benefits=self._rules("benefits", Benefit),
            signals=self._rules("signals", Signal),
            result_codes=codes.result_codes if codes else (),
            labels=labels.labels if labels else {},
            declared=self.declared,
            issuers=(*(issuers.issuers if issuers else ()), *self._own_issuers()),
            root=self.root,
            files=self.files,
        )

    def _one(self, name: str, shape: type[Strict], is_needed: bool = True) -> Any:
        path = self.root / name
        if not path.is_file() and not is_needed:
            return None
        if not path.is_file():
            self.problems.append(Problem(str(path), 1, "the file is missing", "restore it"))
            return None
        content, file = self._file(path, shape)
        if file is not None:
            self.files[name] = file
        return content

    def _own_issuers(self) -> tuple[Issuer, ...]:
        """Those that an installation adds to the shipped list."""
        path = self.overlay / "issuers.yaml" if self.overlay else None
        content = self._file(path, IssuerFile)[0] if path and path.is_file() else None
        return content.issuers if content else ()

    def _file(self, path: Path, shape: type[Strict]) -> tuple[Any, YamlFile | None]:
        file, problems = read_yaml(path, exact=True)
        self.problems += problems
        if file is None:
            return None, None
        content, problems = validate(file, shape)
        self.problems += problems
        return content, file

    def _each(self, folder: str, shape: type[Strict]) -> Iterator[tuple[Any, YamlFile, bool]]:
        """Every readable file of one kind, the shipped ones first, and whether it was added to them."""
        for place in self.folders:
            for path in sorted((place / folder).glob("*.yaml")):
                content, file = self._file(path, shape)
                if content is not None and file is not None:
                    yield content, file, place is not self.root

    def _facts(self, content: FactFile | None, definitions: dict[str, Definition]) -> dict[str, Fact]:
        found: dict[str, Fact] = {}
        for i, fact in enumerate(content.facts if content else ()):
            key = f"{fact.entity}.{fact.name}"
            if key in found:
                self._twice(self.files["facts.yaml"], f"the fact '{fact.name}'", "facts", i)
            found[key] = fact
        for declared in self.declared:
            self._add_declared(found, declared, {definition.name for definition in definitions.values()})
        return found

    def _add_declared(self, found: dict[str, Fact], declared: DeclaredFact, derived: set[str]) -> None:
        """A fact of a contract: a new one, or one that facts.yaml awaits; any other name is taken."""
        key = f"{declared.entity}.{declared.name}"
        awaited = found.get(key)
        if awaited is not None and awaited.is_awaited:
            if (awaited.type, awaited.unit) != (declared.type, declared.unit):
                what = f"the fact '{declared.name}' is awaited as {awaited.type}, unit '{awaited.unit}'"
                self.problems.append(Problem(declared.file, declared.line, what, "declare it so"))
            # The rules that wait for it were written for its purposes: both must allow a use.
            both = tuple(purpose for purpose in awaited.purposes if purpose in declared.purposes)
            found[key] = _as_fact(declared).model_copy(update={"purposes": both})
        elif declared.name in {fact.name for fact in found.values()} | derived | set(KEYS):
            what = f"there is a fact '{declared.name}' already"
            self.problems.append(Problem(declared.file, declared.line, what, "choose another name"))
        else:
            found[key] = _as_fact(declared)

    def _parameters(self) -> dict[str, Parameter]:
        found: dict[str, Parameter] = {}
        shipped: set[str] = set()
        for content, file, added in self._each("parameters", ParameterFile):
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

    def _definitions(self) -> dict[str, Definition]:
        found: dict[str, Definition] = {}
        shipped: set[str] = set()
        for content, file, added in self._each("definitions", DefinitionFile):
            for i, definition in enumerate(content.definitions):
                key = definition.key
                if definition.place and key in found:
                    found[key] = self._placed(found[key], definition, file, i)
                    continue
                if added and key in shipped:
                    self._taken(file, f"the definition '{definition.name}'", "definitions", i, "name")
                elif key in found:
                    self._twice(file, f"the definition '{definition.name}'", "definitions", i)
                elif definition.place:
                    what = f"there is no '{definition.name}' for everywhere to differ from"
                    self.problems.append(
                        file.problem(what, "definitions", i, "place", todo="leave out place")
                    )
                shipped |= set() if added else {key}
                found[key] = definition
                self.files[f"definitions/{key}"] = file
        return found

    def _placed(self, whole: Definition, own: Definition, file: YamlFile, i: int) -> Definition:
        """The definition with a place's own formulas beside those for everywhere; its examples are tried
        with them.
        """
        for key in ("type", "unit"):
            if getattr(whole, key) != getattr(own, key):
                what = f"'{own.name}' is of {key} {getattr(whole, key)}, for every place alike"
                self.problems.append(file.problem(what, "definitions", i, key))
        values = [version.model_dump() | {"place": own.place} for version in own.versions]
        placed = tuple(PlaceVersion.model_validate(value) for value in values)
        for j, version in enumerate(placed):
            if any(o.place == version.place and o.meets(version) for o in (*whole.local, *placed[:j])):
                what = f"two versions of {own.name} for {own.place} are in force on {version.valid_from}"
                self.problems.append(file.problem(what, "definitions", i, "versions", j))
        self.files[f"definitions/{own.key}@{own.place}"] = file
        examples = (*whole.examples, *(_living_in(own.place or "", example) for example in own.examples))
        return whole.model_copy(update={"local": (*whole.local, *placed), "examples": examples})

    def _own(self, parameters: dict[str, Parameter]) -> Own:
        """What the installation sets in the place of shipped values, and the examples that show it."""
        values: dict[str, list[LocalValue]] = {}
        where: dict[str, list[Written]] = {}
        examples: list[OwnExample] = []
        shown: list[Written] = []
        for path in sorted((self.overlay / "local").glob("*.yaml")) if self.overlay else ():
            content, file = self._file(path, OwnFile)
            if content is None or file is None:
                continue
            for i, own in enumerate(content.local):
                if own.parameter not in parameters:
                    what = f"there is no parameter '{own.parameter}'"
                    self.problems.append(file.problem(what, "local", i, "parameter", todo=_NAMED))
                    continue
                values.setdefault(own.parameter, []).extend(own.values)
                spots = [Written(file, ("local", i, "values", j)) for j in range(len(own.values))]
                where.setdefault(own.parameter, []).extend(spots)
            examples += content.examples
            shown += [Written(file, ("examples", i)) for i in range(len(content.examples))]
        return Own(
            values={name: tuple(found) for name, found in values.items()},
            examples=tuple(examples),
            where={name: tuple(found) for name, found in where.items()},
            examples_where=tuple(shown),
        )

    def _rules(self, folder: str, shape: type[Strict]) -> tuple[Any, ...]:
        found: list[Rule] = []
        shipped: dict[str, Rule] = {}
        for rule, file, added in self._each(folder, shape):
            # Several dated texts of one id are fine in one folder. Of a shipped id a home may add one for a
            # place alone: for everywhere, an update of the product could change what its rule means unsaid.
            if added and rule.id in shipped and not self._is_own_text(rule, shipped[rule.id], file):
                continue
            shipped |= {} if added else {rule.id: rule}
            found.append(rule)
            self.files[rule_key(rule)] = file
        # the versions of one rule lie side by side, the oldest first: the lint compares neighbours; places'
        # own come first, so that the last of an id is the newest for everywhere
        return tuple(sorted(found, key=lambda r: (r.id, r.place is None, r.place or "", r.valid_from)))

    def _is_own_text(self, rule: Rule, shipped: Rule, file: YamlFile) -> bool:
        """Whether a place's text may stand for the shipped one; what keeps it from that is a problem."""
        if rule.place is None:
            todo = "choose another id; or give `place`, the division code whose own text it is"
            self.problems.append(file.problem(f"the id {rule.id} belongs to a shipped file", "id", todo=todo))
        for key in ("entity", "queue", "household_kind"):
            if getattr(rule, key, None) != getattr(shipped, key, None):
                what = f"{rule.id} is of {key} {getattr(shipped, key)}, for every place alike"
                self.problems.append(file.problem(what, key, todo="answer the same as the shipped rule does"))
                return False
        return rule.place is not None

    def _twice(self, file: YamlFile, what: str, *key: str | int) -> None:
        self.problems.append(file.problem(f"{what} is defined twice", *key))

    def _taken(self, file: YamlFile, what: str, *key: str | int) -> None:
        todo = "choose another; a shipped file is changed in its own place, not from here"
        self.problems.append(file.problem(f"{what} belongs to a shipped file", *key, todo=todo))


def _living_in(place: str, example: DefinitionExample) -> DefinitionExample:
    """The example of a place's own formula, lived in that place unless it says where."""
    town: dict[str, FactValue] = {"town_code": place.ljust(9, "0")}
    given = {
        "person": {**town, **example.person},
        "household": {**town, **example.household},
        "members": tuple({**town, **member} for member in example.members),
    }
    return example.model_copy(update=given)


def _as_fact(declared: DeclaredFact) -> Fact:
    same = ("name", "entity", "type", "unit", "zh", "purposes")
    values = {key: getattr(declared, key) for key in same}
    return Fact.model_validate(values | {"sources": (declared.extract,)})
