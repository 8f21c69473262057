"""What a home goes through when marks are everywhere: runs, decisions, lists handed back, every question."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell.cell import Cell, MergedCell

from exchange.lists.identity_review import SHEET_NAME as REVIEW
from exchange.lists.worklist import SHEET_NAME
from flows.context.home import Home
from tests.helpers.attacks import Done
from tests.helpers.homes import rows_of
from tests.helpers.lists import columns_of, header_row
from tests.helpers.marks import Marks


@dataclass
class Ordeal:
    """One home, its inbox and its marks. said: each command with what it printed."""

    home: Home
    inbox: Path
    folder: Path
    marks: Marks
    command: Callable[..., Done]
    said: list[tuple[str, Done]] = field(default_factory=list)

    def do(self, *args: object, at_home: bool = True, **how: Any) -> Done:
        """A command on the home; every word it says is kept."""
        more = ("--home", self.home.root) if at_home else ()
        done = self.command(*args, *more, cwd=self.folder / "cwd", **how)
        self.said.append((" ".join(map(str, args)), done))
        return done

    def run(self, *args: object) -> Done:
        """The main job on the inbox; under Prefect in a process of its own, whose settings are read once."""
        given = [arg for arg in args if arg]
        return self.do("run", *given, "--inbox", self.inbox, process="--plain" not in given)

    def mark(self, where: str, kind: str = "name") -> str:
        return self.marks.plant(kind, where)

    def person(self, where: str) -> str:
        """One text with a mark of every kind."""
        return "、".join(self.mark(where, kind) for kind in ("name", "number", "phone", "card", "address"))

    def neighbour(self, where: str) -> str:
        """What nobody can tell from a plain word: a name and an address."""
        return f"{self.mark(where)}住{self.mark(where, 'address')}"

    def decide(self, most: int = 100) -> None:
        """Release what is held, but refuse one and take one back; each with people's words as reasons."""
        held = rows_of(self.home, "SELECT delivery_id FROM ops.delivery WHERE status = 'held' ORDER BY 1")
        ids = held.get_column("delivery_id").to_list()[-most:]
        for count, delivery in enumerate(ids):
            verb = "reject" if count == 1 else "release"
            self.do(verb, delivery, "--reason", self.person("a reason"), "--by", self.mark("who decided"))
        if ids:
            self.do("withdraw", ids[-1], "--reason", self.person("a reason"), "--by", self.mark("who"))
            self.do("withdraw", ids[-1], "--reason", self.person("a second reason"))
            self.do("release", ids[-1], "--reason", self.person("a reason in vain"))
        self.do("release", self.mark("no delivery", "text"), "--reason", self.person("a reason for nothing"))

    def hand_back(self) -> None:
        """Every station's list, filled in with people's words in every cell one can write to."""
        for path in sorted(self.home.root.glob("worklists/*/*.xlsx"))[:4]:
            for spoil in (False, True):
                self.do("feedback", self._filled(path, spoil), "--received", "2026-01-15", "--json")
        for path in sorted(self.home.root.glob("compliance/*/*.xlsx"))[:2]:
            self.do("feedback", self._filled(path, spoil=False), "--received", "2026-01-15")
        for path in sorted(self.home.root.glob("reviews/*/*.xlsx")):
            self.do("feedback", self._reviewed(path), "--received", "2026-01-15", "--json")
        self._spoilt_lists()
        no_list = self.folder / f"{self.mark('the name of what is no list')}.xlsx"
        no_list.write_bytes(self.mark("what is no list").encode())
        self.do("feedback", no_list)
        self.do("feedback", self.folder / f"{self.mark('the name of no file')}.xlsx", "--json")
        for case in rows_of(self.home, "SELECT DISTINCT alert_id FROM mart.outcome ORDER BY 1 LIMIT 2")[
            "alert_id"
        ]:
            self.do("withdraw-outcome", case, "--reason", self.person("a reason"), "--by", self.mark("who"))

    def _filled(self, path: Path, spoil: bool) -> Path:
        book = openpyxl.load_workbook(path)
        sheet = book.worksheets[0] if SHEET_NAME not in book.sheetnames else book[SHEET_NAME]
        places, first = columns_of(sheet), header_row(sheet) + 1
        lines = [
            row for row in range(first, sheet.max_row + 1) if _is_case(sheet.cell(row, places["个案编号"]))
        ]
        for count, row in enumerate(lines):
            visited = str(date.fromisoformat(path.parent.name) + timedelta(days=4))
            codes = {"走访日期": ("20", "40", "30"), "核实日期": ("70", "71", "73")}
            (day,) = codes.keys() & places.keys()
            given = {"结果代码": codes[day][count % 3], day: visited}
            if spoil and count % 2:
                given = dict.fromkeys(given, self.person("a cell of a filled list"))
            # What the list itself refuses is in every second line only: the others are to be taken.
            telling = self.person if count % 2 else self.neighbour
            words = {
                name: telling(f"{name} of a filled list") for name in ("备注", "走访人", "核实人", "说明")
            }
            for heading, place in places.items():
                value = (given | words).get(heading.split("\n")[0])
                if value is not None:
                    sheet.cell(row, place).value = value
            if spoil:
                sheet.cell(row, sheet.max_column + 2).value = self.person("a cell beside a filled list")
        if spoil:
            sheet.cell(first - 1, sheet.max_column + 1).value = self.mark("a heading of a filled list")
            book.create_sheet(self.mark("a sheet of a filled list"))["A1"] = self.person("another sheet")
            sheet.cell(1, 1).value = self.person("the title of a filled list")
            book.properties.creator = self.mark("the author of a filled list")
        out = self.folder / f"{path.stem}-{self.mark('the name of a filled list')}.xlsx"
        book.save(out)
        return out

    def _spoilt_lists(self) -> None:
        """A list without its hidden page, with an altered one, without a heading, and before its time."""
        path = sorted(self.home.root.glob("worklists/*/*.xlsx"))[0]
        for what in ("hidden page gone", "hidden page altered", "a heading gone", "too early"):
            book = openpyxl.load_workbook(self._filled(path, spoil=False))
            hidden = next(sheet for sheet in book.worksheets if sheet.sheet_state != "visible")
            sheet = book.worksheets[0]
            if what == "hidden page gone":
                book.remove(hidden)
            elif what == "hidden page altered":
                for row in hidden.iter_rows():
                    row[0].value = self.mark("a cell of the hidden page")
            elif what == "a heading gone":
                sheet.cell(header_row(sheet), 2).value = self.person("a heading")
            out = self.folder / f"{what}-{self.mark('the name of a list')}.xlsx"
            book.save(out)
            received = "2025-08-01" if what == "too early" else "2026-01-15"
            self.do("feedback", out, "--received", received, "--json")

    def _reviewed(self, path: Path) -> Path:
        book = openpyxl.load_workbook(path)
        sheet = book[REVIEW]
        places = columns_of(sheet)
        first = header_row(sheet) + 1
        for row in (
            n for n in range(first, sheet.max_row + 1) if _is_case(sheet.cell(n, places["个案编号"]))
        ):
            odd = row % 3 == 0
            said = {
                "结论": self.person("a verdict") if odd else "是",
                "依据": self.person("why two records are one"),
                "核对人": self.mark("who compared"),
                "核对日期": self.mark("a day") if odd else "2025-10-08",
            }
            for heading, value in said.items():
                sheet.cell(row, places[heading]).value = value
        out = self.folder / f"review-{path.parent.name}-{self.mark('the name of a review')}.xlsx"
        book.save(out)
        return out

    def correct_receipts(self, day: str) -> None:
        """Receipts sent back with one cell corrected, and with more people's words beside."""
        for path in sorted(self.home.root.glob("receipts/2025-*/*/*.xlsx")):
            book = openpyxl.load_workbook(path)
            for sheet in book.worksheets[1:]:
                sheet.cell(1, sheet.max_column + 1).value = self.mark("a heading on a receipt")
                for row in range(2, min(sheet.max_row, 6) + 1):
                    sheet.cell(row, sheet.max_column).value = self.person("a cell beside a receipt's row")
                    sheet.cell(row, 3).value = self.person("the reason's cell of a receipt")
                    sheet.cell(row, 5).value = self.mark("a corrected cell", "number")
            office = self.inbox / day / path.parent.name
            office.mkdir(parents=True, exist_ok=True)
            name = f"{path.name.split('.')[0].split('-')[0]}.xlsx"
            target = office / (
                name
                if not list(office.glob(name))
                else f"{path.stem[:20]}.x{len(list(office.iterdir()))}.xlsx"
            )
            book.save(target)

    def ask(self) -> None:
        """Every question the command line answers, of the home and of files."""
        cases = rows_of(
            self.home, "SELECT alert_id FROM mart.alert ORDER BY is_listed DESC, alert_id LIMIT 3"
        )
        for how in ((), ("--json",)):
            self.do("status", *how)
            self.do("gaps", *how)
            for case in cases["alert_id"]:
                self.do("explain", case, *how)
            self.do("explain", self.mark("no case"), *how)
            self.do("whatif", "--set", f"{self.mark('no parameter')}=1", *how)
        for day in sorted({p.name for p in (self.home.root / "reports").iterdir()}):
            self.do("replay", "--as-of", day)
        self.do("train")
        self.do("publish", "--parquet", self.folder / "parquet")
        self.do("contracts", "lint")
        self.do("policies", "lint")

    def look_at_files(self, every: int = 1) -> None:
        """peek, check and a draft of a contract for each planted file."""
        paths = [p for p in sorted(self.inbox.rglob("*")) if p.is_file()]
        for path in paths[::every]:
            extract = path.name.split(".")[0]
            self.do("peek", path, at_home=False)
            self.do(
                "check",
                path,
                "--contract",
                f"{path.parent.name}.{extract}",
                "--json",
                "--rows-only",
                at_home=False,
            )

    def codes(self) -> set[str]:
        """The codes of errors that were met: on record, and in JSON that commands printed."""
        known = {
            str(c) for c in rows_of(self.home, "SELECT DISTINCT error_code FROM ops.delivery")["error_code"]
        }
        for said, done in self.said:
            if done.stdout.startswith("{"):
                known.add(str(json.loads(done.stdout).get("code", "")))
            elif said.startswith("feedback") and done.stdout.startswith("["):
                known |= {code for one in json.loads(done.stdout) for code in one["codes"]}
        return known - {"", "None"}


def _is_case(cell: Cell | MergedCell) -> bool:
    return isinstance(cell, Cell) and cell.value is not None
