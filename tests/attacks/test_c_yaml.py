"""Contracts, rules and settings from others that cost more than a machine has, or end the process."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from data_contracts.loading.contracts import load_contracts
from tests.helpers.attacks import OTHER_VERSION, Done, command
from zhaoren.rooms import room

ALIASES = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)
)
MERGES = "a0: &a0 {k: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 30)
)
BOMBS = {
    "aliases": (ALIASES, 6),
    "merge keys": (MERGES, 6),
    "itself": ("schema:\n  - &a [*a]\n", 2),
    "brackets": ("schema: " + "[" * 60_000, 1),
    "dashes": ("- " * 3_000, 1),
    "program": ("version: !!python/object/apply:os.system ['touch harmed']\n", 1),
}
SECONDS = 30


def attempt(*args: object, cwd: Path) -> Done:
    """The command; what takes longer than SECONDS has failed."""
    more: dict[str, Any] = {"timeout": SECONDS} if OTHER_VERSION else {}
    began = time.monotonic()
    try:
        done = command(*args, cwd=cwd, **more)
    except subprocess.TimeoutExpired:
        pytest.fail(f"still at work after {SECONDS} s")
    assert time.monotonic() - began < SECONDS
    return done


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("kind", ["contracts lint", "policies lint", "check"])
def test_a_yaml_bomb_is_refused_at_its_line(tmp_path: Path, kind: str, bomb: str) -> None:
    """tried §8 C: aliases hung the lints; brackets, levels and tags are its neighbours."""
    text, line = BOMBS[bomb]
    folder = tmp_path / ("signals" if kind == "policies lint" else "extracts/made")
    folder.mkdir(parents=True)
    file = folder / "bomb.yaml"
    file.write_text(text, encoding="utf-8")
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n")
    args: dict[str, tuple[object, ...]] = {
        "contracts lint": ("contracts", "lint", folder.parent),
        "policies lint": ("policies", "lint", tmp_path),
        "check": ("check", "rows.csv", "--contract", file),
    }
    done = attempt(*args[kind], cwd=tmp_path)
    assert done.returncode == 1
    assert f"bomb.yaml:{line}" in done.said, done.said[-2000:]
    assert "Traceback" not in done.said and not (tmp_path / "harmed").exists()


EXPRESSIONS = {
    "alternatives": " OR ".join(["sex_code = '1'"] * 3_000),
    "brackets": "(" * 3_000 + "sex_code" + ")" * 3_000 + " = '1'",
    "repeated word": "INTERVAL " * 4_000 + "'1' day",
}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_endless_condition_of_a_contract_is_refused(tmp_path: Path, expression: str) -> None:
    """A condition of 600 alternatives took half a minute, and a repeated word ended the process (rc -11)."""
    ours = room("data_contracts") / "extracts" / "public_security" / "population.yaml"
    text = ours.read_text(encoding="utf-8")
    was = "registration_status_code <> 'dead' OR cancel_date IS NOT NULL"
    assert text.count(was) == 1
    text = re.sub(r"      - name: one_head\n(?:        .*\n)+", "", text)  # unknown to earlier versions
    file = tmp_path / "population.yaml"
    file.write_text(text.replace(was, EXPRESSIONS[expression]), encoding="utf-8")
    headers = [column.header for column in load_contracts()["public_security.population"].columns]
    (tmp_path / "population.csv").write_text(",".join(headers) + "\n" + ",".join("x" * len(headers)) + "\n")
    done = attempt("check", "population.csv", "--contract", file, cwd=tmp_path)
    assert done.returncode == 1 and "cancelled_has_date" in done.said and "more than" in done.said, done.said[
        -2000:
    ]
