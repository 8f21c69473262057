"""Small homes for the tests of the flows: real runs on a small made-up province, made once and copied.

A home's warehouse can be open in one process only, so each test worker gets its own copy of the shared one.
"""

from __future__ import annotations

import csv
import fcntl
import hashlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import polars as pl

import zhaoren
from flows.context.home import Home
from flows.context.site import open_site
from flows.main_job import Step, main_job, run_plainly

ROOT = Path(zhaoren.__file__).parents[1]
COMMAND = [sys.executable, "-c", "from flows.cli.app import main; main()"]
KEY = "the key of the tests"
# Enough for persons, households, need and compliance lists, receipts and benefits, and no more.
THIN = ("population", "benefit_roll", "disability_card", "settlement", "unemployment", "custody")


@dataclass(frozen=True)
class Made:
    """A finished home, the province it was made from, and what was printed meanwhile."""

    home: Home
    province: Path
    printed: str

    @property
    def inbox(self) -> Path:
        return self.province / "inbox"

    @property
    def dates(self) -> list[date]:
        return sorted(date.fromisoformat(p.name) for p in self.inbox.iterdir())


def zhaoren_command(
    *args: object, env: dict[str, str] | None = None, **more: Any
) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, as a user starts it."""
    return subprocess.run(
        [*COMMAND, *map(str, args)], env=clean_env(env), capture_output=True, text=True, timeout=300, **more
    )


def clean_env(more: dict[str, str] | None = None) -> dict[str, str]:
    """The environment without settings of ours, wide enough that no line is wrapped."""
    # Without bytecode kept, each of some forty commands would compile the whole product anew.
    ours = ("ZHAOREN_", "PREFECT_", "PYTHONDONTWRITEBYTECODE")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    return kept | {"PYTHONPATH": str(ROOT), "COLUMNS": "400", "NO_COLOR": "1"} | (more or {})


def once(shared: Path, name: str, make: Callable[[Path], None]) -> Path:
    """`shared/name`, made by whichever worker comes first while the others wait."""
    target = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            partial = shared / f"{name}.partial"
            partial.mkdir()
            make(partial)
            partial.rename(target)
    return target


def copy_home(home: Home, target: Path) -> Home:
    """A home of one's own to change."""
    shutil.copytree(home.root, target, ignore=shutil.ignore_patterns("province"))
    return Home(target)


def thin_inbox(source: Path, target: Path, extracts: Iterable[str] = THIN, dates: int | None = None) -> Path:
    """Copy only some extracts, of the first `dates` dates."""
    for folder in sorted(source.iterdir())[:dates]:
        for path in sorted(folder.glob("*/*")):
            if path.name.split(".")[0] in set(extracts):
                into = target / path.relative_to(source)
                into.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, into)
    return target


def run_dates(
    home: Home,
    inbox: Path,
    dates: Iterable[date] | None = None,
    *,
    lists: bool | None = None,
    publish: bool = True,
) -> list[bool]:
    """The main job, plainly, for the dates (default: every one of the inbox); whether each made lists.

    publish: off where a test looks at nothing that analysts are given, a sixth of a date's time.
    """
    wanted = list(dates or sorted(date.fromisoformat(p.name) for p in inbox.iterdir()))
    runner = run_plainly if publish else _all_but_publishing
    with open_site(home) as site:
        return [main_job(site, inbox, day, runner, lists=lists).made_lists for day in wanted]


def _all_but_publishing(step: Step, *args: object) -> Any:
    return None if step.name == "publish" else run_plainly(step, *args)


