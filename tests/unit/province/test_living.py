"""A living province: the files of one made at once, and what was granted on the rolls of a later month."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from province.living import LivingProvince
from province.make import make_province
from province.truth.offices import decisions

PERSONS, MONTHS, SEED, DIRT = 3_000, 3, 11, 0.03


def _files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != "granted.parquet"
    }


def _live(out: Path, granted: dict[int, pl.DataFrame], months: int = MONTHS) -> LivingProvince:
    province = LivingProvince(PERSONS, MONTHS, SEED, out, DIRT)
    for number in range(months):
        province.write_month(number, granted.get(number))
    return province


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pl.DataFrame]:
    """A province whose offices grant in its second month all that was truly missing in the first."""
    out = tmp_path_factory.mktemp("granted")
    first = _live(out, {}, months=1)
    missing = first.truth()["entitlements"].filter(~pl.col("is_receiving"))
    wanted = missing.select("household_no", "benefit_id").unique(maintain_order=True)
    (out / "granted.parquet").unlink()
    _live(out, {1: wanted}).close()
    return out, wanted


def test_without_grants_it_is_the_province_made_at_once(tmp_path: Path) -> None:
    make_province(PERSONS, MONTHS, SEED, tmp_path / "once", DIRT)
    _live(tmp_path / "living", {}).close()
    assert _files(tmp_path / "living") == _files(tmp_path / "once")


def test_what_was_granted_is_paid_from_that_month_on(asked: tuple[Path, pl.DataFrame]) -> None:
    out, wanted = asked
    rights = pl.read_parquet(out / "truth" / "entitlements.parquet")
    second = rights.filter(
        pl.col("from_month") <= pl.date(2025, 9, 1), pl.col("until_month") >= pl.date(2025, 9, 1)
    )
    paid = second.filter("is_receiving").select("household_no", "benefit_id").unique()
    served = wanted.join(paid, on=["household_no", "benefit_id"], how="left", coalesce=False)
    share = served.group_by("benefit_id").agg(
        pl.len(), pl.col("household_no_right").is_not_null().mean().alias("s")
    )
    shares = dict(share.select("benefit_id", "s").rows())
    # Some lose the right in between, and nobody is given what they have no right to.
    assert {"dibao", "temporary_relief", "living_subsidy_disabled", "nursing_subsidy_disabled"} <= set(shares)
    assert shares["nursing_subsidy_disabled"] > 0.9 and shares["dibao"] > 0.7
    without = _paid_of(out.parent / "plain", wanted)
    assert served["household_no_right"].is_not_null().sum() > 5 * without


def _paid_of(out: Path, wanted: pl.DataFrame) -> int:
    """How many of these begin to be paid in the second month of the same province without grants."""
    rights = _live(out, {}, months=2).truth()["entitlements"]
    second = rights.filter(pl.col("until_month") == pl.date(2025, 9, 1), "is_receiving")
    return wanted.join(second, on=["household_no", "benefit_id"], how="semi").height


def test_nobody_is_paid_without_a_right(asked: tuple[Path, pl.DataFrame], tmp_path: Path) -> None:
    """Every household asks for everything: whoever is paid afterwards has the right to it."""
    first = _live(tmp_path / "a", {}, months=1)
    everybody = first.truth()["households"].select("household_no")
    benefits = pl.DataFrame({"benefit_id": ["dibao", "tekun", "living_subsidy_disabled", "elder_allowance"]})
    greedy = _live(tmp_path / "b", {1: everybody.join(benefits, how="cross")}, months=2).truth()
    modest = _live(tmp_path / "c", {}, months=2).truth()
    rows = [set(t["entitlements"].select("id_number", "benefit_id").rows()) for t in (greedy, modest)]
    extra = {row for row in rows[0] - rows[1] if row[1] == "elder_allowance"}
    assert extra == set()


def test_begun_anew_it_lives_the_same_months_again(asked: tuple[Path, pl.DataFrame]) -> None:
    out, _ = asked
    before = _files(out)
    _live(out, {1: pl.DataFrame({"household_no": ["x"], "benefit_id": ["dibao"]})}).close()
    assert _files(out) == before


def test_an_application_is_decided_alike_for_ever() -> None:
    rows = pl.DataFrame(
        {"household_no": [str(n) for n in range(400)], "benefit_id": "dibao", "found_date": "2025-09-10"}
    )
    decided = decisions(rows, 7)
    assert decided.equals(decisions(rows.reverse(), 7).reverse())
    share = decided["months_taken"].is_not_null().mean()
    assert isinstance(share, float) and 0.78 < share < 0.94
    assert set(decided["months_taken"].drop_nulls()) == {0, 1, 2}
