"""A large delivery read and checked, beside DuckDB reading the same file into a table."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb
import polars as pl

from data_contracts.contract.code_tables import load_codes
from data_contracts.delivery_checks.past import Past
from data_contracts.delivery_checks.runner import check_suite, queried_columns
from data_contracts.row_checks.rows import CheckedDelivery, check_delivery
from divisions import area_codes
from exchange.deliveries.reading import open_delivery
from tests.bench.alone import alone
from tests.bench.made import dirtied, every_kind_contract, settlements
from warehouse.database.staging import stage

ROWS = 4_000_000
# About 2 GB of text.
MANY_ROWS = 16_800_000
PART = 1_400_000


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def interleaved(works: dict[str, Callable[[], object]], times: int) -> dict[str, list[float]]:
    """Each work `times` times, in turns, so that a busy minute of the machine hits all alike."""
    spent: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(times):
        for name, work in works.items():
            spent[name].append(seconds(work))
    return spent


def delivery_file(folder: Path, rows: int) -> Path:
    """A CSV of settlements, about one row in fifty dirty."""
    path = folder / f"settlement_{rows}.csv"
    with path.open("wb") as file:
        for first in range(0, rows, PART):
            part = settlements(min(PART, rows - first), seed=first + 1, first=first)
            dirtied(part, seed=first + 2).write_csv(file, include_header=first == 0)
    return path


def read_and_check(path: Path, folder: Path) -> CheckedDelivery:
    """The whole work on a delivery short of loading it: read, row rules, staged, delivery rules."""
    contract = every_kind_contract(folder)
    checked = check_delivery(open_delivery(path, contract).chunks(), contract, load_codes(), area_codes())
    past = Past(previous_rows=checked.rows_read)
    staged = stage(folder / "staged.duckdb", queried_columns(contract, past, checked.stage))
    results = check_suite(contract, staged, "staged", past).results
    assert len(results) == len(contract.rules_in("suite"))
    assert checked.rows_read == checked.rows_good + checked.rows_refused + checked.duplicates.height
    return checked


def duckdb_reads(path: Path, options: str = "") -> None:
    con = duckdb.connect()
    con.execute("SET enable_progress_bar = false")
    con.execute(f"CREATE TABLE delivered AS SELECT * FROM read_csv('{path}'{options})")
    con.close()


def bench_intake(folder: Path, say: Callable[[str, str, str], None], times: int = 5) -> None:
    contract = every_kind_contract(folder)
    small = delivery_file(folder, 10_000)
    read_and_check(small, folder)  # imports and first uses are not what is measured
    path = delivery_file(folder, ROWS)
    works: dict[str, Callable[[], object]] = {
        "text": lambda: duckdb_reads(path, ", all_varchar=true"),
        "typed": lambda: duckdb_reads(path),
        "ours": lambda: read_and_check(path, folder),
        "reading": lambda: sum(chunk.height for chunk in open_delivery(path, contract).chunks()),
    }
    spent = interleaved(works, times)
    rules = len(contract.rules_in("row")), len(contract.rules_in("suite"))
    say(f"{ROWS:,} rows, {path.stat().st_size / 1e6:.0f} MB, {rules[0]} row rules + {rules[1]} on the whole",
        f"{times} runs", "-")  # fmt: skip
    for name, what in (("typed", "with types"), ("text", "all as text")):
        least = f"{min(spent['ours']) / min(spent[name]):.2f} x"
        pairs = [ours / theirs for ours, theirs in zip(spent["ours"], spent[name], strict=True)]
        say(f"read and check / DuckDB reads the CSV, {what}: least", least, "<= 3 x")
        say("  median of the runs", f"{statistics.median(pairs):.2f} x", "<= 3 x")
    for name in works:
        figures = f"{min(spent[name]):.2f} / {statistics.median(spent[name]):.2f} s"
        say(f"  {name}: least / median", figures, "-")


def bench_memory(folder: Path, say: Callable[[str, str, str], None], rows: int = MANY_ROWS) -> None:
    """Peak memory of reading, checking and handing over the good rows, each in a process of its own."""
    path = delivery_file(folder, rows)
    size = f"{path.stat().st_size / 1e9:.2f} GB"
    for what, work in (
        ("read and check", _checked),
        ("read and check, then hand over the good rows", _loaded),
    ):
        ran = alone(work, path, folder)
        say(f"{what}, {size} of CSV: peak memory", f"{ran.peak_bytes / 1e9:.2f} GB", "<= 2 GB")
        say(f"  {ran.answer}", f"{ran.wall_seconds:.0f} s", "-")


def _checked(path: Path, folder: Path) -> str:
    checked = read_and_check(path, folder)
    return f"{checked.rows_read:,} rows, {checked.rows_refused:,} refused"


def _loaded(path: Path, folder: Path) -> str:
    checked = read_and_check(path, folder)
    return f"{_total(checked.good_chunks()):,} good rows"


def _total(chunks: Iterable[pl.DataFrame]) -> int:
    return sum(chunk.height for chunk in chunks)
