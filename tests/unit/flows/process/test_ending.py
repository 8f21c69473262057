"""The end of a process: what was registered for it is done, and nothing else is waited for."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import atexit, sys, threading, time
from flows.process.ending import end_at_once, ends_with
end_at_once()
atexit.register(print, "stopped the server")
class Slow:
    def __del__(self):
        print("taken apart", flush=True)
kept = Slow()
threading.Thread(target=lambda: (time.sleep(0.2), print("the last work"))).start()
print("done")
{end}
"""


def ended(end: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", SCRIPT.format(end=end)], capture_output=True, text=True)


def test_what_is_registered_is_done_and_the_code_is_kept() -> None:
    done = ended("ends_with(3)\nsys.exit(3)")
    assert done.returncode == 3
    assert done.stdout.splitlines() == ["done", "the last work", "stopped the server"]


def test_a_process_that_names_no_code_ends_as_ever() -> None:
    done = ended("raise ValueError")
    assert done.returncode == 1 and "ValueError" in done.stderr
    assert done.stdout.splitlines()[-1] == "taken apart"


def test_what_could_not_be_said_is_told_by_the_code() -> None:
    code = "import sys; sys.stdout = open('/dev/full', 'w')\n" + SCRIPT.format(end="ends_with(0)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert done.returncode == 120, done.stderr
