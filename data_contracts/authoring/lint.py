"""What is wrong with the contracts and code tables, each fault with its file and line.

First the ODCS 3.1 schema (shipped by open-data-contract-standard), then our own demands: everything a
contract says must be something the code does.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from data_contracts.authoring.lint_names import (
    columns_named,
    header_clashes,
    quality_columns,
    reference_faults,
    unknown_key_places,
)
from data_contracts.cells.values import DTYPES
from data_contracts.contract.code_tables import CodeTable, load_codes
from data_contracts.contract.custom_properties import custom_of
from data_contracts.contract.model import (
    DELIVERY_LEVELS,
    PURPOSES,
    READS_AS,
    ROW_LEVELS,
    Contract,
)
from data_contracts.contract.period import CADENCES, parse_period
from data_contracts.delivery_checks.runner import compile_suite
from data_contracts.loading import odcs as foreign
from data_contracts.loading.contracts import contracts_in, load_contract
from data_contracts.loading.declared_facts import PROPERTY, declared_faults
from data_contracts.row_checks.rows import check_rows
from data_contracts.rules.compiler import quality_rule
from data_contracts.rules.conditions import sql_condition
from data_contracts.rules.service_levels import FREQUENCY, LATENCY, latency_of
from zhaoren.errors import ZhaorenError
from zhaoren.rooms import room
from zhaoren.yaml_lines import Place, Problem, load_yaml, read_yaml

TOP_KEYS = {
    *("department", "departmentZh", "loads", "cadence", "eventDate", "access", "parts", "mendWithinDays"),
    *("localPersonNo", "householdNo", "identifies", PROPERTY),
}
REQUIRED_KEYS = {"department", "departmentZh", "loads", "cadence"}
TABLE_KEYS = {"fixedWidth"}
COLUMN_KEYS = {"readsAs", "codes", "unit", "purposes", "level", "aliases"}
CLASSIFICATIONS = {"identifier", "sensitive", "internal"}
LOGICAL_TYPES = {
    **{"date": {"date", "month"}, "timestamp": {"timestamp"}, "time": {"time"}, "boolean": {"bool"}},
    **{"number": {"yuan", "number"}, "integer": {"int"}},
}
Fault = tuple[Place, str]


def lint_contracts(root: Path | None = None, codes_root: Path | None = None) -> list[Problem]:
    """All faults of the contracts under `root` and the code tables under `codes_root`.

    Default: the shipped ones.
    """
    codes_root = Path(codes_root) if codes_root else room("data_contracts") / "codes"
    problems = [p for path in sorted(codes_root.glob("*.yaml")) for p in _lint_file(path, _code_table_faults)]
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


def lint_contract(path: Path, codes: Mapping[str, CodeTable] | None = None) -> list[Problem]:
    """All faults of one contract file."""
    tables = load_codes() if codes is None else codes
    return _lint_file(Path(path), lambda document: _contract_faults(Path(path), document, tables))


def _lint_file(path: Path, faults_of: Callable[[Any], Iterator[Fault]]) -> list[Problem]:
    file, problems = read_yaml(path)
    return [file.problem(what, *place) for place, what in faults_of(file.data)] if file else problems


def _contract_faults(path: Path, document: Any, codes: Mapping[str, CodeTable]) -> Iterator[Fault]:
    if isinstance(document, dict) and not foreign.is_ours(document):
        yield from _foreign_faults(path, document)
        return
    broken = list(schema_faults(document)) + list(_shape_faults(path, document))
    if not broken:
        table = document["schema"][0]
        broken += [*_top_faults(document), *_names_twice(table), *_quality_faults(table)]
        broken += _service_faults(document)
        broken += [*header_clashes(table), *quality_columns(table), *_references(path, table)]
        for position, entry in enumerate(table["properties"]):
            broken += _column_faults(("schema", 0, "properties", position), entry, codes)
    yield from broken
    if not broken:
        yield from _trial_faults(path, table, codes)


def _foreign_faults(path: Path, document: Mapping[str, Any]) -> Iterator[Fault]:
    """Other people's contracts: the standard's own demands, and that we can read them."""
    try:
        foreign.refuse_other_standards(document, str(path))
    except ZhaorenError as error:
        yield (), f"{error.what}: {error.why}; {error.todo}"
        return
    yield from schema_faults(document)
    try:
        contracts_in(path)
    except ZhaorenError as error:
        yield ("schema",), f"{error.what}: {error.why}"


def _references(path: Path, table: Mapping[str, Any]) -> Iterator[Fault]:
    if "relationships" not in str(table) and "orphan_share" not in str(table):
        return iter(())
    return reference_faults(
        table, columns_named(room("data_contracts") / "extracts") | columns_named(path.parents[1])
    )


def _trial_faults(path: Path, table: Mapping[str, Any], codes: Mapping[str, CodeTable]) -> Iterator[Fault]:
    """What only shows when the contract is read and its rules are run."""
    try:
        contract = load_contract(path)
        yield from declared_faults(load_yaml(path).data, contract)
        yield from _running_faults(contract, table, codes)
    except ZhaorenError as error:
        yield ("schema", 0, "quality"), " ".join(filter(None, (error.what, error.where, error.why)))


def schema_faults(document: Any) -> Iterator[Fault]:
    """Against the standard's JSON schema."""
    for error in sorted(_validator().iter_errors(document), key=lambda error: list(map(str, error.path))):
        if error.validator_value == ["map"] and "logicalType" not in error.instance:
            continue  # the standard's schema takes a column without a type for one of every type
        said = f"not ODCS {document.get('apiVersion', '')}: {error.message[:200]}"
        yield from ((place, said) for place in unknown_key_places(error) or [tuple(error.path)])


