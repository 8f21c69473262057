"""What a list's head says of the station's hands: numbers that are known, in plain words, and no others."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from exchange.stations.hands_line import hands_line

STATION: dict[str, Any] = {
    "staff_cnt": 3, "hours_month": Decimal("120.50"), "capacity": 48, "key_due_cnt": 90,
    "key_planned_cnt": 60,
    "key_unknown_cnt": 0, "next_ten_need_cnt": Decimal("6.20"),
}  # fmt: skip


def test_everything_known_is_said() -> None:
    assert hands_line(STATION) == (
        "本站本月走访工时 120.5 小时（社工 3 人）：可走访名单 48 户、重点人员 60 人（本月应访 90 人）。"
        "另有重点人员 30 人超出工时，本月没有排入，下月先排。"
        "排队的户里再走访十户，预计能发现 6.2 户需要帮助（按以往同级别的走访结果估计，实际多半略少）。"
    )


def test_nothing_is_said_that_is_not_known() -> None:
    unknown = STATION | {
        "staff_cnt": None,
        "hours_month": None,
        "next_ten_need_cnt": None,
        "key_unknown_cnt": 4,
    }
    said = hands_line(unknown | {"capacity": 12, "key_planned_cnt": 90})
    assert said == (
        "本站的人手没有录入，名单按默认每期 12 户；本月应访重点人员 90 人。"
        "还有 4 人缺资料，看不出是不是重点人员。"
    )
