"""Who is who in the made-up province: each mistake stands where the truth says, households hold together."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from stdnum.iso7064 import mod_11_2

from data_contracts.contract.code_tables import load_codes
from data_contracts.lint.contracts import lint_contract
from data_contracts.loading.contracts import load_contracts
from data_contracts.row_checks.rows import check_rows
from exchange.deliveries.reading import read_delivery
from province.departments.layout import FORMATS
from province.dirt.misheard import HOMOPHONES, LOOKALIKES
from province.dirt.mistaken import HARD
from province.make import make_province
from tests.helpers.homes import grid
from zhaoren.rooms import room

PERSONS, MONTHS = 9_000, 4
LAST = "2025-12-05"
FAULTS = ("name_sound", "name_char", "birth_swapped", "birth_digit", "sex_wrong")


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dirtier than usual, so that every kind of mistake turns up among few people."""
    out = tmp_path_factory.mktemp("identity")
    make_province(PERSONS, MONTHS, 11, out, dirt=0.1)
    return out


@pytest.fixture(scope="module")
def rows(province: Path) -> pl.DataFrame:
    return pl.read_parquet(province / "truth/rows.parquet")


@pytest.fixture(scope="module")
def people(province: Path) -> pl.DataFrame:
    return pl.read_parquet(province / "truth/persons.parquet")