@functools.cache
def _validator() -> Any:
    import jsonschema

    text = importlib.resources.files("open_data_contract_standard").joinpath("schema.json").read_text("utf-8")
    schema = json.loads(text)
    return jsonschema.validators.validator_for(schema)(schema)


def _shape_faults(path: Path, document: Any) -> Iterator[Fault]:
    """What the reader needs to be there at all."""
    if not isinstance(document, dict) or len(document.get("schema") or ()) != 1:
        yield ("schema",), "a contract describes exactly one table"
        return
    named = f"{path.parent.name}.{path.stem}"
    if document.get("id") != named:
        yield ("id",), f"the id must be {named}, as the file lies in {path.parent.name}/"
    for key in sorted(REQUIRED_KEYS - set(custom_of(document))):
        yield ("customProperties",), f"customProperties lacks {key}"
    for position, entry in enumerate(document["schema"][0].get("properties") or ()):
        for key in ("name", "physicalName", "businessName", "logicalType"):
            if not entry.get(key):
                yield ("schema", 0, "properties", position), f"the column has no {key}"
        if "readsAs" not in custom_of(entry):
            yield ("schema", 0, "properties", position), "the column's customProperties lack readsAs"


def _top_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    custom, names = custom_of(document), {c["name"] for c in document["schema"][0]["properties"]}
    here: Place = ("customProperties",)
    yield from ((here, f"unknown property {key}") for key in sorted(set(custom) - TOP_KEYS))
    table = document["schema"][0]
    for key in sorted(set(custom_of(table)) - TABLE_KEYS):
        yield ("schema", 0, "customProperties"), f"unknown property {key}"
    if custom["loads"] not in ("roll", "events"):
        yield here, f"loads is {custom['loads']}, not roll or events"
    if custom["cadence"] not in CADENCES:
        yield here, f"cadence {custom['cadence']} is none of {', '.join(CADENCES)}"
    if custom["loads"] == "events" and "eventDate" not in custom:
        yield here, "an extract of events must name its eventDate column"
    if custom.get("eventDate") and custom["eventDate"] not in names:
        yield here, f"eventDate {custom['eventDate']} is no column"
    for role in ("localPersonNo", "householdNo"):
        if custom.get(role) and custom[role] not in names:
            yield here, f"{role} {custom[role]} is no column"
    if custom.get("identifies", "everybody") != "everybody":
        yield here, f"identifies is {custom['identifies']}, not everybody"
    if not any(entry.get("primaryKey") for entry in document["schema"][0]["properties"]):
        yield ("schema", 0, "properties"), "no column is part of the primary key"


