"""Numbers that identify or key: taken in, linked and withdrawn on a handful of made-up people.

Only ingest and identity resolution are run: whose household and whose bills a row is, is settled by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from data_contracts.loading.contracts import load_contracts
from flows.actions.decisions import withdraw
from flows.context.home import Home
from flows.context.run import run_of
from flows.context.site import open_site
from flows.ingest.ingest import ingest
from flows.scoring.resolve import resolve
from tests.helpers.homes import rows_of
from tests.helpers.id_numbers import made_number

SEP, OCT = date(2025, 9, 5), date(2025, 10, 5)
CONTRACTS = load_contracts()
VILLAGES = {"4401": "440103001101", "4402": "440204001101"}


def deliver(
    inbox: Path,
    day: date,
    contract_id: str,
    rows: Sequence[dict[str, str]],
    *,
    part: str = "",
    kind: str = "csv",
) -> None:
    """Put a file of the rows (by column name) into the day's folder, under the contract's own headers."""
    contract = CONTRACTS[contract_id]
    named = [c for c in contract.columns if any(c.name in row for row in rows)]
    frame = pl.DataFrame({c.header: [row.get(c.name) for row in rows] for c in named})
    path = inbox / str(day) / contract.department / f"{contract.extract}{f'.{part}' if part else ''}.{kind}"
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "parquet":
        floats = [c.header for c in named if c.name == "psn_no"]
        frame.with_columns(pl.col(floats).cast(pl.Float64)).write_parquet(path)
    else:
        frame.write_csv(path)


def person(order: int, name: str, household: str, relation: str, part: str = "4401") -> dict[str, str]:
    return {
        "id_number": made_number(order, area=f"{part}03"), "name": name,
        "sex_code": "男" if order % 2 else "女", "birth_date": "1961-03-05", "household_no": household,
        "relation_code": relation, "village_code": VILLAGES[part], "registration_status_code": "正常",
    }  # fmt: skip


def take_in(home: Home, inbox: Path, *days: date) -> None:
    with open_site(home) as site:
        for day in days:
            ingest(site, inbox, day)
            resolve(site, run_of(site, day))


def households(home: Home) -> list[set[str]]:
    """Each present household's members, by the row of theirs in their own part."""
    members = rows_of(
        home,
        "SELECT m.household_id, d.part || ':' || p.row_no AS who FROM core.household_member m "
        "JOIN core.population p USING (person_id) JOIN ops.delivery d USING (delivery_id) "
        "WHERE m.kind = 'hukou' AND m.valid_to IS NULL",
    )
    return sorted((set(part["who"]) for part in members.partition_by("household_id")), key=sorted)


@pytest.mark.parametrize(
    ("kind", "links"), [("csv", 0), pytest.param("parquet", 0, marks=pytest.mark.long), ("whole", 1)]
)
def test_a_number_that_lost_digits_gives_nobody_anothers_bills(tmp_path: Path, kind: str, links: int) -> None:
    """Tried §1 case 14: psn_no 4.40002E+19 linked a namesake's mistyped settlement to another man."""
    told = {"csv": "4.40002E+19", "parquet": "44000200000000012345", "whole": "44000200000000012345"}[kind]
    inbox, home = tmp_path / "inbox", Home(tmp_path / "home")
    deliver(inbox, SEP, "public_security.population", [person(101, "陈试甲", "H1", "户主")])
    enrolled = {"psn_no": told, "id_number": made_number(101), "name": "陈试甲",
                "insurance_type_code": "城乡居民基本医疗保险",
                "enrolment_status_code": "正常参保", "paid_until_date": "2025-12-31"}  # fmt: skip
    deliver(
        inbox, SEP, "medical_insurance.enrolment", [enrolled], kind="parquet" if kind == "parquet" else "csv"
    )
    # Another 陈试甲, born elsewhere on another day; a digit of his number is wrong.
    bill = {"settlement_id": "S1", "id_number": made_number(333, "19700101", "445224")[:-2] + "00",
            "name": "陈试甲", "settlement_date": "2025-08-20", "care_type_code": "普通住院",
            "total_yuan": "41000", "fund_pay_yuan": "900", "out_of_scope_yuan": "0",
            "personal_burden_yuan": "40100", "cash_pay_yuan": "40100", "settlement_status_code": "正常",
            "psn_no": "44000200000000012345" if kind == "whole" else "4.40002E+19"}  # fmt: skip
    good = bill | {"settlement_id": "S0", "id_number": made_number(101), "psn_no": "44000200000000012345"}
    deliver(
        inbox,
        SEP,
        "medical_insurance.settlement",
        [bill] + [good | {"settlement_id": f"G{n}"} for n in range(9)],
    )
    take_in(home, inbox, SEP)
    assert rows_of(home, "SELECT count(*) FROM ops.recognised_row").item() == 1  # used under its own person
    assert rows_of(home, "SELECT count(*) FROM core._person_link").item() == links