@pytest.fixture(scope="module")
def cells(province: Path, rows: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Every row of the last month's files as another reader sees it, beside the truth about it.

    file, row_no, written (number), name, sex, birth, and id_number, kind, true_name, true_sex, true_birth.
    """
    read = pl.concat([told_in(province, path) for path in sorted((province / "inbox" / LAST).glob("*/*"))])
    truth = people.select(
        "id_number", true_name="name", true_sex="sex_code", true_birth=pl.col("birth_date").cast(pl.String)
    )
    return read.join(rows, on=["file", "row_no"]).join(truth, on="id_number")


def contract_of(path: Path):
    return load_contracts()[f"{path.parent.name}.{path.stem}"]


def told_in(province: Path, path: Path) -> pl.DataFrame:
    """One file's rows by another reader: what stands in its identity columns, and the physical row."""
    promised, lines = contract_of(path), grid(path)
    above = FORMATS[promised.extract][2]
    headers, body = lines[above], lines[above + 1 :]
    place = {c.name: headers.index(c.header) for c in promised.columns}
    names = {"written": "id_number", "name": "name", "sex": "sex_code", "birth": "birth_date"}
    told = {to: [line[place[c]] if c in place else "" for line in body] for to, c in names.items()}
    return pl.DataFrame(told).select(
        pl.lit(path.relative_to(province / "inbox").as_posix()).alias("file"),
        pl.int_range(above + 2, above + 2 + pl.len()).alias("row_no"),
        "written", "name", "sex", pl.col("birth").str.head(10),
    )  # fmt: skip


def of_kind(cells: pl.DataFrame, kind: str) -> pl.DataFrame:
    found = cells.filter(pl.col("kind").str.split("+").list.contains(kind))
    assert found.height, f"no {kind} was planted"
    return found


def differing(one: str, other: str) -> list[tuple[str, str]]:
    assert len(one) == len(other)
    return [(a, b) for a, b in zip(one, other, strict=True) if a != b]


def test_truth_has_each_row_of_each_file_once(
    province: Path, rows: pl.DataFrame, people: pl.DataFrame
) -> None:
    totals = pl.read_parquet(province / "truth/dirt.parquet").filter(pl.col("kind") == "totals_row")
    for path in sorted((province / "inbox").rglob("*.*")):
        name = path.relative_to(province / "inbox").as_posix()
        mine = rows.filter(pl.col("file") == name)
        above = FORMATS[contract_of(path).extract][2]
        written = len(grid(path)) - above - 1 - totals.filter(pl.col("file") == name).height
        assert mine["row_no"].sort().to_list() == list(range(above + 2, above + 2 + written)), name
    assert rows.join(people, on="id_number", how="anti").height == 0


def test_a_row_without_a_fault_says_what_is_true(cells: pl.DataFrame, province: Path) -> None:
    """Apart from what the ledger has, number, name, sex and birth date are the person's own."""
    dirt = pl.read_parquet(province / "truth/dirt.parquet")
    right = cells.filter(pl.col("kind").is_null()).join(dirt, on=["file", "row_no"], how="anti")
    assert right.filter("has_usable_id").height == right.height > 20_000
    assert right.filter(pl.col("written") != pl.col("id_number")).height == 0
    assert right.filter(pl.col("name") != pl.col("true_name")).height == 0
    assert (
        right.filter(
            (pl.col("sex") != "") & (pl.col("sex") != pl.col("true_sex").replace({"1": "男", "2": "女"}))
        ).height
        == 0
    )
    assert right.filter((pl.col("birth") != "") & (pl.col("birth") != pl.col("true_birth"))).height == 0


def test_mistyped_digits(cells: pl.DataFrame) -> None:
    for row in of_kind(cells, "id_digit").iter_rows(named=True):
        assert len(differing(row["written"], row["id_number"])) == 1 and not mod_11_2.is_valid(row["written"])


def test_transposed_digits(cells: pl.DataFrame) -> None:
    for row in of_kind(cells, "id_transposed").iter_rows(named=True):
        (one, other), (third, fourth) = differing(row["written"], row["id_number"])
        assert (one, other) == (fourth, third) and not mod_11_2.is_valid(row["written"])


def test_missing_numbers_strike_children_most(cells: pl.DataFrame) -> None:
    assert of_kind(cells, "id_missing")["written"].unique().to_list() == [""]
    young = cells.filter(pl.col("file").str.contains("student_aid|child_welfare|enrolment"))
    young = young.with_columns(is_child=pl.col("true_birth") > "2007-12-05")
    gone = young.group_by("is_child").agg((pl.col("written") == "").mean()).sort("is_child")["written"]
    assert gone[1] > 2 * gone[0]


def test_homophones_sound_alike_and_lookalikes_do_not(cells: pl.DataFrame) -> None:
    sounds = {(right, wrong) for table in HOMOPHONES for right, wrong in table.items()}
    for kind, table in (("name_sound", sounds), ("name_char", set(LOOKALIKES.items()))):
        for row in of_kind(cells, kind).iter_rows(named=True):
            ((wrong, right),) = differing(row["name"], row["true_name"])
            assert (right, wrong) in table


def test_the_tables_of_names_hold_what_they_say() -> None:
    pinyin = pytest.importorskip("pypinyin", reason="needs pypinyin to hear the characters")

    def sound(text: str) -> list[str]:
        return [syllable for (syllable,) in pinyin.pinyin(text, style=pinyin.Style.NORMAL)]

    for table in HOMOPHONES:
        assert [a for a, b in table.items() if sound(a) != sound(b) or a == b] == []
    assert [a for a, b in LOOKALIKES.items() if sound(a) == sound(b)] == []


def test_birth_dates_swapped_or_a_digit_off(cells: pl.DataFrame) -> None:
    for row in of_kind(cells, "birth_swapped").iter_rows(named=True):
        year, month, day = row["true_birth"].split("-")
        assert row["birth"] == f"{year}-{day}-{month}" != row["true_birth"]
    for row in of_kind(cells, "birth_digit").iter_rows(named=True):
        assert len(differing(row["birth"], row["true_birth"])) == 1


def test_the_wrong_sex(cells: pl.DataFrame) -> None:
    wrong = of_kind(cells, "sex_wrong")
    assert wrong.filter(pl.col("sex") == pl.col("true_sex").replace({"1": "男", "2": "女"})).height == 0


def test_a_borrowed_number_is_a_relatives(
    cells: pl.DataFrame, rows: pl.DataFrame, people: pl.DataFrame
) -> None:
    lent = of_kind(cells, "id_of_other")
    owners = people.select(written="id_number", owner_home="household_no", owner_name="name")
    homes = people.select("id_number", "household_no")
    joined = lent.join(owners, on="written").join(homes, on="id_number")
    assert joined.height == lent.height  # each is somebody's real number
    assert joined.filter(pl.col("written") == pl.col("id_number")).height == 0
    assert joined.filter(pl.col("owner_home") != pl.col("household_no")).height == 0
    files = {Path(file).stem for file in of_kind(rows, "id_of_other")["file"]}
    assert files == {"enrolment", "benefit_roll", "settlement", "student_aid"}


def test_hard_cases_have_a_fault_besides_an_unusable_number(rows: pl.DataFrame) -> None:
    both = rows.filter(pl.col("kind").str.contains("+", literal=True))
    pairs = both["kind"].str.split_exact("+", 1).struct.unnest()
    assert set(pairs["field_0"]) <= set(HARD) and set(pairs["field_1"]) <= set(FAULTS)
    assert set(pairs["field_0"]) == set(HARD)
    assert not both["has_usable_id"].any()


def test_only_numbers_that_cannot_be_used_are_said_to_be_unusable(cells: pl.DataFrame) -> None:
    numbers = cells["written"].str.normalize("NFKC").str.to_uppercase().str.replace_all(r"[^0-9X]", "")
    found = cells.with_columns(plain=numbers)
    own = found.filter(pl.col("plain") == pl.col("id_number"))
    assert own["has_usable_id"].all()
    rest = found.filter((pl.col("plain") != pl.col("id_number")) & pl.col("has_usable_id"))
    assert (rest["plain"].str.len_chars() == 15).all()  # fifteen digits are repaired, losing nothing


def test_faults_stay_with_the_person_in_a_departments_file(rows: pl.DataFrame) -> None:
    months = [r.filter(pl.col("file").str.contains("enrolment")) for r in by_month(rows)]
    first, later = (
        {
            tuple(r)
            for r in m.filter(pl.col("kind").str.contains("name_|birth_")).select("id_number", "kind").rows()
        }
        for m in (months[0], months[-1])
    )
    assert len(first & later) > 0.8 * len(first) > 10


def by_month(rows: pl.DataFrame) -> list[pl.DataFrame]:
    dated = rows.with_columns(month=pl.col("file").str.head(10)).sort("month", "file", "row_no")
    return dated.partition_by("month", maintain_order=True)


def test_the_polices_file_has_right_names_and_births(rows: pl.DataFrame) -> None:
    kinds = rows.filter(pl.col("file").str.contains("population"))["kind"].drop_nulls().unique()
    assert kinds.len() and all(kind.startswith("id_") and "+" not in kind for kind in kinds)


def test_a_clean_province_mistakes_nobody(tmp_path: Path) -> None:
    make_province(2_000, 1, 3, tmp_path, dirt=0.0)
    rows = pl.read_parquet(tmp_path / "truth/rows.parquet")
    assert rows["has_usable_id"].all() and rows["kind"].null_count() == rows.height > 5_000


def test_the_share_of_unusable_numbers_is_about_a_percent(tmp_path: Path) -> None:
    make_province(12_000, 1, 3, tmp_path)
    rows = pl.read_parquet(tmp_path / "truth/rows.parquet")
    assert 0.004 < 1 - rows["has_usable_id"].mean() < 0.012
    assert 0.002 < rows["kind"].str.contains("name_|birth_|sex_").fill_null(False).mean() < 0.006


# --- what departments write beside the number -------------------------------------------------------------


def checked(province: Path, contract_id: str, month: str = LAST) -> pl.DataFrame:
    promised = load_contracts()[contract_id]
    path = next((province / "inbox" / month / promised.department).glob(f"{promised.extract}.*"))
    return check_rows(read_delivery(path, promised).frame, promised, load_codes()).good


def test_each_department_has_its_own_gaps(province: Path) -> None:
    def blank(contract_id: str, column: str) -> float:
        told = checked(province, contract_id, "2025-09-05")[column]
        return told.null_count() / len(told)

    assert blank("disabled_federation.disability_card", "birth_date") == 0
    assert 0.1 < blank("housing.housing_security", "birth_date") < 0.35
    assert blank("rural_affairs.poverty_watch", "village_code") < 0.06 < 0.15
    assert 0.15 < blank("education.student_aid", "village_code") < 0.35


def test_the_insurers_number_is_the_same_on_bills_and_on_the_roll(province: Path) -> None:
    roll = checked(province, "medical_insurance.enrolment").select("id_number", roll_no="psn_no")
    bills = checked(province, "medical_insurance.settlement").drop_nulls("psn_no").join(roll, on="id_number")
    assert (bills["psn_no"] == bills["roll_no"]).mean() > 0.98  # but for bills under a parent's number


def test_schools_know_a_parents_number(province: Path, people: pl.DataFrame) -> None:
    pupils = checked(province, "education.student_aid", "2025-10-05")
    known = pupils.drop_nulls("guardian_id_number")
    homes = people.select("id_number", "household_no")
    pairs = known.join(homes, on="id_number").join(
        homes, left_on="guardian_id_number", right_on="id_number", suffix="_guardian"
    )
    assert pairs.height > 100
    assert (pairs["household_no"] == pairs["household_no_guardian"]).all()


def test_files_without_the_new_columns_are_still_read(tmp_path: Path, province: Path) -> None:
    """A department that has not changed its form yet."""
    path = province / "inbox/2025-09-05/disabled_federation/disability_card.csv"
    promised = load_contracts()["disabled_federation.disability_card"]
    new = ["sex_code", "birth_date", "village_code"]
    former = pl.read_csv(path, infer_schema=False).drop(promised.column(name).header for name in new)
    former.write_csv(tmp_path / path.name)
    rows, before = (
        check_rows(read_delivery(p, promised).frame, promised, load_codes())
        for p in (tmp_path / path.name, path)
    )
    assert rows.good.height == before.good.height > 500
    assert rows.good.select(new).null_count().row(0) == (rows.good.height,) * 3


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("localPersonNo, value: ghost", "localPersonNo ghost is no column"),
        ("identifies, value: some", "identifies is some, not everybody"),
    ],
)
def test_what_contracts_say_of_persons_is_checked(tmp_path: Path, wrong: str, message: str) -> None:
    text = (room("data_contracts") / "extracts/medical_insurance/enrolment.yaml").read_text("utf-8")
    path = tmp_path / "medical_insurance" / "enrolment.yaml"
    path.parent.mkdir()
    path.write_text(text.replace("localPersonNo, value: psn_no", wrong))
    assert [problem.what for problem in lint_contract(path)] == [message]


