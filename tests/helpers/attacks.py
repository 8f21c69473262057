"""How an attack uses the command line: of this checkout, or of the version that ZHAOREN_COMMAND names.

An attack that an earlier version let through is a test that passes here and fails with
`ZHAOREN_COMMAND=<that version>/bin/zhaoren pytest tests/attacks/...`.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.helpers.homes import COMMAND, KEY, clean_env

OTHER_VERSION = os.environ.get("ZHAOREN_COMMAND", "")
WIDE = 400  # columns of a screen on which no line is broken


@dataclass(frozen=True)
class Done:
    """How a command ended and what it said."""

    returncode: int
    stdout: str
    stderr: str

    @property
    def said(self) -> str:
        return self.stdout + self.stderr


def argv(*args: object) -> list[str]:
    """The command line as a list, for whoever starts or kills the process himself."""
    return [*([OTHER_VERSION] if OTHER_VERSION else COMMAND), *map(str, args)]


def environment(more: dict[str, str | None] | None = None) -> dict[str, str]:
    """The environment of a command: nothing of ours but the key of the tests; None takes a name out."""
    env: dict[str, str | None] = {**clean_env(), "ZHAOREN_VAULT_KEY": KEY, **(more or {})}
    if OTHER_VERSION:
        env.pop("PYTHONPATH")  # it brings its own packages
    return {name: value for name, value in env.items() if value is not None}


def command(
    *args: object,
    env: dict[str, str | None] | None = None,
    cwd: Path | None = None,
    input: str | None = None,
    process: bool = False,
    **more: Any,
) -> Done:
    """Run `zhaoren args…`; the key is KEY unless `env` says otherwise (None: no such variable).

    It runs inside this process, which spares two seconds of imports, unless `process`, more options of
    `subprocess.run`, or another version are asked for: what the system sees of a process (its modes, its
    environment, what native code prints, how it dies) needs one of its own.
    """
    if not (process or more or OTHER_VERSION):
        return _here(list(map(str, args)), environment(env), cwd, input)
    more = {"timeout": 300, **more}
    done = subprocess.run(
        argv(*args), env=environment(env), cwd=cwd, input=input, capture_output=True, text=True, **more
    )
    return Done(done.returncode, done.stdout, done.stderr)


def _here(args: list[str], env: dict[str, str], cwd: Path | None, input: str | None) -> Done:
    from typer.testing import CliRunner

    from flows.cli.app import app
    from flows.process.privacy import PRIVATE_UMASK

    mask = os.umask(PRIVATE_UMASK)  # as a command's process begins
    with _surroundings(env, cwd):
        ended = CliRunner().invoke(app, args, input=input)
    os.umask(mask)
    error = ended.exception
    unexpected = error is not None and not isinstance(error, SystemExit)
    trace = "".join(traceback.format_exception(error)) if error is not None and unexpected else ""
    return Done(ended.exit_code, ended.stdout, ended.stderr + trace)


@contextlib.contextmanager
def _surroundings(env: dict[str, str], cwd: Path | None) -> Iterator[None]:
    """Another environment, folder and screen, and back to what was there before."""
    from flows.cli.terminal.console import err, out

    before, widths = dict(os.environ), [(one, one._width) for one in (out, err)]
    with contextlib.chdir(cwd or Path.cwd()):
        try:
            _replace_environment(env)
            tempfile.tempdir = None  # where temporary files go is decided once, by TMPDIR
            for one, _ in widths:
                one._width = WIDE
            yield
        finally:
            _replace_environment(before)
            tempfile.tempdir = None
            for one, width in widths:
                one._width = width
            sys.stdout.flush()


def _replace_environment(env: dict[str, str]) -> None:
    for name in os.environ.keys() - env.keys():
        del os.environ[name]
    os.environ.update(env)
