"""Made-up deliveries for the bench: settlements, clean or with a little of every dirt, of any length."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml

from data_contracts.contract.model import Contract
from data_contracts.loading.contracts import load_contract
from zhaoren.rooms import room

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
SHIPPED = room("data_contracts") / "extracts" / "medical_insurance" / "settlement.yaml"
# What the shipped contract does not ask for, so that every kind of rule is run.
MORE_RULES: list[dict[str, Any]] = [
    {"name": "fund_within_total", "type": "custom", "severity": "warn", "description": "基金支付不应超过总额",
     "implementation": {"rule": "row_condition", "sql": "abs(fund_pay_yuan) <= abs(total_yuan)"}},
    {"name": "names_given", "type": "custom", "severity": "warn", "description": "姓名应大多填写",
     "implementation": {"rule": "null_share", "column": "name", "maximum": 0.2}},
    {"name": "some_inpatients", "type": "sql", "severity": "note", "description": "应有住院结算",
     "query": "SELECT count(*) FROM {table} WHERE care_type_code = 'inpatient'", "mustBeGreaterThan": 0},
]  # fmt: skip


def every_kind_contract(folder: Path) -> Contract:
    """The shipped settlement contract with a pattern, one more row condition, a null share and a query."""
    document = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    table = document["schema"][0]
    table["properties"][0]["logicalTypeOptions"]["pattern"] = "^[A-Z]?[0-9]+$"
    table["quality"] += [{"engine": "zhaoren", **rule} for rule in MORE_RULES]
    path = folder / "every_kind.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return load_contract(path)


def id_numbers(rng: np.random.Generator, rows: int) -> pl.Series:
    """Valid made-up numbers of one county, with their check character."""
    day = pl.Series(rng.integers(0, 15_000, rows))
    birth = (pl.lit(date(1960, 1, 1)) + pl.duration(days=pl.col("day"))).dt.strftime("%Y%m%d")
    order = pl.Series(rng.integers(0, 1000, rows)).cast(pl.String).str.zfill(3)
    body = pl.DataFrame({"day": day, "order": order}).select(
        pl.concat_str(pl.lit("440103"), birth, "order").alias("body")
    )["body"]
    weighted = (pl.col("body").str.slice(i, 1).cast(pl.Int64) * w for i, w in enumerate(WEIGHTS))
    digits = body.to_frame().select(pl.sum_horizontal(weighted)).to_series()
    check = (digits % 11).replace_strict(dict(enumerate("10X98765432")), return_dtype=pl.String)
    return body + check


def settlements(rows: int, seed: int = 1, first: int = 0) -> pl.DataFrame:
    """Clean settlements under the department's headers; serial numbers from `first`."""
    rng = np.random.default_rng(seed)
    fen = rng.integers(100, 90_000_000, rows) // 10 * 10
    day = pl.Series(rng.integers(0, 365, rows))
    names = pl.Series("name", ["张三", "李四", "王小明", "欧阳修", "赵六", "陈建国"])
    frame = pl.DataFrame(
        {
            "结算ID": np.arange(first, first + rows),
            "证件号码": id_numbers(rng, rows),
            "人员姓名": names.gather(rng.integers(0, names.len(), rows)),
            "结算日期": day,
            "医疗类别": rng.choice(["普通门诊", "普通住院"], rows),
            "医疗费总额": fen,
            "基金支付总额": fen * 6 // 10,
            "医疗救助支出": 0,
            "全自费金额": fen // 10,
            "个人负担总金额": fen * 4 // 10,
            "个人现金支出": fen * 3 // 10,
            "结算状态": "正常",
        }
    )
    money = [c for c in frame.columns if c.startswith(("医疗费", "基金", "医疗救", "全自", "个人"))]
    written = pl.col(money).cast(pl.Decimal(18, 2)) / 100
    return frame.with_columns(
        pl.col("结算ID").cast(pl.String),
        结算日期=(pl.lit(date(2025, 1, 1)) + pl.duration(days=pl.col("结算日期"))).dt.strftime("%Y-%m-%d"),
    ).with_columns(written.cast(pl.Decimal(18, 2)).cast(pl.String))


def dirtied(frame: pl.DataFrame, seed: int = 2) -> pl.DataFrame:
    """The same rows with dirt in about one in fifty: misspelt, repeated, contradictory, out of range."""
    number, day, total = pl.col("证件号码"), pl.col("结算日期"), pl.col("医疗费总额")
    last = pl.when(number.str.ends_with("1")).then(pl.lit("2")).otherwise(pl.lit("1"))
    wrong_digit = pl.concat_str(number.str.slice(0, 17), last)
    dirt = {
        "证件号码": [wrong_digit, pl.lit("'") + number, pl.lit("4.40103E+17"), pl.lit(None, pl.String)],
        "结算日期": [day.str.replace_all("-", ""), day.str.replace_all("-", "/"), pl.lit("2025-02-30")],
        "医疗费总额": [total + "元", pl.lit("9999999.00"), pl.lit("一千")],
        "医疗类别": [pl.lit("住院"), pl.lit("理发")],
        "人员姓名": [pl.lit("阿依古丽‧买买提"), pl.lit("张 三"), pl.lit("无")],
        "结算ID": [pl.lit("?" * 50), pl.lit("七")],
        "个人负担总金额": [pl.lit("-400")],
    }
    draw = pl.Series("_draw", np.random.default_rng(seed).integers(0, 1000, frame.height))
    place, worse = 0, []
    for header, texts in dirt.items():
        column = pl.col(header)
        for text in texts:
            column = pl.when(pl.col("_draw") == place).then(text).otherwise(column)
            place += 1
        worse.append(column.alias(header))
    frame = frame.with_columns(draw).with_columns(worse).drop("_draw")
    again = frame.head(frame.height // 500)
    contradicted = again.tail(again.height // 10).with_columns(pl.lit("0.01").alias("个人现金支出"))
    return pl.concat([frame.head(frame.height - again.height - contradicted.height), again, contradicted])
