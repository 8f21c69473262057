"""The made-up province: same seed same bytes, files that keep their contracts, dirt where the ledger says."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from stdnum.iso7064 import mod_11_2

from data_contracts.contract.code_tables import load_codes
from data_contracts.loading.contracts import load_contracts
from data_contracts.row_checks.rows import check_rows
from divisions import villages
from exchange.deliveries.reading import read_delivery
from province.dirt.dirt import DUPLICATE, REFUSED, REPAIRED
from province.make import VIEWS, make_province
from province.truth.calibration import figures, hardship_share
from zhaoren.errors import ZhaorenError

PERSONS, MONTHS = 6_000, 6


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("province")
    make_province(PERSONS, MONTHS, 7, out)
    return out


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same kind of province with nothing spoilt, so that facts can be compared with the truth."""
    out = tmp_path_factory.mktemp("clean")
    make_province(PERSONS, 2, 7, out, dirt=0.0)
    return out


def checked(root: Path, month: str, contract_id: str):
    """A delivery through the pipeline's own reader and checks."""
    contract = load_contracts()[contract_id]
    path = next((root / "inbox" / month / contract.department).glob(f"{contract.extract}.*"))
    return check_rows(read_delivery(path, contract).frame, contract, load_codes())


def truth(root: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(root / "truth" / f"{name}.parquet")


def folder_bytes(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def test_same_seed_same_bytes_and_another_seed_another_province(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        make_province(2_000, 2, seed, tmp_path / name)
    one, same, other = (folder_bytes(tmp_path / n) for n in "abc")
    assert one == same
    population = "inbox/2025-09-05/public_security/population.csv"
    assert one[population] != other[population]


def test_first_delivery_brings_every_extract_and_later_ones_what_is_due(province: Path) -> None:
    months = sorted(p.name for p in (province / "inbox").iterdir())
    assert months == ["2025-09-05", "2025-10-05", "2025-11-05", "2025-12-05", "2026-01-05", "2026-02-05"]
    sent = {m: {f"{p.parent.name}.{p.stem}" for p in (province / "inbox" / m).rglob("*.*")} for m in months}
    assert sent["2025-09-05"] == set(VIEWS) == set(load_contracts())
    assert "education.student_aid" in sent["2025-10-05"] and "education.student_aid" not in sent["2025-11-05"]
    assert "housing.housing_security" in sent["2026-01-05"]
    assert "trade_union.worker_hardship" in sent["2026-02-05"]
    assert [m for m in months if "disabled_federation.disability_card" not in sent[m]] == ["2025-12-05"]


def test_files_keep_their_contracts_apart_from_the_planted_dirt(province: Path) -> None:
    contracts, codes, ledger = load_contracts(), load_codes(), truth(province, "dirt")
    for path in sorted((province / "inbox").rglob("*.*")):
        contract = contracts[f"{path.parent.name}.{path.stem}"]
        text = read_delivery(path, contract)
        assert not text.unknown_headers and not text.missing_headers, path
        rows = check_rows(text.frame, contract, codes)
        name = path.relative_to(province / "inbox").as_posix()
        dirty = ledger.filter(pl.col("file") == name)
        clean_faults = rows.faults.join(dirty, on="row_no", how="anti")
        assert clean_faults.height == 0, (name, clean_faults.select("row_no", "rule_id").head(3))
        refused = dirty.filter(pl.col("kind").is_in(REFUSED))
        assert refused.join(rows.quarantined, on="row_no", how="anti").height == 0, name
        repaired = dirty.filter(pl.col("kind").is_in(REPAIRED))
        assert repaired.join(rows.repairs, on="row_no", how="anti").height == 0, name
        assert repaired.join(rows.quarantined, on="row_no", how="semi").height == 0, name
        twice = dirty.filter(pl.col("kind") == DUPLICATE)["row_no"].to_list()
        assert sorted(twice) == sorted(rows.duplicates["row_no"].to_list()), name


def test_ledger_points_at_the_planted_value(province: Path) -> None:
    """Read two files with other software and look where the ledger points."""
    ledger = truth(province, "dirt")
    contract = load_contracts()["public_security.population"]
    lines = (province / "inbox/2025-10-05/public_security/population.csv").read_bytes().decode("gb18030")
    cells = list(csv.reader(io.StringIO(lines)))
    headers = {c.name: c.header for c in contract.columns}
    rows = ledger.filter(
        (pl.col("file") == "2025-10-05/public_security/population.csv") & pl.col("planted").is_not_null()
    )
    assert rows.height > 20
    for entry in rows.iter_rows(named=True):
        assert cells[entry["row_no"] - 1][cells[0].index(headers[entry["column_name"]])] == entry["planted"]
    roll = "2025-09-05/civil_affairs/child_welfare.xlsx"
    sheet = openpyxl.load_workbook(province / "inbox" / roll).active
    assert (
        sheet.cell(1, 1).value.startswith("孤儿与事实无人抚养儿童") and sheet.cell(2, 1).value == "身份证号"
    )


def test_every_kind_of_dirt_turns_up(tmp_path: Path) -> None:
    make_province(12_000, 1, 5, tmp_path / "p", dirt=0.2)
    kinds = set(truth(tmp_path / "p", "dirt")["kind"])
    assert kinds >= {*REPAIRED, *REFUSED, DUPLICATE} - {"totals_row"}


def test_a_clean_province_has_nothing_to_fault(clean: Path) -> None:
    assert truth(clean, "dirt").height == 0
    assert checked(clean, "2025-09-05", "civil_affairs.benefit_roll").faults.height == 0


def test_numbers_are_valid_unique_and_tell_birth_and_sex(province: Path) -> None:
    people = truth(province, "persons")
    assert people["id_number"].n_unique() == people.height >= PERSONS
    assert all(mod_11_2.is_valid(number) for number in people["id_number"])
    told = people.select(
        (pl.col("id_number").str.slice(6, 8).str.to_date("%Y%m%d") == pl.col("birth_date"))
        .all()
        .alias("birth"),
        (pl.col("id_number").str.slice(16, 1).cast(pl.Int64) % 2 == pl.col("sex_code").cast(pl.Int64) % 2)
        .all()
        .alias("sex"),
    )
    assert told.row(0) == (True, True)


def test_everyone_lives_in_a_real_village_of_the_stations_towns(province: Path) -> None:
    homes = truth(province, "households")
    assert homes.join(villages(), on="village_code", how="anti").height == 0
    assert homes["village_code"].str.head(9).n_unique() == round(PERSONS / 2_480)


def test_no_event_is_delivered_before_it_happened_and_some_come_a_month_late(province: Path) -> None:
    lates = 0
    for contract_id in ("medical_insurance.settlement", "health.major_illness", "emergency.disaster"):
        contract = load_contracts()[contract_id]
        for folder in sorted((province / "inbox").iterdir()):
            if not list((folder / contract.department).glob(f"{contract.extract}.*")):
                continue
            days = checked(province, folder.name, contract_id).good[contract.event_date]
            known = date.fromisoformat(folder.name)
            assert days.is_empty() or days.max() < known
            lates += (
                0
                if folder.name == "2025-09-05"
                else (days < date(known.year, known.month, 1)).sum()
                - (
                    days.dt.strftime("%Y-%m")
                    == f"{known.replace(day=1).replace(month=(known.month - 2) % 12 + 1):%m}"
                ).sum()
            )
    assert lates > 0


def test_a_house_is_renumbered_after_its_head_dies_in_some_cases(province: Path) -> None:
    people = truth(province, "persons")
    renewed = pl.col("household_no").str.head(9) + "1" + pl.col("household_no").str.tail(6)
    moved = people.filter(pl.col("household_no_last") == renewed)
    dead_heads = people.filter(pl.col("death_date").is_not_null())["household_no"].unique().to_list()
    assert moved.height > 0
    assert moved["household_no"].is_in(dead_heads).all()


def test_the_dead_are_cancelled_at_different_times_by_police_and_crematorium(province: Path) -> None:
    last = checked(province, "2026-02-05", "public_security.population").good
    dead = last.filter(pl.col("registration_status_code") == "dead")
    joined = dead.join(truth(province, "persons"), on="id_number", suffix="_true")
    lag = (joined["cancel_date"] - joined["death_date"]).dt.total_days()
    assert lag.min() >= 0 and lag.max() > 60
    missing = (
        truth(province, "persons")
        .filter(pl.col("death_date") < date(2026, 1, 1))
        .join(dead, on="id_number", how="anti")
    )
    assert missing.height > 0  # some deaths the police do not know of yet


def entitled(root: Path, benefit: str, month: date) -> pl.DataFrame:
    rows = truth(root, "entitlements").filter(pl.col("benefit_id") == benefit)
    return rows.filter((pl.col("from_month") <= month) & (pl.col("until_month") >= month))


def test_truth_and_roll_agree_on_who_receives_dibao(clean: Path) -> None:
    roll = checked(clean, "2025-09-05", "civil_affairs.benefit_roll").good
    on = roll.filter((pl.col("category_code") == "dibao") & pl.col("stop_date").is_null())
    gets = entitled(clean, "dibao", date(2025, 8, 1)).filter("is_receiving")
    assert gets.height > 500
    assert gets.join(on, on="id_number", how="anti").height == 0


def test_dibao_units_are_paid_the_gap_to_their_standard(clean: Path) -> None:
    roll = checked(clean, "2025-09-05", "civil_affairs.benefit_roll").good
    on = roll.filter((pl.col("category_code") == "dibao") & pl.col("stop_date").is_null())
    homes = truth(clean, "households").select("household_no", "standard_yuan_month")
    people = truth(clean, "persons").select("id_number", "household_no").join(homes, on="household_no")
    units = on.join(people, on="id_number").with_columns(
        pl.col("income_yuan_month").cast(pl.Float64), pl.col("unit_pay_yuan_month").cast(pl.Float64)
    )
    gap = ((pl.col("standard_yuan_month") - pl.col("income_yuan_month")) * pl.col("member_cnt")).ceil()
    assert units.filter((gap - pl.col("unit_pay_yuan_month")).abs() > 0.5).height == 0
    assert units.filter(pl.col("income_yuan_month") >= pl.col("standard_yuan_month")).height == 0


@pytest.mark.parametrize(
    ("benefit", "column"),
    [
        ("living_subsidy_disabled", "living_subsidy_yuan_month"),
        ("nursing_subsidy_disabled", "nursing_subsidy_yuan_month"),
    ],
)
def test_subsidies_on_cards_are_paid_only_to_the_entitled(clean: Path, benefit: str, column: str) -> None:
    cards = checked(clean, "2025-09-05", "disabled_federation.disability_card").good
    paid = cards.filter(pl.col(column) > 0)
    right = entitled(clean, benefit, date(2025, 8, 1))
    alive = truth(clean, "persons").filter(pl.col("death_date").is_null())
    living = paid.join(alive, on="id_number", how="semi")
    wrong = living.join(right, on="id_number", how="anti").height
    assert wrong / living.height < 0.05  # the month's changes reach payment a month later
    assert right.filter(~pl.col("is_receiving")).height > 0  # and some who should are not paid
    amounts = {"living_subsidy_yuan_month": 209.0, "nursing_subsidy_yuan_month": 280.0}
    assert set(paid[column].cast(pl.Float64)) == {amounts[column]}


def test_everyone_of_eighty_is_entitled_to_the_allowance(clean: Path) -> None:
    people = truth(clean, "persons")
    old = people.filter((pl.col("birth_date") <= date(1945, 8, 31)) & pl.col("death_date").is_null())
    right = entitled(clean, "elder_allowance", date(2025, 8, 1))
    assert (
        right.join(people.filter(pl.col("birth_date") > date(1945, 8, 31)), on="id_number", how="semi").height
        == 0
    )
    assert (
        old.join(right, on="id_number", how="anti").height <= old.height * 0.02
    )  # but for those who moved away


def test_hardship_is_a_minority_with_causes_and_some_of_it_silent(province: Path) -> None:
    shares = hardship_share(province)
    assert shares["in_hardship"].is_between(0.05, 0.14).all()
    spells = truth(province, "hardship")
    assert {"illness", "job_loss", "low_income", "school", "elder_without_care"} <= set(
        spells["hardship_kind"]
    )
    lacking = spells.filter(pl.col("hardship_kind").is_in(["elder_without_care", "child_without_carer"]))
    assert lacking["severity"].min() >= 2  # nobody to care is never a light thing
    assert 0.2 < spells["is_silent"].mean() < 0.8
    assert set(spells["severity"]) == {1, 2, 3}
    assert spells.filter(pl.col("end_date") <= pl.col("start_date")).height == 0
    assert spells["end_date"].null_count() > 0


def test_a_death_of_working_age_brings_hardship_to_many_homes_and_spares_some(tmp_path: Path) -> None:
    make_province(24_000, 1, 3, tmp_path / "p", dirt=0.0)
    people, spells = truth(tmp_path / "p", "persons"), truth(tmp_path / "p", "hardship")
    first, last = date(2024, 9, 1), date(2025, 6, 30)
    age = (pl.col("death_date") - pl.col("birth_date")).dt.total_days() / 365.2425
    lost = people.filter(pl.col("death_date").is_between(first, last) & (age >= 18) & (age < 60))
    left = people.filter(pl.col("death_date").is_null() & pl.col("is_in_unit"))
    homes = lost.join(left, on="household_no", how="semi").select("household_no", "death_date")
    after = homes.join(spells, on="household_no").filter(
        pl.col("end_date").is_null() | (pl.col("end_date") > pl.col("death_date"))
    )
    assert homes.height > 20
    assert 0.4 < after["household_no"].n_unique() / homes["household_no"].n_unique() < 0.95


def test_bills_matter_but_do_not_decide(province: Path) -> None:
    """High bills raise the chance of hardship several times over, and leave many households standing."""
    bills = pl.concat(
        [
            checked(province, m.name, "medical_insurance.settlement").good
            for m in sorted((province / "inbox").iterdir())
        ]
    )
    people = truth(province, "persons").select("id_number", "household_no")
    burden = (
        bills.join(people, on="id_number")
        .group_by("household_no")
        .agg(pl.col("personal_burden_yuan").cast(pl.Float64).sum().alias("burden"))
    )
    now = (
        truth(province, "hardship")
        .filter(pl.col("end_date").is_null())
        .select("household_no", pl.lit(True).alias("hard"))
    )
    homes = (
        truth(province, "households")
        .join(burden, on="household_no", how="left")
        .join(now, on="household_no", how="left")
    )
    high = homes.filter(pl.col("burden") > 12_000)["hard"].fill_null(False)
    rest = homes.filter(pl.col("burden").fill_null(0) <= 12_000)["hard"].fill_null(False)
    assert high.mean() > 2.5 * rest.mean()
    assert high.mean() < 0.75
    assert rest.sum() > high.sum() * 0.5  # bills alone miss many


def test_calibration_is_near_what_was_aimed_at(province: Path) -> None:
    """Loose, since six thousand persons are few; docs/province.md has the table of a larger one."""
    far = [f.name for f in figures(province) if f.use == "aimed" and abs(f.gap) > 0.6]
    assert far == []


def test_impossible_sizes_and_a_used_folder_are_refused(tmp_path: Path, province: Path) -> None:
    with pytest.raises(ZhaorenError, match="cannot make"):
        make_province(10, 1, 1, tmp_path / "x")
    with pytest.raises(ZhaorenError, match="already a province"):
        make_province(1_000, 1, 1, province)
    with pytest.raises(ZhaorenError, match=r"cannot make this province\nwhere: years \[2023\]"):
        make_province(1_000, 1, 1, tmp_path / "x", start=date(2025, 6, 1))
    assert not (tmp_path / "x").exists()
