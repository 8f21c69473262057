"""Sentences for the department: what is wrong with a cell or row, and how to correct it.

No sentence holds a cell's value: a shifted column may put an ID number into any cell, and reasons are
kept outside the identity boundary. The receipt shows the values beside the reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from data_contracts.contract.model import Column, Rule

_EXPECTED = {
    "date": "日期（如 2024-01-05）",
    "month": "年月（如 2024-01）",
    "yuan": "金额（数字，最多两位小数）",
    "int": "整数",
    "bool": "“是”或“否”",
    "cn_id": "18位公民身份号码",
    "number": "数字",
    "timestamp": "日期和时间（如 2024-01-05 08:30:00）",
    "time": "时间（如 08:30:00）",
}
# What exactly is wrong with a cell, by the reader's error name (values.py, id_numbers.py).
ERRORS = {
    "id_scientific": "号码被表格软件变成科学计数法，末几位已丢失",
    "id_float": "号码被表格软件当作数字，末几位已丢失",
    "id_length": "号码不是18位（或旧15位）",
    "id_characters": "号码含有不该有的字符",
    "id_province": "号码前两位不是任何省级地区的代码",
    "id_issuing_province": "外国人永久居留身份证号码第二、三位（受理地）不是任何省级地区的代码",
    "id_birth_date": "号码中的出生日期不存在",
    "id_check_digit": "号码校验位不符，可能有一位写错",
    "id_birth_future": "号码中的出生日期晚于查验之日",
    "id_card_type": "残疾人证号第19位（残疾类别）应为1至7",
    "id_card_grade": "残疾人证号第20位（残疾等级）应为1至4",
    "id_card_reissue": "残疾人证号末两位（补发标记）应如B1",
    "id_blank": "没有号码",
    "date_unknown_form": "无法认作日期",
    "date_impossible": "日期不存在",
    "number_unknown_form": "无法认作数字",
    "number_decimals": "小数超过两位",
    "number_not_whole": "应为整数",
    "number_of_somebody": "数字过长，像是证件、电话、银行卡等号码，不是数量",
    "bool_unknown": "应填“是”或“否”",
    "code_unknown": "不在约定的取值之内",
    "cell_error": "单元格是表格软件的出错信息（如 #REF!），不是内容",
    "text_garbled": "有的字已丢失或变成乱码",
    "name_not_one": "不是姓名，像是填错了列",
}
# What is unusual about a valid ID number; none of these makes it wrong.
WARNINGS = {
    "id_area_late": "前六位的代码在出生之后才启用（补登户口者常见）",
    "id_area_dropped": "前六位的代码在出生之前已停用",
    "id_area_since_dropped": "前六位的代码在出生时有效，后来停用（属正常，号码终身不变）",
    "id_area_unknown": "前六位不在区划代码表中",
}
_CORRECTIONS = {
    "required": "请补填该列",
    "type": "请按约定格式填写：{expected}",
    "checksum": "请对照居民身份证或户口簿原件核对号码",
    "area": "请核对号码前六位；如确为历史代码无须处理",
    "damaged": "请从业务系统重新导出该列；号码列请先设为“文本”格式",
    "garbled": "请核对该列的内容和用字，用 UTF-8 或 GB18030 编码重新导出",
    "code": "请改用约定取值{labels}",
    "decimals": "如需更多小数，请与数据组商定按更小的单位报送",
    "future": "请核对该日期；尚未发生的事不能报送",
    "range": "请核对数值或日期是否多写、少写，或单位有误",
    "length": "请核对是否填错列",
    "pattern": "请按约定格式填写",
    "not_a_record": "无须处理；下次请只导出明细行",
    "too_many_cells": "请为含分隔符的内容加引号，或改用XLSX",
    "key_conflict": "请确认哪一行正确，只保留一行",
    "row_condition": "请核对相关各列后重报",
    "one_head": "请核对户号和户主；该户仍按一户使用，不同镇街各有户主的按不同的户使用",
    "missing": "请补填该列",
    "values": "请改用约定取值{labels}",
    "multiple_of": "请核对数值是否多写、少写，或单位有误",
    "format": "请按约定格式填写",
}
_CORRECTIONS_OF_ERRORS = {
    "id_scientific": "请先把该列设为“文本”格式，再从业务系统重新导出",
    "id_float": "请先把该列设为“文本”格式，再从业务系统重新导出",
    "cell_error": "请在表格里改好出错的公式，或从业务系统重新导出",
    "number_of_somebody": "请核对是否错列；号码请填入号码列",
}

WORDS_ZH = {
    "missing": "不应缺失", "values": "应为约定取值之一", "multiple_of": "应为{multipleOf}的整数倍",
    "range": "应在约定范围之内", "format": "应符合约定格式", "whole_format": "超出约定的整数范围",
}  # fmt: skip
SUITE_ZH = {
    "row_count": "行数应在约定范围之内", "row_count_against_previous": "行数与上一期相比变化过大",
    "faulty_share": "问题行占比过高", "duplicate_share": "重复占比过高", "null_share": "空缺占比过高",
    "value_share": "取值占比应在约定范围之内", "invalid_share": "不合约定取值的占比过高",
    "orphan_share": "应能在所引用的名册中找到", "partition": "应有的地区或月份不能缺少",
    "null_share_against_previous": "空缺占比与上一期相比变化过大",
    "value_mix_against_previous": "取值构成与上一期相比变化过大", "freshness": "应按约定的时间送达",
    "sql": "应满足约定的统计条件", "required": "不能为空", "pattern": "应符合约定格式",
    "row_condition": "各列之间应相符",
}  # fmt: skip


def rule_text(kind: str, column: Column) -> str:
    """What a column's rule of this kind requires, as a Chinese clause."""
    if kind == "required":
        return f"{column.header}不能为空"
    if kind == "type":
        return f"{column.header}应为{_EXPECTED[column.reads_as]}"
    if kind == "range":
        return f"{column.header}应{_range_text(column.options)}"
    if kind == "length":
        return f"{column.header}应{_length_text(column.options)}"
    texts = {
        "code": "应为约定取值",
        "checksum": "应为真实有效的公民身份号码",
        "area": "前六位应为当时有效的行政区划代码",
        "pattern": "应符合约定格式",
        "damaged": "应完整，不是表格软件的出错信息或已丢失末几位的数字",
        "garbled": "应没有丢失的字或乱码",
        "decimals": "只保留两位小数，更多的小数已四舍五入",
        "future": f"{'中的出生日期' if column.reads_as == 'cn_id' else ''}不应晚于数据送达之日",
    }
    return f"{column.header}{texts[kind]}"


