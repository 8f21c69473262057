"""A nineteenth extract from one YAML file, one signal and its parameter: silent meters at elders' homes.

The files of docs/examples/nineteenth are dropped into a home that is there already; the made-up power grid
sends one month and then falls silent itself. Who should be listed is worked out here from the files sent.
"""

from __future__ import annotations

import csv
import re
import shlex
import shutil
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from typer.testing import CliRunner

import zhaoren
from flows.cli.app import app
from flows.context.home import Home
from flows.context.rulebook import contract_problems, load_rulebook, policy_problems
from flows.context.site import open_site
from policies.analysis.examples import run_rule
from policies.catalogue.shapes import Entity
from policies.engine.evaluate_signals import evaluate_signals
from province.make import make_province
from tests.helpers.homes import copy_home, grid, once, rows_of, run_dates, thin_inbox
from warehouse.database.partitions import partition
from zhaoren.errors import ZhaorenError
from zhaoren.rooms import ROOMS, room

EXAMPLE = Path(zhaoren.__file__).parents[1] / "docs" / "examples" / "nineteenth"
SEP, OCT = date(2025, 9, 5), date(2025, 10, 5)
SENT = ("population", "benefit_roll")
HEADERS = [
    "用电地址",
    "户主姓名",
    "户主证件号码",
    "用电户号",
    "统计月份",
    "抄表日期",
    "最近用电日期",
    "用电量（千瓦时）",
    "用电状态",
]
SILENT, IN_USE = "2025-08-10", "2025-08-31"


@dataclass(frozen=True)
class Meter:
    """One row of the file: whose, when last used, and what it says else."""

    holder: str
    last_use: str
    kwh: str = "0"
    status: str = "正常"


@dataclass(frozen=True)
class Grid:
    """A home with the meters that were sent for it, by the household's number."""

    home: Home
    folder: Path

    @cached_property
    def residents(self) -> dict[str, list[tuple[str, int]]]:
        """Household number -> ID number and age on the first date of each living member, head first."""
        (path,) = self.folder.glob(f"inbox/{SEP}/public_security/population.csv")
        headers, *cells = grid(path)
        rows = [dict(zip(headers, row, strict=True)) for row in cells]
        homes: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for row in rows:
            born = date.fromisoformat(row["出生日期"])
            age = SEP.year - born.year - ((SEP.month, SEP.day) < (born.month, born.day))
            if row["户籍状态"] == "正常":
                homes[row["户号"]].append((row["公民身份号码"], age))
        return dict(homes)

    @cached_property
    def elders(self) -> list[str]:
        """Households in which everybody is sixty or older, those of one person first."""
        found = [n for n, people in self.residents.items() if all(age >= 60 for _, age in people)]
        return sorted(found, key=lambda number: (len(self.residents[number]), number))

    @cached_property
    def meters(self) -> dict[str, list[Meter]]:
        """Every third home of elders is silent; the first nine are each a case of their own."""
        found = {n: [Meter(people[0][0], IN_USE, "88")] for n, people in self.residents.items()}
        for place, number in enumerate(self.elders):
            holder = found[number][0].holder
            silent = Meter(holder, SILENT)
            cases = [
                [],  # no meter is linked to the home
                [silent, Meter(holder, IN_USE, "5")],  # one of two meters still runs
                [Meter(holder, SILENT, "0", "销户")],  # the meter was given up
                [Meter(holder, SILENT, "0", "欠费停电")],
                [Meter(holder, "2025-09-02")],  # last used after it was read: the row goes back
                [Meter(holder[:-1] + ("0" if holder[-1] != "0" else "1"), SILENT)],  # a mistyped ID number
                [Meter(holder, "")],  # last use not given
                [Meter(holder, "2025-08-25")],  # silent for six days
                [Meter(holder, SILENT, "")],  # silent, and no reading
            ]
            found[number] = (
                cases[place] if place < len(cases) else [silent] if place % 3 == 0 else found[number]
            )
        young = sorted(set(self.residents) - set(self.elders))[:20]
        return found | {n: [Meter(self.residents[n][0][0], SILENT)] for n in young}

    @cached_property
    def silent(self) -> set[str]:
        """The households that must be listed: all elders, every meter silent for fourteen days."""
        first = [self.elders[i] for i in (3, 8)]
        return {*first, *(n for i, n in enumerate(self.elders) if i > 8 and i % 3 == 0)}

    @cached_property
    def unknown(self) -> set[str]:
        """The homes of elders of which the file tells nothing that counts."""
        return {self.elders[i] for i in (0, 2, 4, 5, 6)}

    def send(self) -> None:
        """The power grid's file: a title above the header, GB18030, its own order of columns."""
        lines = [["2025年8月居民用电抄表"], HEADERS]
        count = 0
        for number in sorted(self.meters):
            for meter in self.meters[number]:
                count += 1
                lines.append([f"{number}号", "", meter.holder, f"0330{count:06d}", "2025年8月", "2025/8/31",
                              meter.last_use, meter.kwh, meter.status])  # fmt: skip
        lines += [lines[-1], ["合计", "", "", "", "", "", "", str(count), ""]]
        path = self.folder / "inbox" / str(SEP) / "power_grid" / "meter.csv"
        path.parent.mkdir(parents=True)
        with path.open("w", encoding="gb18030", newline="") as file:
            csv.writer(file).writerows(lines)

    @cached_property
    def homes(self) -> dict[str, str]:
        """Household id -> household number, by way of the members' ID numbers."""
        with open_site(self.home) as site, site.open_vault(SEP, "test") as vault:
            known = vault.persons()
            members = partition(site.con, "panel.person", SEP).select("person_id", "household_id")
        numbers = {person: number for number, people in self.residents.items() for person, _ in people}
        linked = known.join(members, on="person_id").drop_nulls("household_id")
        return {h: numbers[i] for i, h in linked.select("id_number", "household_id").rows() if i in numbers}


