"""What the installer reports; it runs before any library is there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from flows import install


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> install.Installation:
    """An installation of the locked libraries that speaks a hundred times as often."""
    monkeypatch.setattr(install, "SECONDS_BETWEEN_LINES", 0.012)
    monkeypatch.chdir(Path(__file__).parents[3])
    return install.Installation(Path(".venv"))


def test_installing_speaks_while_the_installer_is_silent(
    work: install.Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    """tried §5: 130 s of installation without one line where there is no terminal."""
    work.run(sys.executable, "-c", "print('Collecting polars==1'); import time; time.sleep(0.2)")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 4
    assert lines[-1] == f"0:00 fetching libraries: 1 of {work.libraries}"
    assert work.libraries > 100


def test_a_failed_installation_shows_why(
    work: install.Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="the reason is above"):
        work.run(sys.executable, "-c", "print('no such version'); raise SystemExit(1)")
    assert "no such version" in capsys.readouterr().err
