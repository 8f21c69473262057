"""Two copies of one list in any order: the rows at the end are the same, and the same ones count.

Two workers fill in a copy each, part of it the same, part of it otherwise, and hand in what they have twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest

from flows.actions.feedback import take_feedback
from flows.context.catalogue_frames import result_names
from flows.context.home import Home
from flows.context.site import Site, open_site
from tests.helpers.returned import RECEIVED
from tests.helpers.station_books import CASES, FOUND, SERVICE, TRY, add_line, edited, on_record, written
from warehouse.casework.visits import differences

NORMAL, LONG = 4, 200
ORDERS = list(permutations(("a1", "a2", "b1", "b2")))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZHAOREN_VAULT_KEY", "the key of the tests")
        with open_site(Home(tmp_path_factory.mktemp("interleaved") / "home")) as opened:
            yield opened


def copies(site: Site, folder: Path, seed: int) -> dict[str, Path]:
    """a1 and b1 hold the first half of what a2 and b2 hold; a and b agree on some of it."""
    blank = written(folder / "out.xlsx", result_names(site.catalogue, "need"))
    found: dict[str, Path] = {}
    for worker in ("a", "b"):
        for half in (1, 2):

            def change(book: openpyxl.Workbook, worker: str = worker, half: int = half) -> None:
                draw = Random(seed)  # the same for both
                own = Random(f"{seed}{worker}")
                for line in _lines(draw, own)[: 6 * half]:
                    add_line(book, **line)

            name = f"{worker}{half}"
            found[name] = edited(blank, change, f"{seed}-{name}.xlsx")
    return found


def _lines(draw: Random, own: Random) -> list[dict[str, Any]]:
    """Twelve lines of a worker: half of them as the other one has them."""

    def visit(line: int, by: Random) -> dict[str, Any]:
        code, day = by.choice(["10", "20", "30", "40", "60"]), by.randint(8, 12)
        cells = {"结果代码": code, "走访日期": f"2025-09-{day:02d}", "走访人": by.choice("甲乙")}
        benefit = {"协助申请的政策": by.choice(["低保", None])} if code == "20" else {}
        return {"name": "走访名单", "line": line, **cells, **benefit}

    def tried(by: Random) -> dict[str, Any]:
        case, part = by.choice(sorted(CASES.values())), by.choice(["上午", "晚上"])
        return {"name": "联系记录", "个案编号": case, **TRY, "时段": part, "联系人": by.choice("甲乙")}

    service = {"name": "服务记录", **SERVICE, "服务人次": draw.randint(1, 99)}
    met = {"name": "主动发现", **FOUND, "姓名": draw.choice(["赵六", "钱七"])}
    return [
        *(visit(1, draw), tried(draw), tried(own), tried(own), service, visit(2, own)),
        *(
            visit(3, own),
            tried(draw),
            tried(own),
            met,
            {**service, "填写人": own.choice("甲乙")},
            tried(draw),
        ),
    ]


def state(site: Site) -> dict[str, Any]:
    """Every row but for which of the copies brought it first, and what counts."""
    queries = {
        "visits": "SELECT visit_id, result_code, found_date, benefit_id FROM mart.visit WHERE alert_id <> ''",
        "counting": "SELECT alert_id, result_code, found_date, benefit_id FROM mart.outcome",
        "tries": "SELECT case_no, contact_date, part_of_day, contact_result FROM mart.contact",
        "services": "SELECT service_code, person_cnt FROM mart.activity",
        "matters": "SELECT step_id, step_no, event_code, due_date FROM mart.step",
        "found": "SELECT count(*), count(DISTINCT case_no) FROM mart.visit WHERE alert_id IS NULL",
        "cases": "SELECT case_no, source_code FROM mart.case",
    }
    told = {name: sorted(site.con.execute(query).fetchall(), key=str) for name, query in queries.items()}
    pairs = ["result_code", "found_date", "other_result_code", "other_found_date"]
    return told | {"differences": sorted(differences(site.con).select("list_id", *pairs).rows(), key=str)}


def check(site: Site, folder: Path, seed: int, orders: list[tuple[str, ...]]) -> None:
    files = copies(site, folder, seed)
    ends = []
    for order in orders:
        on_record(site)
        with site.open_vault(RECEIVED, "names") as vault:
            vault.con.execute("DELETE FROM v.written")
        for name in order:
            take_feedback(site, [files[name]], RECEIVED)
        ends.append(state(site))
    for order, end in zip(orders, ends, strict=True):
        assert end == ends[0], (seed, orders[0], order)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(NORMAL // 2))
def test_the_order_of_two_copies_changes_nothing(site: Site, tmp_path: Path, seed: int) -> None:
    check(site, tmp_path, seed, [ORDERS[0], Random(seed).choice(ORDERS[1:])])


@pytest.mark.long
@pytest.mark.parametrize("seed", range(LONG // 10))
def test_ten_orders_of_each_pair_of_copies(site: Site, tmp_path: Path, seed: int) -> None:
    check(site, tmp_path, 1000 + seed, Random(seed).sample(ORDERS, 10))
