"""The rows of a made-up register that is right in every cell, and the values they must be read as."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

HERE = Path(__file__).parent
COLUMNS = ("record_no", "household_no", "id_number", "name", "decided_date", "relief_yuan", "reason_code")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
MADE_UP = "试" + "甲乙丙丁戊己庚辛壬癸子丑寅卯"


def id_number(at: int) -> str:
    """A number of nobody: its check digit is right, its place and day are made up."""
    digits = f"4452241961{at % 12 + 1:02}{at % 27 + 1:02}{103 + at}"
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, WEIGHTS, strict=True)) % 11]


def clean_row(at: int) -> list[str]:
    day = date(2025, 8, 1 + at)
    name = "陈" + MADE_UP[0] + MADE_UP[1 + at]
    return [f"LS2025{at:04}", f"HK{at // 2:04}", id_number(at), name, day.isoformat(), f"{3000 + at}", "因病"]


CLEAN = [clean_row(at) for at in range(14)]


def typed(row: list[str]) -> dict[str, object]:
    """The values of a clean row."""
    *texts, day, money, _ = row
    values: dict[str, object] = dict(zip(COLUMNS, texts, strict=False))
    return values | {
        "decided_date": date.fromisoformat(day),
        "relief_yuan": Decimal(money),
        "reason_code": "illness",
    }
