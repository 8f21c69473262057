"""Place codes that were given up: their households are on today's list, and the report names the change."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from divisions import towns
from divisions.changes import COLUMNS
from flows.actions.replay import replay_date
from flows.context.home import Home
from flows.context.site import open_site
from tests.helpers.homes import Made, rows_of, run_dates, send
from zhaoren.errors import ZhaorenError

HOUSEHOLDS = (
    "SELECT as_of, town_code, village_code, count(*) AS n FROM panel.household GROUP BY ALL ORDER BY ALL"
)
FAR = "110101001"  # towns are known for Guangdong only


@dataclass(frozen=True)
class Moved:
    """A home whose files speak of five villages under codes that are no present ones."""

    home: Home
    dates: list[date]
    town: str
    villages: list[str]
    cells: dict[str, str]  # a village's code -> the code sent for it
    before: pl.DataFrame  # households of the same files with the present codes

    def count(self, frame: pl.DataFrame, day: date, **where: str | None) -> int:
        """Households of a day in a town or village."""
        for name, code in where.items():
            frame = frame.filter(pl.col(name).eq_missing(code))
        return int(frame.filter(as_of=day)["n"].sum())

    def now(self) -> pl.DataFrame:
        return rows_of(self.home, HOUSEHOLDS)

    def lists(self, day: date) -> set[str]:
        return {path.name for path in self.home.dated("worklists", day).glob("*.xlsx")}

    def report(self, day: date) -> str:
        return (self.home.dated("reports", day) / "report.html").read_text("utf-8")


@pytest.fixture(scope="module")
def moved(thin: Made, tmp_path_factory: pytest.TempPathFactory) -> Moved:
    """Two months of the thin home's files, five of its villages' codes replaced in every file."""
    place = tmp_path_factory.mktemp("moved")
    before = rows_of(thin.home, HOUSEHOLDS)
    first, last = thin.dates
    villages = (
        before.filter(as_of=first).sort("n", descending=True)["village_code"].drop_nulls().to_list()[:5]
    )
    town = villages[0][:9]
    assert {code[:9] for code in villages} == {town}
    other = towns().filter(county_code=town[:6])["town_code"].to_list()[-1]
    merged, torn, later = (town[:6] + number for number in ("901", "902", "903"))
    heads = (merged, merged, torn, FAR, later)
    cells = {code: head + code[9:] for code, head in zip(villages, heads, strict=True)}
    lines = [
        f"{merged},{town},merged,{first},made up",
        f"{cells[villages[1]]},{villages[1]},merged,{first},made up",
        f"{torn},{town},split,{first},made up",
        f"{torn},{other},split,{first},made up",
        f"{later},{town},merged,{last},made up",
    ]
    home = Home(place / "home")
    (home.root / "divisions").mkdir(parents=True)
    table = "\n".join([",".join(COLUMNS), *lines]) + "\n"
    (home.root / "divisions" / "changes.csv").write_text(table, encoding="utf-8")
    for day in thin.dates:
        for path in sorted((thin.inbox / str(day)).glob("*/*")):
            name = f"{path.name.split('.')[0]}.csv"
            send(path, place / "inbox", day, name, lambda rows: [[cells.get(c, c) for c in r] for r in rows])
    run_dates(home, place / "inbox", publish=False)
    return Moved(home, thin.dates, town, villages, cells, before)


def test_a_household_of_an_abandoned_town_is_on_the_present_stations_list(moved: Moved) -> None:
    """A merged town's households are the present town's; a village's line of its own says which village."""
    now, (gone, named, *_) = moved.now(), moved.villages
    for day in moved.dates:
        sent = moved.count(moved.before, day, village_code=gone)
        assert sent > 5
        assert moved.count(now, day, village_code=f"{moved.town}000", town_code=moved.town) >= sent
        assert moved.count(now, day, village_code=named) == moved.count(moved.before, day, village_code=named)
        assert not {c for c in now["town_code"].drop_nulls() if c == moved.cells[gone][:9]}
    listed = "SELECT DISTINCT town_code FROM mart.alert WHERE is_listed AND village_code LIKE '%000'"
    assert rows_of(moved.home, listed)["town_code"].to_list() == [moved.town]
    (path,) = moved.home.dated("worklists", moved.dates[-1]).glob(f"{moved.town}_*.xlsx")
    lines = rows_of(
        moved.home,
        f"SELECT case_no FROM mart.alert a JOIN mart.case c USING (queue, household_id) "
        f"WHERE as_of = '{moved.dates[-1]}' AND is_listed AND queue = 'need' "
        f"AND a.village_code = '{moved.town}000'",
    )
    printed = {str(cell) for row in openpyxl.load_workbook(path).worksheets[0].values for cell in row}
    assert lines.height and set(lines["case_no"]) <= printed


