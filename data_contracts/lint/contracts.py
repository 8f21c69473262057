"""All checks of a contract in their order: later ones would only repeat what an earlier one found.

First the standard's schema, then our own demands (everything a contract declares must be something the code
does), at last a trial: the contract is read and its rules run on an empty table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from data_contracts.contract.code_tables import CodeTable, load_codes
from data_contracts.lint.boundary import boundary_faults
from data_contracts.lint.code_tables import code_table_faults
from data_contracts.lint.columns import column_faults, header_clashes, names_twice
from data_contracts.lint.contract_keys import property_faults, service_faults, shape_faults
from data_contracts.lint.quality import quality_columns, quality_faults, running_faults
from data_contracts.lint.references import faults_of_references
from data_contracts.lint.standard import schema_faults
from data_contracts.loading import odcs
from data_contracts.loading.contracts import contracts_in, load_contract
from data_contracts.loading.declared_facts import declared_faults
from zhaoren.errors import ZhaorenError
from zhaoren.rooms import room
from zhaoren.yaml_lines import Fault, Problem, load_yaml, read_yaml


def lint_contracts(root: Path | None = None, codes_root: Path | None = None) -> list[Problem]:
    """All faults of the contracts under `root` and the code tables under `codes_root`.

    Default: the shipped ones.
    """
    codes_root = Path(codes_root) if codes_root else room("data_contracts") / "codes"
    problems = [p for path in sorted(codes_root.glob("*.yaml")) for p in _lint_file(path, code_table_faults)]
    try:
        codes = load_codes(codes_root)
    except ZhaorenError:  # already reported above
        return problems
    if root and Path(root).is_file():
        return problems + lint_contract(Path(root), codes)
    paths = sorted((Path(root) if root else room("data_contracts") / "extracts").glob("*/*.yaml"))
    for path in paths:
        problems += lint_contract(path, codes)
    return problems


def lint_contract(
    path: Path, codes: Mapping[str, CodeTable] | None = None, *, is_in_use: bool = False
) -> list[Problem]:
    """All faults of one contract file. `is_in_use`: those alone for which it cannot be run."""
    tables = load_codes() if codes is None else codes
    return _lint_file(Path(path), lambda document: _contract_faults(Path(path), document, tables, is_in_use))


def _lint_file(path: Path, faults_of: Callable[[Any], Iterator[Fault]]) -> list[Problem]:
    file, problems = read_yaml(path)
    return [file.problem(what, *place) for place, what in faults_of(file.data)] if file else problems


def _contract_faults(
    path: Path, document: Any, codes: Mapping[str, CodeTable], is_in_use: bool
) -> Iterator[Fault]:
    if isinstance(document, dict) and not odcs.is_ours(document):
        yield from _external_faults(path, document)
        return
    broken = list(schema_faults(document)) + list(shape_faults(path, document))
    if not broken:
        table = document["schema"][0]
        broken += [*property_faults(document), *names_twice(table), *quality_faults(table)]
        broken += service_faults(document)
        broken += [*header_clashes(table), *quality_columns(table), *faults_of_references(path, table)]
        for position, entry in enumerate(table["properties"]):
            broken += column_faults(("schema", 0, "properties", position), entry, codes)
        broken += [] if is_in_use else boundary_faults(table)
    yield from broken
    if not broken:
        yield from _trial_faults(path, table, codes)


def _external_faults(path: Path, document: Mapping[str, Any]) -> Iterator[Fault]:
    """Other people's contracts: the standard's own demands, and that we can read them."""
    try:
        odcs.refuse_other_standards(document, str(path))
    except ZhaorenError as error:
        yield (), f"{error.what}: {error.why}; {error.todo}"
        return
    yield from schema_faults(document)
    try:
        contracts_in(path)
    except ZhaorenError as error:
        yield ("schema",), f"{error.what}: {error.why}"


def _trial_faults(path: Path, table: Mapping[str, Any], codes: Mapping[str, CodeTable]) -> Iterator[Fault]:
    """What only shows when the contract is read and its rules are run."""
    try:
        contract = load_contract(path)
        yield from declared_faults(load_yaml(path).data, contract)
        yield from running_faults(contract, table, codes)
    except ZhaorenError as error:
        yield ("schema", 0, "quality"), " ".join(filter(None, (error.what, error.where, error.why)))
