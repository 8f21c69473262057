"""Rows against a contract: what is repaired, what is refused, what is repeated; nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from data_contracts.contract.model import Rule
from data_contracts.row_checks.rows import CheckedRows, check_rows
from data_contracts.row_checks.unidentified_rows import NUMBER_TEXT, REPEATED, unidentified_rows
from data_contracts.rules.compiler import column_kinds
from divisions import area_codes
from tests.helpers.rows import CODES, CONTRACTS, PERSON, SETTLEMENT, check


def settlement(**change: str | None) -> CheckedRows:
    return check("medical_insurance.settlement", SETTLEMENT, change)


def person(**change: str | None) -> CheckedRows:
    return check("public_security.population", PERSON, change)


def test_a_clean_row_is_typed() -> None:
    row = settlement().good.row(0, named=True)
    assert row["row_no"] == 2
    assert (row["settlement_date"], row["total_yuan"]) == (date(2025, 1, 5), Decimal("1000.00"))
    assert (row["care_type_code"], row["medical_aid_yuan"]) == ("inpatient", None)
    assert settlement().good.schema["total_yuan"] == pl.Decimal(18, 2)
    assert settlement().faults.is_empty() and settlement().repairs.is_empty()


REPAIRS = [
    ("id_number", "４４０３０８１９９９０１１０１５１２", "440308199901101512", "fullwidth"),
    ("id_number", "'440308199901101512", "440308199901101512", "apostrophe"),
    ("id_number", "440308 19990110 1512", "440308199901101512", "space"),
    ("id_number", "440308199901101512\u200b", "440308199901101512", "zero_width"),
    ("id_number", "11010519491231002x", "11010519491231002X", "lower_x"),
    ("id_number", "130503670401001", "130503196704010016", "id_15"),
    ("name", "阿依古丽‧买买提", "阿依古丽·买买提", "middle_dot"),
    ("name", "买买提.阿不都.热合曼", "买买提·阿不都·热合曼", "middle_dot"),
    ("name", "张 三", "张三", "space"),
    ("name", "\ue81e丽", "\u9fb4丽", "rare_character"),
    ("settlement_date", "20250105", date(2025, 1, 5), "date_form"),
    ("settlement_date", "2025.1.5", date(2025, 1, 5), "date_form"),
    ("settlement_date", "2025/1/5", date(2025, 1, 5), "date_form"),
    ("settlement_date", "2025年1月5日", date(2025, 1, 5), "date_form"),
    ("settlement_date", "45662", date(2025, 1, 5), "date_serial"),
    ("settlement_date", "2025-01-05 00:00:00.0", date(2025, 1, 5), "date_with_time"),
    ("total_yuan", "1,000.00", Decimal("1000.00"), "thousands"),
    ("total_yuan", "１０００．０", Decimal("1000.00"), "fullwidth"),
    ("total_yuan", "1000元", Decimal("1000.00"), "unit_word"),
    ("total_yuan", "1000.3000000000001", Decimal("1000.30"), "float_noise"),
    ("medical_aid_yuan", "无", None, "blank_word"),
    ("medical_aid_yuan", "N/A", None, "blank_word"),
    ("care_type_code", "住院", "inpatient", "code_alias"),
    ("settlement_status_code", "１", "valid", "code_alias"),
]


@pytest.mark.parametrize(("column", "written", "value", "kind"), REPAIRS)
def test_dirt_is_repaired_and_noted(column: str, written: str, value: object, kind: str) -> None:
    checked = settlement(**{column: written})
    assert checked.good[column].to_list() == [value]
    assert kind in checked.repairs.filter(pl.col("column_name") == column)["kind"].to_list()


@pytest.mark.parametrize(("written", "kind"), [("9999-12-31", "open_end"), ("0000-00-00", "zero_date")])
def test_dates_that_mean_none(written: str, kind: str) -> None:
    checked = person(cancel_date=written)
    assert checked.good["cancel_date"].to_list() == [None]
    assert checked.repairs["kind"].to_list() == [kind]


FAULTS = [
    ("settlement_id", None, "settlement_id.required"),
    ("settlement_id", "S" * 41, "settlement_id.length"),
    ("id_number", "无", "id_number.required"),
    ("id_number", "4.40308E+17", "id_number.type"),
    ("id_number", "440308199901101513", "id_number.checksum"),
    ("id_number", "440308199902301512", "id_number.checksum"),
    ("settlement_date", "2025-02-30", "settlement_date.type"),
    ("settlement_date", "5/1/2025", "settlement_date.type"),
    ("settlement_date", "0000-00-00", "settlement_date.required"),
    ("settlement_date", "1899-01-05", "settlement_date.range"),
    ("total_yuan", "一千", "total_yuan.type"),
    ("total_yuan", "1000.005", "total_yuan.type"),
    ("total_yuan", "2000000.01", "total_yuan.range"),
    ("care_type_code", "理发", "care_type_code.code"),
    ("personal_burden_yuan", "-400", "negative_only_when_reversed"),
]


@pytest.mark.parametrize(("column", "written", "rule"), FAULTS)
def test_a_fault_is_refused_by_one_rule(column: str, written: str | None, rule: str) -> None:
    checked = settlement(**{column: written})
    assert checked.faults["rule_id"].to_list() == [f"medical_insurance.settlement.{rule}"]
    assert checked.quarantined[column].to_list() == [written]
    assert checked.counts[f"medical_insurance.settlement.{rule}"] == 1
    assert sum(checked.counts.values()) == 1


def test_reasons_hold_no_values() -> None:
    for column, written, _ in FAULTS:
        reasons = settlement(**{column: written}).faults["reason_zh"].to_list()
        assert reasons and not any(written and written in reason for reason in reasons)


def test_an_unknown_answer_passes() -> None:
    """NULL in a rule's SQL is unknown, and unknown is no fault."""
    assert person(birth_date="1999-01-10", cancel_date=None).faults.is_empty()
    refunded = settlement(personal_burden_yuan="-400", settlement_status_code="冲销")
    assert refunded.good.height == 1