@pytest.fixture(scope="module")
def two_cities(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, Path]:
    """Two parts that both number a family 0001, in two months; in October one of them comes twice."""
    place = tmp_path_factory.mktemp("cities")
    inbox, home = place / "inbox", Home(place / "home")
    for day, more in ((SEP, 0), (OCT, 1)):
        for part, first in (("4401", 100), ("4402", 200)):
            family = [
                person(first + 1, "陈试甲", "0001", "户主", part),
                person(first + 2, "李试乙", "0001", "配偶", part),
            ]
            other = [person(first + 3 + more, "黄试丙", "0002", "户主", part)]
            deliver(inbox, day, "public_security.population", [*family, *other], part=part)
    take_in(home, inbox, SEP, OCT)
    return home, inbox


def test_families_of_two_cities_with_one_number_are_two(two_cities: tuple[Home, Path]) -> None:
    """Tried §1 case 31: one household of four with two heads, in two cities."""
    home, _ = two_cities
    assert rows_of(home, "SELECT DISTINCT status FROM ops.delivery").rows() == [("accepted",)]
    assert [len(members) for members in households(home)] == [2, 1, 2, 1]
    lasting = rows_of(
        home,
        "SELECT count(DISTINCT household_id) FROM core._population p JOIN core.person USING (person_id) "
        "WHERE row_no <= 3",
    )
    assert lasting.item() == 2  # the same two ids in both months


def test_two_heads_and_no_head_are_told_and_the_household_stays_one(tmp_path: Path) -> None:
    """Tried §1 case 32: a repeated import left a family with two heads, or none, and nobody was told."""
    inbox, home = tmp_path / "inbox", Home(tmp_path / "home")
    families = (("1", "户主"), ("1", "户主"), ("2", "配偶"), ("2", "子女"), ("3", "户主"), ("3", "子女"))
    rows = [person(101 + n, "陈试甲", *each) for n, each in enumerate(families)]
    deliver(inbox, SEP, "public_security.population", rows)
    take_in(home, inbox, SEP)
    assert [len(members) for members in households(home)] == [2, 2, 2]
    found = rows_of(home, "SELECT failing_cnt, level FROM ops.check_result WHERE rule_id LIKE '%.one_head'")
    assert found.rows() == [(3, "note")]


def test_a_part_withdrawn_takes_only_its_own_families_with_it(two_cities: tuple[Home, Path]) -> None:
    """A neighbour of case 31: what happens to one part's rows never happens to the other's."""
    home, _ = two_cities
    before = rows_of(home, "SELECT household_id, person_id FROM core._population ORDER BY ALL")
    with open_site(home) as site:
        found = site.con.execute(
            "SELECT delivery_id FROM ops.delivery WHERE part = '4402' AND known_date = ?", [OCT]
        ).fetchone()
        assert found is not None
        withdraw(site, found[0], "made by mistake", "tester", OCT)
    statuses = rows_of(home, "SELECT part, known_date, status FROM ops.delivery ORDER BY known_date, part")
    assert statuses["status"].to_list() == ["accepted", "accepted", "accepted", "withdrawn"]
    parts = rows_of(
        home,
        "SELECT d.part, count(*) AS n FROM core.population JOIN ops.delivery d USING (delivery_id) "
        "GROUP BY ALL ORDER BY 1",
    )
    assert parts.rows() == [("4401", 6), ("4402", 3)]
    assert rows_of(home, "SELECT household_id, person_id FROM core._population ORDER BY ALL").equals(before)
    open_now = rows_of(
        home, "SELECT household_id, count(*) FROM core.household_member WHERE valid_to IS NULL GROUP BY ALL"
    )
    assert sorted(open_now.to_series(1).to_list()) == [1, 1, 2, 2]