def _service_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Promises of time that nothing would measure, for want of a readable value and unit."""
    for position, entry in enumerate(document.get("slaProperties") or ()):
        kind, why = str(entry.get("property", "")).lower(), ""
        if kind in LATENCY:
            why = latency_of(entry)[1]
        elif kind in FREQUENCY and parse_period(entry.get("value"), entry.get("unit")) is None:
            why = "its value and unit are no length of time that is known here"
        if why:
            yield ("slaProperties", position), f"{entry['property']}: {why}"


def _column_faults(here: Place, entry: Mapping[str, Any], codes: Mapping[str, CodeTable]) -> Iterator[Fault]:
    custom, name = custom_of(entry), entry["name"]
    for key in sorted(set(custom) - COLUMN_KEYS):
        yield here, f"{name}: unknown property {key}"
    reads_as = custom["readsAs"]
    if reads_as not in READS_AS:
        yield here, f"{name}: readsAs {reads_as} is none of {', '.join(READS_AS)}"
    if reads_as not in LOGICAL_TYPES.get(entry["logicalType"], {"cn_id", "name", "text", "code"}):
        yield here, f"{name}: a {entry['logicalType']} cannot be read as {reads_as}"
    if (reads_as == "code") != ("codes" in custom):
        yield here, f"{name}: readsAs code and a code table go together"
    if "codes" in custom and custom["codes"] not in codes:
        yield here, f"{name}: there is no code table {custom['codes']}"
    if (reads_as == "yuan") != (custom.get("unit") in ("yuan", "wan_yuan")):
        yield here, f"{name}: a sum of money needs unit yuan or wan_yuan, and only that"
    if custom.get("level", "reject_row") not in ROW_LEVELS:
        yield here, f"{name}: level {custom['level']} is none of {', '.join(ROW_LEVELS)}"
    if entry.get("classification") not in CLASSIFICATIONS:
        yield here, f"{name}: classification must be one of {', '.join(sorted(CLASSIFICATIONS))}"
    if reads_as in ("cn_id", "name") and entry.get("classification") != "identifier":
        yield here, f"{name}: an ID number or a name is an identifier"
    if not custom.get("purposes") or set(custom["purposes"]) - set(PURPOSES):
        yield here, f"{name}: purposes must be some of {', '.join(PURPOSES)}"
    if entry.get("primaryKey") and not entry.get("required"):
        yield here, f"{name}: a key column must be required"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        yield here, f"{name}: a column's name is snake_case"


def _names_twice(table: Mapping[str, Any]) -> Iterator[Fault]:
    for key in ("name", "physicalName"):
        seen: set[str] = set()
        for position, entry in enumerate(table["properties"]):
            if entry[key] in seen:
                yield ("schema", 0, "properties", position), f"{key} {entry[key]} stands twice"
            seen.add(entry[key])


def _quality_faults(table: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _entries_faults(table, ("schema", 0), None)
    for position, column in enumerate(table["properties"]):
        yield from _entries_faults(column, ("schema", 0, "properties", position), column["name"])


def _entries_faults(owner: Mapping[str, Any], place: Place, column: str | None) -> Iterator[Fault]:
    for position, entry in enumerate(owner.get("quality") or ()):
        here: Place = (*place, "quality", position)
        if not entry.get("name") or not entry.get("description"):
            yield here, "a rule needs a name (its stable id) and a description (the department reads it)"
        try:
            rule = quality_rule("?", {"name": "?", **entry}, column)
        except ZhaorenError as error:
            yield here, f"{error.what}: {error.why}"
            continue
        levels = ROW_LEVELS if rule.runs_in == "row" else DELIVERY_LEVELS
        if rule.runs_in != "documented" and entry.get("severity") not in levels:
            yield here, f"severity {entry.get('severity')} is none of {', '.join(levels)}"


def _running_faults(
    contract: Contract, table: Mapping[str, Any], codes: Mapping[str, CodeTable]
) -> Iterator[Fault]:
    """Rules that would fail when run: tried on an empty table of the right types."""
    places = {entry.get("name"): place for place, entry in enumerate(table.get("quality") or ())}
    empty = pl.DataFrame(schema={c.name: DTYPES[c.reads_as] for c in contract.columns})
    for rule in contract.rules_in("row"):
        if rule.kind == "row_condition":
            here: Place = ("schema", 0, "quality", places.get(rule.name, 0))
            try:
                answer = empty.select(answer=sql_condition(rule.sql, rule.id)).dtypes[0]
            except (ZhaorenError, pl.exceptions.PolarsError) as error:
                yield here, f"rule {rule.name}: {str(error).splitlines()[0]}"
                continue
            if answer != pl.Boolean:
                yield here, f"rule {rule.name} gives {answer}, not true or false"
    compile_suite(contract)
    yield from _pattern_faults(contract, codes)


def _pattern_faults(contract: Contract, codes: Mapping[str, CodeTable]) -> Iterator[Fault]:
    text = pl.DataFrame(schema={"row_no": pl.Int64, **{c.name: pl.String for c in contract.columns}})
    conditions = tuple(rule for rule in contract.rules if rule.kind != "row_condition")
    try:
        check_rows(text, _with_rules(contract, conditions), codes)
    except (pl.exceptions.PolarsError, KeyError, ValueError) as error:
        yield ("schema", 0, "properties"), f"the column rules cannot be run: {str(error).splitlines()[0]}"


def _with_rules(contract: Contract, rules: tuple[Any, ...]) -> Contract:
    from dataclasses import replace

    return replace(contract, rules=rules)


def _code_table_faults(document: Any) -> Iterator[Fault]:
    if not isinstance(document, dict) or not document.get("values"):
        yield (), "a code table needs name, businessName, source and values"
        return
    for key in ("name", "businessName", "source"):
        if not document.get(key):
            yield (), f"the table has no {key}"
    for key in sorted(set(document) - {"name", "businessName", "source", "values"}):
        yield (key,), f"unknown key {key}"
    owner: dict[str, str] = {}
    for position, value in enumerate(document["values"]):
        here: Place = ("values", position)
        if (
            not isinstance(value, dict)
            or set(value) - {"code", "zh", "aliases"}
            or {"code", "zh"} - set(value)
        ):
            yield here, "a value has code, zh and aliases"
            continue
        for label in dict.fromkeys([str(value["zh"]), *map(str, value.get("aliases") or ())]):
            if label in owner:
                yield here, f"“{label}” already means {owner[label]}"
            owner.setdefault(label, str(value["code"]))
