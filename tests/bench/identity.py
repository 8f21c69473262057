"""Who is who at the size of a province: tiers 1 and 2 over 4 million rows, one in a hundred without a
usable number.

`python -m tests.bench.identity` runs it alone.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from data_contracts.cells.id_numbers import written_birth_date, written_sex_code
from data_contracts.cells.sounds import sounds_of
from data_contracts.loading.contracts import load_contracts
from data_contracts.row_checks.unidentified_rows import NUMBER_TEXT
from policies.loading import load_catalogue
from province.people.numbers import id_numbers, names
from transforms.linkage.deterministic import deterministic_matches, split_ambiguous
from warehouse.database.schema import create
from warehouse.identity.provisional import provisional_persons
from warehouse.identity.vault import Vault
from warehouse.loading.identify import identify

ROWS, FAULTY = 4_000_000, 40_000
DAYS = (date(2025, 9, 5), date(2025, 10, 5))
Say = Callable[[str, str, str], None]


def people(rows: int, seed: int = 5) -> pl.DataFrame:
    """One row per made-up person: id_number, name, sex_code, birth_date."""
    rng = np.random.default_rng(seed)
    birth, sex = rng.integers(-12_000, 20_000, rows).astype(np.int32), rng.integers(1, 3, rows)
    numbers = id_numbers(birth, sex, 0.07, (0, 1), rng)
    named = names(np.arange(rows), sex, 0.01, 0.006, rng)
    born = pl.Series(birth).cast(pl.Date)
    return pl.DataFrame(
        {"id_number": numbers, "name": named, "sex_code": pl.Series(sex).cast(pl.String), "birth_date": born}
    )


def delivered(everybody: pl.DataFrame) -> pl.DataFrame:
    """An extract's good rows and its recognised ones: of the last, one digit of the number is wrong."""
    digit = (pl.col("id_number").str.slice(15, 1).cast(pl.Int64) + 3) % 10
    part = pl.col("id_number").str.slice
    wrong = pl.concat_str(part(0, 15), digit.cast(pl.String), part(16, 2))
    is_faulty = pl.int_range(pl.len()) >= ROWS - FAULTY
    columns = {c.name: pl.lit(None, pl.String) for c in load_contracts()["civil_affairs.elder_care"].columns}
    return everybody.with_columns(
        **{name: null.alias(name) for name, null in columns.items() if name not in everybody.columns},
        row_no=pl.int_range(2, pl.len() + 2),
    ).with_columns(
        pl.when(is_faulty).then(wrong).alias(NUMBER_TEXT),
        pl.when(~is_faulty).then("id_number").alias("id_number"),
    )


def bench_identity(folder: Path, say: Say) -> None:
    """Resolve a roll that repeats known people: look up, recognise strangers, mint, repair."""
    contract = load_contracts()["civil_affairs.elder_care"]
    con = duckdb.connect(str(folder / "w.duckdb"))
    create(con, load_contracts(), load_catalogue().facts.values())
    everybody = people(ROWS)
    with Vault(folder / "v.duckdb", "bench", make=True) as vault:
        ids = vault.mint_persons(everybody["id_number"], "population", DAYS[0]).select(
            "id_number", "person_id"
        )
        named = everybody.join(ids, on="id_number").select("person_id", value="name")
        vault.keep_identities(
            named, "name", "population", period_month=DAYS[0], known_date=DAYS[0], delivery_id="p"
        )  # fmt: skip
        rows = delivered(everybody)
        started = time.perf_counter()
        identify(con, vault, contract, rows, delivery_id="d", known=DAYS[1])
        first = time.perf_counter() - started
        started = time.perf_counter()
        sure = _tier_two(vault)
        second = time.perf_counter() - started
    right = sure.join(ids, left_on="other_person_id", right_on="person_id")
    say(f"tier 1: whom {ROWS:,} rows speak of", f"{first:.1f} s", "-")
    say(f"tier 2: {FAULTY:,} mistyped numbers among {ROWS:,} persons", f"{second:.1f} s", "-")
    say("  together", f"{first + second:.1f} s", "< 20 s")
    say("  mistyped numbers found again", f"{right.height / FAULTY:.1%}", "-")


def _tier_two(vault: Vault) -> pl.DataFrame:
    lost = provisional_persons(vault, DAYS[1])
    known = vault.known_persons(DAYS[1], ["population"])
    number = pl.col("id_number")
    known = known.with_columns(
        sex_code=written_sex_code(number),
        birth_date=written_birth_date(number),
    )
    written = pl.concat([known["name"], lost["name"]]).unique()
    sounds = pl.DataFrame({"name": written, "name_sound": sounds_of(written)})
    known = known.join(sounds, on="name", how="left")
    lost = lost.join(sounds, on="name", how="left").with_columns(local_column=pl.lit(None, pl.String))
    own = pl.DataFrame(schema={"local_column": pl.String, "local_no": pl.String, "person_id": pl.String})
    return split_ambiguous(deterministic_matches(lost, known, own))[0]


def main() -> None:
    """Print the figures of this bench alone."""
    from tests.bench.__main__ import say

    with tempfile.TemporaryDirectory() as name:
        bench_identity(Path(name), say)


if __name__ == "__main__":
    main()
