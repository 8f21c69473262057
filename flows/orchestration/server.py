"""A Prefect server of one's own while `zhaoren serve` runs: a temporary one never fires a schedule."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from zhaoren.errors import ZhaorenError

STARTUP_SECONDS = 180


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


@contextmanager
def scheduling_server() -> Iterator[str]:
    """The address of the server named by PREFECT_API_URL, else of one started here and stopped at the end.

    Call after `configure_prefect` and before `prefect` is imported: its settings are read once.
    """
    if url := os.environ.get("PREFECT_API_URL"):
        yield url
        return
    port = _free_port()
    url = f"http://127.0.0.1:{port}/api"
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    # A session of its own: Ctrl-C is for us, and we stop the server after the flow has gone.
    server = subprocess.Popen(
        [*command, "--no-ui"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_until_healthy(server, url)
        os.environ["PREFECT_API_URL"] = url
        yield url
    finally:
        os.environ.pop("PREFECT_API_URL", None)
        _stop(server)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
