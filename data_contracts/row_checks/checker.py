"""One pass over rows of text: every cell typed, every row rule checked. No row looks at another here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from data_contracts.cells import revealing, values
from data_contracts.cells.damage import rounded_together
from data_contracts.cells.id_area_codes import area_is_doubtful
from data_contracts.contract.code_tables import CodeTable
from data_contracts.contract.model import Column, Contract
from data_contracts.row_checks import violations
from data_contracts.row_checks.non_records import not_records
from data_contracts.rules.messages import ERRORS, reason_text

EXTRA = "_extra"  # text beyond the header's last column, where a reader found any
FAULT_SCHEMA: Mapping[str, type[pl.DataType]] = {
    "row_no": pl.Int64, "rule_id": pl.String, "level": pl.String, "column_name": pl.String,
    "reason_zh": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class TypedRows:
    """Text read by the contract: typed columns with row_no, and what was damaged or repaired.

    errors and repairs have index (position in the frame) and column_name, then error or kind.
    """

    frame: pl.DataFrame
    errors: pl.DataFrame
    repairs: pl.DataFrame


@dataclass(frozen=True)
class CheckedChunk:
    """What one pass found: the text as String columns, the typed rows, and who breaks which rule.

    broken: rule id -> Boolean series, only rules that some row breaks. Values that a `warn` rule refuses
    are null in `typed`.
    """

    text: pl.DataFrame
    typed: TypedRows
    broken: Mapping[str, pl.Series]

    @property
    def frame(self) -> pl.DataFrame:
        """The typed rows."""
        return self.typed.frame


def check_chunk(
    text: pl.DataFrame,
    contract: Contract,
    codes: Mapping[str, CodeTable],
    areas: pl.DataFrame | None = None,
    known: date | None = None,
) -> CheckedChunk:
    """Type, repair and check every row by itself; which rows are no records at all is settled here too.

    known: the day the rows came. Nothing that they tell happened after it.
    """
    text = as_strings(text, contract)
    typed, broken = _column_pass(text, contract, codes, known)
    conditions = violations.condition_violations(contract)
    frame = typed.frame
    if EXTRA in text.columns:
        frame = frame.with_columns(text[EXTRA])
        conditions[f"{contract.id}.too_many_cells"] = pl.col(EXTRA).is_not_null()
    if areas is not None:
        for rule in contract.rules_in("row"):
            if rule.kind == "area":
                conditions[rule.id] = area_is_doubtful(pl.col(str(rule.column)), areas)
    broken |= violations.evaluate(frame, conditions)
    no_record = not_records(text, refused_rows(broken, contract, text.height), contract)
    return CheckedChunk(text, typed, violations.only(broken, f"{contract.id}.not_a_record", no_record))


def typed_again(
    text: pl.DataFrame, contract: Contract, codes: Mapping[str, CodeTable], known: date | None = None
) -> pl.DataFrame:
    """The typed rows of text that was passed over before, all of them."""
    return _column_pass(as_strings(text, contract), contract, codes, known)[0].frame


def as_strings(text: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """A column without a single value may come without a type."""
    return text.cast({column.name: pl.String for column in contract.columns if column.name in text.columns})


def refused_rows(broken: Mapping[str, pl.Series], contract: Contract, height: int) -> pl.Series:
    """True for rows that break a rule whose level is reject_row."""
    refusing = {rule.id for rule in contract.rules_in("row") if rule.level == "reject_row"}
    return violations.any_of(broken, refusing, height)


def type_rows(text: pl.DataFrame, contract: Contract, codes: Mapping[str, CodeTable]) -> TypedRows:
    """Every cell read as its column declares; columns the text lacks are null."""
    quick = text.select(
        "row_no", *(_fast(column, text, codes).alias(column.name) for column in contract.columns)
    )
    parsed = {column.name: _parsed(column, text, quick[column.name], codes) for column in contract.columns}
    values_read = [one.values.alias(name) for name, one in parsed.items()]
    return TypedRows(
        pl.DataFrame([quick["row_no"], *values_read]),
        _of_columns({name: one.errors for name, one in parsed.items()}, "error"),
        _of_columns({name: one.repairs for name, one in parsed.items()}, "kind"),
    )


def _of_columns(found: Mapping[str, pl.DataFrame], what: str) -> pl.DataFrame:
    """index, column_name and error or kind, of all columns; most have nothing to tell and cost nothing."""
    parts = [
        part.select("index", pl.lit(name).alias("column_name"), what)
        for name, part in found.items()
        if part.height
    ]
    schema = {"index": pl.UInt32, "column_name": pl.String, what: pl.String}
    return pl.concat(parts) if parts else pl.DataFrame(schema=schema)


def faults(found: CheckedChunk, broken: Mapping[str, pl.Series], contract: Contract) -> pl.DataFrame:
    """One row per row and broken rule (FAULT_SCHEMA), sorted by row and the contract's order of rules."""
    hit = [
        pl.DataFrame({"index": rows.arg_true(), "rule_id": rule_id})
        for rule_id, rows in broken.items()
        if rows.any()
    ]
    if not hit:
        return pl.DataFrame(schema=FAULT_SCHEMA)
    why = violations.rule_ids(found.typed.errors, contract).select("index", "rule_id", "error")
    listed = pl.concat(hit).join(why, on=["index", "rule_id"], how="left")
    listed = listed.join(_sentences(contract), on=["rule_id", "error"], how="left", nulls_equal=True)
    listed = listed.sort("index", "order")
    return listed.with_columns(row_no=found.text["row_no"].gather(listed["index"])).select(*FAULT_SCHEMA)


