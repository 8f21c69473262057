"""Print each figure beside its goal. Machines are shared and noisy: only ratios within one run are goals."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from zhaoren.data_contracts.contract import load_codes, load_contracts
from zhaoren.data_contracts.ids import check_ids
from zhaoren.data_contracts.rows import check_rows
from zhaoren.exchange.reading import read_delivery

ROWS = 1_000_000


def best(work: Callable[[], object], times: int = 3) -> float:
    """The shortest of a few runs, in seconds."""
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        spent.append(time.perf_counter() - started)
    return min(spent)


def say(what: str, figure: str, goal: str) -> None:
    print(f"{what:<58} {figure:>16}   goal {goal}", flush=True)


def settlement_file(folder: Path) -> Path:
    """A delivery of made-up settlements, as wide as the contract."""
    rng = np.random.default_rng(1)
    total = rng.integers(100, 900_000, ROWS) / 100
    frame = pl.DataFrame(
        {
            "结算ID": np.arange(ROWS).astype(str),
            "证件号码": _numbers(rng),
            "人员姓名": np.full(ROWS, "张三"),
            "结算日期": np.full(ROWS, "2025-08-15"),
            "医疗类别": rng.choice(["普通门诊", "普通住院"], ROWS),
            "医疗费总额": total,
            "基金支付总额": (total * 0.6).round(2),
            "医疗救助支出": np.zeros(ROWS),
            "全自费金额": np.zeros(ROWS),
            "个人负担总金额": (total * 0.4).round(2),
            "个人现金支出": (total * 0.4).round(2),
            "结算状态": np.full(ROWS, "正常"),
        }
    )
    path = folder / "settlement.csv"
    frame.write_csv(path)
    return path


def _numbers(rng: np.random.Generator) -> pl.Series:
    """Valid made-up numbers of one county, with their check character."""
    day = pl.Series(rng.integers(0, 15_000, ROWS))
    birth = (pl.lit(date(1960, 1, 1)) + pl.duration(days=pl.col("day"))).dt.strftime("%Y%m%d")
    order = pl.Series(rng.integers(0, 1000, ROWS)).cast(pl.String).str.zfill(3)
    body = pl.DataFrame({"day": day, "order": order}).select(
        pl.concat_str(pl.lit("440103"), birth, "order").alias("body")
    )["body"]
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    digits = sum(body.str.slice(i, 1).cast(pl.Int64) * w for i, w in enumerate(weights))
    check = (digits % 11).replace_strict(dict(enumerate("10X98765432")), return_dtype=pl.String)
    return body + check


def bench_intake(folder: Path) -> None:
    path = settlement_file(folder)
    contract, codes = load_contracts()["medical_insurance.settlement"], load_codes()
    floor = best(lambda: duckdb.sql(f"CREATE OR REPLACE TABLE t AS SELECT * FROM read_csv('{path}')"))
    read = best(lambda: read_delivery(path, contract))
    text = read_delivery(path, contract).frame
    checked = best(lambda: check_rows(text, contract, codes))
    ratio = f"{(read + checked) / floor:.1f} x"
    say(f"read and check {ROWS:,} settlements / DuckDB reads the CSV", ratio, "<= 3 x")
    say("  of which reading, checking, DuckDB alone", f"{read:.2f} {checked:.2f} {floor:.2f} s", "-")


def bench_ids() -> None:
    numbers = _numbers(np.random.default_rng(2))
    floor = best(lambda: numbers.str.len_chars().sum())
    spent = best(lambda: check_ids(numbers))
    say(f"examine {ROWS:,} ID numbers", f"{spent:.2f} s", "<= 2 s on a quiet machine")
    say("  / one scan of the column", f"{spent / floor:.0f} x", "-")


def bench_demo(folder: Path) -> None:
    started = time.perf_counter()
    command = [str(Path(sys.executable).with_name("zhaoren")), "demo", "--home", str(folder / "home")]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    spent = time.perf_counter() - started
    say("zhaoren demo, 50,000 persons, 6 months", f"{spent:.0f} s", "< 180 s on a quiet machine")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        bench_ids()
        bench_intake(Path(name))
        bench_demo(Path(name))


if __name__ == "__main__":
    main()
