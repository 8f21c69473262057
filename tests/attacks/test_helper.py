"""The command that attacks use: the checkout's own, with the key of the tests and nothing else of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.attacks import command
from tests.helpers.homes import Made


@pytest.mark.parametrize("process", [False, True])
def test_a_command_says_what_it_says_and_leaves_us_as_we_were(tmp_path: Path, process: bool) -> None:
    done = command("status", "--home", "nowhere", cwd=tmp_path, process=process)
    assert done.returncode == 1 and "There is no such home." in done.stderr and done.stdout == ""
    assert list(tmp_path.iterdir()) == []
    assert Path.cwd() != tmp_path


def test_the_small_home_opens_with_the_key_of_the_tests_alone(small_home: Made) -> None:
    assert command("status", "--home", small_home.home.root).returncode == 0
    assert command("status", "--home", small_home.home.root, env={"ZHAOREN_VAULT_KEY": None}).returncode == 1
