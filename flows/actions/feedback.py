"""Take filled lists back: a line becomes a visit, an answer about two records a decision.

Each problem is put in words that the person who filled in the list can act on. A file may come again,
corrected or as it was: what it says already is taken once, and what is wrong with it is said again. A file
that holds what may not be written is not kept, be it encrypted; the corrected one is.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from exchange.answers.feedback import Feedback, feedback_of, refuse_wrong_list
from exchange.answers.given import list_kind, read_hidden
from exchange.answers.opening import Book, open_list
from exchange.lists.identity_review import QUEUE
from flows.actions.outcome_checks import against_record
from flows.casework.advance import advance, catch_up
from flows.casework.answers import SHEETS, take_answers
from flows.casework.returned import Sides, take_sides, workbook
from flows.context.site import Site
from flows.scoring.review import take_review
from warehouse.casework.visits import store_visits
from warehouse.database.archive import keep, sha256_of
from warehouse.database.connection import transaction
from warehouse.deliveries.outcomes import ReturnedFile, file_known, record_failure, record_file
from warehouse.identity.marks import marked_step
from warehouse.identity.vault import Vault
from warehouse.written.names import called_list, keep_entry_names
from warehouse.written.words import keep_notes
from zhaoren.errors import ZhaorenError
from zhaoren.names import safe_name


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What became of one file: outcomes or decisions stored, problems to send back (Chinese, with rows).

    Of `lines_filled` on `sheets_read` sheets, some were taken, some say again what is known, the rest were
    refused. `was_known`: the file itself was taken before.
    """

    file_name: str
    outcomes: int = 0
    problems: tuple[str, ...] = ()
    was_known: bool = False
    decisions: int = 0
    sheets_read: int = 0
    lines_filled: int = 0
    lines_taken: int = 0
    lines_repeated: int = 0
    lines_refused: int = 0
    codes: dict[str, int] = field(default_factory=dict)

    @property
    def is_refused(self) -> bool:
        """Whether nothing of the file was ever taken, though something is wrong with it."""
        return bool(self.problems) and not (self.lines_taken or self.lines_repeated)


def take_feedback(site: Site, files: list[Path], received: date) -> list[Taken]:
    """Read, check and store the files; the same file twice is a no-op, an unreadable one stops no other."""
    catch_up(site, received)  # a home of an earlier version has no case numbers yet
    taken = []
    for done, path in enumerate(files):
        called = _called(path, done)
        site.progress(f"feedback {called}", done, len(files))
        try:
            taken.append(_take(site, path, called, received))
        except ZhaorenError as error:
            for own in (str(path), path.name):
                error.where = error.where.replace(own, called) if error.where.startswith(own) else error.where
            _note_failure(site, path, called, received, error)
            taken.append(Taken(file_name=called, problems=(str(error),), codes={error.code: 1}))
    advance(site, received)
    site.progress("feedback read", len(files), len(files))
    return taken


def _called(path: Path, place: int) -> str:
    """The file as we named it; one that was renamed by its digest and its place on the command line."""
    if not path.is_file():
        return f"file {place + 1}"
    return called_list(safe_name(path.name), sha256_of(path))


def _note_failure(site: Site, path: Path, called: str, received: date, error: ZhaorenError) -> None:
    """A file that cannot be read at all is on record too, unless it was taken before."""
    if path.is_file():
        sha256 = sha256_of(path)
        with site.open_vault(received, "feedback", sha256[:12]) as vault:
            _keep_name(vault, path, called, received)
        record_failure(site.con, sha256, called, received, error.code or "not_readable")


def _keep_name(vault: Vault, path: Path, called: str, received: date) -> None:
    if called != path.name:
        with transaction(vault.con):
            keep_entry_names(vault, received, [(called, safe_name(path.name))], "feedback")


