"""What lies in the repository and goes into the wheel: nobody's number, nobody's key, nothing but our own."""

from __future__ import annotations

import re
import subprocess
import tomllib
from datetime import date
from functools import cache
from pathlib import Path

from zhaoren.rooms import ROOMS

ROOT = Path(__file__).parents[2]
MADE_UP = ROOT / "tests" / "data" / "made_up_identifiers.txt"
NUMBER = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")
PHONE = re.compile(r"(?<![0-9A-Za-z.])1[3-9][0-9]{9}(?![0-9A-Za-z])")
SECRET = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|\bgh[pousr]_[0-9A-Za-z]{30}|\bAKIA[0-9A-Z]{16}\b")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# Kept by hand, so that the search does not lean on what it searches.


@cache
def texts() -> dict[str, str]:
    """Every file that Git knows and that is text."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    found = {}
    for name in filter(None, done.stdout.split("\0")):
        data = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        if b"\0" not in data:
            found[name] = data.decode("utf-8", "replace")
    return found


def is_valid(number: str) -> bool:
    """Whether an 18-digit number is somebody's: its check digit and its birth date are right."""
    digits = zip(number[:17], WEIGHTS, strict=True)
    if "10X98765432"[sum(int(digit) * weight for digit, weight in digits) % 11] != number[17].upper():
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return born.year >= 1900


def identifiers(text: str) -> set[str]:
    """The valid ID numbers and the mobile phones in a text."""
    return {n.upper() for n in NUMBER.findall(text) if is_valid(n)} | set(PHONE.findall(text))


def made_up() -> set[str]:
    lines = MADE_UP.read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def test_the_repository_holds_no_identifier_but_made_up_ones() -> None:
    """A number that checks out is somebody's until somebody says that it was made up."""
    strays = {
        name: sorted(found)
        for name, text in texts().items()
        if (found := identifiers(text) - made_up())
    }  # fmt: skip
    assert strays == {}, f"made up? then add it to {MADE_UP.relative_to(ROOT)}; if not, take it out"
    assert identifiers("x 11010519491231002x 13812341234 y") == {"11010519491231002X", "13812341234"}
    assert identifiers("110105194912310021 2.13812341234") == set()


def test_the_repository_holds_no_key_and_no_home() -> None:
    assert [name for name, text in texts().items() if SECRET.search(text)] == []
    homes = re.compile(r"(^|/)(vault\.key|[^/]*\.duckdb(\.wal)?|var|archive)(/|$)|\.(pem|p12|pfx)$")
    assert [name for name in texts() if homes.search(name)] == []


def test_the_wheel_holds_the_rooms_and_their_tables_alone() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    assert set(settings["packages"]["find"]["include"]) == {f"{name}*" for name in (*ROOMS, "zhaoren")}
    endings = {pattern.rpartition(".")[2] for pattern in settings["package-data"]["*"]}
    assert endings == {"yaml", "parquet", "md", "html", "j2", "csv", "txt", "typed"}
