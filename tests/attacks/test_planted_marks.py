"""Marks planted wherever a department, a worker or a reviewer can write are found where they belong alone.

tried §8 A5, B2, B3, C: on b97b271 they stood in fifteen columns of the warehouse, in delivery ids,
departments, parts, reasons, reports, the published file, notes and workers of
outcomes, and on standard error.
"""

from __future__ import annotations

import shutil
from collections import Counter
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from flows.context.home import Home
from province.make import make_province
from tests.helpers.attacks import command
from tests.helpers.byte_search import Found, Net, found_in
from tests.helpers.homes import KEY, grid, once
from tests.helpers.marks import Marks
from tests.helpers.ordeal import Ordeal
from tests.helpers.planted import plant_around, plant_inbox
from tests.matrix.writers import as_csv

# Made to hold identities: the vault and the archive, what goes back to who sent it, and the reviewer's sheet.
ENTRUSTED = ("vault.duckdb", "vault.key", "archive", "receipts", "reviews")
# Name, phone and address of the households on them, and nothing else of anybody.
LISTS = ("worklists", "counties", "compliance")
CONTACT = ("name", "phone", "address")
ROWS = 61  # of each file, its header included


def ordeal_of(folder: Path, process: bool) -> Ordeal:
    for name in ("cwd", "tmp", "inbox", "parquet"):
        (folder / name).mkdir()
    run = partial(command, env={"TMPDIR": str(folder / "tmp")}, process=process)
    return Ordeal(Home(folder / "home"), folder / "inbox", folder, Marks(), run)


@pytest.fixture(scope="module")
def sources(shared: Path) -> Path:
    """A day's files of all extracts, the first rows of each: good ones, to plant marks beside."""
    return once(shared, "sources", _first_rows) / "days"


def _first_rows(folder: Path) -> None:
    make_province(4000, 1, 5, folder / "made", 0)
    (day,) = (folder / "made" / "inbox").iterdir()
    for path in day.glob("*/*"):
        target = folder / "days" / day.name / path.parent.name / f"{path.name.split('.')[0]}.csv"
        target.parent.mkdir(parents=True, exist_ok=True)
        as_csv(target, grid(path)[:ROWS])


def leaks(ordeal: Ordeal) -> list[tuple[str, str]]:
    """Where a mark was found -> where it had been planted, of everything but what is entrusted."""
    sought = ordeal.marks.sought()
    found = found_in(ordeal.home.root, sought, but=[*ENTRUSTED, *LISTS])
    for name in ("cwd", "tmp", "parquet"):
        found += [Found(f"{name}: {one.where}", one.mark) for one in found_in(ordeal.folder / name, sought)]
    contact = set(ordeal.marks.of(CONTACT))
    for kind in LISTS:
        found += [one for one in found_in(ordeal.home.root / kind, sought) if one.mark not in contact]
    return [(one.where, ordeal.marks.origin(one.mark)) for one in [*found, *_printed(ordeal, sought)]]


def _printed(ordeal: Ordeal, sought: list[str]) -> list[Found]:
    """Marks on the screen, but those that stood in the command itself."""
    pieces = [
        (f"{n} {name} of {said.split()[0]}", text.encode(errors="surrogateescape"))
        for n, (said, done) in enumerate(ordeal.said)
        for name, text in (("stdout", done.stdout), ("stderr", done.stderr))
    ]
    found = Net(sought).caught_in(pieces)
    typed = [said for said, _ in ordeal.said]
    return [
        Found(one.where.partition(" ")[2], one.mark)
        for one in sorted(found)
        if one.mark not in typed[int(one.where.split()[0])]
    ]


@pytest.mark.long
def test_everything_everywhere(sources: Path, tmp_path: Path) -> None:
    ordeal = ordeal_of(tmp_path, process=False)
    (day,) = sources.iterdir()
    shutil.copytree(day, ordeal.inbox / "2025-09-05")
    plant_inbox(day, ordeal.inbox / "2025-10-05", ordeal.marks)
    plant_around(day, ordeal.inbox / "2025-10-05", ordeal.marks)
    ordeal.do("run", "--plain", "--all", "--inbox", ordeal.inbox)
    ordeal.do("run", "--plain", "--all", "--inbox", ordeal.inbox)
    ordeal.decide()
    ordeal.do("run", "--plain", "--as-of", "2025-10-05", "--deliver", "--inbox", ordeal.inbox)
    ordeal.hand_back()
    ordeal.correct_receipts("2025-11-05")
    ordeal.do("run", "--plain", "--as-of", "2025-11-05", "--inbox", ordeal.inbox)
    ordeal.ask()
    ordeal.look_at_files(every=5)
    found = leaks(ordeal)
    pl.DataFrame(found, schema=["where", "planted"], orient="row").write_csv(tmp_path / "found.csv")
    print(sorted(ordeal.codes()))
    assert found_in(tmp_path / "home", ordeal.marks.sought(), key=KEY) != []
    assert Counter(where for where, _ in found) == {}
