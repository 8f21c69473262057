"""A panel of many people: fast, and the same whatever the order of the rows."""

from __future__ import annotations

import time
from datetime import date

import polars as pl

from tests.helpers.core import JAN, VILLAGE, core_rows, panels


def big_core(size: int) -> dict[str, pl.DataFrame]:
    """`size` persons in households of four, six rolls of population and 150,000 bills."""
    number = pl.int_range(size, eager=True)
    person = pl.select(pl.format("p{}", number)).to_series()
    home = pl.select(pl.format("h{}", number // 4)).to_series()
    rolls = [
        core_rows("population", date(2025, m, 5), [])
        .clear()
        .vstack(
            pl.select(
                pl.lit(None, dtype=dtype).alias(name)
                for name, dtype in core_rows("population", JAN, []).schema.items()
            )
            .select(pl.all().repeat_by(size).explode())
            .with_columns(
                person_id=person,
                birth_date=pl.date(1950 + pl.lit(number) % 70, 5, 1),
                relation_code=pl.lit("head"),
                village_code=pl.lit(VILLAGE),
                registration_status_code=pl.lit("active"),
                delivery_id=pl.lit(f"d{m}"),
                period_month=pl.lit(date(2025, m - 1, 1)),
                known_date=pl.lit(date(2025, m, 5)),
                row_no=number.cast(pl.Int64),
            )
        )
        for m in range(7, 13)
    ]
    bill_no = pl.int_range(3 * size, eager=True)
    settlement = pl.DataFrame({"n": bill_no}).select(
        settlement_id=pl.col("n").cast(pl.String),
        person_id=pl.format("p{}", pl.col("n") % size),
        settlement_date=pl.date(2025, 1 + pl.col("n") % 11, 3),
        settlement_status_code=pl.lit("valid"),
        personal_burden_yuan=pl.col("n").cast(pl.Decimal(18, 2)),
        delivery_id=pl.lit("d"),
        period_month=pl.lit(date(2025, 11, 1)),
        known_date=pl.lit(date(2025, 12, 5)),
        row_no=pl.col("n").cast(pl.Int64),
    )
    spells = pl.DataFrame({"household_id": home, "person_id": person}).with_columns(
        valid_from=pl.lit(JAN.replace(year=2025)), valid_to=pl.lit(None, dtype=pl.Date), kind=pl.lit("hukou")
    )
    return {"population": pl.concat(rolls), "settlement": settlement, "household_member": spells}


def test_fifty_thousand_persons_take_seconds_and_the_same_bytes_every_time() -> None:
    core = big_core(50_000)
    start = time.perf_counter()
    first, homes = panels(core)
    seconds = time.perf_counter() - start
    assert homes.height == 12_500 and first.height == 50_000
    assert seconds < 8, f"{seconds:.1f} s"  # 1.5 s alone on the machine; the bound allows for busy neighbours
    shuffled = {name: frame.sample(fraction=1.0, shuffle=True, seed=7) for name, frame in core.items()}
    again, homes_again = panels(shuffled)
    assert again.equals(first) and homes_again.equals(homes)
