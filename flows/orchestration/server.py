"""A Prefect server of our own, for a run or while `zhaoren serve` runs, on a port that we bound for it."""

from __future__ import annotations

import atexit
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass

from flows.orchestration.setup import SERVER_URL
from zhaoren.errors import ZhaorenError

STARTUP_SECONDS = 180
# Prefect's own word for a server that only keeps what a run tells it; all others look for schedules.
_WITHOUT_SCHEDULES = {"PREFECT__SERVER_EPHEMERAL": "1"}


# Minute, hour, day, month, weekday; what Prefect makes of them is its own to say.
_FIELD = r"[0-9*][0-9A-Za-z*/,#-]*"
_CRON = re.compile(rf"{_FIELD}(\s+({_FIELD}|[A-Z?]{{1,3}})){{4}}")


def check_cron(cron: str) -> None:
    """Raise ZhaorenError when the text cannot be a schedule: a server would be started in vain."""
    if not _CRON.fullmatch(cron.strip()):
        raise ZhaorenError(
            f"“{cron}” is no schedule.",
            "--cron",
            "A schedule has five parts: minute, hour, day of the month, month, day of the week.",
            'Write it like "0 3 * * *", every day at 3:00 UTC.',
        )


@dataclass(frozen=True)
class Server:
    """url: of its API. process: it, where it is one of our own; then somebody must wait until it answers."""

    url: str
    process: subprocess.Popen[bytes] | None = None

    def wait(self) -> None:
        """Return when it answers. Raises ZhaorenError when it ended or does not answer in time."""
        if self.process is not None:
            _wait_until_healthy(self.process, self.url)


def start_server(*, scheduling: bool) -> Server:
    """The server named by PREFECT_API_URL, else one of our own, stopped when we end.

    It takes seconds to get up, on a core of its own: do other work before `Server.wait`. Call after
    `configure_prefect` and before `prefect` is imported: its settings are read once. `scheduling`: with the
    services that schedules need.
    """
    if url := os.environ.get(SERVER_URL):
        return Server(url)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/api"
        server = _started(listening, scheduling)
        # Registered before Prefect registers anything: it has to go last.
        atexit.register(_stop, server)
    os.environ[SERVER_URL] = url
    return Server(url, server)


def _started(listening: socket.socket, scheduling: bool) -> subprocess.Popen[bytes]:
    descriptor = listening.fileno()
    # In a session of its own: Ctrl-C is for us, and we stop the server after the flow has gone.
    return subprocess.Popen(
        [sys.executable, "-m", "flows.orchestration.api", str(descriptor)],
        env=os.environ | ({} if scheduling else _WITHOUT_SCHEDULES),
        pass_fds=[descriptor],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _wait_until_healthy(server: subprocess.Popen[bytes], url: str) -> None:
    until = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < until and server.poll() is None:
        with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(f"{url}/health", timeout=5):
            return
        time.sleep(0.2)
    raise ZhaorenError(
        "The Prefect server did not start.",
        url,
        "It ended at once or did not answer in time.",
        "Try again, or start one yourself and name it in PREFECT_API_URL.",
    )


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
