"""Commands killed with `kill -9` at a step of their own: the n-th call that reaches a file or a database.

Imports cost more than the commands do, so one process imports the libraries once and forks for each command.
Our own modules it leaves alone: some of them set polars to work, whose threads no fork survives.
Progress is counted in steps and not in seconds: a kill comes at the same place on a fast and a slow machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.helpers.attacks import environment

# What changes a file or asks a database, whichever library's it is.
STEPS = (
    "execute",
    "register",
    "mkdir",
    "rename",
    "replace",
    "unlink",
    "rmdir",
    "open",
    "write",
    "fsync",
    "close",
    "chmod",
)
FORKING = """
import json, os, signal, sys, threading, time
import chinese_calendar, cryptography.fernet, duckdb, duckdb_engine, fastexcel, jinja2, jsonschema, pandas
import polars, polars_hash, psutil, pyarrow, pydantic, rich.progress, sqlglot, typer, xlrd, xlsxwriter, yaml
import great_expectations, great_expectations.datasource.fluent

steps = frozenset(STEPS)


def work(job):
    os.chdir(job["cwd"])
    os.environ.update(job["env"])
    said = os.open(job["said"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(said, 1); os.dup2(said, 2)
    count, lock, at = [0], threading.Lock(), job["at"]
    def seen(frame, event, function):
        if event == "c_call" and function.__name__ in steps:
            with lock:
                count[0] += 1
                now = count[0] == at
            if now and job["delay"]:
                threading.Timer(job["delay"], os.kill, (os.getpid(), signal.SIGKILL)).start()
            elif now:
                os.kill(os.getpid(), signal.SIGKILL)
    from flows.cli.app import main
    code = 0
    threading.setprofile(seen)
    sys.setprofile(seen)
    sys.argv = ["zhaoren", *job["args"]]
    try:
        main()
    except SystemExit as ended:
        code = ended.code or 0
    sys.setprofile(None)
    sys.stdout.flush(); sys.stderr.flush()
    os.write(job["back"], b"%d" % count[0])
    os._exit(code)

for line in sys.stdin:
    job = json.loads(line)
    read, job["back"] = os.pipe()
    child = os.fork()
    if not child:
        try:
            work(job)
        finally:
            os._exit(99)
    os.close(job["back"])
    _, status = os.waitpid(child, 0)
    told = os.read(read, 100)
    os.close(read)
    print(json.dumps([os.waitstatus_to_exitcode(status), int(told or 0)]), flush=True)
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended (-9: killed), how many steps it took, and what it said."""

    returncode: int
    steps: int
    said: str


class Killer:
    """A process that runs commands of this checkout in forks of its own, and kills them when told to."""

    def __init__(self, folder: Path) -> None:
        """folder: where the commands run, and where their temporary files go."""
        self.folder = folder
        for name in ("cwd", "tmp"):
            (folder / name).mkdir()
        script = FORKING.replace("STEPS", repr(STEPS), 1)
        env = environment({"TMPDIR": str(folder / "tmp"), "POLARS_MAX_THREADS": "1"})
        key = env.pop("ZHAOREN_VAULT_KEY")
        self._env = {"ZHAOREN_VAULT_KEY": key}
        self._process = subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, text=True
        )

    def __enter__(self) -> Killer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)

    def run(self, *args: object, at: int = 0, delay: float = 0, env: dict[str, str] | None = None) -> Ended:
        """A command, killed at its step `at` (from 1; 0: not at all), or so many seconds after it."""
        said = self.folder / "said.txt"
        job: dict[str, Any] = {
            "args": list(map(str, args)),
            "cwd": str(self.folder / "cwd"),
            "env": self._env | (env or {}),
            "said": str(said),
            "at": at,
            "delay": delay,
        }
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        code, steps = json.loads(self._process.stdout.readline())
        return Ended(code, steps, said.read_text())
