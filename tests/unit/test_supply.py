"""What is installed to run: locked apart, imported and nothing else, licensed, and listed."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from tests.supply import licences
from tests.supply.locks import DEVELOPMENT, PRODUCTION, ROOT, declared, locked, normal

LOCKS = {"production": PRODUCTION, "development": DEVELOPMENT}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_versions_and_hashes_and_no_address(lock: str) -> None:
    text = LOCKS[lock].read_text(encoding="utf-8")
    names = re.findall(r"^[a-z0-9]\S*==", text, re.M)
    assert len(locked(LOCKS[lock])) == len(names) > 20
    assert all(one.hashes for one in locked(LOCKS[lock]))
    assert not re.search(r"https?://|file:|--index|--find|/tmp|/home", text)


def test_what_runs_and_what_tests_need_are_locked_apart() -> None:
    """tried §8 C: make run installed linters, a copyleft rule engine and uv."""
    runs, beside = ({one.name for one in locked(lock)} for lock in (PRODUCTION, DEVELOPMENT))
    assert runs & beside == set()
    assert declared() <= runs and declared("build") <= runs
    assert declared("dev") <= beside
    assert {"ruff", "mypy", "pytest", "uv", "openfisca-core", "cyclonedx-python-lib"} <= beside


def test_every_licence_is_accepted_and_the_page_lists_them() -> None:
    assert list(licences.refused()) == []
    assert licences.PAGE.read_text(encoding="utf-8") == licences.page(), "run: make licences"


@pytest.mark.parametrize(
    ("name", "expression"),
    [
        ("x", "GPL-3.0-only"),
        ("x", "AGPL-3.0-or-later"),
        ("x", "LGPL-2.1-or-later"),
        ("x", "MIT AND LGPL-3.0-only"),
        ("x", "MPL-2.0"),
        ("certifi", "MPL-2.0 AND GPL-2.0-only"),
        ("x", "GPL-2.0-or-later OR MPL-1.1"),
        ("x", "SSPL-1.0"),
        ("x", ""),
    ],
)
def test_copyleft_and_what_is_not_known_is_refused(name: str, expression: str) -> None:
    assert licences.refusal(name, expression)


def test_of_alternatives_a_permissive_one_is_enough() -> None:
    assert licences.refusal("x", "MIT OR GPL-3.0-only") == ""
    assert licences.refusal("orjson", "MPL-2.0 AND (Apache-2.0 OR MIT)") == ""
    assert licences.refusal("openfisca-core", licences.licence_of("openfisca-core"))  # only for tests


@pytest.mark.slow
def test_the_bill_of_materials_is_valid_whole_and_the_same_each_time() -> None:
    from tests.supply.materials import bill, fault_of  # their library is the development lock's

    text = bill()
    assert text == bill() and fault_of(text) == ""
    part = '{"type": "book", "name": "x"}'  # no kind of component
    assert fault_of(f'{{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{part}]}}')
    parts = {part["name"]: part for part in json.loads(text)["components"]}
    listed = [(name, parts[name]["version"]) for name in sorted(parts)]
    assert listed == [(one.name, one.version) for one in locked()]
    assert all(part["hashes"] and part["licenses"] for part in parts.values())
    assert not re.search(r"timestamp|file:|/tmp|/home|https?://(?!cyclonedx\.org/schema)", text)
    assert normal("Zhaoren") == json.loads(text)["metadata"]["component"]["name"]


def tracked() -> list[str]:
    """The repository's files, as Git knows them."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in done.stdout.split("\0") if name]