def reason_text(rule: Rule, column: Column | None, error: str | None = None) -> str:
    """The sentence on a faulty row: what is wrong, without the value."""
    if column is None:
        return rule.zh
    # A damaged cell has a more precise sentence than its rule.
    if error in ERRORS:
        return f"{column.header}：{ERRORS[error]}"
    return rule.zh


def correction_text(
    rule: Rule, column: Column | None = None, error: str | None = None, labels: Sequence[str] = ()
) -> str:
    """What the department should do about it; `labels` are the agreed values of a code column."""
    if error in _CORRECTIONS_OF_ERRORS:
        return _CORRECTIONS_OF_ERRORS[error]
    text = _CORRECTIONS.get(
        str(rule.options.get("form", rule.kind)), _CORRECTIONS.get(rule.kind, "请核对后重报")
    )
    labels = labels or [str(value) for value in rule.options.get("values") or () if value is not None]
    expected = _EXPECTED.get(column.reads_as, "") if column else ""
    return text.format(expected=expected, labels=f"：{'、'.join(labels)}" if labels else "")


def _range_text(options: Mapping[str, Any]) -> str:
    low = options.get("minimum", options.get("exclusiveMinimum"))
    high = options.get("maximum", options.get("exclusiveMaximum"))
    if low is not None and high is not None:
        return f"在{low}至{high}之间"
    return f"不小于{low}" if low is not None else f"不大于{high}"


def _length_text(options: Mapping[str, Any]) -> str:
    low, high = options.get("minLength"), options.get("maxLength")
    if low is not None and high is not None:
        return f"为{low}至{high}个字"
    return f"不少于{low}个字" if low is not None else f"不超过{high}个字"


def sentence(kind: str, options: Mapping[str, Any], column: Column | None) -> str:
    """A Chinese sentence for a rule whose contract gives none."""
    about = column.header if column else "、".join(_names(options.get("columns") or options.get("column")))
    form = str(options.get("form", ""))
    requirement = WORDS_ZH[form].format_map(options) if form in WORDS_ZH else SUITE_ZH.get(kind, "")
    return f"{about}{requirement}" if requirement else ""


def _names(names: str | Sequence[str] | None) -> list[str]:
    return [names] if isinstance(names, str) else [re.sub(r"\s+", " ", str(name)) for name in names or ()]
