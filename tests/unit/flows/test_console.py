"""An error as machines and people see it."""

from __future__ import annotations

import json

import pytest
import typer

from flows.cli.console import fail
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