def test_a_warning_drops_the_value_and_keeps_the_row() -> None:
    checked = person(father_id_number="440308199901101513")
    assert checked.good["father_id_number"].to_list() == [None]
    assert checked.faults.select("rule_id", "level").row(0) == (
        "public_security.population.father_id_number.checksum", "warn",
    )  # fmt: skip


def test_a_row_rule_only_warns_or_notes() -> None:
    checked = person(birth_date="1999-01-11", registration_status_code="死亡注销")
    assert checked.good["birth_date"].to_list() == [date(1999, 1, 11)]
    assert checked.faults.select("rule_id", "level").rows() == [
        ("public_security.population.birth_date_matches_id", "note"),
        ("public_security.population.cancelled_has_date", "warn"),
    ]


def test_an_area_code_out_of_force_is_a_note() -> None:
    checked = person(id_number="34052419800101001X", birth_date="1980-01-01")
    assert checked.good.height == 1
    assert checked.faults["rule_id"].to_list() == ["public_security.population.id_number.area"]


def test_a_repeated_row_is_a_duplicate_however_it_is_written() -> None:
    again: dict[str, str | None] = {"settlement_date": "20250105", "total_yuan": "1,000"}
    checked = check("medical_insurance.settlement", SETTLEMENT, {}, again, {})
    assert (checked.good["row_no"].to_list(), checked.duplicates["row_no"].to_list()) == ([2], [3, 4])


def test_one_key_with_two_contents_keeps_the_first() -> None:
    checked = check(
        "medical_insurance.settlement", SETTLEMENT, {}, {"cash_pay_yuan": "1"}, {"cash_pay_yuan": "1"}, {}
    )
    assert checked.good["row_no"].to_list() == [2]
    assert checked.faults.select("row_no", "rule_id").rows() == [
        (3, "medical_insurance.settlement.key_conflict"),
        (4, "medical_insurance.settlement.key_conflict"),
    ]
    assert checked.duplicates["row_no"].to_list() == [5]


def test_a_refused_row_is_no_first_of_its_key() -> None:
    checked = check("medical_insurance.settlement", SETTLEMENT, {"total_yuan": "?"}, {})
    assert checked.good["row_no"].to_list() == [3]


EMPTY = dict.fromkeys(SETTLEMENT)


@pytest.mark.parametrize(
    "line",
    [
        {**EMPTY, "settlement_id": "合计", "total_yuan": "123456.00"},
        {**EMPTY, "settlement_id": "合  计：3"},
        {**EMPTY, "name": "总计"},
        {**EMPTY, "settlement_id": "制表人：李四", "settlement_date": "2025-02-01"},
        {**EMPTY, "settlement_id": "第1页"},
        {column.name: column.header for column in CONTRACTS["medical_insurance.settlement"].columns},
    ],
)
def test_totals_footers_and_repeated_headers_are_no_records(line: dict[str, str | None]) -> None:
    checked = check("medical_insurance.settlement", SETTLEMENT, {}, line)
    assert checked.faults["rule_id"].to_list() == ["medical_insurance.settlement.not_a_record"]
    assert (checked.rows_read, checked.good.height, checked.stage.height) == (2, 1, 1)


