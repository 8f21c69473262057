"""One key per address, however it is written. An address stays in the vault; its key becomes an opaque id.

address_keys(villages, addresses) -> Series    text that is equal for two ways of writing one address
"""

from __future__ import annotations

import polars as pl

_OLD_FORMS = ["號", "樓", "棟", "幢", "門", "單", "層", "鎮", "鄉", "縣", "區", "組", "隊"]
_NEW_FORMS = ["号", "楼", "栋", "栋", "门", "单", "层", "镇", "乡", "县", "区", "组", "队"]
_DIGITS = {"零": "0", "〇": "0", "一": "1", "二": "2", "两": "2", "三": "3", "四": "4", "五": "5"}
_DIGITS |= {"六": "6", "七": "7", "八": "8", "九": "9"}
_NUMERAL = "[零〇一二两三四五六七八九十百]+"
# What a Chinese numeral stands before when it is plainly the number of a house, a group or a room.
_COUNTED = ("号", "栋", "座", "单元", "组", "队", "巷", "室", "房", "楼", "层", "户")
_PLACE = "省|自治区|市|县|区|镇|乡|街道办事处|街道"
_VILLAGE = "村民委员会|居民委员会|村委会|居委会|社区|村"
_ESTATE = "\u0001"  # stands in for 小区, whose 区 is no district
_COUNT = f"^(.*?)({_NUMERAL})((?:{'|'.join(_COUNTED)}).*)$"
_PARTS = ("_before", "_numeral", "_behind")
_NUMBERS_IN_ONE = 2  # a group and a house: 三组十二号


def address_keys(villages: pl.Series, addresses: pl.Series) -> pl.Series:
    """The village's code and the address without what people write differently; null where either is null.

    Folded: full-width forms, old forms of characters, spaces and punctuation, the names of the places above
    the village and of the village itself, Chinese numerals before 号, 栋, 组 and the like, a last 号 or 室.
    Never folded: the digits themselves.
    """
    frame = pl.DataFrame({"village": villages, "address": addresses}).cast(pl.String)
    # Step by step over distinct texts: one nested expression would repeat its parts beyond all bounds.
    distinct = frame.select("address").drop_nulls().unique()
    distinct = distinct.with_columns(text=_plain(pl.col("address")))
    distinct = distinct.with_columns(text=_without_places(pl.col("text")))
    for _ in range(_NUMBERS_IN_ONE):
        parts = {name: pl.col("text").str.extract(_COUNT, i + 1) for i, name in enumerate(_PARTS)}
        distinct = distinct.with_columns(**parts).with_columns(text=_in_digits())
    distinct = distinct.select("address", text=_without_units(pl.col("text")))
    joined = frame.join(distinct, on="address", how="left", maintain_order="left")
    key = pl.when(pl.col("text") != "").then(pl.concat_str("village", "text", separator="|"))
    return joined.select(key.alias("household_no")).to_series()


def _plain(address: pl.Expr) -> pl.Expr:
    text = address.str.normalize("NFKC").str.replace_many(_OLD_FORMS, _NEW_FORMS)
    return text.str.replace_all(r"[—–‐―_~]", "-").str.replace_all(r"[^\p{L}\p{N}-]", "")


def _without_units(text: pl.Expr) -> pl.Expr:
    text = text.str.replace_all(r"(\d)(?:号楼|栋|座|单元|号|楼|室|房)-?(\d)", "${1}-${2}")
    return text.str.replace(r"(\d)(?:号|室|房|户|栋|座)$", "${1}").str.strip_chars("-").str.to_lowercase()


def _without_places(text: pl.Expr) -> pl.Expr:
    """The address below its village; a road named after a village (石门村路) keeps its name."""
    text = text.str.replace_all("小区", _ESTATE, literal=True)
    text = text.str.replace(rf"^\D*?(?:{_PLACE})(?:\D*(?:{_PLACE}))?", "")
    text = text.str.replace(rf"^\D*?(?:{_VILLAGE})+([^路街巷道里大]|$)", "${1}")
    return text.str.replace_all(_ESTATE, "小区", literal=True)


def _in_digits() -> pl.Expr:
    """The first Chinese numeral before a unit in digits: 二十三号 and 二三号 are 23号."""
    numeral = pl.col("_numeral")
    spelt = _spelt_value(numeral).cast(pl.String)
    value = pl.when(numeral.str.contains("[十百]")).then(spelt).otherwise(numeral.str.replace_many(_DIGITS))
    return pl.coalesce(pl.concat_str("_before", value, "_behind"), "text")


def _spelt_value(numeral: pl.Expr) -> pl.Expr:
    """A number up to 999 that is spelt with 十 and 百; a bare 十 is ten, a bare 百 a hundred."""
    hundreds = _one_digit(numeral.str.extract("(.?)百")).fill_null(0)
    tens = _one_digit(numeral.str.replace(".*百零?", "").str.extract("(.?)十")).fill_null(0)
    ones = _one_digit(numeral.str.extract("[十百零]([一二三四五六七八九])$")).fill_null(0)
    return hundreds * 100 + tens * 10 + ones


def _one_digit(character: pl.Expr) -> pl.Expr:
    digit = character.replace(_DIGITS).cast(pl.Int64, strict=False)
    return pl.when(character == "").then(1).otherwise(digit)