# --- households ----------------------------------------


@pytest.fixture(scope="module")
def spells(province: Path) -> pl.DataFrame:
    return pl.read_parquet(province / "truth/memberships.parquet")


def on(spells: pl.DataFrame, kind: str, day: date) -> pl.DataFrame:
    valid = (pl.col("valid_from") <= day) & (pl.col("valid_to").is_null() | (pl.col("valid_to") > day))
    return spells.filter((pl.col("kind") == kind) & valid)


def test_nobody_is_in_two_households_of_a_kind_at_once(spells: pl.DataFrame) -> None:
    ordered = spells.sort("kind", "id_number", "valid_from")
    nexts = pl.col("valid_from").shift(-1).over("kind", "id_number")
    last = nexts.is_null()
    assert ordered.filter(~last & (pl.col("valid_to").is_null() | (pl.col("valid_to") > nexts))).height == 0
    assert ordered.filter(pl.col("valid_to") <= pl.col("valid_from")).height == 0


@pytest.mark.parametrize("day", [date(2025, 9, 1), date(2025, 11, 17), date(2025, 12, 31)])
def test_all_who_live_and_are_registered_have_one_hukou(
    spells: pl.DataFrame, people: pl.DataFrame, day: date
) -> None:
    here = on(spells, "hukou", day)
    assert here["id_number"].n_unique() == here.height
    born, died = pl.col("birth_date") <= day, pl.col("death_date") <= day
    living = people.filter(born & ~died.fill_null(False))
    assert here.join(living, on="id_number", how="anti").height == 0
    assert (
        living.join(here, on="id_number", how="anti").height < 0.02 * living.height
    )  # left, or unregistered


