"""What receivers, departments and counties answer in their workbooks: each line carries a matter on."""

from __future__ import annotations

from exchange.answers.side_sheets import OBJECTIONS, REFERRALS, SPOT_CHECKS, Declared
from flows.casework.line_rows import refusal
from flows.casework.matter_rows import Matters, Names, report_matters
from flows.casework.returned import Sides, Workbook
from flows.context.site import Site
from policies.casework.steps import load_steps
from warehouse.deliveries.outcomes import ReturnedFile
from zhaoren.errors import ZhaorenError

# What the hidden page calls each workbook, the sheet that is filled in, and the kind of its matters.
SHEETS: dict[str, Declared] = {"referral": REFERRALS, "objection": OBJECTIONS, "spot_check": SPOT_CHECKS}


def take_answers(site: Site, work: Workbook, queue: str, file: ReturnedFile) -> Sides:
    """Sort the lines of one workbook. Raises ZhaorenError when its sheet is not there."""
    answers = work.read(SHEETS[queue])
    if not answers.sheets_read:
        raise ZhaorenError(
            f"找不到“{SHEETS[queue].name}”的表头（the sheet's header row is missing）",
            work.book.file_name,
            "表头被改过，或者这张表被删了",
            "请在原来发的文件里填写（fill in the original file）",
            code="headings_missing",
        )
    rows, problems = [], []
    for row in answers.rows:
        if row["printed"].get("step_kind") != queue:
            said = "这一行不是清单上印好的，不知道是哪一件，本行未收，请填在原来的行里。"
            problems.append(refusal(row, "line_not_printed", said))
        else:
            rows.append({"due_date": None, "owner_code": None, **row, "kind": queue, "subject": None})
    cases = [row["printed"]["step_case_no"] for row in rows]
    matters = Matters(site, load_steps(work.as_of), cases, file)
    problems += report_matters(matters, rows, {}, Names({}, {}))
    return Sides(
        [matters.sorted([])],
        [*answers.found, *problems],
        filled_cnt=answers.filled_cnt,
        sheets_read=answers.sheets_read,
    )