def _column_pass(
    text: pl.DataFrame, contract: Contract, codes: Mapping[str, CodeTable], known: date | None
) -> tuple[TypedRows, dict[str, pl.Series]]:
    """Everything that looks at one cell alone."""
    typed = type_rows(text, contract, codes)
    broken = _cell_errors(typed.errors, contract, text.height)
    damage = _damage(broken, contract)
    seen = typed.frame.with_columns(damage)
    conditions = violations.column_violations(
        contract, [s.name.removeprefix(violations.damaged("")) for s in damage], known
    )
    broken |= violations.evaluate(seen, conditions)
    frame = _without_doubtful_values(typed.frame, broken, contract)
    return TypedRows(frame, typed.errors, typed.repairs), broken


def _cell_errors(errors: pl.DataFrame, contract: Contract, height: int) -> dict[str, pl.Series]:
    nothing = pl.repeat(False, height, dtype=pl.Boolean, eager=True)
    parts = violations.rule_ids(errors, contract).partition_by("rule_id", as_dict=True, maintain_order=True)
    known = {rule.id for rule in contract.rules_in("row")}
    return {
        str(rule_id): nothing.clone().scatter(part["index"], True)
        for (rule_id,), part in parts.items()
        if rule_id in known
    }


def _damage(broken: Mapping[str, pl.Series], contract: Contract) -> list[pl.Series]:
    """For each column with cell errors, where they are."""
    found: dict[str, pl.Series] = {}
    for rule in contract.rules_in("row"):
        if rule.column and rule.id in broken and rule.kind in violations.CELL_KINDS:
            before = found.get(rule.column)
            found[rule.column] = broken[rule.id] if before is None else before | broken[rule.id]
    return [rows.alias(violations.damaged(name)) for name, rows in found.items()]


def _without_doubtful_values(
    frame: pl.DataFrame, broken: Mapping[str, pl.Series], contract: Contract
) -> pl.DataFrame:
    # A value outside its range must not reach a rule as if it were true; it is unknown. Nor must a day that
    # is yet to come, whatever becomes of its row: nobody is born or dies of it.
    doubtful: dict[str, pl.Series] = {}
    places = {column.name for column in contract.columns if column.is_place}
    for rule in contract.rules_in("row"):
        is_doubtful = rule.kind == "future" or (rule.level == "warn" and rule.kind in violations.VALUE_KINDS)
        # Nor may what is no place's code, which is kept as it is written.
        is_doubtful |= rule.kind == "pattern" and rule.column in places
        if rule.column and is_doubtful and rule.id in broken:
            before = doubtful.get(rule.column)
            doubtful[rule.column] = broken[rule.id] if before is None else before | broken[rule.id]
    return frame.with_columns(
        pl.when(~rows).then(pl.col(name)).alias(name) for name, rows in doubtful.items()
    )


def _labels(column: Column, codes: Mapping[str, CodeTable]) -> dict[str, str] | None:
    return codes[column.codes].label_map() if column.codes else None


def _fast(column: Column, text: pl.DataFrame, codes: Mapping[str, CodeTable]) -> pl.Expr:
    if column.name not in text.columns:
        return pl.lit(None, values.DTYPES[column.reads_as])
    if column.codes:
        standard = {v.code: v.code for v in codes[column.codes].values}
        standard |= {v.zh: v.code for v in codes[column.codes].values}
        return values.fast(pl.col(column.name), "code", standard)
    cell, unit = pl.col(column.name), column.unit or "yuan"
    value = values.fast(cell, column.reads_as, None, unit, is_number=column.is_number)
    return pl.when(~revealing.may_be_number(cell)).then(value) if _is_amount(column) else value


def _parsed(
    column: Column, text: pl.DataFrame, quick: pl.Series, codes: Mapping[str, CodeTable]
) -> values.Parsed:
    source = (
        text[column.name]
        if column.name in text.columns
        else pl.repeat(None, text.height, dtype=pl.String, eager=True)
    )
    rounded = rounded_together(source) if column.is_number or column.reads_as == "cn_id" else None
    if rounded is not None:
        quick = quick.to_frame("q").select(pl.when(~rounded).then("q").alias(column.name)).to_series()
    if quick.null_count() == source.null_count():  # everything was written as agreed
        return values.untouched(quick)
    # Distinct texts only: the same odd way of writing repeats thousands of times in a file.
    left = source.filter(values.left_over(source, quick)).unique(maintain_order=True)
    labels, unit = _labels(column, codes), column.unit or "yuan"
    answers = values.slow(left, column.reads_as, labels, unit, is_number=column.is_number)
    if rounded is not None:
        answers = values.refused(answers, source.filter(rounded), "id_float")
    if _is_amount(column):
        numbers = left.filter(
            left.to_frame("t").select(revealing.is_number_of_somebody(pl.col("t"))).to_series()
        )
        answers = values.refused(answers, numbers, "number_of_somebody")
    return values.parse(source, quick, answers.with_columns(pl.col("value").cast(quick.dtype)))


def _is_amount(column: Column) -> bool:
    """Whether it holds amounts that go into core, where no phone or card may be one."""
    return column.is_kept and column.is_amount


def _sentences(contract: Contract) -> pl.DataFrame:
    """Every sentence there may be: rule_id, error (null for most), level, column_name, reason_zh, order."""
    lines = []
    for order, rule in enumerate(contract.rules_in("row")):
        column = contract.column(rule.column) if rule.column else None
        errors = [None, *ERRORS] if rule.kind in violations.CELL_KINDS else [None]
        for error in errors:
            text = reason_text(rule, column, error)
            lines.append((rule.id, error, rule.level, rule.column, text, order))
    schema = {"rule_id": pl.String, "error": pl.String, "level": pl.String, "column_name": pl.String,
              "reason_zh": pl.String, "order": pl.Int64}  # fmt: skip
    return pl.DataFrame(lines, schema=schema, orient="row")
