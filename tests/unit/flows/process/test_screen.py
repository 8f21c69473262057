"""Only our own words reach the screen: what native code and libraries write there could quote a cell."""

from __future__ import annotations

import subprocess
import sys

from tests.helpers.homes import clean_env

NOISY = """
import logging, os, sys, threading, warnings
from flows.process.screen import hand_on, only_ours
only_ours()
def fails():
    raise ValueError("MARK in a thread")
class Dies:
    def __del__(self):
        raise ValueError("MARK while dying")
os.write(2, b"MARK of native code")
os.system("echo MARK of a child >&2")
warnings.warn("MARK in a warning")
logging.getLogger("openpyxl").warning("MARK in a log")
worker = threading.Thread(target=fails)
worker.start()
worker.join()
Dies()
print("our own words: 找人", file=sys.stderr)
if "handed on" in sys.argv:
    hand_on()
    os.system("echo a child speaks for itself >&2")
import polars
polars.Series(["MARK"]).map_elements(lambda cell: 1 / 0)
"""


def noise(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", NOISY, *args]
    return subprocess.run(command, env=clean_env(), capture_output=True, text=True)


def test_nothing_but_our_words_reaches_the_screen() -> None:
    done = noise()
    assert done.returncode == 1 and done.stdout == ""
    said = done.stderr.splitlines()
    assert said[0] == "our own words: 找人"
    assert said[1].startswith("Error: Something went wrong inside Zhaoren: ") and len(said) == 2


def test_children_that_keep_silent_themselves_may_speak() -> None:
    assert "a child speaks for itself" in noise("handed on").stderr