def _take(site: Site, path: Path, called: str, received: date) -> Taken:
    if not path.is_file():
        raise ZhaorenError("There is no such file.", str(path), "", "Check the path.", code="no_such_file")
    file = ReturnedFile(sha256_of(path), called, received)
    was_known = file_known(site.con, file.sha256)
    book = open_list(path)
    if list_kind(book) == QUEUE:
        return _taken(take_review(site, path, file, is_new=not was_known), was_known, is_review=True)
    if list_kind(book) in SHEETS:
        return _take_answers(site, path, book, file, was_known=was_known)
    read = feedback_of(book, today=received)
    if not any(problem.code.startswith("forbidden_") for problem in read.found):
        keep(site.home.archive, path, file.sha256, site.vault_key)
    with site.open_vault(received, "feedback", file.sha256[:12]) as vault:
        _keep_name(vault, path, called, received)
        checked = against_record(site, vault, read, file)
        sides = _sides(site, vault, book, read, visits=checked.taken, file=file)
        with marked_step(site.con, vault, f"visits of {file.sha256[:12]} on {received}"):
            keep_notes(vault, checked.rows, received, file.sha256)
            sides.keep_words(vault, received)
    problems = [*read.found, *checked.problems, *sides.problems]
    file = replace(
        file,
        sheets_read=read.sheets_read + sides.sheets_read,
        filled_cnt=read.filled_cnt + sides.filled_cnt,
        taken_cnt=checked.new_cnt + checked.before_cnt + sides.taken_cnt,
        repeated_cnt=read.repeated_cnt + checked.repeated_cnt + sides.repeated_cnt,
        problems=tuple((p.code, p.row_no, p.is_refusal, p.text) for p in problems),
    )
    with transaction(site.con):
        store_visits(site.con, checked.rows, file)
        sides.store(site)
    return _taken(file, was_known, new_cnt=checked.new_cnt)


def _take_answers(site: Site, path: Path, book: Book, file: ReturnedFile, *, was_known: bool) -> Taken:
    """A receiver's or a department's workbook: it says how the matters it was sent go on."""
    given = read_hidden(book)
    refuse_wrong_list(book.file_name, given, file.received, SHEETS)
    work = workbook(book, given.as_of, given.place_code, file.received)
    sides = take_answers(site, work, given.queue, file)
    if not any(problem.code.startswith("forbidden_") for problem in sides.problems):
        keep(site.home.archive, path, file.sha256, site.vault_key)
    with site.open_vault(file.received, "feedback", file.sha256[:12]) as vault:
        _keep_name(vault, path, file.file_name, file.received)
        with marked_step(site.con, vault, f"answers of {file.sha256[:12]} on {file.received}"):
            sides.keep_words(vault, file.received)
    file = replace(
        file,
        sheets_read=sides.sheets_read,
        filled_cnt=sides.filled_cnt,
        taken_cnt=sides.taken_cnt,
        repeated_cnt=sides.repeated_cnt,
        problems=tuple((p.code, p.row_no, p.is_refusal, p.text) for p in sides.problems),
    )
    with transaction(site.con):
        sides.store(site)
        record_file(site.con, file)
    return _taken(file, was_known)


def _sides(
    site: Site, vault: Vault, book: Book, read: Feedback, *, visits: list[dict[str, Any]], file: ReturnedFile
) -> Sides:
    """The further sheets of a station's workbook; a county's checking list has none."""
    if read.queue != "need":
        return Sides()
    work = workbook(book, read.as_of, read.place_code, file.received)
    return take_sides(site, vault, work, visits, file)


def _taken(file: ReturnedFile, was_known: bool, new_cnt: int = 0, *, is_review: bool = False) -> Taken:
    return Taken(
        file_name=file.file_name,
        outcomes=0 if is_review else new_cnt,
        decisions=file.taken_cnt if is_review and not was_known else 0,
        problems=tuple(text for *_, text in file.problems),
        was_known=was_known,
        sheets_read=file.sheets_read,
        lines_filled=file.filled_cnt,
        lines_taken=file.taken_cnt,
        lines_repeated=file.repeated_cnt,
        lines_refused=file.refused_cnt,
        codes=dict(Counter(code for code, *_ in file.problems)),
    )
