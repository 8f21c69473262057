"""Names and values that a terminal would act on, or that hide what they are."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from tests.helpers.attacks import command
from tests.helpers.homes import Made

# Red, a window's title, the one-character form of the same, reversed reading, nothing to see, markup.
ODD = "a\x1b[31m\x1b]0;x\x07\x9b2J\u202eb\u200b\u2066[red]c[/red]"
COMMANDS = {
    "an unknown command": (ODD,),
    "an option": ("run", f"--{ODD}"),
    "a folder": ("run", "--inbox", ODD, "--home", "home"),
    "a date": ("run", "--inbox", ".", "--as-of", ODD, "--home", "home"),
    "a number": ("id", ODD),
    "a number as JSON": ("id", ODD, "--json"),
    "a file": ("peek", f"{ODD.replace('/', '|')}.csv"),
    "a file that is not there": ("peek", f"{ODD}.xlsx"),
    "a contract": ("check", "plain.csv", "--contract", f"{ODD}.yaml"),
    "a contract's id": ("check", "plain.csv", "--contract", ODD),
    "a schedule": ("serve", "--cron", ODD, "--home", "home", "--inbox", "."),
    "a home": ("status", "--home", ODD),
    "rules": ("policies", "lint", ODD),
}


def acted_on(text: str) -> set[str]:
    """Characters that steer a terminal or are not seen."""
    return {
        hex(ord(c)) for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs")
    }


@pytest.mark.parametrize("case", COMMANDS)
def test_no_command_hands_a_terminal_what_it_would_act_on(tmp_path: Path, case: str) -> None:
    """tried §8 C: `[red]` was swallowed, and escape sequences were printed from names."""
    text = "姓名,身份证号\n" + ODD.replace(",", "") + ",1\n"
    for name in (f"{ODD.replace('/', '|')}.csv", "plain.csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = command(*COMMANDS[case], cwd=tmp_path)
    assert acted_on(done.said) == set()
    assert "Traceback" not in done.said


def test_markup_in_a_name_is_shown(tmp_path: Path) -> None:
    (tmp_path / "b[red]c.csv").write_text("姓名\n王五\n", encoding="utf-8")
    assert "[red]" in command("peek", "b[red]c.csv", cwd=tmp_path).said


def test_what_is_escaped_in_json_reads_as_it_was(tmp_path: Path) -> None:
    assert json.loads(command("id", ODD, "--json", cwd=tmp_path).stdout)[0]["number"] == ODD


def test_a_run_over_odd_names_prints_none_of_them_raw(small_home: Made, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    folder = inbox / max(day.name for day in small_home.inbox.iterdir()) / ODD.replace("/", "|")
    folder.mkdir(parents=True)
    (folder / f"{ODD.replace('/', '|')}.csv").write_text("姓名\n王五\n", encoding="utf-8")
    done = command("run", "--inbox", inbox, "--all", "--home", small_home.home.root, "--plain")
    assert acted_on(done.said) == set()
    assert acted_on(command("status", "--home", small_home.home.root).said) == set()
