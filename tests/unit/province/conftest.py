"""Three provinces that are looked at and not changed, each made once for all test workers."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from province.make import make_province
from tests.helpers.homes import once
from tests.helpers.provinces import PERSONS, truth


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Making a province takes seconds whatever is asked of it: all tests of this folder are slow ones."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def province(shared: Path) -> Path:
    """Six months with the usual share of dirt."""
    return once(shared, "province", lambda out: make_province(PERSONS, 6, 7, out))


@pytest.fixture(scope="session")
def clean(shared: Path) -> Path:
    """The same kind of province with nothing spoilt, so that facts can be compared with the truth."""
    return once(shared, "clean_province", lambda out: make_province(PERSONS, 2, 7, out, dirt=0.0))


@pytest.fixture(scope="session")
def dirty(shared: Path) -> Path:
    """Dirtier than usual, so that every kind of mistake turns up among few people."""
    return once(shared, "dirty_province", lambda out: make_province(9_000, 4, 11, out, dirt=0.1))


@pytest.fixture(scope="session")
def rows(dirty: Path) -> pl.DataFrame:
    return truth(dirty, "rows")


@pytest.fixture(scope="session")
def people(dirty: Path) -> pl.DataFrame:
    return truth(dirty, "persons")


@pytest.fixture(scope="session")
def spells(dirty: Path) -> pl.DataFrame:
    return truth(dirty, "memberships")
