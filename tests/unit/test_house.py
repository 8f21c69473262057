"""The house rules, read from the code itself: walls between rooms, sizes, names, docstrings."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
import yaml

import zhaoren
from data_contracts.loading.contracts import load_contracts
from flows.cli.app import app
from policies.loading import load_catalogue
from zhaoren.rooms import ROOMS

ROOT = Path(zhaoren.__file__).parents[1]
FILES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text())
    for name in ("zhaoren", *ROOMS)
    for path in sorted((ROOT / name).rglob("*.py"))
}

# Which of our rooms each room may know; `errors` and the room itself go without saying.
MAY_KNOW = {
    "data_contracts": {"divisions"},
    "divisions": set(),
    "policies": {"data_contracts"},
    "transforms": {"policies", "data_contracts"},
    "models": {"policies", "data_contracts", "transforms"},
    "exchange": {"policies", "data_contracts"},
    "warehouse": {"policies", "data_contracts", "transforms"},
    "province": {"data_contracts", "divisions"},
    "flows": {
        *("data_contracts", "divisions", "policies", "transforms", "models", "exchange", "warehouse"),
        "province",
    },
}
# The Great Expectations run reaches DuckDB by a connection string it is handed.
GX = {"data_contracts/delivery_checks/runner.py", "data_contracts/delivery_checks/data_docs.py"}
SUFFIXES = {
    "date": ("_date",),
    "month": ("_month",),
    "yuan": ("_yuan", "_yuan_month", "_yuan_year"),
    "code": ("_code",),
    "cn_id": ("id_number",),
}


def room(name: str) -> str:
    return name.split("/")[0] if "/" in name else ""


def imported(name: str) -> set[str]:
    """Every module a file imports, inside functions too; relative ones spelt out."""
    found: set[str] = set()
    package = name.split("/")[:-1]
    for node in ast.walk(FILES[name]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def outside(name: str) -> set[str]:
    """Top-level names of other people's packages that a file imports."""
    return {m.split(".")[0] for m in imported(name)} - set(sys.stdlib_module_names) - {"zhaoren", *ROOMS}


def attributes(name: str) -> Iterator[tuple[int, str, str]]:
    """Line, owner and name of each attribute used in a file."""
    for node in ast.walk(FILES[name]):
        if isinstance(node, ast.Attribute):
            yield node.lineno, ast.unparse(node.value), node.attr


def test_the_rooms_are_those_of_the_plan() -> None:
    assert set(ROOMS) == set(MAY_KNOW)


@pytest.mark.parametrize("here", sorted(MAY_KNOW))
def test_arrows_between_rooms_run_one_way(here: str) -> None:
    allowed = MAY_KNOW[here] | {here}
    strays = {
        (name, module)
        for name in FILES
        if room(name) == here
        for module in imported(name)
        if module.split(".")[0] in ROOMS and module.split(".")[0] not in allowed
    }
    assert strays == set()


@pytest.mark.parametrize(
    ("library", "rooms", "but"),
    [
        (
            "duckdb",
            {"warehouse"},
            {"flows/context/site.py"},
        ),  # it carries the open connection: its type only
        ("duckdb_extensions", {"warehouse"}, set()),
        ("sqlalchemy", set(), GX),
        ("duckdb_engine", set(), GX),
        ("great_expectations", set(), GX),
        ("prefect", {"flows"}, set()),
        ("typer", {"flows"}, set()),
        ("rich", {"flows"}, set()),
        ("sklearn", {"models"}, set()),
        ("skops", {"models"}, set()),
        ("xlsxwriter", {"exchange", "province"}, set()),
        ("cryptography", {"warehouse"}, set()),
        ("pandas", set(), set()),
    ],
)
def test_a_library_stays_in_its_room(library: str, rooms: set[str], but: set[str]) -> None:
    users = {name for name in FILES if library in outside(name)}
    assert {name for name in users if room(name) not in rooms} - but == set()


def test_an_open_site_only_carries_the_connection() -> None:
    """The one use of DuckDB outside the warehouse opens nothing."""
    used = {attr for _, owner, attr in attributes("flows/context/site.py") if owner == "duckdb"}
    assert used <= {"DuckDBPyConnection"}