def test_households_begin_and_end_with_birth_and_death(spells: pl.DataFrame, people: pl.DataFrame) -> None:
    hukou = spells.filter(pl.col("kind") == "hukou").join(people, on="id_number")
    born = hukou.filter(pl.col("birth_date") > date(2025, 9, 1))
    assert born.height and (born["valid_from"] == born["birth_date"]).all()
    ends = hukou.filter(pl.col("death_date").is_not_null()).group_by("id_number").agg(
        pl.col("valid_to").max(), pl.col("death_date").first()
    )  # fmt: skip
    assert ends.height and (ends["valid_to"] == ends["death_date"]).all()


def test_the_roll_lists_units_as_the_truth_has_them(tmp_path: Path) -> None:
    """One number of the roll is one unit of the truth; who is recognised alone is a unit of one."""
    make_province(6_000, 2, 5, tmp_path, dirt=0.0)
    roll = checked(tmp_path, "civil_affairs.benefit_roll", "2025-10-05").filter(pl.col("stop_date").is_null())
    units = on(pl.read_parquet(tmp_path / "truth/memberships.parquet"), "assistance", date(2025, 9, 30))
    listed = roll.join(units, on="id_number")
    assert listed.height > 0.98 * roll.height > 1_500  # the others are dead or held: errors of the roll
    alone = listed.filter(pl.col("category_code") == "single")
    families = listed.filter(pl.col("category_code") != "single")
    assert families.group_by("unit_no").agg(pl.col("household_key").n_unique())["household_key"].max() == 1
    sizes = alone.join(units.group_by("household_key").len(), on="household_key")["len"]
    assert sizes.len() > 3 and sizes.max() == 1


