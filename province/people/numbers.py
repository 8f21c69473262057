"""Made-up resident ID numbers and names: valid in form, belonging to nobody."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from divisions import area_codes
from zhaoren.errors import ZhaorenError

_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)
_ORDERS = 499  # odd and even serials 1..998 give each sex 499 places

SURNAMES = list("陈李黄张梁林吴刘罗王杨曾何邓谢许郑叶周朱徐赵蔡冯彭苏钟赖卢江廖邱温麦莫区冼")
COMPOUND = ["欧阳", "司徒", "上官"]
MALE = list("伟强军杰勇明辉文斌建国志华海平生荣贵德胜福祥坤宏达金水木根龙锋俊浩宇轩睿泽")
FEMALE = list("芳英丽娟秀玲燕红梅兰霞珍琼娣妹花香莲凤嫦婷雪倩怡欣妍琪瑶萍惠群好彩银")
RARE = list("㛃𬭎䶮淼〇犇")
MIXED = [
    "阿依古丽·买买提",
    "扎西·次仁",
    "古丽娜尔·艾合买提",
    "木合塔尔·吐尔逊",
    "阿布都·热合曼",
    "其其格·巴特尔",
]


@cache
def _code_pools(first: int, last: int) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Per birth year, the county codes then in force: Guangdong's, and everyone else's."""
    codes = area_codes().filter(
        (pl.col("level") == "county") & ~pl.col("code").str.contains("^(71|81|82|83)")
    )
    pools = {}
    for year in range(first, last + 1):
        lived = max(year, 1984)  # numbers were first issued from 1984 on
        end = pl.col("end_year").is_null() | (pl.col("end_year") > lived)
        valid = codes.filter((pl.col("start_year") < lived) & end)["code"].unique().sort()
        here = valid.str.starts_with("44")
        pools[year] = (
            valid.filter(here).to_numpy().astype("S6"),
            valid.filter(~here).to_numpy().astype("S6"),
        )
    return pools


def _draw_areas(years: np.ndarray, outside: float, rng: np.random.Generator) -> np.ndarray:
    pools = _code_pools(int(years.min()), int(years.max()))
    pick, away = rng.random(len(years)), rng.random(len(years)) < outside
    areas = np.empty(len(years), dtype="S6")
    for year in np.unique(years):
        for elsewhere in (False, True):
            rows = np.flatnonzero((years == year) & (away == elsewhere))
            pool = pools[int(year)][int(elsewhere)]
            areas[rows] = pool[(pick[rows] * len(pool)).astype(int)]
    return areas


def check_digits(first17: np.ndarray) -> np.ndarray:
    """The check character (ASCII code) of each row of 17 ASCII digits."""
    return _CHECKS[((first17 - 48) * _WEIGHTS).sum(axis=1) % 11]


def _as_digits(text: np.ndarray, width: int) -> np.ndarray:
    return np.ascontiguousarray(text.astype(f"S{width}")).view(np.uint8).reshape(-1, width)


def id_numbers(
    birth: np.ndarray, sex: np.ndarray, outside: float, share: tuple[int, int], rng: np.random.Generator
) -> np.ndarray:
    """A unique 18-character number per person, from birth day (since 1970), sex and a drawn area.

    `share` is (block, blocks): each block draws its serials from its own range, so no two blocks clash.
    """
    block, blocks = share
    width = _ORDERS // blocks
    if width < 1:
        raise ZhaorenError(
            "too many blocks for unique ID numbers", f"{blocks} blocks", "", "make fewer persons"
        )
    days = birth.astype("datetime64[D]")
    stamp = _as_digits(np.char.replace(np.datetime_as_string(days), "-", "").astype("S8"), 8)
    years = days.astype("datetime64[Y]").astype(int) + 1970
    result = np.empty(len(birth), dtype="S18")
    todo = np.arange(len(birth))
    while len(todo):
        serial = 2 * (1 + block * width + rng.integers(0, width, len(todo))) - (sex[todo] == 1)
        order = _as_digits(np.char.zfill(serial.astype("U3"), 3), 3)
        area = _as_digits(_draw_areas(years[todo], outside, rng), 6)
        first17 = np.hstack([area, stamp[todo], order])
        whole = np.hstack([first17, check_digits(first17)[:, None]]).astype(np.uint8)
        result[todo] = np.ascontiguousarray(whole).view("S18").ravel()
        taken = np.ones(len(result), dtype=bool)
        taken[np.unique(result, return_index=True)[1]] = False
        todo = np.flatnonzero(taken)
    return result.astype("U18")


def _given(sex: np.ndarray, rare: float, rng: np.random.Generator) -> np.ndarray:
    male, female, odd = np.array(MALE), np.array(FEMALE), np.array(RARE)
    size = len(sex)
    chars = [
        np.where(sex == 1, male[rng.integers(0, len(male), size)], female[rng.integers(0, len(female), size)])
        for _ in range(2)
    ]
    second = np.where(rng.random(size) < rare, odd[rng.integers(0, len(odd), size)], chars[1])
    return np.where(rng.random(size) < 0.12, second, np.char.add(chars[0], second))


def names(
    family: np.ndarray, sex: np.ndarray, mixed: float, rare: float, rng: np.random.Generator
) -> np.ndarray:
    """A name per person: surname by family number, given name by sex; a few with a middle dot."""
    pool = np.array(SURNAMES * 12 + COMPOUND)
    weights = np.array(
        [1.0 / (1 + i % len(SURNAMES)) ** 0.8 for i in range(len(SURNAMES) * 12)] + [0.6] * len(COMPOUND)
    )
    cut = np.cumsum(weights) / weights.sum()
    luck = rng.random(int(family.max()) + 1)
    surname = pool[np.searchsorted(cut, luck)[family]]
    whole = np.char.add(surname, _given(sex, rare, rng))
    dotted = rng.random(len(sex)) < mixed
    return np.where(dotted, np.array(MIXED)[rng.integers(0, len(MIXED), len(sex))], whole)
