"""Filled lists against the record: what was handed out, what is known, what is taken back, what ops says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet as Sheet

from exchange.form import HIDDEN_SHEET
from flows.actions.feedback import Taken, take_feedback
from flows.actions.outcome_withdrawal import rule_on, take_back
from flows.cli.run import show_taken
from flows.cli.terminal import console
from flows.context.catalogue_frames import result_names
from flows.context.home import Home
from flows.context.site import Site, open_site
from models.features.labels import labels
from tests.helpers.casework import put_visits
from tests.helpers.lists import AS_OF, HEADER, header_row, lines, write_visits
from tests.helpers.returned import RECEIVED, A, B, C, fill, returned, with_line
from warehouse.as_of import outcomes
from warehouse.casework.visits import differences
from warehouse.database.archive import sha256_of
from warehouse.written.words import VISIT_RULED, written
from zhaoren.errors import ZhaorenError

pytestmark = pytest.mark.slow

NEXT = date(2025, 10, 2)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for all: making its tables anew for each test would be most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZHAOREN_VAULT_KEY", "the key of the tests")
        with open_site(Home(tmp_path_factory.mktemp("returned") / "home")) as site:
            yield site


@pytest.fixture
def site(opened: Site) -> Site:
    """Nothing known yet but the list of the three cases."""
    for table in (
        "mart.alert",
        "mart.visit",
        "mart.visit_ruling",
        "ops.feedback_file",
        "ops.feedback_problem",
    ):
        opened.con.execute(f"DELETE FROM {table}")
    hand_out(opened, [A, B, C])
    return opened


def hand_out(site: Site, cases: list[str], town: str = HEADER.town_code) -> None:
    for case in cases:
        site.con.execute(
            "INSERT INTO mart.alert "
            "(as_of, alert_id, household_id, town_code, county_code, queue, is_listed, arm) "
            "VALUES (?, ?, ?, ?, ?, 'need', true, 'rule')",
            [AS_OF, case, f"H-{case}", town, town[:6]],
        )


@pytest.fixture
def handed_out(site: Site, tmp_path: Path) -> Path:
    write_visits(tmp_path / "out.xlsx", HEADER, lines(), result_names(site.catalogue, "need"))
    return tmp_path / "out.xlsx"


def take(site: Site, *paths: Path, received: date = RECEIVED) -> list[Taken]:
    return take_feedback(site, list(paths), received)


def rows(site: Site, query: str) -> list[tuple]:
    return site.con.execute(query).fetchall()


def forged(book: Workbook, sheet: Sheet) -> None:
    """A code and a case number added to the hidden page, and used."""
    page = book[HIDDEN_SHEET]
    heads = {cell.value: cell.column for cell in page[1]}
    page.cell(2, heads["code"]).value = "777"
    page.cell(3, heads["alert_id"]).value = "20250905-zz-N"
    fill(sheet, 1, 结果代码="777")
    fill(sheet, 2)
    sheet.cell(header_row(sheet) + 2, 2).value = "20250905-zz-N"
    fill(sheet, 3)


def test_what_was_not_handed_out_is_refused(site: Site, handed_out: Path) -> None:
    """tried §8 case 46 forged: stored and published, training refused for ever."""
    (taken,) = take(site, returned(handed_out, forged))
    assert taken.codes["code_not_handed_out"] == 1 and taken.codes["case_not_handed_out"] == 1
    assert rows(site, "SELECT alert_id, result_code FROM mart.outcome") == [(C, "40")]


def test_a_case_of_another_station_is_refused(site: Site, handed_out: Path) -> None:
    """tried §8 case 46 forged: case numbers are checked against this very list."""
    site.con.execute("UPDATE mart.alert SET town_code = '440604006' WHERE alert_id = ?", [B])
    (taken,) = take(site, returned(handed_out, with_line()))
    assert (taken.outcomes, taken.codes) == (0, {"case_not_handed_out": 1})


def test_the_same_file_again_says_its_problems_again(site: Site, handed_out: Path) -> None:
    """tried §8 case 46 markup: "already taken, 0 problems"; nothing of the refused text is stored."""

    def edit(_: Workbook, sheet: Sheet) -> None:
        fill(sheet, 1, 结果代码="[/b]")
        fill(sheet, 2, 说明="电话13812345678")
        fill(sheet, 3)

    path = returned(handed_out, edit)
    (first,), (again,) = take(site, path), take(site, path, received=NEXT)
    assert (first.outcomes, again.outcomes, again.was_known) == (1, 0, True)
    assert again.problems == first.problems and len(first.problems) == 2
    counts = "rows_read, rows_taken, rows_repeated, rows_refused, sheets_read, received_date"
    assert rows(site, f"SELECT {counts} FROM ops.feedback_file") == [(3, 1, 0, 2, 1, RECEIVED)]
    found = rows(site, "SELECT problem_code, is_refusal FROM ops.feedback_problem ORDER BY problem_no")
    assert found == [("unknown_code", True), ("forbidden_number", True)]
    kept = "".join(str(rows(site, f"SELECT * FROM {t}")) for t in ("mart.visit", "ops.feedback_file"))
    assert not list(site.home.archive.rglob(f"{sha256_of(path)}*"))  # not even encrypted
    assert "1381234" not in kept and rows(site, "SELECT count(*) FROM mart.visit") == [(1,)]


def test_markup_in_a_cell_is_printed_as_typed(site: Site, handed_out: Path) -> None:
    """tried §8 case 46 markup: a traceback instead of the problems."""
    (taken,) = take(site, returned(handed_out, with_line(结果代码="[/b]"), "b[b].xlsx"))
    with console.out.capture() as printed:
        show_taken(taken)
    said = printed.get()
    assert said.startswith("file-") and ".xlsx: 0 outcomes, 1 problems (" in said and "refused 1)" in said
    assert "“[/…]”不在代码表里" in said


def test_a_file_that_cannot_be_read_stops_no_other_and_is_on_record(site: Site, handed_out: Path) -> None:
    """tried §8 case 46 far: the other list was not taken."""
    bad = handed_out.with_name("bad.xlsx")
    bad.write_bytes(b"PK\x03\x04 torn")
    good_path = returned(handed_out, with_line())
    torn, good = take(site, bad, good_path)
    assert "打不开" in torn.problems[0] and good.outcomes == 1
    assert list(site.home.archive.rglob(f"{sha256_of(good_path)}*"))
    found = "SELECT problem_code FROM ops.feedback_file JOIN ops.feedback_problem USING (sha256)"
    assert rows(site, found) == [("not_readable",)]


def test_a_corrected_file_brings_only_what_is_new(site: Site, handed_out: Path) -> None:
    """tried §3: what is missing is asked back by row; the corrected list may be returned whole."""

    def partly(_: Workbook, sheet: Sheet) -> None:
        fill(sheet, 1)
        fill(sheet, 2, 走访人=None)

    def whole(_: Workbook, sheet: Sheet) -> None:
        fill(sheet, 1)
        fill(sheet, 2)

    (first,) = take(site, returned(handed_out, partly, "first.xlsx"))
    (second,) = take(site, returned(handed_out, whole, "second.xlsx"))
    assert (first.outcomes, first.codes) == (1, {"no_worker": 1})
    assert (second.outcomes, second.lines_repeated, second.problems) == (1, 1, ())


def counting(site: Site, day: date) -> list[str]:
    return outcomes(site.con, day).get_column("result_code").to_list()


def test_two_files_of_one_day_that_disagree_are_both_kept(site: Site, handed_out: Path) -> None:
    """tried §8 B1: 20 and 40 for one case on one day, decided in silence; then the later one refused."""
    first = returned(handed_out, with_line(结果代码="20", 协助申请的政策="低保"), "first.xlsx")
    second = returned(handed_out, with_line(), "second.xlsx")
    one, other = take(site, first, second)
    assert (one.outcomes, other.outcomes, other.codes) == (1, 1, {"visits_differ": 1})
    assert "20" in other.problems[0] and "40" in other.problems[0]
    assert rows(site, "SELECT count(*) FROM mart.visit") == [(2,)] and counting(site, RECEIVED) == []
    (pair,) = differences(site.con).to_dicts()
    assert (pair["result_code"], pair["other_result_code"], pair["row_no"]) == (
        "20",
        "40",
        pair["other_row_no"],
    )
    take_back(site, B, "entered by mistake", "tester", code="20", on=NEXT)
    assert counting(site, RECEIVED) == [] and counting(site, NEXT) == ["40"]
    assert differences(site.con).is_empty()
    (withdrawn,) = take(site, first)
    assert (withdrawn.outcomes, withdrawn.codes) == (0, {"visit_ruled_out": 1})


def test_a_person_rules_which_of_two_counts(site: Site, handed_out: Path) -> None:
    take(site, returned(handed_out, with_line(结果代码="20"), "first.xlsx"))
    take(site, returned(handed_out, with_line(结果代码="40"), "second.xlsx"), received=NEXT)
    assert counting(site, RECEIVED) == ["20"] and counting(site, NEXT) == []
    (pair,) = differences(site.con).to_dicts()
    done = rule_on(
        site, pair["other_visit_id"], "seen twice", "tester", does_count=True, on=date(2025, 10, 9)
    )
    assert (done.result_code, counting(site, date(2025, 10, 8)), counting(site, date(2025, 10, 9))) == (
        "40",
        [],
        ["40"],
    )
    rule_on(site, pair["visit_id"], "no, that one", "tester", does_count=True, on=date(2025, 10, 20))
    rule_on(site, pair["other_visit_id"], "no", "tester", does_count=False, on=date(2025, 10, 20))
    assert counting(site, date(2025, 10, 20)) == ["20"] and counting(site, date(2025, 10, 19)) == ["40"]
    with pytest.raises(ZhaorenError, match="no such visit"):
        rule_on(site, "V0", "x", "tester", does_count=True)


def test_a_copy_is_a_row_of_its_own_and_counts_once(site: Site, handed_out: Path) -> None:
    one = returned(handed_out, with_line(结果代码="20"), "one.xlsx")

    def again(book: Workbook, sheet: Sheet) -> None:
        fill(sheet, 1, 结果代码="20")
        book.properties.title = "a copy"  # else the same bytes

    copy = returned(handed_out, again, "copy.xlsx")
    more = returned(handed_out, with_line(结果代码="20", 协助申请的政策="低保"), "more.xlsx")
    for path, repeated in ((one, 0), (copy, 1), (more, 0)):
        (taken,) = take(site, path)
        assert (taken.lines_repeated, taken.outcomes) == (repeated, 1 - repeated)
    assert rows(site, "SELECT count(*), count(DISTINCT visit_id) FROM mart.visit") == [(3, 3)]
    assert rows(site, "SELECT result_code, benefit_id FROM mart.outcome") == [("20", "dibao")]


def test_a_later_visit_counts_beside_an_earlier_one(site: Site, handed_out: Path) -> None:
    first = returned(handed_out, with_line(结果代码="60"), "first.xlsx")
    later = returned(handed_out, with_line(结果代码="30", 走访日期="2025-09-20"), "later.xlsx")
    take(site, first)
    (new,) = take(site, later, received=NEXT)
    assert (new.outcomes, new.problems) == (1, ())
    with pytest.raises(ZhaorenError, match="several outcomes"):
        take_back(site, B, "which?", "tester")
    done = take_back(site, B, "never visited", "tester", code="60")
    assert done.still_counting == ("30 of 2025-09-20",)
    with pytest.raises(ZhaorenError, match="no such outcome"):
        take_back(site, B, "again", "tester", code="60")


def test_training_goes_on_without_an_outcome_that_was_taken_back(site: Site) -> None:
    """tried §8 case 46 forged: a code that nobody knows made training impossible."""
    put_visits(site.con, {"alert_id": A, "result_code": "777", "found_date": AS_OF, "known_date": RECEIVED})
    codes = {c.code: c.is_verified_need for c in site.catalogue.result_codes}
    alerts = site.con.execute("SELECT * FROM mart.alert").pl()
    with pytest.raises(ZhaorenError, match="no meaning"):
        labels(outcomes(site.con, NEXT), alerts, codes)
    done = take_back(site, A, "no such code", "tester", on=NEXT)
    assert (done.result_code, done.effective_date) == ("777", NEXT)
    assert labels(outcomes(site.con, NEXT), alerts, codes).is_empty()
    assert outcomes(site.con, RECEIVED).height == 1  # the day before it still counted
    assert rows(site, "SELECT decided_by FROM mart.visit_ruling") == [("tester",)]
    with site.open_vault(NEXT, "names") as vault:
        assert "no such code" in set(written(vault, VISIT_RULED)["text"])


def test_taking_back_names_what_it_cannot_do(site: Site, handed_out: Path) -> None:
    take(site, returned(handed_out, with_line()))
    for case, reason, what in ((A, "x", "no such outcome"), (B, " ", "needs a reason")):
        with pytest.raises(ZhaorenError, match=what):
            take_back(site, case, reason, "tester")
    with pytest.raises(ZhaorenError, match="cannot be withdrawn on"):
        take_back(site, B, "x", "tester", on=AS_OF)


def test_a_forged_kind_of_list_is_refused(site: Site, handed_out: Path) -> None:
    def edit(book: Workbook, sheet: Sheet) -> None:
        fill(sheet, 1)
        page = book[HIDDEN_SHEET]
        place = next(cell.row for cell in page["A"] if cell.value == "queue")
        page.cell(place, 2).value = "another"

    (taken,) = take(site, returned(handed_out, edit))
    assert taken.codes == {"hidden_page_altered": 1} and taken.is_refused


def test_a_policy_that_is_none_is_not_stored(site: Site, handed_out: Path) -> None:
    (taken,) = take(site, returned(handed_out, with_line(结果代码="20", 协助申请的政策="临时救助")))
    known = rows(site, "SELECT benefit_id FROM mart.outcome")
    assert taken.outcomes == 1 and known in ([("temporary_relief",)], [(None,)])
