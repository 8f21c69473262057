"""Marks planted wherever a department, a worker or a reviewer can write are found where they belong alone.

tried §8 A5, B2, B3, C: on b97b271 they stood in fifteen columns of the warehouse, in delivery ids,
departments, parts, reasons, reports, the published file, notes and workers of
outcomes, and on standard error.
"""

from __future__ import annotations

import ast
import shutil
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from flows.context.home import Home
from tests.helpers.attacks import command
from tests.helpers.byte_search import Found, Net, found_in
from tests.helpers.homes import KEY, Made, grid
from tests.helpers.marks import KINDS, Marks
from tests.helpers.ordeal import Ordeal
from tests.helpers.planted import plant_around, plant_inbox
from tests.helpers.source import FILES, nodes
from tests.matrix.writers import as_csv

# Made to hold identities: the vault and the archive, what goes back to who sent it, and the reviewer's sheet.
ENTRUSTED = ("vault.duckdb", "vault.key", "archive", "receipts", "reviews")
# Name, phone and address of the households on them, and nothing else of anybody.
LISTS = ("worklists", "counties", "compliance", "referrals", "spot_checks")
CONTACT = ("name", "phone", "address")
FEW = ("settlement", "student_aid")
# The errors that the whole round meets, by their codes: each can tell of what somebody else wrote.
CODES = {
    *("archive_path_outside", "character_broken", "columns_missing", "file_empty", "file_locked"),
    *("file_name_unclear", "header_glued", "header_not_found", "headings_missing", "hidden_page_altered"),
    *("hidden_page_missing", "month_not_begun", "no_contract", "no_such_file", "not_readable"),
    *("opendocument", "other_extract", "receipt_not_in_force", "receipt_unknown", "rows_above_header"),
    *("rows_unread", "structure_suspect"),
}
# Met in the round as well, but told without their codes.
TOLD = {"file_misplaced", "release_refused"}
# What is left speaks of the home, the key, the machine or the day: nobody else's words can stand in it.
OF_OURS = {
    *("archive_missing", "archive_unreadable", "asker", "database_damaged", "date_not_come", "defect"),
    *("disk_full", "file_not_openable", "file_too_large", "file_vanished", "home_newer"),
    *("home_open_to_others", "inbox_empty", "installation_broken", "key_change_under_way", "key_empty"),
    *("key_missing", "key_open", "key_same", "key_unusable", "key_weak", "no_such_value", "nobody"),
    *("no_such_town", "no_such_visit", "nobody_told"),
    *(
        "not_cut",
        "nothing_delivered",
        "other_home",
        "rows_lost",
        "still_being_written",
        "two_keys",
        "vault_damaged",
    ),
    *("model_no_rollback", "model_not_promotable", "model_use_date", "no_such_model"),
    *("no_model", "no_such_date", "no_such_household"),
    *("feature_explains_label", "feature_not_a_value", "kind_unknown", "label_among_features"),
    *("model_type_untrusted", "too_few_lists", "too_few_found", "too_few_outcomes"),
    *("label_not_binary", "no_usable_feature", "one_class_only", "weight_not_positive"),
    *("frame_capacity", "frame_cells_nested", "frame_column_missing", "frame_column_ours"),
    *("frame_column_twice", "frame_empty", "frame_entity_unknown", "frame_few_answers"),
    *("frame_few_entities", "frame_few_rows", "frame_few_times", "frame_group_values"),
    *("frame_household_unknown", "frame_kind", "frame_label_constant", "frame_label_many"),
    *("frame_no_feature", "frame_no_file", "frame_no_such_answer", "frame_not_readable"),
    *("frame_options", "frame_score", "frame_test_differs", "frame_time_unclear"),
    *("frame_no_number", "frame_weight"),
    *("vault_foreign", "vault_forbidden", "vault_forked", "vault_in_use", "vault_key", "vault_missing"),
    *("vault_not_covering", "vault_older", "vault_other_key", "vault_unreadable", "warehouse_missing"),
    *("cluster_unreachable", "lake_unreachable", "memory_size", "no_such_runner", "plain_cluster"),
    *(
        "file_there",
        "no_county",
        "no_pdf",
        "no_station",
        "unknown_area",
        "password_weak",
        "workers_lost",
        "wrong_clock",
    ),
}
# Who opened the vault and who decided is on record by name, so that somebody can be asked.
WHO = tuple(
    f"warehouse.duckdb{column}"
    for column in (
        "",  # its bytes
        *(":ops.vault_opening.opened_by", ":ops.delivery_event.decided_by"),
        ":mart.visit_ruling.decided_by",
    )
)
ROWS = 61  # of each file, its header included


def ordeal_of(folder: Path) -> Ordeal:
    for name in ("cwd", "tmp", "inbox", "parquet"):
        (folder / name).mkdir()
    run = partial(command, env={"TMPDIR": str(folder / "tmp")})
    return Ordeal(Home(folder / "home"), folder / "inbox", folder, Marks(), run)


