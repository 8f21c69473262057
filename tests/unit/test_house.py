"""The house rules, read from the code itself: walls between rooms, sizes, names, docstrings."""

from __future__ import annotations

import ast
import re
from collections import Counter
from importlib import metadata

import pytest

from tests.helpers.source import (
    FILES,
    FUNCTIONS,
    ROOT,
    attributes,
    circles,
    folder,
    imported,
    imported_files,
    nodes,
    outside,
    room,
)
from tests.supply.locks import declared
from zhaoren.rooms import ROOMS

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
# Methods that take any number of like things.
VARIADIC = {
    "select",
    "with_columns",
    "sort",
    "join",
    "add_row",
    "add_column",
    "drop",
    "group_by",
    "agg",
    "merge_range",
}
# The Great Expectations run reaches DuckDB by a connection string it is handed.
GX = {"data_contracts/delivery_checks/gx.py", "data_contracts/delivery_checks/data_docs.py"}
# What runs though no line of ours imports it.
NOT_IMPORTED = {
    "duckdb-engine": "SQLAlchemy finds it by the name duckdb:///",
    "duckdb-extension-ducklake": "duckdb_extensions finds it by its name",
    "duckdb-extension-httpfs": "duckdb_extensions finds it by its name",
    "duckdb-extension-postgres-scanner": "duckdb_extensions finds it by its name",
    "fastapi": "Prefect's; newer ones break it",
    "open-data-contract-standard": "its schema is read as a file",
    "pytz": "DuckDB's, for timestamps with zone",
    "sqlalchemy": "Great Expectations' and Prefect's; newer ones break them",
}


def test_the_rooms_are_those_of_the_plan() -> None:
    assert set(ROOMS) == set(MAY_KNOW)


def test_only_the_evaluation_knows_the_made_up_province() -> None:
    """An installation does without it: nothing that runs there may come to need it."""
    users = {
        folder(name)
        for name in FILES
        if room(name) != "province" and any(m.split(".")[0] == "province" for m in imported(name))
    }
    assert users == {"flows/evaluation"}


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
        ("duckdb", {"warehouse"}, set()),
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
        ("weasyprint", {"exchange"}, set()),
        ("altair", {"exchange"}, set()),
        ("vl_convert", {"exchange"}, set()),
        ("msoffcrypto", {"exchange"}, set()),
        ("cryptography", {"warehouse"}, set()),
        ("pandas", set(), set()),
        (
            "yaml",
            set(),
            {"zhaoren/yaml_lines.py", "zhaoren/yaml_nodes.py"},
        ),  # so that every mistake has its line
    ],
)
def test_a_library_stays_in_its_room(library: str, rooms: set[str], but: set[str]) -> None:
    users = {name for name in FILES if library in outside(name)}
    assert {name for name in users if room(name) not in rooms} - but == set()


def _brings(name: str) -> set[str]:
    """The names that can be imported once a distribution is there."""
    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        pytest.fail(f"{name} is in the lock and not in this environment: run `make .venv/ready-dev` (20 s)")
    files = [str(file).split("/")[0] for file in found.files or [] if str(file).endswith((".py", ".so"))]
    return {file.removesuffix(".py").split(".")[0] for file in files} - {".."}


def test_what_runs_imports_what_pyproject_names_to_run_and_nothing_else() -> None:
    brings = {name: _brings(name) for name in declared() | declared("cluster")}
    used = {library for name in FILES for library in outside(name)}
    assert used - set().union(*brings.values()) == set()
    idle = {name for name, modules in brings.items() if not modules & used}
    assert idle == set(NOT_IMPORTED), "a requirement that nothing imports needs its reason, or goes"


def test_only_the_warehouse_runs_sql() -> None:
    """Others call its named functions; what they hand on, a connection among it, stays closed to them."""
    doors = {"execute", "executemany", "executescript", "exec_driver_sql", "fetchone", "fetchall", "fetchdf"}
    strays = [
        (name, line, f"{owner}.{attr}")
        for name in sorted(FILES.keys() - GX)
        if room(name) != "warehouse"
        for line, owner, attr in attributes(name)
        if attr in doors
    ]
    assert strays == []
    closed = {f"warehouse.database.connection.{name}" for name in ("fetch", "run", "connect")}
    opening = [(name, module) for name in FILES for module in imported(name) if module in closed]
    openers = [(name, module) for name, module in opening if room(name) != "warehouse"]
    assert openers == [("flows/context/site.py", "warehouse.database.connection.connect")]


def test_what_changes_the_vault_leaves_a_mark() -> None:
    """A vault that lacks the change is then known for an older one (warehouse/identity/marks.py).

    Names of files are kept ahead of what they are names of, whose mark covers them.
    """
    ahead = {"flows/ingest/ingest.py", "flows/ingest/noting.py", "flows/actions/feedback.py"}
    ahead.add("flows/safekeeping/erasure.py")  # puts away the note of what is done
    marking = {"warehouse/identity/marks.py", "warehouse/wholeness/adoption.py"}
    alone = {name for name in FILES if "transaction(vault.con)" in (ROOT / name).read_text(encoding="utf-8")}
    assert alone <= ahead | marking