def test_a_person_called_like_a_footer_is_a_person() -> None:
    checked = settlement(name="小计", total_yuan="坏")
    assert checked.faults["rule_id"].to_list() == ["medical_insurance.settlement.total_yuan.type"]
    assert settlement(name="备注").good.height == 1


def test_ten_thousands_become_yuan_exactly() -> None:
    contract = CONTRACTS["emergency.disaster"]
    column = next(column for column in contract.columns if column.unit == "wan_yuan")
    base: dict[str, str | None] = dict.fromkeys((c.name for c in contract.columns), None)
    checked = check("emergency.disaster", base, {column.name: "1.2345"}, {column.name: "1,0.5"})
    assert (
        f"emergency.disaster.{column.name}.type"
        in checked.faults.filter(pl.col("row_no") == 3)["rule_id"].to_list()
    )
    assert (
        f"emergency.disaster.{column.name}.type"
        not in checked.faults.filter(pl.col("row_no") == 2)["rule_id"].to_list()
    )


def test_wan_yuan_value() -> None:
    from data_contracts.cells.values import fast, slow

    frame = pl.DataFrame({"t": ["1.2345", "3"]})
    exact = frame.select(v=fast(pl.col("t"), "yuan", None, "wan_yuan"))["v"].to_list()
    repaired = slow(frame["t"], "yuan", None, "wan_yuan")["value"].to_list()
    assert repaired == [Decimal("12345.00"), Decimal("30000.00")]
    assert exact[1] == Decimal("30000.00")


def test_the_stage_holds_no_identifier() -> None:
    stage = person().stage
    identifiers = {c.name for c in CONTRACTS["public_security.population"].columns if c.is_identifier}
    assert not identifiers & set(stage.columns)
    assert stage.select("has_id_number", "has_father_id_number").row(0) == (True, False)


def test_too_many_cells() -> None:
    text = pl.DataFrame([{"row_no": 2, **SETTLEMENT, "_extra": "多"}])
    checked = check_rows(text, CONTRACTS["medical_insurance.settlement"], CODES)
    assert checked.faults["rule_id"].to_list() == ["medical_insurance.settlement.too_many_cells"]


def test_no_rows_at_all() -> None:
    checked = check("medical_insurance.settlement", SETTLEMENT)
    assert (checked.rows_read, checked.good.height, checked.faults.height) == (0, 0, 0)


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_contract_takes_junk_without_breaking_down(name: str) -> None:
    """Whatever stands in the cells, every row is accounted for."""
    junk = [
        "",
        " ",
        "=1+1",
        "😀",
        "９９",
        "-",
        "2024-13-45",
        "1e400",
        "\u200b",
        "合计",
        "null",
        "0",
        "'",
        "99999999999999999999",
    ]
    columns = [column.name for column in CONTRACTS[name].columns]
    text = pl.DataFrame(
        {"row_no": range(2, 2 + len(junk)), **{c: junk[i:] + junk[:i] for i, c in enumerate(columns)}}
        if len(columns) <= len(junk)
        else {"row_no": range(2, 2 + len(junk)), **dict.fromkeys(columns, junk)},
        schema_overrides={"row_no": pl.Int64},
    )
    checked = check_rows(text, CONTRACTS[name], CODES, area_codes())
    assert checked.rows_read == checked.good.height + checked.quarantined.height + checked.duplicates.height
    assert checked.good.is_empty()


def test_a_file_of_rounded_numbers_goes_back_row_by_row() -> None:
    """Tried §1 case 14: household numbers written out as 445224202300017000 join no families."""
    sent: list[dict[str, str | None]] = [{"household_no": f"44522420230001{n}000", "id_number": number}
            for n, number in enumerate(("440308199901101512", "11010519491231002X"))]  # fmt: skip
    checked = check("public_security.population", PERSON, *sent)
    assert checked.good.is_empty() and checked.rows_refused == 2
    assert set(checked.faults["reason_zh"]) >= {"户号：号码被表格软件当作数字，末几位已丢失"}
    alone = check("public_security.population", PERSON, sent[0])
    assert alone.good["household_no"].to_list() == ["445224202300010000"]


CAME = date(2025, 9, 5)


def came(contract: str, base: dict[str, str | None], **change: str | None) -> CheckedRows:
    """One row, delivered on CAME."""
    row = {"row_no": 2, **base, **change}
    schema = {"row_no": pl.Int64, **dict.fromkeys(row, pl.String)} | {"row_no": pl.Int64}
    return check_rows(pl.DataFrame([row], schema=schema), CONTRACTS[contract], CODES, area_codes(), CAME)


