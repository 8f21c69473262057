"""Install the locked libraries into .venv, and report progress: run by `make` before any library is there.

Without a second argument: what Zhaoren runs on, and Zhaoren itself. With `requirements-dev.lock`: what its
tests and tools need beside that. Bytecode is not compiled ahead, which halves the processor's work and saves
a sixth of the room: Python does it for the modules that are imported.

pip draws its bars only on a terminal, and reports nothing while it puts libraries in place. So its lines are
counted here, and a line is written at least every two seconds. Standard library only.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path

LOCK = Path("requirements.lock")
MEGABYTES = {"requirements.lock": "1,070 MB", "requirements-dev.lock": "150 MB"}
SECONDS_BETWEEN_LINES = 1.2
KEPT_LINES = 30  # of pip's own, shown when it fails
PIP = (
    "-m",
    "pip",
    "--disable-pip-version-check",
    "install",
    "--progress-bar",
    "off",
    "--no-deps",
    "--no-compile",
)


class Installation:
    """What was fetched and put in place so far, as one line of text."""

    def __init__(self, venv: Path, lock: Path = LOCK) -> None:
        self.venv, self.started = venv, time.monotonic()
        self.libraries = len(re.findall(r"^[\w.\[\]-]+==", lock.read_text(), re.MULTILINE))
        self.there = self._placed()
        self.said: deque[str] = deque(maxlen=KEPT_LINES)
        self.step, self.fetched = "making .venv", 0

    def run(self, *command: str) -> None:
        """Run a command while the progress is reported; raises SystemExit with its last lines if it fails."""
        over = threading.Event()
        speaker = threading.Thread(target=self._speak, args=(over,), daemon=True)
        speaker.start()
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as child:
            for line in child.stdout or ():
                self._hear(line.rstrip())
        over.set()
        speaker.join()
        if child.returncode:
            print("\n".join(self.said), file=sys.stderr)
            raise SystemExit(
                "The installation failed; the reason is above. Run make again when it is removed."
            )

    def _hear(self, line: str) -> None:
        self.said.append(line)
        if line.startswith(("Collecting ", "Requirement already satisfied")):
            self.fetched += 1
            self.step = f"fetching libraries: {self.fetched} of {self.libraries}"
        elif line.startswith("Installing collected"):
            self.step = ""

    def _speak(self, over: threading.Event) -> None:
        while not over.wait(SECONDS_BETWEEN_LINES):
            minutes, seconds = divmod(int(time.monotonic() - self.started), 60)
            print(f"{minutes}:{seconds:02} {self.step or self._in_place()}", flush=True)

    def _in_place(self) -> str:
        placed = min(max(self._placed() - self.there, 0), self.libraries)
        return f"installing libraries: {placed} of {self.libraries}"

    def _placed(self) -> int:
        return sum(1 for _ in self.venv.glob("lib/python*/site-packages/*.dist-info"))


def install(venv: Path, lock: Path) -> None:
    """Put one lock's libraries into the virtual environment; with the first, make it and add this project."""
    python = str(venv / "bin/python")
    work = Installation(venv, lock)
    size = f"{MEGABYTES[lock.name]}; one to five minutes"
    print(f"Installing {work.libraries} libraries into {venv} ({size}).", flush=True)
    if lock == LOCK:
        work.run(sys.executable, "-m", "venv", str(venv))
    work.run(python, "-u", *PIP, "--require-hashes", "-r", str(lock))
    if lock == LOCK:
        work.step = "installing Zhaoren itself"
        work.run(python, "-u", *PIP, "--no-build-isolation", "-e", ".")


if __name__ == "__main__":
    install(Path(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2:] else LOCK)
