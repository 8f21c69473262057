"""Clerical review of identities: which doubtful pairs a reviewer is given on a date, and what comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from divisions.present import villages_at
from exchange.answers.identity_answers import read_review
from exchange.lists.identity_review import OTHER, SIDE, write_review
from flows.context import parameters
from flows.context.home import replaced_folder
from flows.context.site import Site
from transforms.linkage.clerical_review import cases, cases_to_review, contradictions
from warehouse.database.archive import keep
from warehouse.deliveries.outcomes import ReturnedFile
from warehouse.identity.identity_decisions import (
    cases_of_lines,
    decisions_at,
    store_decisions,
    store_questions,
)
from warehouse.identity.marks import marked_step
from warehouse.identity.person_aliases import numbered_persons
from warehouse.written.words import IDENTITY_DECISION, keep_written

FILE_NAME = "identity.xlsx"
SEXES = {"1": "男", "2": "女"}
UNKNOWN_ZH = "个案编号不在已下发的名单中，请核对。"
CONTRADICTORY_ZH = "与其他结论前后矛盾，或把两个有效证件号的人并成了一人，未收，请再核对。"


def write_reviews(site: Site, as_of: date, doubtful: pl.DataFrame, people: pl.DataFrame) -> int:
    """reviews/<as_of>/identity.xlsx with the pairs that nobody decided yet; returns how many.

    doubtful: person_id, other_person_id, tier, question_kind, reason_zh. people, one row per person:
    person_id, extract (null: known by number), name, sex_code, birth_date, number_text, village_code, home_zh
    (whose household). A pair that the reviewer could not decide comes again after the parameter
    review.unsure_again_days. Rows of one source that bear the same name and number are one question, and its
    answer is for all of them.
    """
    days = int(parameters.group(site.catalogue, "review", as_of)["unsure_again_days"])
    open_cases = cases_to_review(cases(doubtful), decisions_at(site.con, as_of), as_of, days)
    questions = _asked_once(_sides(site, as_of, open_cases, people))
    store_questions(site.con, questions, as_of)
    lines = questions.filter(pl.col("case_id") == pl.col("asked_as"))
    with replaced_folder(site.home.dated("reviews", as_of), site.home.scratch) as fresh:
        write_review(fresh / FILE_NAME, lines, as_of, site.version)
    return lines.height


def take_review(site: Site, path: Path, file: ReturnedFile, *, is_new: bool) -> ReturnedFile:
    """Keep one filled review's decisions; what became of its lines, with the problems to send back.

    A review that was taken before is only looked through again: what is wrong with it is said again.
    """
    read = read_review(path, today=file.received)
    keep(site.home.archive, path, file.sha256, site.vault_key)
    answers = read.rows.rename({"case_id": "asked_as"})
    ours = cases_of_lines(site.con, answers.get_column("asked_as"))
    unknown = answers.join(ours, on="asked_as", how="anti", maintain_order="left")
    rows = answers.join(ours, on="asked_as", maintain_order="left_right")
    answers = _with_former(site, rows, file.received)
    contradicted = contradictions(answers, numbered_persons(site.con, answers))
    refused = rows.filter(pl.col("case_id").is_in(contradicted.implode()))
    refused = refused.unique("row_no", maintain_order=True)
    rows = rows.join(refused, on="row_no", how="anti", maintain_order="left")
    found = [(p.code, p.row_no, p.is_refusal, p.text) for p in read.found]
    found += _problems(unknown, "case_not_handed_out", UNKNOWN_ZH)
    found += _problems(refused, "contradictory", CONTRADICTORY_ZH)
    file = replace(
        file,
        sheets_read=read.sheets_read,
        filled_cnt=read.filled_cnt,
        taken_cnt=rows.get_column("row_no").n_unique(),
        repeated_cnt=read.repeated_cnt,
        problems=tuple(found),
    )
    if is_new:
        with site.open_vault(file.received, "review", file.sha256[:12]) as vault:
            about = pl.format("{}|{}", pl.lit(file.sha256), pl.col("case_id"))
            who = rows.select(about=about, author="decided_by", text=pl.lit(None, dtype=pl.String))
            with marked_step(site.con, vault, f"who decided in {file.sha256[:12]}"):
                keep_written(vault, IDENTITY_DECISION, who, file.received)
            store_decisions(site.con, vault, rows, file)
    return file


def _problems(rows: pl.DataFrame, code: str, problem: str) -> list[tuple[str, int | None, bool, str]]:
    return [(code, row, True, f"第{row}行：{problem}") for row in rows.get_column("row_no")]


def _with_former(site: Site, rows: pl.DataFrame, received: date) -> pl.DataFrame:
    """The file's decisions beside the former ones of other cases: a contradiction may be with either."""
    columns = ["case_id", "person_id", "other_person_id", "decision"]
    former = decisions_at(site.con, received).join(rows, on="case_id", how="anti", maintain_order="left")
    return pl.concat([former.select(columns), rows.select(columns)])


def _asked_once(questions: pl.DataFrame) -> pl.DataFrame:
    """With `asked_as`: the first of the cases that read the same, word for word and number for number.

    Without a name or a number two rows may look the same and speak of two persons: each is its own question.
    """
    is_plain = pl.col("name").is_not_null() & pl.col("number_text").is_not_null()
    first = pl.col("case_id").first().over("reason_zh", *SIDE, *OTHER)
    questions = questions.with_columns(asked_as=pl.when(is_plain).then(first).otherwise("case_id"))
    count = pl.len().over("asked_as")
    several = pl.format("{}（{}条）", "source_zh", count)
    return questions.with_columns(source_zh=pl.when(count > 1).then(several).otherwise("source_zh"))


def _sides(site: Site, as_of: date, open_cases: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """Both sides of every case as the sheet shows them; the side without a number first."""
    titles = {c.extract: f"{c.department_zh}　{c.title_zh}" for c in site.contracts.values()}
    source = pl.col("extract").replace_strict(titles, default=None, return_dtype=pl.String)
    names = villages_at(as_of, site.changes).select("village_code", "village_name")
    shown = people.join(names, on="village_code", how="left").select(
        "person_id",
        source.fill_null("已知人员").alias("source_zh"),
        "name",
        pl.col("sex_code").replace_strict(SEXES, default=None, return_dtype=pl.String).alias("sex_zh"),
        "birth_date",
        "number_text",
        "village_name",
        pl.col("home_zh").alias("household_zh"),
        pl.col("extract").is_null().alias("_is_known"),
    )
    shown = shown.unique("person_id", keep="first", maintain_order=True)
    other = shown.select(pl.all().name.prefix("other_"))
    both = open_cases.join(shown, on="person_id", how="left", maintain_order="left")
    both = both.join(other, on="other_person_id", how="left", maintain_order="left")
    turned = pl.col("_is_known").fill_null(False)
    pairs = list(zip(SIDE, OTHER, strict=True))
    return both.with_columns(
        *(pl.when(turned).then(there).otherwise(here).alias(here) for here, there in pairs),
        *(pl.when(turned).then(here).otherwise(there).alias(there) for here, there in pairs),
    )