def test_brides_move_and_grown_children_register_apart(
    province: Path, spells: pl.DataFrame, people: pl.DataFrame
) -> None:
    hukou = spells.filter(pl.col("kind") == "hukou")
    moved = (
        hukou.filter(pl.col("household_key").n_unique().over("id_number") > 1).select("id_number").unique()
    )
    now = on(spells, "hukou", date(2025, 11, 30)).join(moved, on="id_number")
    roll = checked(province, "public_security.population")
    told = now.join(roll, on="id_number").join(people.select("id_number", old="household_no"), on="id_number")
    assert told.height >= 5
    assert {"head", "child_in_law"} <= set(told["relation_code"]) <= {"head", "spouse", "child_in_law"}
    assert (told["household_no"] != told["old"]).all()


def test_each_wedding_that_moves_a_bride_is_registered(province: Path, spells: pl.DataFrame) -> None:
    months = sorted(p.name for p in (province / "inbox").iterdir())
    books = pl.concat([checked(province, "civil_affairs.cremation_marriage", m) for m in months])
    unions = books.filter(pl.col("vital_event_code") == "marriage")
    shared = on(spells, "dwelling", date(2025, 11, 30)).filter(pl.col("household_key").str.slice(9, 1) == "2")
    pairs = shared.join(shared, on="household_key").filter(pl.col("id_number") != pl.col("id_number_right"))
    elders = pl.col("household_key").is_in(_old_houses(spells, shared).implode())
    wed = pairs.filter(~elders).select("id_number", spouse_id_number="id_number_right")
    found = wed.join(unions, on=["id_number", "spouse_id_number"], how="semi")
    assert found.height > 0.75 * wed.height > 3  # some rows of the book are dirty


