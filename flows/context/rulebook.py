"""What a home's answers rest on: the shipped contracts, code tables and rules, and what the home adds.

    <home>/contracts/<department>/<extract>.yaml    <home>/contracts/codes/<name>.yaml
    <home>/policies/{parameters,benefits,signals}/<name>.yaml
    <home>/policies/local/<name>.yaml    <home>/policies/issuers.yaml
    <home>/divisions/changes.csv
    <home>/stations/hands.csv

A home adds: an extract, code table, rule, parameter group or given-up place code that is shipped already is
refused, and so is a file that nothing reads. What it replaces, it replaces by place and date: values of
shipped parameters (policies/local), and texts of shipped rules (a rule with `place`). Every added file is
checked in full before anything runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from data_contracts.contract.code_tables import CodeTable, load_codes
from data_contracts.contract.model import Contract
from data_contracts.lint.contracts import lint_contract, lint_contracts
from data_contracts.loading.contracts import load_contract, load_contracts
from data_contracts.loading.declared_facts import DeclaredFact, declared_facts, shipped_facts
from data_contracts.loading.fact_entries import loading_faults
from divisions import towns
from divisions.changes import load_changes
from divisions.present import TOWN
from exchange.stations.hands import HANDS, read_hands
from policies.catalogue.model import SHIPPED, Catalogue
from policies.catalogue.rule_texts import rule_file
from policies.lint.own_values import own_notices, own_texts
from policies.loading import load_catalogue, read_catalogue
from policies.reading.catalogue_reader import OVERLAY
from zhaoren.errors import ZhaorenError
from zhaoren.yaml_lines import Problem, load_yaml, refuse

# The folders of a home that hold what it adds, and which files of each are read.
ADDED = {
    "contracts": ("*/*.yaml",),
    "policies": (*(f"{kind}/*.yaml" for kind in OVERLAY), "issuers.yaml"),
    "divisions": ("changes.csv",),
    "stations": ("hands.csv",),
}
# Names in core that are no extract's.
RESERVED = {"person", "household", "household_member", "quarantined", "death_visit", "once_dead"}


@dataclass(frozen=True)
class Rulebook:
    """Contracts by "department.extract", code tables by name, the rules, the changes of place codes, and the
    hands of the stations (exchange.stations.hands.HANDS).
    """

    contracts: dict[str, Contract]
    codes: dict[str, CodeTable]
    catalogue: Catalogue
    changes: pl.DataFrame
    hands: pl.DataFrame


def added_files(home: Path) -> list[Path]:
    """Every file the home adds, in a fixed order; notes beside them (.md) and hidden files do not count."""
    found = [path for room in ADDED for path in sorted((home / room).rglob("*"))]
    return [p for p in found if p.is_file() and not p.name.startswith(".") and p.suffix != ".md"]


def load_rulebook(home: Path) -> Rulebook:
    """Everything shipped and added. ZhaorenError with file and line of the first mistake in what is added."""
    if not added_files(home):
        return Rulebook(
            load_contracts(), load_codes(), load_catalogue(), load_changes(), pl.DataFrame(schema=HANDS)
        )
    refuse(
        contract_problems(home, is_in_use=True),
        "correct the file; `zhaoren contracts lint --home` lists every problem",
    )
    unread = [problem for kind in ("policies", "divisions", "stations") for problem in _unread(home, kind)]
    refuse(unread, "move the file, or take it away")
    added = [load_contract(path) for path in _contract_files(home)]
    contracts = load_contracts() | {contract.id: contract for contract in added}
    catalogue = load_catalogue(overlay=home / "policies", declared=_declared(home))
    refuse(list(_places(catalogue)), "correct the file; `zhaoren policies lint --home` lists every problem")
    changes = _changes(home)
    hands, problems = hands_of(home, changes)
    refuse(problems, "correct the table; `zhaoren hands lint` lists every problem")
    return Rulebook(dict(sorted(contracts.items())), _codes(home), catalogue, changes, hands)


def folder_rules(folder: Path, home: Path | None = None) -> Catalogue:
    """The rules of a folder; of one without facts.yaml, which adds to the shipped ones, those with it.

    With a home, its contracts' facts are there too, and its own rules and values lie over a whole folder's.
    """
    declared = _declared(home) if home else None
    if not (folder / "facts.yaml").exists():
        return load_catalogue(overlay=folder, declared=declared)
    own = home / "policies" if home else None
    return load_catalogue(folder, overlay=own if own and own.is_dir() else None, declared=declared)


def contract_problems(home: Path, *, is_in_use: bool = False) -> list[Problem]:
    """Everything wrong with the contracts and code tables the home adds; `is_in_use`: what stops a run."""
    folder = home / "contracts" / "codes"
    problems = [*_unread(home, "contracts"), *_taken(home)]
    problems += lint_contracts(folder, folder)
    if not problems:
        codes = _codes(home)
        for path in _contract_files(home):
            problems += lint_contract(path, codes, is_in_use=is_in_use) or _loading_problems(path)
    return problems


def _loading_problems(path: Path) -> list[Problem]:
    """Why a contract without a fault of its own cannot be loaded beside those there are."""
    contract, file = load_contract(path), load_yaml(path)
    problems = [file.problem(what) for what in loading_faults(contract)]
    # Households and identity resolution follow one register: of two, one would silently be ignored.
    register = next((c.id for c in load_contracts().values() if c.identifies_everybody), None)
    if contract.identifies_everybody and register:
        problems.append(file.problem(f"{register} identifies everybody already", "customProperties"))
    return problems


def policy_problems(home: Path) -> list[Problem]:
    """Everything wrong with the rules the home adds, given sound contracts."""
    refuse(
        contract_problems(home, is_in_use=True),
        "correct the contracts first: the rules name what they declare",
    )
    found, problems = read_catalogue(SHIPPED, home / "policies", _declared(home))
    return [*_unread(home, "policies"), *problems, *(_places(found) if found else ())]


def policy_notices(home: Path) -> list[Problem]:
    """What holds here and not everywhere: values that the shipped rules contradict, texts of places."""
    found = read_catalogue(SHIPPED, home / "policies", _declared(home))[0]
    return [*own_notices(found), *own_texts(found)] if found else []


def _places(catalogue: Catalogue) -> Iterator[Problem]:
    """Own values for a place that no table of divisions knows: no household would ever get them."""
    known = towns().get_column("town_code")
    for rule in catalogue.rules:
        if rule.place is not None and not known.str.starts_with(rule.place).any():
            what = f"no town's code begins with {rule.place}"
            todo = "give the code of a city, county or town of today"
            yield rule_file(catalogue, rule).problem(what, "place", todo=todo)
    for name, values in catalogue.own.values.items():
        for value, written in zip(values, catalogue.own.where[name], strict=True):
            if value.place is not None and not known.str.starts_with(value.place).any():
                what = f"no town's code begins with {value.place}"
                yield written.problem(what, "place", todo="give the code of a city, county or town of today")


def _contract_files(home: Path) -> list[Path]:
    return [p for p in sorted((home / "contracts").glob("*/*.yaml")) if p.parent.name != "codes"]


def _changes(home: Path) -> pl.DataFrame:
    shipped, own = load_changes(), home / "divisions" / "changes.csv"
    if not own.exists():
        return shipped
    return pl.concat([shipped, load_changes(own, shipped)]).sort("date", "old_code", "new_code")


def hands_of(home: Path, changes: pl.DataFrame | None = None) -> tuple[pl.DataFrame, list[Problem]]:
    """The hands of the stations as the home keeps them, and every problem of the table."""
    path = home / "stations" / "hands.csv"
    if not path.exists():
        return pl.DataFrame(schema=HANDS), []
    names = dict(towns().select("town_code", "town_name").iter_rows())
    moved = _changes(home) if changes is None else changes
    codes = pl.concat([moved["old_code"], moved["new_code"]]).drop_nulls()
    # A town that was given up had its hands, too; its table of today does not know it.
    earlier = {code: names.get(code, code) for code in codes if len(code) == TOWN}
    return read_hands(path, earlier | names)


def _codes(home: Path) -> dict[str, CodeTable]:
    return load_codes() | load_codes(home / "contracts" / "codes")


def _declared(home: Path) -> tuple[DeclaredFact, ...]:
    added = [fact for path in _contract_files(home) for fact in declared_facts(load_contract(path), path)]
    return (*shipped_facts(), *added)


def _unread(home: Path, room: str) -> Iterator[Problem]:
    """Files in a place or of a kind that nothing reads: a rule must not seem to hold and not be there."""
    read = {path for kind in ADDED[room] for path in (home / room).glob(kind)}
    for path in added_files(home):
        if path.is_relative_to(home / room) and path not in read:
            yield Problem(str(path), 1, "nothing reads this file", f"{room}/ holds {', '.join(ADDED[room])}")


def _taken(home: Path) -> Iterator[Problem]:
    """Names that are taken, or that cannot be a table's."""
    shipped = load_contracts().values()
    extracts = {c.extract: c.id for c in shipped} | dict.fromkeys(RESERVED, "a table of core")
    for path in _contract_files(home):
        if not all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in (path.parent.name, path.stem)):
            yield Problem(str(path), 1, "the folder and the file are named in snake_case")
        if path.stem in extracts:
            what = f"the extract {path.stem} is there already: {extracts[path.stem]}"
            yield Problem(str(path), 1, what, "choose another name; a home adds, it does not replace")
        extracts[path.stem] = f"{path.parent.name}.{path.stem}"
    for path in sorted((home / "contracts" / "codes").glob("*.yaml")):
        if path.stem in load_codes():
            yield Problem(str(path), 1, f"the code table {path.stem} is there already", "choose another name")


def refuse_orphans(contracts: dict[str, Contract], loaded: list[str]) -> None:
    """ZhaorenError when an extract was loaded whose contract is gone: its facts would vanish in silence."""
    lost = sorted(set(loaded) - set(contracts))
    if lost:
        raise ZhaorenError(
            f"The contract of {', '.join(lost)} is gone.",
            "contracts/",
            "Rows of it are loaded, and without the contract they can be neither read nor returned.",
            "Put the contract back.",
        )
