"""The wheel is whole: built, installed without the checkout, it has every file and its command works."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.helpers.homes import clean_env
from tests.helpers.source import ROOT
from zhaoren.rooms import ROOMS

PACKAGES = ("zhaoren", *ROOMS)


def run(*command: object, cwd: Path) -> str:
    """What a command prints, run without the checkout on its path."""
    env = clean_env()
    del env["PYTHONPATH"]
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=env, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built offline from a copy of what is shipped, since building writes beside the sources."""
    place = tmp_path_factory.mktemp("wheel")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, place / "source" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, place / "source")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    run(
        *pip,
        "wheel",
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
        "-w",
        place,
        place / "source",
        cwd=place,
    )
    (made,) = place.glob("zhaoren-*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of an environment of its own that sees the libraries of this one and no more."""
    place = tmp_path_factory.mktemp("installed") / "env"
    venv.create(place)
    (site,) = place.glob("lib/*/site-packages")
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    (site / "libraries.pth").write_text("\n".join(libraries) + "\n")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", place / "bin" / "python")
    run(*pip, "install", "--no-deps", "--no-index", "--ignore-installed", wheel, cwd=place)
    return place / "bin"


def test_every_file_of_the_rooms_is_in_the_wheel(wheel: Path) -> None:
    there = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    shipped = {
        path.relative_to(ROOT).as_posix()
        for name in PACKAGES
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert there == shipped


def test_the_installed_command_works_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    where = run(installed / "python", "-c", "import policies; print(policies.__file__)", cwd=tmp_path)
    assert Path(where).is_relative_to(installed.parent), where
    assert "Usage: zhaoren" in run(installed / "zhaoren", "--help", cwd=tmp_path)
    run(installed / "zhaoren", "policies", "lint", cwd=tmp_path)
    run(installed / "zhaoren", "contracts", "lint", cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []
