"""Names as they are misheard and misread: small tables for the characters of the province's names.

misheard(name, luck) -> Expr    one character of the given name written as another of the same sound
misread(name) -> Expr           one character of the given name written as another of a like shape
"""

from __future__ import annotations

import polars as pl

# The characters of the given names, and below each one or two others of the same syllable.
_GIVEN = (
    "伟强军杰勇明辉文斌建国志华海平生荣贵德胜福祥坤宏达金水木根龙锋俊浩宇轩睿泽芳英丽"
    "娟秀玲燕红梅兰霞珍琼娣妹花香莲凤嫦婷雪倩怡欣妍琪瑶萍惠群好彩银"
)
_SOUNDS_LIKE = (
    "卫蔷君洁永铭晖雯彬健帼智桦亥萍声容桂得盛富详昆红答今税穆跟隆峰峻皓雨宣瑞择方瑛莉"
    "鹃绣铃雁虹媚岚侠贞穷弟媚华湘连奉常亭学茜宜新研琦遥平慧裙浩采寅"
)
_ALSO_SOUNDS_LIKE = (
    "玮墙均捷咏鸣徽闻滨剑郭致骅亥屏升蓉柜得圣复翔琨鸿答津税沐跟隆烽骏昊羽萱锐择坊樱利"
    "鹃绣凌艳鸿枚蓝遐真穷棣媚华乡怜奉偿庭学欠仪心严棋谣苹会裙浩采寅"
)
# Some of them, and below each a character that looks alike and sounds different.
_SEEN = (
    "强军勇明辉文斌建国志华海平生荣贵胜祥坤宏金木水根龙锋浩宇轩泽芳英丽秀玲红梅兰霞珍"
    "琼妹香莲雪倩怡欣惠群好彩银"
)
_LOOKS_LIKE = (
    "弹车男朋耀交赋律固忠毕梅干主菜责脏样绅宠全本永银尤铎洁字轲译芬荚雨季珍江海三露玲"
    "凉姝番逢雷情恰欢思郡妈影根"
)
HOMOPHONES = [dict(zip(_GIVEN, other, strict=True)) for other in (_SOUNDS_LIKE, _ALSO_SOUNDS_LIKE)]
LOOKALIKES = dict(zip(_SEEN, _LOOKS_LIKE, strict=True))


def misheard(name: pl.Expr, luck: pl.Expr) -> pl.Expr:
    """The name with its last character, or else the one before, as a homophone; null where none is known.

    `luck` in 0..1 draws one of the homophones.
    """
    one, other = (_replaced(name, table) for table in HOMOPHONES)
    return pl.when(luck < 0.5).then(one).otherwise(other)


def misread(name: pl.Expr) -> pl.Expr:
    """The name with its last character, or else the one before, as a look-alike; null where none is known."""
    return _replaced(name, LOOKALIKES)


def _replaced(name: pl.Expr, table: dict[str, str]) -> pl.Expr:
    """The last given character changed, or the middle one of three; the surname and dotted names stay."""
    length = name.str.len_chars()
    end = name.str.slice(-1).replace_strict(table, default=None, return_dtype=pl.String)
    middle = name.str.slice(1, 1).replace_strict(table, default=None, return_dtype=pl.String)
    by_end = pl.concat_str(name.str.head(-1), end)
    by_middle = pl.when(length == 3).then(pl.concat_str(name.str.head(1), middle, name.str.slice(2)))
    return pl.when(length.is_between(2, 4)).then(pl.coalesce(by_end, by_middle))