def add_example(home: Home) -> None:
    for kind in ("contracts", "policies"):
        shutil.copytree(EXAMPLE / kind, home.root / kind)


def make_grid(folder: Path) -> None:
    """A home that is there already gets the example and the power grid's file, and runs two months."""
    make_province(1500, 2, 5, folder / "whole", 0.0)
    thin_inbox(folder / "whole" / "inbox", folder / "inbox", SENT)
    power = Grid(Home(folder / "home"), folder)
    with open_site(power.home):
        pass
    add_example(power.home)
    power.send()
    assert run_dates(power.home, folder / "inbox") == [True, True]


@pytest.fixture(scope="session")
def power(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Grid:
    made = once(shared, "power", make_grid)
    return Grid(copy_home(Home(made / "home"), tmp_path_factory.mktemp("power") / "home"), made)


def numbers_of(power: Grid, sql: str) -> set[str]:
    """The household numbers of a query that gives household ids."""
    return {power.homes[h] for h in rows_of(power.home, sql).get_column("household_id")}


def test_the_example_is_sound_and_its_worked_examples_hold() -> None:
    assert [str(p) for p in (*contract_problems(EXAMPLE), *policy_problems(EXAMPLE))] == []
    catalogue = load_rulebook(EXAMPLE).catalogue
    results = [result for r in catalogue.signals if r.id == "I23" for result in run_rule(catalogue, r)]
    assert len(results) == 8
    assert [(r.name, r.faults) for r in results if r.faults] == []


@pytest.mark.slow
def test_the_pages_commands_run_on_its_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tried §4: the page named a meter.csv that was not shipped. Steps 5 and on are the tests below."""
    page = (EXAMPLE.parents[1] / "adding-an-extract.md").read_text(encoding="utf-8")
    (tmp_path / "docs").symlink_to(EXAMPLE.parents[1])
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```sh\n(.*?)^```\n.*?^```text\n(.*?)^```", page, re.M | re.S)
    ran = [(commands, printed) for commands, printed in blocks if "zhaoren run" not in commands]
    assert len(ran) == 2
    for commands, printed in ran:
        said = _one_line("".join(_output(shlex.split(line)) for line in commands.splitlines()))
        assert [line for line in printed.splitlines() if _one_line(line) not in said] == []


def _one_line(text: str) -> str:
    """Without the breaks and padding of a terminal's width."""
    return " ".join(text.split())


def _output(words: list[str]) -> str:
    """What a command of the page prints; a rule that is broken ends `check` with 1."""
    if words[0] == "cp":
        subprocess.run(words, check=True)
        return ""
    result = CliRunner().invoke(app, words[1:])
    assert result.exit_code == (words[1] == "check"), result.output
    return result.output


def test_nothing_in_python_knows_of_it() -> None:
    sources = [path for name in ROOMS for path in sorted(room(name).rglob("*.py"))]
    assert [
        p.name for p in sources if "power_grid" in p.read_text() or "electricity_silent" in p.read_text()
    ] == []


def test_the_contract_checked_the_file_and_the_faulty_rows_went_back(power: Grid) -> None:
    (row,) = rows_of(power.home, "SELECT * FROM ops.delivery WHERE extract = 'meter'").to_dicts()
    sent = sum(map(len, power.meters.values()))
    assert (row["department"], row["status"], row["rows_read"]) == ("power_grid", "accepted", sent + 2)
    assert (row["rows_loaded"], row["rows_quarantined"], row["rows_duplicate"]) == (sent - 2, 3, 1)
    faults = rows_of(power.home, f"SELECT * FROM ops.quarantine WHERE delivery_id = '{row['delivery_id']}'")
    assert set(faults.get_column("rule_id")) == {
        "power_grid.meter.use_before_reading",
        "power_grid.meter.id_number.checksum",
        "power_grid.meter.not_a_record",
    }
    receipt = power.home.dated("receipts", SEP) / "power_grid"
    (book,) = receipt.glob("meter*.xlsx")
    cells = {str(c) for s in openpyxl.load_workbook(book).worksheets for r in s.values for c in r if c}
    assert {"用电户号", "户主证件号码", "最近用电日期"} <= cells
    assert any("最近用电日期不应晚于抄表日期" in cell for cell in cells)


def test_its_facts_are_in_the_panel_and_unknown_where_no_meter_tells(power: Grid) -> None:
    panel = rows_of(power.home, f"SELECT * FROM panel.household WHERE as_of = '{SEP}'")
    panel = panel.with_columns(number=pl.col("household_id").replace_strict(power.homes, default=None))
    told = {row["number"]: row for row in panel.to_dicts() if row["number"]}
    silent = next(iter(sorted(power.silent - {power.elders[8], power.elders[3]})))
    assert told[silent]["electricity_silent_days"] == (SEP - date(2025, 8, 10)).days
    assert told[silent]["electricity_read_days"] == (SEP - date(2025, 8, 31)).days
    assert (told[silent]["electricity_kwh"], told[silent]["is_power_cut"]) == (0, False)
    assert told[power.elders[1]]["electricity_kwh"] == 5
    assert told[power.elders[3]]["is_power_cut"] is True
    assert told[power.elders[8]]["electricity_kwh"] is None
    for number in power.unknown:
        assert told[number]["electricity_silent_days"] is None


def test_the_signal_finds_exactly_the_silent_homes_of_elders(power: Grid) -> None:
    assert len(power.silent) >= 15
    found = numbers_of(power, f"SELECT * FROM mart.signal WHERE signal_id = 'I23' AND as_of = '{SEP}'")
    assert found == power.silent
    levels = rows_of(
        power.home,
        "SELECT DISTINCT member_cnt = 1 AS alone, level FROM mart.signal JOIN panel.household "
        f"USING (as_of, household_id) WHERE signal_id = 'I23' AND as_of = '{SEP}' AND NOT is_power_cut",
    )
    assert set(levels.rows()) == {(True, "red"), (False, "orange")}
    cut = rows_of(power.home, "SELECT sentence_zh FROM mart.signal WHERE sentence_zh LIKE '%欠费停电'")
    expected = "老人独居，家中电表自2025年8月10日起没有用电（2025年8月31日抄表），已因欠费停电"
    assert cut.get_column("sentence_zh").to_list() == [expected]


def test_where_nothing_can_be_known_the_answer_is_unknown_and_never_no(power: Grid) -> None:
    assert unknown_homes(power, SEP) == power.unknown
    later = unknown_homes(power, OCT)
    assert later >= power.silent | power.unknown
    assert (
        numbers_of(power, f"SELECT * FROM mart.signal WHERE signal_id = 'I23' AND as_of = '{OCT}'") == set()
    )


def unknown_homes(power: Grid, as_of: date) -> set[str]:
    homes: tuple[Entity, ...] = ("household",)
    with open_site(power.home) as site:
        persons = partition(site.con, "panel.person", as_of)
        households = partition(site.con, "panel.household", as_of)
        rows = evaluate_signals(site.catalogue, persons, households, as_of, unknown_of=homes)
    rows = rows.filter((pl.col("signal_id") == "I23") & (pl.col("state") == "unknown"))
    assert rows.get_column("missing_facts").explode().unique().to_list() == ["electricity_silent_days"]
    return {power.homes[h] for h in rows.get_column("household_id") if h in power.homes}


def test_a_month_without_the_file_shows_it_stale_on_the_lists(power: Grid) -> None:
    stale = rows_of(
        power.home, "SELECT as_of, is_stale, is_never FROM mart.staleness WHERE extract = 'meter' ORDER BY 1"
    )
    assert stale.rows() == [(SEP, False, False), (OCT, True, False)]
    (path, *_) = sorted(power.home.dated("worklists", OCT).glob("*.xlsx"))
    cells = [str(c) for s in openpyxl.load_workbook(path).worksheets for r in s.values for c in r if c]
    assert any("居民用电抄表" in cell for cell in cells)


def test_the_sentence_is_on_the_worklist_with_its_numbers_and_dates(power: Grid) -> None:
    listed = []
    for path in sorted(power.home.dated("worklists", SEP).glob("*.xlsx")):
        listed += [str(c) for s in openpyxl.load_workbook(path).worksheets for r in s.values for c in r if c]
    alone = "老人独居，家中电表自2025年8月10日起没有用电（2025年8月31日抄表，已21天，本期用电0千瓦时）"
    assert any(alone in cell for cell in listed)
    assert any("老人现在人在哪里，是否住院、随子女居住或外出？" in cell for cell in listed)


def test_what_was_not_shared_for_discovery_is_refused_with_file_and_line(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    add_example(home)
    contract = home.root / "contracts" / "power_grid" / "meter.yaml"
    text = contract.read_text(encoding="utf-8")
    place = text.index("[discovery, verification]", text.index("name: last_use_date"))
    contract.write_text(text[:place] + text[place:].replace("discovery, ", "", 1), encoding="utf-8")
    signal = home.root / "policies" / "signals" / "I23_silent_meter.yaml"
    lines = signal.read_text(encoding="utf-8").splitlines()
    with pytest.raises(ZhaorenError) as refused, open_site(home):
        pass
    assert refused.value.what == "the fact 'electricity_silent_days' may not be used for discovery"
    assert refused.value.where == f"{signal}:{lines.index('condition: >-') + 1}"
    declared = next(i for i, line in enumerate(text.splitlines()) if "name: electricity_silent_days" in line)
    assert f"{contract}:{declared + 1}" in refused.value.todo


def test_a_contract_that_is_taken_away_stops_the_run(power: Grid, tmp_path: Path) -> None:
    home = copy_home(power.home, tmp_path / "home")
    shutil.rmtree(home.root / "contracts")
    shutil.rmtree(home.root / "policies")
    with pytest.raises(ZhaorenError, match="The contract of power_grid.meter is gone"), open_site(home):
        pass
