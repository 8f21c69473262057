"""`zhaoren peek` and `zhaoren check` on spoilt files: an answer or a plain refusal, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.cli.app import app
from province.make import make_province
from tests.generative.mutants import Mutant, base_sheets, mutant
from tests.generative.mutants.judging import IDENTIFIER, contracts

SEEDS = range(900, 930)


@pytest.fixture(scope="module")
def mutants(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Mutant, Path]]:
    place = tmp_path_factory.mktemp("commands")
    make_province(400, 1, 5, place, 0.05)
    sheets = base_sheets(place / "inbox", contracts(), 20)
    made = []
    for seed in SEEDS:
        spoilt = mutant(sheets[seed % len(sheets)], seed)
        path = place / str(seed) / spoilt.name
        path.parent.mkdir()
        path.write_bytes(spoilt.content)
        made.append((spoilt, path))
    return made


def answer(*args: str) -> Result:
    return CliRunner().invoke(app, list(args))


def assert_plain(done: Result, about: Mutant) -> None:
    assert done.exit_code in (0, 1, 2), f"{done.exit_code} {about}"
    # An error nobody foresaw would come out of the command as itself.
    assert done.exception is None or isinstance(done.exception, SystemExit), f"{done.exception!r} {about}"
    assert "Traceback" not in done.output, about
    assert done.output.strip(), about
    assert not IDENTIFIER.search(done.output), f"{done.output} {about}"


def test_peek(mutants: list[tuple[Mutant, Path]]) -> None:
    codes = set()
    for spoilt, path in mutants:
        done = answer("peek", str(path), "--json")
        assert_plain(done, spoilt)
        if done.exit_code == 0:
            assert json.loads(done.output), spoilt
        codes.add(done.exit_code)
    assert codes == {0, 1}


def test_check(mutants: list[tuple[Mutant, Path]]) -> None:
    codes = set()
    for spoilt, path in mutants:
        done = answer("check", str(path), "--contract", spoilt.contract.id, "--rows-only")
        assert_plain(done, spoilt)
        codes.add(done.exit_code)
    assert {0, 1} >= codes and 1 in codes