@contextmanager
def reading(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """The home's warehouse, to look into."""
    con = duckdb.connect(str(home.warehouse), read_only=True)
    try:
        yield con
    finally:
        con.close()


def tables(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Every table's name with its schema."""
    return [f"{schema}.{name}" for schema, name in con.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() ORDER BY ALL").fetchall()]  # fmt: skip


def table_hashes(con: duckdb.DuckDBPyConnection, *names: str) -> dict[str, tuple[int, int]]:
    """Rows and a digest of the rows, in whatever order, of the tables (default: all)."""
    return {
        name: con.execute(f"SELECT count(*), coalesce(sum(hash(t)::HUGEINT), 0) FROM {name} t").fetchall()[0]
        for name in names or tables(con)
    }


def file_hashes(root: Path, *kinds: str) -> dict[str, str]:
    """Path below the root -> digest of its bytes, for the named folders (default: everything)."""
    found = [p for kind in kinds or (".",) for p in (root / kind).rglob("*") if p.is_file()]
    return {str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(found)}


LISTS = ("worklists", "counties", "compliance", "referrals", "spot_checks", "receipts")


def assert_same_lists(one: Home, other: Home, as_of: date | None = None) -> None:
    """Every list and receipt (of the date) equal to the byte, and so the alerts and benefits behind them."""
    kinds = [kind if as_of is None else f"{kind}/{as_of}" for kind in LISTS]
    expected = file_hashes(one.root, *kinds)
    assert expected
    assert file_hashes(other.root, *kinds) == expected
    rows = []
    for home in (one, other):
        with reading(home) as con:
            limit = "" if as_of is None else f" WHERE as_of = '{as_of}'"
            rows += [table_hashes(con, *(f"(SELECT * FROM mart.{name}{limit})" for name in MARTS))]
    assert rows[0] == rows[1]


MARTS = ("alert", "entitlement", "signal")


def rows_of(home: Home, sql: str) -> pl.DataFrame:
    """A query on the home's warehouse."""
    with reading(home) as con:
        return con.execute(sql).pl()


def grid(path: Path) -> list[list[str]]:
    """A delivery's rows of cells by other readers than ours, the header included."""
    if path.suffix == ".csv":
        raw = path.read_bytes()
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = raw.decode("gb18030")
        return list(csv.reader(io.StringIO(text)))
    if path.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
        return [["" if v is None else str(v) for v in row] for row in sheet.iter_rows(values_only=True)]
    frame = pl.read_parquet(path)
    return [frame.columns, *([str(v or "") for v in row] for row in frame.rows())]


Edit = Callable[[list[list[str]]], list[list[str]]]


def sent(inbox: Path, day: date, extract: str) -> Path:
    """The extract's file of the day."""
    (path,) = (inbox / str(day)).glob(f"*/{extract}.*")
    return path


def send(source: Path, inbox: Path, day: date, name: str, edit: Edit | None = None) -> Path:
    """Put a file like `source`, its rows edited, into the day's folder under another name."""
    path = inbox / str(day) / source.parent.name / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if edit is None:
        shutil.copyfile(source, path)
        return path
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(edit(grid(source)))
    return path


def mend(receipt: Path, mended: Path, wrong: str, right: str) -> None:
    """Put the one right word into the receipt, as the department would."""
    book = openpyxl.load_workbook(receipt)
    cells = [c for sheet in book.worksheets[1:] for row in sheet.iter_rows() for c in row if c.value == wrong]
    assert cells
    for cell in cells:
        cell.value = right
    book.save(mended)


def as_delivered(table: str) -> str:
    """SQL for a core table's rows but the refused ones that are used meanwhile, under provisional persons."""
    return f"(SELECT * FROM {table} ANTI JOIN ops.recognised_row USING (delivery_id, row_no))"


# Kills itself, uncatchably, so many seconds after the step in hand says the words for the n-th time.
KILLED = """
import os, signal, sys, threading, time
from datetime import date
from pathlib import Path
from flows.context.home import Home
from flows.ingest.inbox import inbox_dates
from flows.context.site import open_site
from flows.main_job import Step, main_job, run_plainly
home, inbox, words, nth, delay = sys.argv[1:]
left = int(nth)
def report(text, done=0, total=0):
    global left
    left -= words in text
    if words in text and left == 0:
        threading.Timer(float(delay), os.kill, (os.getpid(), signal.SIGKILL)).start()
with open_site(Home(Path(home)), report) as site:
    for day in inbox_dates(Path(inbox), site.now().date()):
        main_job(site, Path(inbox), day)
time.sleep(float(delay))
"""


def killed_at(home: Home, inbox: Path, words: str, nth: int, delay: float) -> int:
    """A run that dies at a known moment; returns how it ended."""
    command = [sys.executable, "-c", KILLED, str(home.root), str(inbox), words, str(nth), str(delay)]
    done = subprocess.run(
        command, env=clean_env({"ZHAOREN_VAULT_KEY": KEY}), capture_output=True, timeout=300
    )
    return done.returncode
