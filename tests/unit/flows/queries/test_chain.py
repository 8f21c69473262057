"""One household's chain: all that happened, in order, as known by the day, and nothing that came later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import cast

import polars as pl
import pytest

from flows.context.site import Site
from flows.queries.chain import chain_of
from flows.reports.chain_words import chains_of
from policies.loading import load_catalogue
from tests.helpers.cases import Station, alert_id
from tests.helpers.warehouses import empty_warehouse, put_rows
from zhaoren.errors import ZhaorenError

MARCH, APRIL = date(2026, 3, 5), date(2026, 4, 5)


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    con = empty_warehouse(tmp_path / "w.duckdb")
    made = Station(con)
    made.catalogue = load_catalogue()  # type: ignore[attr-defined]
    yield made
    con.close()


def _told(station: Station, what: str, day: date) -> list[str]:
    return [link["text_zh"] for link in chain_of(cast(Site, station), what, day)["links"]]


def _paid(station: Station, day: date, is_receiving: bool) -> None:
    row = {"as_of": day, "household_id": "H1", "benefit_id": "dibao", "is_receiving": is_receiving}
    put_rows(station.con, "mart.entitlement", pl.DataFrame([row]))


def test_a_chain_goes_from_the_sign_to_the_payment_and_tells_no_more_than_was_known(station: Station) -> None:
    station.score(MARCH, {"case": "H1", "reason_zh": "收入骤降。"}, {"case": "H2"})
    _paid(station, MARCH, False)
    station.advance(MARCH)
    case, day = station.case("H1"), date(2026, 3, 20)
    station.contact(case, date(2026, 3, 18), "evening", "phone", "reached", "T1", date(2026, 3, 10))
    station.visit(alert_id(MARCH, "H1"), "20", day, date(2026, 3, 12), benefit_id="dibao")
    station.step(case, "S1", 1, "application", "submitted", day, date(2026, 5, 8), subject="dibao")
    station.advance(day)
    station.score(APRIL, {"case": "H1", "status": "suppressed", "rest_until": APRIL, "is_listed": False})
    _paid(station, APRIL, True)
    station.advance(APRIL)
    told = _told(station, case, APRIL)
    assert told == [
        "立案（帮扶），来源：预警",
        "预警，黄色，上名单：收入骤降。",
        "签发",
        "派单，期限2026-03-28",
        "联系（晚上，电话）：联系上",
        "走访：20 符合条件，已协助申请（最低生活保障）",
        "申请待遇（最低生活保障）：已提交申请，下一步期限2026-05-08",
        "预警，黄色，暂不列入：",
        "新见发放：最低生活保障",
        "申请待遇（最低生活保障）：已见发放",
        "办结后回访：应回访，下一步期限2026-07-02",
        "办结",
        "暂不提醒",
    ]
    for name in ("H1", alert_id(MARCH, "H1")):
        assert _told(station, name, APRIL) == told
    assert _told(station, case, date(2026, 3, 17)) == told[:4]
    assert _told(station, case, date(2026, 3, 19)) == told[:5]
    state = chain_of(cast(Site, station), case, date(2026, 3, 19))["cases"]
    assert [(one["case_no"], one["state_zh"]) for one in state] == [(case, "已联系上")]


def test_many_households_chains_are_each_ones_own_but_for_what_rolls_paid(station: Station) -> None:
    station.score(MARCH, {"case": "H1", "reason_zh": "收入骤降。"}, {"case": "H2", "reason_zh": "住院。"})
    _paid(station, MARCH, True)
    station.advance(MARCH)
    station.visit(alert_id(MARCH, "H2"), "30", date(2026, 3, 20), date(2026, 3, 12))
    step = (date(2026, 3, 20), date(2026, 4, 8))
    station.step(station.case("H1"), "S1", 1, "follow_up", "agreed", *step, subject="revisit")
    many = chains_of(cast(Site, station), ["H2", "H1", "H9"], APRIL)
    assert list(many) == ["H1", "H2", "H9"] and many["H9"]["links"] == []
    for household in ("H1", "H2"):
        one = chain_of(cast(Site, station), household, APRIL)
        one["links"] = [link for link in one["links"] if link["kind"] != "payment"]
        assert many[household] == one and one["links"]
    texts = [link["text_zh"] for link in many["H1"]["links"]]
    assert "下一步（再次上门）：已约定，下一步期限2026-04-08" in texts, "codes are told in words"


def test_what_nobody_knows_is_said(station: Station) -> None:
    with pytest.raises(ZhaorenError, match="10000001"):
        chain_of(cast(Site, station), "10000001", MARCH)
