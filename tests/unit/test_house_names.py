"""The house rules of names: contract columns, facts, and the commands that documents mention."""

from __future__ import annotations

import re
from typing import Any

import typer
import yaml

from data_contracts.contract.model import CLASSIFICATIONS, PURPOSES
from data_contracts.loading.contracts import load_contracts
from flows.cli.app import app
from policies.loading import load_catalogue
from tests.helpers.source import ROOT
from zhaoren.rooms import ROOMS

SUFFIXES = {
    "date": ("_date",),
    "month": ("_month",),
    "yuan": ("_yuan", "_yuan_month", "_yuan_year"),
    "code": ("_code",),
    "cn_id": ("id_number",),
}


def test_every_contract_column_has_purposes_and_a_classification() -> None:
    """Read from the YAML itself, so that no default stands in."""
    files = sorted((ROOT / "data_contracts" / "extracts").glob("*/*.yaml"))
    assert len(files) >= 18
    for path in files:
        for prop in yaml.safe_load(path.read_text())["schema"][0]["properties"]:
            custom = {c["property"]: c["value"] for c in prop["customProperties"]}
            where = (path.name, prop["name"])
            assert custom.get("purposes") and set(custom["purposes"]) <= set(PURPOSES), where
            assert prop.get("classification") in CLASSIFICATIONS, where
            assert prop["physicalName"] and prop["businessName"], where
            if custom["readsAs"] in ("cn_id", "name"):
                assert prop["classification"] == "identifier", where


def test_contract_columns_are_named_by_what_they_hold() -> None:
    for contract in load_contracts().values():
        for column in contract.columns:
            where = (contract.id, column.name)
            assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name), where
            if column.reads_as == "bool":
                assert column.name.startswith(("is_", "has_")), where
            elif column.reads_as in SUFFIXES:
                assert column.name.endswith(SUFFIXES[column.reads_as]), where
            else:
                assert not column.name.endswith(("_date", "_yuan", "_yuan_month")), where


def test_facts_are_named_by_what_they_hold() -> None:
    older = {"in_custody"}  # named before the rule
    endings = {"date": ("_date", "_month"), "yuan": ("_yuan", "_yuan_month")}
    for fact in load_catalogue().facts.values():
        if fact.type == "boolean" and fact.name not in older:
            assert re.search(r"(^|_)(is|has)_", fact.name), fact.name
        elif fact.type in endings:
            assert re.search(rf"({'|'.join(endings[fact.type])})($|_)", fact.name), fact.name
        else:
            assert not fact.name.startswith(("is_", "has_")) and "_yuan" not in fact.name, fact.name


def test_one_name_has_one_kind() -> None:
    """Same quantity, same name: a column of one name is read one way in every extract."""
    kinds: dict[str, set[str]] = {}
    for contract in load_contracts().values():
        for column in contract.columns:
            kinds.setdefault(column.name, set()).add(column.reads_as)
    assert {name: kind for name, kind in kinds.items() if len(kind) > 1} == {}


def test_commands_that_the_documents_name_exist() -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    group: Any = typer.main.get_command(app)
    named = [
        (p.name, m) for p in pages for m in re.findall(r"\bzhaoren ([a-z]+)(?: ([a-z]+)\b)?", p.read_text())
    ]
    commands = group.commands
    assert any(page == "README.md" and first in commands for page, (first, _) in named)
    marked = [(p.name, m) for p in pages for m in re.findall(r"[`$] ?zhaoren ([a-z-]+)", p.read_text())]
    assert [one for one in marked if one[1] not in commands] == []
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    named_targets = {m for p in pages for m in re.findall(r"`make ([a-z-]+)", p.read_text())}
    assert named_targets <= targets


def test_no_code_names_the_register_of_everybody() -> None:
    """Which extract it is, the contract says; only the made-up world writes its file."""
    (register,) = [c for c in load_contracts().values() if c.identifies_everybody]
    named = re.compile(rf"""["']{register.extract}["']|core\._?{register.extract}\b""")
    files = [p for name in ROOMS if name != "province" for p in sorted((ROOT / name).rglob("*.py"))]
    assert [str(path) for path in files if named.search(path.read_text(encoding="utf-8"))] == []
