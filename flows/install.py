"""Install the locked libraries into .venv, and report progress: run by `make` before any library is there.

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
SECONDS_BETWEEN_LINES = 1.2
KEPT_LINES = 30  # of pip's own, shown when it fails
PIP = ("-m", "pip", "--disable-pip-version-check", "install", "--progress-bar", "off", "--no-deps")


class Installation:
    """What was fetched and put in place so far, as one line of text."""

    def __init__(self, venv: Path) -> None:
        self.venv, self.started = venv, time.monotonic()
        self.libraries = len(re.findall(r"^[\w.\[\]-]+==", LOCK.read_text(), re.MULTILINE))
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
        if line.startswith("Collecting "):
            self.fetched += 1
            self.step = f"fetching libraries: {self.fetched} of {self.libraries}"
        elif line.startswith("Installing collected"):
            self.step = ""

    def _speak(self, over: threading.Event) -> None:
        while not over.wait(SECONDS_BETWEEN_LINES):
            minutes, seconds = divmod(int(time.monotonic() - self.started), 60)
            print(f"{minutes}:{seconds:02} {self.step or self._in_place()}", flush=True)

    def _in_place(self) -> str:
        placed = sum(1 for _ in self.venv.glob("lib/python*/site-packages/*.dist-info"))
        return f"installing libraries: {min(placed, self.libraries)} of {self.libraries}"


def install(venv: Path) -> None:
    """Make the virtual environment, and put the locked libraries and this project into it."""
    python = str(venv / "bin/python")
    work = Installation(venv)
    print(f"Installing {work.libraries} libraries into {venv} (1.3 GB; one to five minutes).", flush=True)
    work.run(sys.executable, "-m", "venv", str(venv))
    work.run(python, "-u", *PIP, "--require-hashes", "-r", str(LOCK))
    work.step = "installing Zhaoren itself"
    work.run(python, "-u", *PIP, "--no-build-isolation", "-e", ".")


if __name__ == "__main__":
    install(Path(sys.argv[1]))