UNBORN = "440103205012311013"


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("birth_date", "2025-09-06", "出生日期不应晚于数据送达之日"),
        ("birth_date", "2099-01-01", "出生日期不应晚于数据送达之日"),
        ("cancel_date", "2026-01-01", "注销日期不应晚于数据送达之日"),
        ("id_number", UNBORN, "公民身份号码中的出生日期不应晚于数据送达之日"),
    ],
)
def test_nothing_happens_after_it_was_delivered(column: str, value: str, reason: str) -> None:
    """Tried §1 case 44: births after the delivery gave ages of −26 and −74."""
    checked = came("public_security.population", PERSON, **{column: value})
    assert checked.rows_refused == 1 and reason in checked.faults["reason_zh"].to_list()
    assert check("public_security.population", PERSON, {column: value}).rows_read == 1


def test_a_parent_not_yet_born_costs_the_cell() -> None:
    checked = came("public_security.population", PERSON, father_id_number=UNBORN)
    assert checked.good["father_id_number"].to_list() == [None]
    assert checked.faults["rule_id"].to_list() == ["public_security.population.father_id_number.future"]


def test_what_happened_on_the_day_itself_is_no_future() -> None:
    checked = came("public_security.population", PERSON, cancel_date="2025-09-05")
    assert checked.good["cancel_date"].to_list() == [CAME]


def test_an_expiry_and_a_planned_end_may_lie_ahead() -> None:
    card: dict[str, str | None] = {
        "id_number": "440308199901101512",
        "name": "张三",
        "insurance_type_code": "城乡居民基本医疗保险",
        "psn_no": "A1",
        "enrolment_status_code": "正常参保",
        "paid_until_date": "2026-12-31",
    }
    assert came("medical_insurance.enrolment", card).good["paid_until_date"].to_list() == [date(2026, 12, 31)]
    bill = came("medical_insurance.settlement", SETTLEMENT, settlement_date="2025-09-06")
    assert bill.rows_refused == 1


def test_a_person_whose_number_is_of_the_future_is_sought_by_the_rest() -> None:
    """The number is as invalid as a mistyped one: the row goes back, and is used meanwhile without it."""
    checked = came("public_security.population", PERSON, id_number=UNBORN)
    found = unidentified_rows(checked, CONTRACTS["public_security.population"], CODES)
    assert found is not None
    (row,) = found.to_dicts()
    assert (row["id_number"], row[NUMBER_TEXT], row[REPEATED]) == (None, UNBORN, False)


def test_a_rounded_phone_or_card_is_no_phone_or_card() -> None:
    """What only identifies beside the key is emptied, and the row stays."""
    base = {"psn_no": "A1", "id_number": "440308199901101512", "name": "张三",
            "insurance_type_code": "城乡居民基本医疗保险", "enrolment_status_code": "正常参保",
            "phone": "1.38001E+10"}  # fmt: skip
    schema = {"row_no": pl.Int64, **dict.fromkeys(base, pl.String)}
    frame = pl.DataFrame([{"row_no": 2, **base}], schema=schema)
    checked = check_rows(frame, CONTRACTS["medical_insurance.enrolment"], CODES, area_codes())
    assert "phone" in checked.faults["column_name"].to_list()
    assert checked.good["phone"].to_list() == [None]


def test_a_third_decimal_that_core_cannot_keep_is_told() -> None:
    """Of a column read as a number; 0.1 + 0.2 as a float has none."""
    contract = CONTRACTS["medical_insurance.settlement"]
    column = replace(contract.column("total_yuan"), name="kwh", reads_as="number", header="用电量", unit=None)
    rule = Rule(id="x.kwh.decimals", name="kwh.decimals", kind="decimals", level="note", runs_in="row",
                zh="用电量只保留两位小数", column="kwh")  # fmt: skip
    small = replace(contract, columns=(column,), rules=(rule,), key=("kwh",))
    text = pl.DataFrame({"row_no": [2, 3, 4], "kwh": ["1.234", "0.30000000000000004", "12.5"]})
    checked = check_rows(text, small, CODES)
    assert checked.faults.select("row_no", "rule_id").rows() == [(2, "x.kwh.decimals")]
    assert checked.rows_good == 3
    assert "decimals" in list(column_kinds(column)) and "decimals" not in list(
        column_kinds(replace(column, is_kept=False))
    )