def test_no_statement_is_written_outside_the_warehouse() -> None:
    """Contracts are compiled to queries as text, which Great Expectations runs over one staged delivery."""
    statement = re.compile(
        r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|ALTER|DROP|COPY|ATTACH|PRAGMA|SET)\s"
    )
    written = [
        (name, node.lineno, node.value[:40])
        for name in FILES
        if room(name) not in ("warehouse", "data_contracts")
        for node in nodes(name)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and statement.match(node.value)
    ]
    assert written == []
    assert statement.match("SELECT 1") and not statement.match("Select what you need")


# The sub-rooms of flows, lowest first: one knows only those of lower levels. main_job.py and the package
# itself lie between the steps and what runs them.
FLOWS = (
    {"flows/process"},
    {"flows/context"},
    {"flows/casework"},
    {"flows/scoring/shards", "flows/reports"},
    {"flows/ingest", "flows/scoring", "flows/delivery"},
    {"flows/actions", "flows/queries", "flows/handbook"},
    {"flows/safekeeping"},
    {"flows"},
    {"flows/evaluation"},
    {"flows/orchestration"},
    {"flows/cli/terminal"},
    {"flows/cli/safekeeping", "flows/cli/casework", "flows/cli/evaluation", "flows/cli/ordering"},
    {"flows/cli"},
)


def test_the_sub_rooms_of_flows_know_lower_ones_only() -> None:
    level = {name: n for n, names in enumerate(FLOWS) for name in names}
    assert set(level) == {folder(name) for name in FILES if room(name) == "flows"}
    climbing = [
        (name, other)
        for name in FILES
        if room(name) == "flows"
        for other in imported_files(name)
        if room(other) == "flows"
        and folder(other) != folder(name)
        and level[folder(other)] >= level[folder(name)]
    ]
    assert climbing == []


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
        for node in nodes(name)
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


def test_no_folder_holds_too_many_files() -> None:
    counts = Counter(folder(name) for name in FILES)
    crowded = {name: n for name, n in counts.items() if n > 15}
    assert crowded == {}


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circles({name: imported_files(name) for name in FILES}) == []


def test_no_sub_rooms_import_each_other_in_a_circle() -> None:
    arrows: dict[str, set[str]] = {}
    for name in FILES:
        others = {folder(file) for file in imported_files(name)} - {folder(name)}
        arrows.setdefault(folder(name), set()).update(others)
    assert circles(arrows) == []


@pytest.mark.parametrize("here", ["exchange", "transforms"])
def test_no_sub_room_knows_another(here: str) -> None:
    """What two of them share stands beside them (core_as_of, sheets); frames are handed on by flows."""
    strays = {
        (name, other)
        for name in FILES
        if name.startswith(f"{here}/")
        for other in imported_files(name)
        if other.startswith(f"{here}/") and folder(other) not in (here, folder(name))
    }
    assert strays == set()


def test_circles_are_found() -> None:
    """The finder of the two tests above, on arrows drawn by hand."""
    assert circles({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    arrows = {"a": {"b"}, "b": {"c"}, "c": {"a", "x"}, "x": {"y"}, "y": {"x"}, "z": {"a", "x"}}
    assert circles(arrows) == [["a", "b", "c"], ["x", "y"]]


def test_no_function_takes_more_than_five_arguments_by_position() -> None:
    strays = [
        f"{name}:{node.lineno} {node.name}"
        for name in FILES
        for node in nodes(name)
        if isinstance(node, FUNCTIONS) and len(_positional(node)) > 5
    ]
    assert strays == []


def _positional(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def test_no_call_gives_more_than_five_arguments_by_position() -> None:
    """A frozen value of many fields is written field by field, so that no two of them change places."""
    strays = [
        f"{name}:{node.lineno} {ast.unparse(node.func)}"
        for name in FILES
        for node in nodes(name)
        if isinstance(node, ast.Call)
        and _values_only(node)
        and len([a for a in node.args if not isinstance(a, ast.Starred)]) > 5
    ]
    assert strays == []


def _values_only(call: ast.Call) -> bool:
    """Not a call that takes any number of like things: polars expressions, names, paths."""
    return ast.unparse(call.func).split(".")[0] not in ("pl", "min", "max", "print", "partition") and not (
        isinstance(call.func, ast.Attribute) and call.func.attr in VARIADIC
    )


def test_every_package_says_what_is_in_it_and_what_it_may_touch() -> None:
    """One to three lines in each `__init__.py`."""
    bare = {
        folder(name)
        for name, tree in FILES.items()
        if name.endswith("__init__.py") and not 1 <= len((ast.get_docstring(tree) or "").splitlines()) <= 3
    }
    assert bare == set()


def test_every_public_function_says_what_it_does() -> None:
    kinds = (*FUNCTIONS, ast.ClassDef)
    bare = []
    for name, tree in FILES.items():
        bare += [] if ast.get_docstring(tree) or not tree.body else [name]
        owners: list[ast.Module | ast.ClassDef] = [tree]
        owners += [n for n in tree.body if isinstance(n, ast.ClassDef) and not n.name.startswith("_")]
        for owner in owners:
            for node in owner.body:
                if not isinstance(node, kinds) or node.name.startswith("_") or ast.get_docstring(node):
                    continue
                if not any(ast.unparse(d) == "property" for d in node.decorator_list):
                    bare.append(f"{name}:{node.lineno} {node.name}")
    assert bare == []


def test_every_public_function_is_typed() -> None:
    untyped = [
        f"{name}:{node.lineno} {node.name}"
        for name in FILES
        for node in nodes(name)
        if isinstance(node, FUNCTIONS) and not node.name.startswith("_") and node.returns is None
    ]
    assert untyped == []
