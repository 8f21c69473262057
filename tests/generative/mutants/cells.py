"""Mutations of single cells: what people, keyboards and export programs leave in them."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.generative.mutants.sheet import Sheet

TEXTS: dict[str, tuple[str, ...]] = {
    "quotes": ('"', '"甲', '甲"乙', '""', '"甲","乙"', "'", "“甲”", '甲""', '"""', "'甲'"),
    "separators": (",", "甲,乙", ";", "\t", "甲\t乙", "|", "，", ",,,,,,", "甲;乙;丙"),
    "breaks": ("\n", "甲\n乙", "甲\r\n乙", "\r", "甲\r乙", "\n\n\n", "甲\x0b乙", "甲\x0c乙", "甲\u2028乙",
               "甲\x85乙"),
    "formula": ("=1+1", "=cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(A1)", "=HYPERLINK(\"http://x\")", "=1/0",
                "\t=1"),
    "emoji": ("👵🏽", "👨‍👩‍👧‍👦", "张🀄️三", "🇨🇳", "𠮷野", "\U0010fffd"),
    "marks": ("\u202e张三", "张\u200b三", "\ufeff张三", "\u2066x\u2069", "e\u0301" * 30, "\u200f", "\u00ad",
              "\u200b"),
    "controls": ("\x01", "甲\x07乙", "\x1b[31m甲", "\x7f", "\x1a", "甲\x00乙", "\x08\x08\x08", "\ufffe",
                 "\uffff"),
    "private": ("\ue815", "张\ue863", "\ue000", "\uf8ff", "\U000f0000", "〇", "㛃"),
    "numbers": ("1.0", "4.40524E+17", "1e400", "-1e-400", "inf", "-inf", "nan", "NaN", "-0", "-0.0",
                "1" + "0" * 40,
                "9" * 19, str(2**63), str(-(2**63)), str(2**64), "0x1F", "1_000", "1,000,00", ".", "-", "+",
                "1.2.3",
                "99999999999999999.99", "0.30000000000000004", "٣", "²", "Ⅳ", "１２３", "1e5", "100%",
                "¥-1", "1万",
                "000", "1 000", "(100)", "0." + "0" * 50 + "1", "." + "9" * 400),
    "dates": ("0001-01-01", "0000-00-00", "2025-02-30", "99999", "9999-12-31", "10000-01-01", "2025-13-45",
              "20250230",
              "2025年2月", "2025/1/1 24:61", "-1", "1899-12-31", "60", "2025-1", "2025-W01", "Jan 5 2025",
              "00:00",
              "2025.2.29", "2025-06-31T00:00:00Z", "1900-02-29", "２０２５年１月５日",
              "2025-01-05 00:00:00.0",
              "0999-12-31", "4294967296", "69999", "10000", "2025-00-10", "190001", "202513", "2025--1"),
    "ids": ("11010519491231002X", "11010519491231002x", "440524188001010014", "110105491231002",
            "999999999999999999",
            "000000000000000000", "１１０１０５１９４９１２３１００２Ｘ", "'11010519491231002X",
            "11010519491231002X.0",
            "1" * 17, "1" * 19, "X" * 18, "110105194912310021 110105194912310021", "11010518000229002X",
            "+1105194912310021", "-11010519491231002", "1e17", "110105194913320021", "810000199408230021"),
    "words": ("无", "N/A", "NULL", "合计", "制表人：", "小计：5", "同上", "”", "以下空白", "身份证号",
              "备注", "#REF!", "TRUE",
              "第1页", "共 5 人"),
    "code": ("1" * 30, "０", "其 他", "其他 ", "OTHER", "﹣", "女 男", "ß", "ı", "ǅ", "\u1e9e"),
}  # fmt: skip


def _put(texts: tuple[str, ...]) -> Callable[[Sheet, Random], None]:
    def put(sheet: Sheet, rng: Random) -> None:
        for row in rng.sample(sheet.rows, min(len(sheet.rows), rng.choice((1, 2, 8)))):
            if row.cells:
                row.cells[rng.randrange(len(row.cells))] = rng.choice(texts)
                row.touched = True

    return put


def _long(sheet: Sheet, rng: Random) -> None:
    """A cell of up to a megabyte."""
    filled = [row for row in sheet.rows if row.cells]
    if filled:
        row = rng.choice(filled)
        row.cells[rng.randrange(len(row.cells))] = rng.choice(("甲", "a", "1", '"', " ")) * rng.choice(
            (300, 32_767, 32_768, 70_000, 1_000_000)
        )
        row.touched = True


def _whole_column(sheet: Sheet, rng: Random) -> None:
    """One column filled with one odd text throughout."""
    text = rng.choice(TEXTS[rng.choice(sorted(TEXTS))])
    place = rng.randrange(len(sheet.header))
    for row in sheet.rows:
        if place < len(row.cells):
            row.cells[place], row.touched = text, True


def _decorated(sheet: Sheet, rng: Random) -> None:
    """Real values with spaces, apostrophes, signs or full-width digits around them."""
    wide = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
    how = rng.choice(
        (
            lambda t: f" {t} ", lambda t: f"'{t}", lambda t: f"\u3000{t}", lambda t: t.translate(wide),
            lambda t: f"\t{t}", lambda t: f"{t}\xa0", lambda t: f'"{t}"', lambda t: "\u200b".join(t),
            str.lower,
            lambda t: f"{t}.0", lambda t: f"¥{t}元", lambda t: t[::-1], lambda t: t * 3,
        )
    )  # fmt: skip
    for row in sheet.rows:
        if row.cells and rng.random() < 0.4:
            place = rng.randrange(len(row.cells))
            row.cells[place], row.touched = how(str(row.cells[place] or "")), True


CELLS: dict[str, Callable[[Sheet, Random], None]] = {
    **{f"cell.{kind}": _put(texts) for kind, texts in TEXTS.items()},
    "cell.long": _long,
    "cell.whole_column": _whole_column,
    "cell.decorated": _decorated,
}
