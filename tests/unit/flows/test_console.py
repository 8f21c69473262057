"""An error as machines and people see it."""

from __future__ import annotations

import io
import itertools
import json
import subprocess
import sys
import time

import pytest
import typer
from rich.console import Console

from flows.cli.terminal import console
from flows.cli.terminal import spoken_progress as spoken
from flows.cli.terminal.console import fail, out, progress_bar, table
from flows.context.progress import stretch
from zhaoren.errors import ZhaorenError

LOCKED = ZhaorenError("the file cannot be read", "a.zip", "locked", "send it open", code="file_locked")


def test_machines_get_the_code_of_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        fail(LOCKED, as_json=True)
    assert ended.value.exit_code == 1
    assert json.loads(capsys.readouterr().out) == {
        "error": "the file cannot be read",
        "where": "a.zip",
        "why": "locked",
        "todo": "send it open",
        "code": "file_locked",
    }


def test_people_read_the_sentence_and_no_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        fail(LOCKED)
    said = capsys.readouterr().err
    assert "the file cannot be read" in said and "file_locked" not in said + str(LOCKED)


def test_what_a_name_holds_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    """Tried from outside, §8 A4: a member called b[/red].csv ended the command in a traceback."""
    odd = "b[/red].csv[bold]"
    with pytest.raises(typer.Exit):
        fail(ZhaorenError(odd, odd, odd, odd))
    assert capsys.readouterr().err.count(odd) == 4
    table(odd, [odd], [(odd,)])
    out.print(f"not loaded {odd}", highlight=False)
    assert capsys.readouterr().out.count(odd) == 4


def test_without_a_terminal_progress_speaks_in_lines_though_the_step_is_silent(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """tried §5: 200 to 320 s of demo without one line where there is no terminal."""
    monkeypatch.setattr(spoken, "SECONDS_BETWEEN_LINES", 0.01)
    with progress_bar() as progress:
        within = stretch(progress, 0.5, 1)
        within("receipts [b]", 1, 4)
        time.sleep(0.1)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) > 2
    assert lines[-1] == " 62% 0:00 receipts [b] (1 of 4)"


def test_a_line_that_says_nothing_new_says_for_how_long(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No line repeats the one before: a step that is silent by itself is seen to go on."""
    clock = itertools.count(100)
    monkeypatch.setattr(spoken, "SECONDS_BETWEEN_LINES", 0.01)
    monkeypatch.setattr(spoken.time, "monotonic", lambda: next(clock))
    with spoken.spoken_progress() as report:
        report("publishing")
        time.sleep(0.1)
        report("published")
        time.sleep(0.05)
    lines = capsys.readouterr().err.splitlines()
    assert lines[:3] == [
        "  0% 0:01 publishing",
        "  0% 0:02 publishing, for 1 s now",
        "  0% 0:03 publishing, for 2 s now",
    ]
    assert any(line.endswith(" published") for line in lines)
    assert len(set(lines)) == len(lines)


def test_nobody_waits_more_than_two_seconds_for_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """While a step computes and reports nothing; half a second is left for a busy machine."""
    assert spoken.SECONDS_BETWEEN_LINES <= 1.5
    with progress_bar() as progress:
        progress("computing")
        until = time.monotonic() + spoken.SECONDS_BETWEEN_LINES + 0.3
        while time.monotonic() < until:
            sum(range(1000))
    assert "computing" in capsys.readouterr().err


def test_help_waits_for_nothing_heavy() -> None:
    """`zhaoren --help` in 0.4 s: what reads data is imported by the commands that read some."""
    code = "import sys, flows.cli.app; print(*sys.modules)"
    loaded = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.split())
    assert "flows.cli.run" in loaded
    heavy = ("polars", "duckdb", "numpy", "pyarrow", "yaml", "prefect", "great_expectations", "sklearn")
    assert not loaded & {*heavy, "flows.context.site"}


def test_progress_of_the_whole_never_goes_back(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """tried §5: the bar restarts at every step."""
    monkeypatch.setattr(spoken, "SECONDS_BETWEEN_LINES", 0.01)
    with progress_bar() as progress:
        progress("one", 3, 4)
        progress("another", 0, 4)
        time.sleep(0.05)
    assert capsys.readouterr().err.splitlines()[-1] == " 75% 0:00 another"


def test_machines_hear_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar(quiet=True) as progress:
        progress("one", 3, 4)
    assert capsys.readouterr().err == ""


def test_parts_of_parts_fill_the_whole_in_order() -> None:
    heard: list[tuple[str, float, float]] = []

    def hear(text: str, done: float = 0, total: float = 0) -> None:
        heard.append((text, done, total))

    month = stretch(hear, 0.5, 1.0)
    step = stretch(month, 0.0, 0.5)
    for done in (0, 2, 4):
        step("reading", done, 4)
    step("of unknown length")
    assert [share for _, share, _ in heard] == [0.5, 0.625, 0.75, 0.5]
    assert heard[1] == ("reading (2 of 4)", 0.625, 1)


def test_a_result_stands_on_a_line_of_its_own_while_the_bar_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """tried §5: the bar and the result stood on one line, `0:02:222025-09`."""
    screen = io.StringIO()
    for name in ("out", "err"):
        monkeypatch.setattr(console, name, Console(file=screen, force_terminal=True, width=100))
    with progress_bar() as progress:
        progress("reading", 1, 2)
        console.out.print("2025-09-05: done", highlight=False)
    before, _, _ = screen.getvalue().partition("2025-09-05: done")
    assert "starting" in before
    assert before.endswith(("\r\x1b[2K", "\n"))
