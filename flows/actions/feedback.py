"""Take filled lists back: a visit becomes an outcome, an answer about two records a decision.

Each problem is put in words that the person who filled in the list can act on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from exchange.lists.feedback import list_kind, read_feedback
from exchange.lists.identity_review import QUEUE
from flows.context.site import Site
from flows.scoring.review import take_review
from warehouse.database.archive import keep, sha256_of
from warehouse.deliveries.outcomes import feedback_taken, known_alerts, store_outcomes
from zhaoren.errors import ZhaorenError


@dataclass(frozen=True)
class Taken:
    """What became of one file: outcomes or decisions stored, problems to send back (Chinese, with rows)."""

    file_name: str
    outcomes: int
    problems: tuple[str, ...]
    was_known: bool = False
    decisions: int = 0


def take_feedback(site: Site, files: list[Path], received: date) -> list[Taken]:
    """Read, check and store the files; the same file twice is a no-op, an unreadable one stops no other."""
    taken = []
    for done, path in enumerate(files):
        site.progress(f"feedback {path.name}", done, len(files))
        try:
            taken.append(_take(site, path, received))
        except ZhaorenError as error:
            taken.append(Taken(path.name, 0, (str(error),)))
    site.progress("feedback read", len(files), len(files))
    return taken


def _take(site: Site, path: Path, received: date) -> Taken:
    if not path.is_file():
        raise ZhaorenError("There is no such file.", str(path), "", "Check the path.")
    sha256 = sha256_of(path)
    if feedback_taken(site.con, sha256):
        return Taken(path.name, 0, (), was_known=True)
    if list_kind(path) == QUEUE:
        decisions, problems = take_review(site, path, sha256, received)
        return Taken(path.name, 0, tuple(problems), decisions=decisions)
    read = read_feedback(path, today=received)
    keep(site.home.archive, path, sha256, site.vault_key)
    ours = known_alerts(site.con, read.rows.get_column("alert_id"))
    strangers = read.rows.join(ours, on="alert_id", how="anti", maintain_order="left")
    problems = [
        *read.problems,
        *(f"第{row}行：个案编号不在已下发的名单中，请核对。" for row in strangers.get_column("row_no")),
    ]
    rows = read.rows.join(ours, on="alert_id", how="semi", maintain_order="left")
    store_outcomes(
        site.con,
        rows=rows,
        sha256=sha256,
        file_name=path.name,
        received=received,
        problem_cnt=len(problems),
    )
    return Taken(path.name, rows.height, tuple(problems))
