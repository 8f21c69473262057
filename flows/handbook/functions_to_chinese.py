"""How the words with brackets are read aloud in Chinese: a sentence with the arguments put in."""

from __future__ import annotations

# {0}, {1} … are the arguments as they are read; {all} all of them, {rest} all but the first.
READINGS = {
    "GREATEST": "取较大者（{all}）",
    "LEAST": "取较小者（{all}）",
    "ABS": "{0}的绝对值",
    "ROUND_UP": "{0}进到{1}的整倍数",
    "ROUND_DOWN": "{0}舍到{1}的整倍数",
    "ROUND_HALF": "{0}四舍五入到{1}的整倍数",
    "AT_LEAST": "下列至少{0}项成立（{rest}）",
    "COUNT_TRUE": "下列成立的项数（{items}）",
    "COUNT_KNOWN": "下列已知成立的项数（{items}）",
    "IF_UNKNOWN": "（{0}；不详时取“{1}”，理由：{2}）",
    "NEVER": "{0}空着（没有发生，或没有期限）",
    "IN_PLACE": "所在地属于{0}",
    "AS_OF": "当日",
    "YEARS_BETWEEN": "{0}至{1}的周年数",
    "MONTHS_BETWEEN": "{0}至{1}满的月数",
    "DAYS_BETWEEN": "{0}至{1}的天数",
    "ADD_MONTHS": "{0}加{1}个月",
    "YEAR_OF": "{0}的年份",
    "MONTH_OF": "{0}的月份",
    "DAY_OF": "{0}是几号",
    "DAYS_IN_MONTH": "{0}那个月的天数",
    "COUNT_MEMBERS": "家庭成员中符合（{0}）的人数",
    "SUM_MEMBERS": "家庭成员中符合（{1}）者的{0}合计",
    "SMALLEST_MEMBER": "家庭成员中符合（{1}）者的最小{0}",
    "LARGEST_MEMBER": "家庭成员中符合（{1}）者的最大{0}",
    "ANY_MEMBER": "有家庭成员符合（{0}）",
    "ALL_MEMBERS": "家庭成员都符合（{0}）",
    "RANK_MEMBER": "本人在符合（{1}）的家庭成员中按{0}从大到小的名次",
}


def read_aloud(word: str, said: list[str]) -> str | None:
    """The word with its arguments as they are read; None for a word without a reading."""
    reading = READINGS.get(word)
    if reading is None:
        return None
    return reading.format(*said, all="，".join(said), rest="；".join(said[1:]), items="；".join(said))
