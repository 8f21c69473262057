"""Mistaken identities: each mistake is where the truth says, and is what it is called."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from stdnum.iso7064 import mod_11_2

from province.departments.layout import FORMATS
from province.dirt.misheard import HOMOPHONES, LOOKALIKES
from province.dirt.mistaken import HARD
from tests.helpers.homes import grid
from tests.helpers.numbers import number
from tests.helpers.provinces import contract_of, truth

LAST = "2025-12-05"
FAULTS = ("name_sound", "name_char", "birth_swapped", "birth_digit", "sex_wrong")


@pytest.fixture(scope="module")
def cells(dirty: Path, rows: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Every row of the last month's files as another reader sees it, beside the truth about it.

    file, row_no, written (number), name, sex, birth, and id_number, kind, true_name, true_sex, true_birth.
    """
    read = pl.concat([told_in(dirty, path) for path in sorted((dirty / "inbox" / LAST).glob("*/*"))])
    right = people.select(
        "id_number", true_name="name", true_sex="sex_code", true_birth=pl.col("birth_date").cast(pl.String)
    )
    return read.join(rows, on=["file", "row_no"]).join(right, on="id_number")


def told_in(dirty: Path, path: Path) -> pl.DataFrame:
    """One file's rows by another reader: what stands in its identity columns, and the physical row."""
    promised, lines = contract_of(path), grid(path)
    above = FORMATS[promised.extract][2]
    headers, body = lines[above], lines[above + 1 :]
    place = {c.name: headers.index(c.header) for c in promised.columns}
    names = {"written": "id_number", "name": "name", "sex": "sex_code", "birth": "birth_date"}
    told = {to: [line[place[c]] if c in place else "" for line in body] for to, c in names.items()}
    return pl.DataFrame(told).select(
        pl.lit(path.relative_to(dirty / "inbox").as_posix()).alias("file"),
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


def test_truth_has_each_row_of_each_file_once(dirty: Path, rows: pl.DataFrame, people: pl.DataFrame) -> None:
    totals = pl.read_parquet(dirty / "truth/dirt.parquet").filter(pl.col("kind") == "totals_row")
    for path in sorted((dirty / "inbox").rglob("*.*")):
        name = path.relative_to(dirty / "inbox").as_posix()
        mine = rows.filter(pl.col("file") == name)
        above = FORMATS[contract_of(path).extract][2]
        written = len(grid(path)) - above - 1 - totals.filter(pl.col("file") == name).height
        assert mine["row_no"].sort().to_list() == list(range(above + 2, above + 2 + written)), name
    assert rows.join(people, on="id_number", how="anti").height == 0


def test_a_row_without_a_fault_says_what_is_true(cells: pl.DataFrame, dirty: Path) -> None:
    """Apart from what the ledger has, number, name, sex and birth date are the person's own."""
    dirt = pl.read_parquet(dirty / "truth/dirt.parquet")
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


def test_a_clean_province_mistakes_nobody(clean: Path) -> None:
    rows = truth(clean, "rows")
    assert rows["has_usable_id"].all() and rows["kind"].null_count() == rows.height > 5_000


def test_the_share_of_unusable_numbers_is_about_a_percent(province: Path) -> None:
    rows = truth(province, "rows")
    assert 0.004 < 1 - number(rows["has_usable_id"].mean()) < 0.012
    assert 0.002 < number(rows["kind"].str.contains("name_|birth_|sex_").fill_null(False).mean()) < 0.006
