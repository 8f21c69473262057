"""A contract drafted from a sample: it lints, it takes the sample, and it says what a person must decide."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from data_contracts.authoring.column_names import known_headers, plain_header, transliterated
from data_contracts.authoring.drafting import draft_columns
from data_contracts.contract.code_tables import load_codes
from data_contracts.lint.contracts import lint_contract
from data_contracts.loading.contracts import load_contract, load_contracts
from flows.queries.checking import check_file
from flows.queries.drafting import draft_file, likely_header
from zhaoren.errors import ZhaorenError

pytestmark = pytest.mark.slow

NAME = "power_company/meter_reading.yaml"
IDS = ["11010519491231002X", "440524188001010014"]


@pytest.fixture
def meters(tmp_path: Path) -> Path:
    """Readings of electricity meters, with a title row, as a power company might send them."""
    rows = [
        f"{30000000 + n},张三,{IDS[n % 2]},2024-{1 + n % 12:02}-05,{n * 7},{n}.50,"
        f"{'停用' if n % 3 else '正常'},男"
        for n in range(60)
    ]
    path = tmp_path / "电表.csv"
    header = "电表编号,姓名,公民身份号码,抄表日期,用电量,电费（元）,电表状态,性别"
    path.write_text("\n".join(["用电情况表", header, *rows]) + "\n", "gb18030")
    return path


def test_the_draft_is_a_sound_contract_that_takes_its_sample(meters: Path, tmp_path: Path) -> None:
    path, todos = draft_file(
        meters, "power_company", "meter_reading", tmp_path / "power_company" / "meter_reading.yaml"
    )
    assert [str(problem) for problem in lint_contract(path)] == []
    assert todos == path.read_text("utf-8").count("TODO") > 5
    found = check_file(meters, str(path))
    assert (found["rows_read"], found["rows_good"], found["rules"]) == (60, 60, {})


def test_what_the_cells_show_is_in_the_draft(meters: Path, tmp_path: Path) -> None:
    path, _ = draft_file(
        meters, "power_company", "meter_reading", tmp_path / "power_company" / "meter_reading.yaml"
    )
    contract = load_contract(path)
    read = {column.header: (column.reads_as, column.classification) for column in contract.columns}
    assert read == {
        "电表编号": ("text", "identifier"), "姓名": ("name", "identifier"),
        "公民身份号码": ("cn_id", "identifier"),
        "抄表日期": ("date", "internal"), "用电量": ("int", "internal"), "电费（元）": ("yuan", "internal"),
        "电表状态": ("text", "identifier"), "性别": ("code", "internal"),
    }  # fmt: skip
    assert contract.column("id_number").header == "公民身份号码"  # named as in our other contracts
    assert contract.column("sex_code").codes == "sex"
    assert len(contract.key) == 1
    assert not any(number in path.read_text("utf-8") for number in IDS)
    assert contract.column(contract.key[0]).is_hashed


def test_a_draft_holds_no_list_of_people(tmp_path: Path) -> None:
    """A draft goes into repositories: names and remarks that repeat are no codes."""
    rows = [
        f"{n},{('张三丰', '李四', '王五')[n % 3]},{('北街3号', '南路5号')[n % 2]},{('开', '关')[n % 2]}"
        for n in range(60)
    ]
    sample = tmp_path / "sample.csv"
    sample.write_text("\n".join(["编号,负责人,备注,状态", *rows]), "utf-8")
    path, _ = draft_file(sample, "power_company", "meter_reading", tmp_path / "p" / "meter_reading.yaml")
    text = path.read_text("utf-8")
    assert "关" in text and "开" in text
    assert not any(word in text for word in ("张三丰", "李四", "北街", "南路"))


def test_a_draft_overwrites_nothing(meters: Path, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("mine", "utf-8")
    with pytest.raises(ZhaorenError, match="already"):
        draft_file(meters, "power_company", "meter_reading", tmp_path / "x.yaml")
    with pytest.raises(ZhaorenError, match="no name"):
        draft_file(meters, "Power Company", "meter_reading")


def test_a_header_is_told_from_titles_and_data() -> None:
    assert likely_header([("月报", None, None), ("姓名", "年龄", "电话"), ("张三", "3", "1")]) == 1
    assert likely_header([("1", "2"), ("3", "4")]) is None


def test_headers_become_names() -> None:
    assert transliterated("Order ID", 1) == ("order_id", True)
    assert transliterated("totalAmount", 1) == ("total_amount", True)
    name, is_sure = transliterated("用电量", 3)
    assert name in ("yong_dian_liang", "col_3") and not is_sure
    assert pl.Series([name]).str.contains("^[a-z][a-z0-9_]*$").all()


def test_days_that_may_be_yet_to_come_are_drafted_as_such() -> None:
    """Else the rule that nothing happens after its delivery would send an expiry back."""
    headers = ["装表日期", "合同到期日", "优惠有效期至"]
    text = pl.DataFrame({f"column_{n}": ["2030-01-01", "2031-02-03"] for n in range(3)})
    drafts = draft_columns(text, headers, {}, {})
    assert [draft.column.reads_as for draft in drafts] == ["date"] * 3
    assert [draft.column.may_lie_ahead for draft in drafts] == [False, True, True]


def names_drafted(cells: dict[str, list[str]]) -> dict[str, str]:
    """Header -> drafted name, as the shipped contracts know the headers."""
    text = pl.DataFrame({f"column_{n}": values for n, values in enumerate(cells.values())})
    drafts = draft_columns(text, list(cells), load_contracts(), load_codes())
    return {draft.column.header: draft.column.name for draft in drafts}


PEOPLE, DAYS = ["张三", "李四"], ["1950-01-01", "1960-02-03"]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"户主证件号码": IDS, "户主姓名": PEOPLE}, ["id_number", "name"]),
        ({"持卡人姓名": PEOPLE, "持卡人身份证件": IDS}, ["name", "id_number"]),
        ({"户主身份证号": IDS, "户主姓名": PEOPLE, "身份证号": IDS, "姓名": PEOPLE},
         ["head_id_number", "head_name", "id_number", "name"]),
        ({"配偶证件号": IDS, "本人证件号": IDS, "监护人证件号": IDS},
         ["spouse_id_number", "id_number", "guardian_id_number"]),
        ({"申请人": PEOPLE, "身份 证号": IDS, "救助金额": ["10.00", "20.00"]},
         ["name", "id_number", "relief_yuan"]),
        ({"出生年月日": DAYS, "村（居）委会代码": ["440103001001", "440103001002"]},
         ["birth_date", "village_code"]),
        ({"联系人姓名": PEOPLE}, None),
        ({"配偶证件号": IDS}, ["spouse_id_number"]),
    ],
)  # fmt: skip
def test_a_required_name_comes_before_one_by_sound(
    cells: dict[str, list[str]], expected: list[str] | None
) -> None:
    """Tried §4: under a name by sound, the extract would say nothing about anybody."""
    found = list(names_drafted(cells).values())
    assert found == expected if expected else not {"id_number", "name"} & set(found)


def test_every_header_of_the_shipped_contracts_gets_its_name() -> None:
    """A header that several contracts use for different columns gets the name of one of them."""
    named = {key: {c.name for c in columns} for key, columns in known_headers(load_contracts()).items()}
    for contract in load_contracts().values():
        for column in contract.columns:
            assert column.name in named[plain_header(column.header)]
            assert all(column.name in named[plain_header(alias)] for alias in column.aliases)
