"""Who is mistaken for whom: identity faults of the departments' files that no single row gives away.

    mistake(facts, contract, now, dirt, luck) -> Mistaken

A fault belongs to a person in a department's file and stays there month after month. What reads as a legal
value (a homophone, a birth date with day and month swapped, a bill under the mother's number) no check can
notice: it stands in truth/rows.parquet and not in the ledger of dirt. A number that cannot be right, or that
repeats the key of an earlier row, stands in both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from data_contracts.contract.model import Contract
from province.departments.described import parents_in_town
from province.departments.seen import Moment, days
from province.dirt.defects import ID_OF_OTHER
from province.dirt.misheard import misheard, misread

HARD = ["id_digit", "id_transposed", "id_missing"]  # unusable numbers on top of another fault
WHICH, HOW, IS_HARD, HARD_KIND, MISSING, BORROWED, WHOSE = range(7, 14)  # places behind those of `described`


@dataclass(frozen=True)
class Mistaken:
    """Facts as the department believes them, and in `rows` what is wrong with each.

    rows: id_number (the true one), kind (fault names joined by '+', null where nothing is wrong), forced (the
    kind of unusable number still to be written), luck (0..1, how), noticed (a borrowed number that repeats an
    earlier row's key), spared (no further defect may be planted here)
    """

    facts: pl.DataFrame
    rows: pl.DataFrame


def mistake(facts: pl.DataFrame, contract: Contract, now: Moment, dirt: float, luck: np.ndarray) -> Mistaken:
    """Plant the faults that `luck` (persons x LUCKS) and the extract's rates ask for, scaled by `dirt`."""
    who = facts["_person"].to_numpy()
    drawn = pl.concat(
        [facts.select("id_number", "_person"), _drawn(contract, now, dirt, who, luck[who])], how="horizontal"
    )
    believed, faults = _believed(facts, drawn, now.day)
    borrowed = _borrowed(believed, drawn.with_columns(faults), contract)
    number = pl.when("borrowed").then("other").otherwise("id_number").alias("id_number")
    believed = believed.with_columns(borrowed.select(number))
    return Mistaken(believed, borrowed.select(
        "id_number", _kind(), "forced", "luck", "noticed",
        (_kind().is_not_null() | pl.col("is_victim")).alias("spared"),
    ))  # fmt: skip


def _kind() -> pl.Expr:
    """The names of all that is wrong with a row, null where nothing is."""
    of_other = pl.when("borrowed").then(pl.lit(ID_OF_OTHER))
    joined = pl.concat_str(of_other, "forced", "fault", separator="+", ignore_nulls=True)
    return pl.when(joined != "").then(joined).alias("kind")


def _drawn(contract: Contract, now: Moment, dirt: float, who: np.ndarray, luck: np.ndarray) -> pl.DataFrame:
    """What is to be wrong with each row, whether or not it fits: fault, forced, other, luck."""
    rates, extract = now.state.rates, contract.extract
    is_spine = contract.identifies_everybody  # the numbers' own source knows its people
    edges = np.cumsum(list(rates.identity_faults.values())) * dirt * (not is_spine)
    names = np.array([*rates.identity_faults, None], dtype=object)
    fault = names[np.searchsorted(edges, luck[:, WHICH], side="right")]
    minor = now.state.world.people.age(now.day)[who] < 18
    hard = (fault != None) & (luck[:, IS_HARD] < rates.hard_share)  # noqa: E711  elementwise
    missing = minor & (luck[:, MISSING] < dirt * rates.child_without_number.get(extract, 0.0))
    kinds = np.array(HARD, dtype=object)[(luck[:, HARD_KIND] * len(HARD)).astype(int)]
    forced = np.where(missing, "id_missing", np.where(hard, kinds, None))
    other = np.where(
        luck[:, BORROWED] < dirt * rates.number_borrowed.get(extract, 0.0), _lender(now, who, luck), -1
    )
    other = np.where((forced == None) & (fault == None), other, -1)  # noqa: E711
    ids = pl.DataFrame({"n": now.state.world.people.ids.gather(np.maximum(other, 0)), "has": other >= 0})
    return pl.DataFrame({
        "fault": pl.Series(fault.tolist(), dtype=pl.String),
        "forced": pl.Series(forced.tolist(), dtype=pl.String),
        "other": ids.select(pl.when("has").then("n")).to_series(),
        "luck": luck[:, HOW],
    })  # fmt: skip


def _lender(now: Moment, who: np.ndarray, luck: np.ndarray) -> np.ndarray:
    """Whose number is written instead: a parent's for a minor, else that of the home's first (-1: none)."""
    people = now.state.world.people
    parent = parents_in_town(people, who, luck[:, WHOSE] < 0.5, now.day)
    first = np.searchsorted(people.home, people.home[who])
    minor = people.age(now.day)[who] < 18
    lender = np.where(minor, parent, first)
    return np.where(lender == who, -1, lender)


def _believed(facts: pl.DataFrame, drawn: pl.DataFrame, day: int) -> tuple[pl.DataFrame, pl.Series]:
    """The facts with faults written into them, and the fault of each row, null where it did not fit."""
    wrong = pl.concat([facts, drawn.select("fault", "luck")], how="horizontal").with_row_index("_at")
    wrong = wrong.filter(pl.col("fault").is_not_null())
    fitted, drawn_faults = drawn["fault"].clear(drawn.height), set(wrong["fault"])
    for fault, (column, written) in _WRITTEN.items():
        if column not in facts.columns or fault not in drawn_faults:
            continue
        rows = wrong.filter(pl.col("fault") == fault).with_columns(written.alias("_new"))
        rows = rows.filter((pl.col("_new") != pl.col(column)) & _plausible(column, day))
        facts = facts.with_columns(facts[column].scatter(rows["_at"], rows["_new"]))
        fitted = fitted.scatter(rows["_at"], rows["fault"])
    return facts, fitted


def _plausible(column: str, day: int) -> pl.Expr:
    """Nobody writes a birth that is still to come."""
    if column != "birth_date":
        return pl.lit(True)
    return pl.col("_new") <= days(np.array([day])).item()


def _digit_off() -> pl.Expr:
    """The birth date with another last digit of the year."""
    year = pl.col("birth_date").dt.year()
    other = (year % 10 + 1 + (pl.col("luck") * 9).floor().cast(pl.Int32)) % 10
    text = (year - year % 10 + other).cast(pl.String) + pl.col("birth_date").dt.strftime("-%m-%d")
    return text.str.to_date("%Y-%m-%d", strict=False)


_WRITTEN: dict[str, tuple[str, pl.Expr]] = {
    "name_sound": ("name", misheard(pl.col("name"), pl.col("luck"))),
    "name_char": ("name", misread(pl.col("name"))),
    "birth_swapped": (
        "birth_date",
        pl.col("birth_date").dt.strftime("%Y-%d-%m").str.to_date("%Y-%m-%d", strict=False),
    ),
    "birth_digit": ("birth_date", _digit_off()),
    "sex_wrong": ("sex_code", pl.col("sex_code").replace_strict({"1": "2", "2": "1"}, default=None)),
}


def _borrowed(facts: pl.DataFrame, rows: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Add borrowed, noticed, is_victim to the rows.

    Where the number is part of the key, only the later row of two is refused: a number is borrowed only from
    an earlier row (and then noticed), or from nobody in the file.
    """
    wants = pl.col("other").is_not_null()
    if "id_number" not in contract.key or not rows["other"].count():
        return rows.with_columns(
            wants.alias("borrowed"), pl.lit(False).alias("noticed"), pl.lit(False).alias("is_victim")
        )
    number = pl.concat([facts.select(contract.key), rows.select("other")], how="horizontal")
    number = number.with_columns(pl.coalesce("other", "id_number").alias("id_number")).with_row_index("_at")
    own = (rows["other"].is_null() & rows["forced"].is_null()).alias("_own")
    groups = number.with_columns(own).select(
        "_at",
        pl.len().over(contract.key).alias("_size"),
        pl.col("_own").first().over(contract.key).alias("_own_first"),
    )
    framed = pl.concat([rows, groups], how="horizontal")
    noticed = wants & pl.col("_own_first")
    framed = framed.with_columns(
        (noticed | (wants & (pl.col("_size") == 1))).alias("borrowed"), noticed.alias("noticed")
    )
    return framed.with_columns((pl.col("_own_first") & (pl.col("_size") > 1)).alias("is_victim"))
