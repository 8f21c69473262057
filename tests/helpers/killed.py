"""Commands killed by themselves at a chosen file operation: what no outside clock can aim at."""

from __future__ import annotations

import subprocess

from tests.helpers.attacks import environment
from tests.helpers.homes import COMMAND

# Before every write-through, rename and removal the process counts, and dies at the one asked for.
_DYING = """
import os, signal, pathlib
left = {operation}
def counting(work):
    def counted(*args, **more):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return work(*args, **more)
    return counted
os.fsync = counting(os.fsync)
pathlib.Path.replace = counting(pathlib.Path.replace)
pathlib.Path.unlink = counting(pathlib.Path.unlink)
"""


def killed_at_operation(
    operation: int, *args: object, env: dict[str, str | None] | None = None, input: str = ""
) -> int:
    """Run `zhaoren args…`, killed (SIGKILL) just before its file operation of that number.

    Returns how it ended: -9, or 0 or 1 where it has fewer operations.
    """
    program = _DYING.format(operation=operation) + COMMAND[2]
    done = subprocess.run(
        [COMMAND[0], "-c", program, *map(str, args)],
        env=environment(env), input=input, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode in (0, 1, -9), done.stdout + done.stderr
    return done.returncode
