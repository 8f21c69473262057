"""A real PostgreSQL of the tests' own, where its programs are installed (`make debian`)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers.ports import free_port

PLACES = [*Path("/usr/lib/postgresql").glob("*/bin"), Path("/usr/local/bin")]
ACCOUNT = "postgres"  # it refuses to be started by root


@dataclass(frozen=True)
class Postgres:
    """A running server; `catalogue` is how a lake names it."""

    data: Path
    port: int

    @property
    def catalogue(self) -> str:
        return f"postgres:dbname=postgres host=127.0.0.1 port={self.port} user=zhaoren"

    def start(self) -> None:
        options = f"-p {self.port} -k {self.data} -c listen_addresses=127.0.0.1"
        _as_account(
            "pg_ctl", "-D", str(self.data), "-w", "-o", options, "-l", str(self.data / "log"), "start"
        )

    def kill(self) -> None:
        """End it as a power cut would."""
        first = int((self.data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(first, signal.SIGKILL)


@contextmanager
def postgres(folder: Path) -> Iterator[Postgres]:
    """A server with an empty database in the folder; skips the test where there is no PostgreSQL."""
    if not _program("initdb"):
        pytest.skip("PostgreSQL is not installed: make debian")
    folder.mkdir()
    if os.geteuid() == 0:
        for place in (folder, *folder.parents[:-1]):
            place.chmod(place.stat().st_mode | 0o011)  # its account must get through to its folder
        shutil.chown(folder, ACCOUNT)
    server = Postgres(folder / "data", free_port())
    _as_account("initdb", "-D", str(server.data), "-A", "trust", "-U", "zhaoren")
    server.start()
    try:
        yield server
    finally:
        _as_account("pg_ctl", "-D", str(server.data), "-m", "immediate", "stop", check=False)


def _program(name: str) -> str:
    return shutil.which(name, path=os.pathsep.join(map(str, PLACES))) or ""


def _as_account(name: str, *words: str, check: bool = True) -> None:
    command = [_program(name), *words]
    other = {"user": ACCOUNT, "group": ACCOUNT, "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(
        command, check=check, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **other
    )  # type: ignore[call-overload]