@pytest.fixture(scope="module")
def day(thin: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day's files of all extracts, the first rows of each: good ones, to plant marks beside."""
    target = tmp_path_factory.mktemp("day")
    first = min((thin.province / "whole" / "inbox").iterdir())
    for path in first.glob("*/*"):
        (target / path.parent.name).mkdir(exist_ok=True)
        as_csv(target / path.parent.name / f"{path.name.split('.')[0]}.csv", grid(path)[:ROWS])
    return target


def leaks(ordeal: Ordeal) -> list[tuple[str, str]]:
    """Where a mark was found -> where it had been planted, of everything but what is entrusted."""
    sought = ordeal.marks.sought()
    found = found_in(ordeal.home.root, sought, but=[*ENTRUSTED, *LISTS])
    for name in ("cwd", "tmp", "parquet"):
        found += [Found(f"{name}: {one.where}", one.mark) for one in found_in(ordeal.folder / name, sought)]
    contact = set(ordeal.marks.of(CONTACT))
    for kind in LISTS:
        found += [one for one in found_in(ordeal.home.root / kind, sought) if one.mark not in contact]
    where = [(one.where, ordeal.marks.origin(one.mark)) for one in [*found, *_printed(ordeal, sought)]]
    return [one for one in where if not (one[0] in WHO and one[1].startswith("name in who"))]


def _printed(ordeal: Ordeal, sought: list[str]) -> list[Found]:
    """Marks on the screen, but those that stood in the command itself."""
    pieces = [
        (f"{n} {name} of {said.split()[0]}", text.encode(errors="surrogateescape"))
        for n, (said, done) in enumerate(ordeal.said)
        for name, text in (("stdout", done.stdout), ("stderr", done.stderr))
    ]
    found = Net(sought).caught_in(pieces)
    typed = [said for said, _ in ordeal.said]
    return [
        Found(one.where.partition(" ")[2], one.mark)
        for one in sorted(found)
        if one.mark not in typed[int(one.where.split()[0])]
    ]


def test_marks_of_two_extracts_and_of_every_odd_file(day: Path, tmp_path: Path) -> None:
    """What a day of `make test` can afford of the long one below."""
    ordeal = ordeal_of(tmp_path)
    plant_inbox(day, ordeal.inbox / "2025-10-05", ordeal.marks, FEW)
    plant_around(day, ordeal.inbox / "2025-10-05", ordeal.marks, kinds=("number", "name"), texts=False)
    ordeal.run("--plain", "--all", "--no-deliver")
    ordeal.decide(most=1)
    assert_kept(ordeal)


@pytest.mark.long
@pytest.mark.parametrize("how", ["--plain", ""])
def test_everything_everywhere(day: Path, tmp_path: Path, how: str) -> None:
    """All extracts, decisions, lists and receipts handed back, and every question; under Prefect as well."""
    ordeal = ordeal_of(tmp_path)
    shutil.copytree(day, ordeal.inbox / "2025-09-05")
    plant_inbox(day, ordeal.inbox / "2025-10-05", ordeal.marks)
    plant_around(day, ordeal.inbox / "2025-10-05", ordeal.marks)
    for _ in range(2):
        ordeal.run(how, "--all")
    ordeal.decide()
    ordeal.run(how, "--as-of", "2025-10-05", "--deliver")
    ordeal.hand_back()
    ordeal.correct_receipts("2025-11-05")
    ordeal.run(how, "--as-of", "2025-11-05")
    ordeal.ask()
    ordeal.look_at_files(every=5)
    assert_kept(ordeal)
    assert ordeal.codes() >= CODES


def test_every_error_is_met_or_cannot_tell_of_others() -> None:
    """A new code belongs to one of the three kinds above; the first is the one to choose in doubt."""
    found = {
        value.value
        for name in FILES
        for node in nodes(name)
        if isinstance(node, ast.Call)
        for value in _codes_in(node)
        if isinstance(value, ast.Constant) and isinstance(value.value, str)
    }
    assert found == CODES | TOLD | OF_OURS


def _codes_in(call: ast.Call) -> list[ast.expr]:
    if ast.unparse(call.func) in ("unreadable", "frame_error"):
        return call.args[:1]
    return [
        word.value
        for word in call.keywords
        if word.arg == "code" and ast.unparse(call.func) == "ZhaorenError"
    ]


def assert_kept(ordeal: Ordeal) -> None:
    """Every kind of mark is in the vault, and none of them anywhere else."""
    in_vault = found_in(ordeal.home.root, ordeal.marks.sought(), but=LISTS, key=KEY)
    kinds = {
        ordeal.marks.origin(one.mark).split(" in ")[0] for one in in_vault if "vault.duckdb:" in one.where
    }
    assert kinds == set(KINDS)
    found = leaks(ordeal)
    assert Counter(where for where, _ in found) == {}, found[:40]