def test_transforms_are_pure() -> None:
    for name in FILES:
        if room(name) == "transforms":
            assert outside(name) <= {"polars", "polars_hash"}, name
            doors = {
                "os",
                "io",
                "pathlib",
                "sys",
                "time",
                "random",
                "subprocess",
                "shutil",
                "tempfile",
                "socket",
            }
            assert {m.split(".")[0] for m in imported(name)} & doors == set(), name
            assert not any(
                attr.startswith(("read_", "scan_", "write_", "sink_")) for *_, attr in attributes(name)
            ), name


def test_only_flows_read_the_clock() -> None:
    clock = {"now", "today", "utcnow", "time", "time_ns", "monotonic", "perf_counter", "localtime"}
    strays = [
        (name, line, f"{owner}.{attr}")
        for name in FILES
        if room(name) != "flows"
        for line, owner, attr in attributes(name)
        if attr in clock and owner.split(".")[-1] in ("datetime", "date", "time")
    ]
    assert strays == []


def test_random_draws_are_seeded() -> None:
    unseeded = [
        (name, node.lineno)
        for name in FILES
        for node in ast.walk(FILES[name])
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).split(".")[-1]
        in ("default_rng", "Random", "RandomState", "sample", "shuffle")
        and not (node.args or node.keywords)
    ]
    assert unseeded == []
    assert [name for name in FILES if "random" in imported(name)] == []


def test_nothing_goes_row_by_row_over_people() -> None:
    everywhere = {"map_elements", "map_rows", "iterrows", "itertuples", "apply", "map_groups"}
    inside = everywhere | {"to_dicts", "iter_rows"}
    strays = [
        (name, line, attr)
        for name in FILES
        for line, _, attr in attributes(name)
        if attr in (inside if room(name) in ("transforms", "warehouse") else everywhere)
    ]
    assert strays == []


def test_no_source_file_is_too_long() -> None:
    lines = {name: len((ROOT / name).read_text().splitlines()) for name in FILES}
    assert {name: n for name, n in lines.items() if n > 400} == {}


def test_every_public_function_says_what_it_does() -> None:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    bare = []
    for name, tree in FILES.items():
        bare += [] if ast.get_docstring(tree) or not tree.body else [name]
        owners = [tree, *(n for n in tree.body if isinstance(n, ast.ClassDef) and not n.name.startswith("_"))]
        for owner in owners:
            for node in owner.body:
                plain = isinstance(node, kinds) and not node.name.startswith("_")
                properties = plain and any(ast.unparse(d) == "property" for d in node.decorator_list)
                if plain and not properties and not ast.get_docstring(node):
                    bare.append(f"{name}:{node.lineno} {node.name}")
    assert bare == []


def test_every_public_function_is_typed() -> None:
    untyped = [
        f"{name}:{node.lineno} {node.name}"
        for name, tree in FILES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and node.returns is None
    ]
    assert untyped == []


def test_every_contract_column_has_purposes_and_a_classification() -> None:
    """Read from the YAML itself, so that no default stands in."""
    files = sorted((ROOT / "data_contracts" / "extracts").glob("*/*.yaml"))
    assert len(files) >= 18
    for path in files:
        for prop in yaml.safe_load(path.read_text())["schema"][0]["properties"]:
            custom = {c["property"]: c["value"] for c in prop["customProperties"]}
            where = (path.name, prop["name"])
            assert custom.get("purposes") and set(custom["purposes"]) <= {
                "discovery",
                "verification",
                "compliance",
            }, where
            assert prop.get("classification") in (
                "identifier",
                "personal",
                "internal",
                "sensitive",
                "restricted",
            ), where
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


def test_commands_that_the_papers_name_exist() -> None:
    papers = [p for p in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))) if p.exists()]
    if not (ROOT / "README.md").exists():
        pytest.skip("there is no README yet")
    group = typer.main.get_command(app)
    named = [
        (p.name, m) for p in papers for m in re.findall(r"\bzhaoren ([a-z]+)(?: ([a-z]+)\b)?", p.read_text())
    ]
    commands = group.commands  # type: ignore[attr-defined]
    assert any(paper == "README.md" and first in commands for paper, (first, _) in named)
    marked = [(p.name, m) for p in papers for m in re.findall(r"[`$] ?zhaoren ([a-z]+)", p.read_text())]
    assert [one for one in marked if one[1] not in commands] == []
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    asked = {m for p in papers for m in re.findall(r"`make ([a-z-]+)", p.read_text())}
    assert asked <= targets
