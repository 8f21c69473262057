"""What another account of the machine sees and can do: a process of its own under the number of nobody."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

NOBODY = 65534


def as_nobody(look: Callable[[], Any]) -> Any:
    """What `look` (its answer must be plain values) finds when the account nobody does it; for root only."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            os.write(writing, json.dumps(look()).encode())
        except BaseException as error:
            os.write(writing, json.dumps(f"{type(error).__name__}: {error}").encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        found = json.loads(answer.read())
    os.waitpid(child, 0)
    return found


def readable(root: Path) -> list[str]:
    """Every folder that can be listed and every file that can be opened, at the root and below."""
    found = []
    for folder, _, names in os.walk(root, onerror=lambda _: None):
        found.append(folder)
        for name in names:
            try:
                (Path(folder) / name).open("rb").close()
                found.append(f"{folder}/{name}")
            except OSError:
                continue
    return found


def seen_of(process: int) -> str:
    """What /proc shows of a process: environment, arguments, memory map; what is refused is left out."""
    shown = []
    for name in ("environ", "cmdline", "maps"):
        try:
            shown.append(Path(f"/proc/{process}/{name}").read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return "\n".join(shown)


def status(url: str, body: object = None, **headers: str) -> int:
    """The answer's number to a request; with a body it is a POST."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def answer(url: str, body: object = None, **headers: str) -> Any:
    """The answer's content to a request that is granted."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers})
    with urllib.request.urlopen(request, timeout=120) as given:
        return json.load(given)


def family(process: int) -> list[psutil.Process]:
    """The process and all that descend from it."""
    parent = psutil.Process(process)
    return [parent, *parent.children(recursive=True)]


def listening(processes: list[psutil.Process]) -> set[tuple[str, int]]:
    """Addresses and ports on which any of the processes takes connections."""
    return {
        (line.laddr.ip, line.laddr.port)
        for process in processes
        if process.is_running()
        for line in process.net_connections("inet")
        if line.status == psutil.CONN_LISTEN
    }