def test_a_change_counts_from_its_day(moved: Moved) -> None:
    """Before its day, the town still stands, on a list under its code: no table tells its name."""
    first, last = moved.dates
    code = moved.cells[moved.villages[4]]
    assert moved.count(moved.now(), first, village_code=code, town_code=code[:9]) > 5
    assert moved.count(moved.now(), last, town_code=code[:9]) == 0
    assert f"{code[:9]}_区划{code[:9]}.xlsx" in moved.lists(first) - moved.lists(last)


def test_where_a_town_was_split_the_place_is_unknown_and_told(moved: Moved) -> None:
    now, split = moved.now(), moved.villages[2]
    for day in moved.dates:
        sent = moved.count(moved.before, day, village_code=split)
        assert sent > 5 and moved.count(now, day, town_code=None, village_code=None) == sent
        assert not any(name.startswith(moved.cells[split][:9]) for name in moved.lists(day))
        (said,) = re.findall(r"有 (\d+) 户不知道在哪个镇街", moved.report(day))
        assert int(said) == sent


def test_a_household_outside_every_table_is_listed_under_its_code(moved: Moved) -> None:
    for day in moved.dates:
        assert f"{FAR}_区划{FAR}.xlsx" in moved.lists(day)
        assert moved.count(moved.now(), day, town_code=FAR) > 5


def test_the_report_names_every_change(moved: Moved) -> None:
    gone, named, split, _, later = (moved.cells[code] for code in moved.villages)
    for day in moved.dates:
        told = rows_of(
            moved.home, f"SELECT * FROM ops.place_code WHERE as_of = '{day}' AND extract = 'population'"
        )
        said = {
            (code, new, state) for code, new, state in told.select("code", "present_code", "state").rows()
        }
        assert said - {(later, f"{moved.town}000", "town_only")} == {
            (gone, f"{moved.town}000", "town_only"),
            (named, moved.villages[1], "changed"),
            (split, None, "ambiguous"),
            (FAR, FAR, "unlisted"),
        }
        assert ((later, f"{moved.town}000", "town_only") in said) == (day == moved.dates[-1])
        assert (told["household_cnt"] > 5).all() and (told["person_cnt"] >= told["household_cnt"]).all()
        assert all(f"<td>{code}</td>" in moved.report(day) for code in told["code"])


def test_a_past_list_comes_out_equal(moved: Moved) -> None:
    with open_site(moved.home) as site:
        assert [replay_date(site, day).changed for day in moved.dates] == [(), ()]


def test_rows_are_kept_as_they_were_sent(moved: Moved) -> None:
    kept = set(rows_of(moved.home, "SELECT DISTINCT village_code FROM core.population")["village_code"])
    assert set(moved.cells.values()) <= kept and not kept & set(moved.villages)


def test_without_changed_codes_nothing_is_named(thin: Made) -> None:
    assert rows_of(thin.home, "SELECT count(*) FROM ops.place_code").item() == 0
    assert (
        "没有停用或查不到的区划代码。"
        in (thin.home.dated("reports", thin.dates[0]) / "report.html").read_text()
    )


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        (
            "changes.csv",
            f"{','.join(COLUMNS)}\n440106902,440106006,gone,2024-01-01,x\n",
            "changes.csv line 2",
        ),
        ("towns.csv", "code,name\n", "towns.csv:1"),
    ],
)
def test_a_wrong_table_stops_the_home_with_file_and_line(
    tmp_path: Path, name: str, text: str, where: str
) -> None:
    home = Home(tmp_path / "home")
    (home.root / "divisions").mkdir(parents=True)
    (home.root / "divisions" / name).write_text(text)
    with pytest.raises(ZhaorenError) as refused, open_site(home):
        pass
    assert refused.value.where.endswith(where) and refused.value.todo