def _old_houses(spells: pl.DataFrame, shared: pl.DataFrame) -> pl.Series:
    """Own houses whose people are still fed from the family's purse: the old in the old house."""
    purse = on(spells, "assistance", date(2025, 11, 30)).select("id_number", purse="household_key")
    return (
        shared.join(purse, on="id_number")
        .filter(pl.col("purse").str.slice(9, 1) != "2")["household_key"]
        .unique()
    )


def test_the_held_are_in_no_unit_and_under_no_roof(province: Path, spells: pl.DataFrame) -> None:
    held = checked(province, "justice.custody").filter(pl.col("custody_type_code") != "community")
    day = date(2025, 11, 30)
    assert held.height > 5
    for kind in ("assistance", "dwelling"):
        assert held.join(on(spells, kind, day), on="id_number", how="semi").height == 0
    assert held.join(on(spells, "hukou", day), on="id_number", how="semi").height > 0.9 * held.height


def test_roofs_are_shared_otherwise_than_numbers(spells: pl.DataFrame) -> None:
    """Some roofs have people of two registers, some registers people under several roofs."""
    day = date(2025, 11, 30)
    both = on(spells, "hukou", day).join(on(spells, "dwelling", day), on="id_number", suffix="_roof")
    assert (
        both.group_by("household_key_roof")
        .agg(pl.col("household_key").n_unique())
        .filter(pl.col("household_key") > 1)
        .height
        > 5
    )
    assert (
        both.group_by("household_key")
        .agg(pl.col("household_key_roof").n_unique())
        .filter(pl.col("household_key_roof") > 1)
        .height
        > 20
    )
    outside = on(spells, "hukou", day).join(on(spells, "dwelling", day), on="id_number", how="anti")
    assert outside.height > 10


def test_police_say_where_people_really_live(province: Path, spells: pl.DataFrame) -> None:
    day = date(2025, 11, 30)
    roll = checked(province, "public_security.population").filter(
        pl.col("registration_status_code") == "active"
    )
    roofs = on(spells, "dwelling", day).join(
        on(spells, "hukou", day).select("id_number", hukou="household_key"), on="id_number"
    )
    told = roll.join(roofs, on="id_number")
    moved_out = told.filter(
        (pl.col("household_key").str.slice(9, 1) == "2") & (pl.col("hukou") != pl.col("household_key"))
    )
    said = moved_out.drop_nulls("dwelling_village_code")
    assert 0.75 < said.height / moved_out.height <= 1.0
    assert said["dwelling_address"].null_count() == 0
    at_home = told.filter(pl.col("household_key") == pl.col("hukou"))
    assert 0.05 < at_home["dwelling_address"].count() / at_home.height < 0.2


def test_addresses_are_typed_in_several_ways(province: Path) -> None:
    """Looked at before our reader folds full-width digits."""
    headers, *lines = grid(province / "inbox" / LAST / "public_security/population.csv")
    typed = pl.Series([line[headers.index("现住址")] for line in lines])
    for way in ("^第[0-9]{3}村居[0-9]+号$", "[０-９]", "號", "委员会第", "村居 ", "^[^第]+[省区]$"):
        assert typed.str.contains(way).any(), way


def test_memberships_are_dated_to_the_day(spells: pl.DataFrame) -> None:
    """Births, deaths, arrests and weddings happen on any day of a month, not on its first."""
    days = spells.filter(pl.col("valid_from") > date(2024, 9, 1))["valid_from"].dt.day()
    assert (
        days.n_unique() > 20
        and timedelta(0)
        < spells.drop_nulls("valid_to").select((pl.col("valid_to") - pl.col("valid_from")).min()).item()
    )
