"""Rows of text against a contract, in one pass: good, quarantined or duplicate, and why.

rows_read = good + quarantined + duplicates, exactly. Nothing here knows a department's file: row
numbers come with the text, and go back to the department with the reasons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from zhaoren.data_contracts import bitmask, values
from zhaoren.data_contracts.bitmask import MASK
from zhaoren.data_contracts.contract import CodeTable, Column, Contract
from zhaoren.data_contracts.reasons import ERRORS, reason_text
from zhaoren.data_contracts.records import conflicts_and_duplicates, not_records

EXTRA = "_extra"  # text beyond the header's last column, where a reader found any
FAULT_SCHEMA: Mapping[str, type[pl.DataType]] = {
    "row_no": pl.Int64, "rule_id": pl.String, "level": pl.String, "column_name": pl.String,
    "reason_zh": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class CheckedRows:
    """What became of one delivery's rows.

    good: typed, one row per row to load (row_no and the contract's columns; identifiers in normal form).
    faults: one row per row and broken rule (row_no, rule_id, level, column_name, reason_zh), notes included.
    quarantined: the refused rows' original text with row_no. duplicates: row_no of exact repeats.
    repairs: one row per repaired cell and kind (row_no, column_name, kind).
    counts: failing rows per row rule, zeros included. stage: what the delivery's suite looks at, one row
    per record read (row_no, is_faulty, is_duplicate, has_<column> for every column, no identifiers).
    """

    good: pl.DataFrame
    faults: pl.DataFrame
    quarantined: pl.DataFrame
    duplicates: pl.DataFrame
    repairs: pl.DataFrame
    counts: dict[str, int]
    stage: pl.DataFrame
    rows_read: int


@dataclass(frozen=True)
class TypedRows:
    """Text read by the contract: typed columns with row_no, and what was damaged or repaired.

    errors and repairs have index (position in the frame) and column_name, then error or kind.
    """

    frame: pl.DataFrame
    errors: pl.DataFrame
    repairs: pl.DataFrame


def check_rows(
    text: pl.DataFrame,
    contract: Contract,
    codes: Mapping[str, CodeTable],
    areas: pl.DataFrame | None = None,
) -> CheckedRows:
    """Type, repair and check every row.

    `text`: String columns named as the contract's, and row_no. `areas` (code, start_year, end_year)
    switches on the note about area codes never or no longer in force.
    """
    # A column without a single value may come without a type.
    text = text.cast({column.name: pl.String for column in contract.columns if column.name in text.columns})
    typed = type_rows(text, contract, codes)
    frame = _masked(text, typed, contract, areas)
    refused = frame.select(bitmask.has_bits(bitmask.bits_where(contract, level="reject_row"))).to_series()
    frame = _only_bit(frame, not_records(text, refused, contract), contract, "not_a_record")
    conflict, duplicate = conflicts_and_duplicates(frame.drop(MASK), ~refused, contract)
    frame = _only_bit(frame, conflict, contract, "key_conflict")
    refused = refused | conflict
    return _sorted_out(text, typed, frame, refused, duplicate, contract)


def type_rows(text: pl.DataFrame, contract: Contract, codes: Mapping[str, CodeTable]) -> TypedRows:
    """Every cell read as its column says; columns the text lacks are null."""
    quick = text.select(
        "row_no", *(_fast(column, text, codes).alias(column.name) for column in contract.columns)
    )
    columns, errors, repairs = [quick["row_no"]], [], []
    for column in contract.columns:
        parsed = _parsed(column, text, quick[column.name], codes)
        columns.append(parsed.values.alias(column.name))
        name = pl.lit(column.name).alias("column_name")
        errors.append(parsed.errors.select("index", name, "error"))
        repairs.append(parsed.repairs.select("index", name, "kind"))
    return TypedRows(pl.DataFrame(columns), pl.concat(errors), pl.concat(repairs))


def _labels(column: Column, codes: Mapping[str, CodeTable]) -> dict[str, str] | None:
    return codes[column.codes].label_map() if column.codes else None


def _fast(column: Column, text: pl.DataFrame, codes: Mapping[str, CodeTable]) -> pl.Expr:
    if column.name not in text.columns:
        return pl.lit(None, values.DTYPES[column.reads_as])
    if column.codes:
        standard = {v.code: v.code for v in codes[column.codes].values}
        standard |= {v.zh: v.code for v in codes[column.codes].values}
        return values.fast(pl.col(column.name), "code", standard)
    return values.fast(pl.col(column.name), column.reads_as, None, column.unit or "yuan")


def _parsed(
    column: Column, text: pl.DataFrame, quick: pl.Series, codes: Mapping[str, CodeTable]
) -> values.Parsed:
    source = (
        text[column.name]
        if column.name in text.columns
        else pl.repeat(None, text.height, dtype=pl.String, eager=True)
    )
    if quick.null_count() == source.null_count():  # everything was written as agreed
        return values.untouched(quick)
    left = source.filter(values.left_over(source, quick)).unique(maintain_order=True)
    answers = values.slow(left, column.reads_as, _labels(column, codes), column.unit or "yuan")
    return values.parse(source, quick, answers.with_columns(pl.col("value").cast(quick.dtype)))


def _masked(
    text: pl.DataFrame, typed: TypedRows, contract: Contract, areas: pl.DataFrame | None
) -> pl.DataFrame:
    """The typed frame with its MASK; values a `warn` rule refuses become null, and are seen as unknown."""
    mask = bitmask.cell_error_mask(typed.errors, contract, text.height)
    frame = bitmask.add_breaches(
        typed.frame.with_columns(mask.alias(MASK)), bitmask.column_breaches(contract), contract
    )
    frame = _without_doubtful_values(frame, contract)
    breaches = bitmask.condition_breaches(contract)
    if EXTRA in text.columns:
        frame = frame.with_columns(text[EXTRA])
        breaches[f"{contract.id}.too_many_cells"] = pl.col(EXTRA).is_not_null()
    if areas is not None:
        frame, area_breaches = _areas_doubted(frame, contract, areas)
        breaches |= area_breaches
    kept = [*typed.frame.columns, MASK]
    return bitmask.add_breaches(frame, breaches, contract).select(kept)


def _without_doubtful_values(frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    doubtful = []
    for column in contract.columns:
        kinds = ("range", "length", "pattern")
        wanted = sum(bitmask.bits_where(contract, column=column.name, kind=k, level="warn") for k in kinds)
        if wanted:
            doubtful.append(pl.when(~bitmask.has_bits(wanted)).then(pl.col(column.name)).alias(column.name))
    return frame.with_columns(doubtful)


def _areas_doubted(
    frame: pl.DataFrame, contract: Contract, areas: pl.DataFrame
) -> tuple[pl.DataFrame, dict[str, pl.Expr]]:
    from zhaoren.data_contracts.ids import area_state

    rules = [rule for rule in contract.rules_in("row") if rule.kind == "area"]
    states = [area_state(frame[str(rule.column)], areas).alias(f"_area_{rule.column}") for rule in rules]
    # “not_yet” is usual: older people were given numbers under codes that came after their birth.
    breaches = {rule.id: pl.col(f"_area_{rule.column}").is_in(["unknown", "dropped"]) for rule in rules}
    return frame.with_columns(states), breaches


def _only_bit(frame: pl.DataFrame, where: pl.Series, contract: Contract, name: str) -> pl.DataFrame:
    """The rows `where` break this one rule and no other."""
    bit = pl.lit(bitmask.bits(contract)[f"{contract.id}.{name}"], pl.UInt64)
    return frame.with_columns(pl.when(where).then(bit).otherwise(pl.col(MASK)).alias(MASK))


def _sorted_out(
    text: pl.DataFrame, typed: TypedRows, frame: pl.DataFrame, refused: pl.Series, duplicate: pl.Series,
    contract: Contract,
) -> CheckedRows:  # fmt: skip
    faults = _faults(frame, typed.errors, contract)
    counted = dict(faults.group_by("rule_id").len().iter_rows())
    rows = text["row_no"].to_frame()
    repairs = typed.repairs.select(
        row_no=rows["row_no"].gather(typed.repairs["index"]), column_name="column_name", kind="kind"
    )
    return CheckedRows(
        good=frame.drop(MASK).filter(~(refused | duplicate)),
        faults=faults,
        quarantined=text.filter(refused),
        duplicates=rows.filter(duplicate),
        repairs=repairs.sort("row_no", "column_name", "kind"),
        counts={rule.id: counted.get(rule.id, 0) for rule in contract.rules_in("row")},
        stage=_stage(frame, refused, duplicate, contract),
        rows_read=text.height,
    )


def _faults(frame: pl.DataFrame, errors: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """One row per faulty row and broken rule, sorted by row and the contract's order of rules."""
    faulty = frame.select(pl.col("row_no"), pl.col(MASK), pl.row_index("index")).filter(pl.col(MASK) != 0)
    of = bitmask.bits(contract)
    hit = [
        faulty.filter(bitmask.has_bits(of[rule.id])).select("index", "row_no", rule_id=pl.lit(rule.id))
        for rule in bitmask.broken_rules(faulty[MASK], contract.rules_in("row"), contract)
    ]
    if not hit:
        return pl.DataFrame(schema=FAULT_SCHEMA)
    found = pl.concat(hit).join(
        bitmask.with_rule_ids(errors, contract).select("index", "rule_id", "error"),
        on=["index", "rule_id"], how="left",
    )  # fmt: skip
    return (
        found.join(_sentences(contract), on=["rule_id", "error"], how="left", nulls_equal=True)
        .sort("row_no", "order")
        .select(*FAULT_SCHEMA)
    )


def _sentences(contract: Contract) -> pl.DataFrame:
    """Every sentence the contract can say: rule_id, error (null for most), level, column_name, reason_zh."""
    lines = []
    for order, rule in enumerate(contract.rules_in("row")):
        column = contract.column(rule.column) if rule.column else None
        errors = [None, *ERRORS] if rule.kind in ("type", "checksum", "code") else [None]
        for error in errors:
            text = reason_text(rule, column, error)
            lines.append((rule.id, error, rule.level, rule.column, text, order))
    schema = {"rule_id": pl.String, "error": pl.String, "level": pl.String, "column_name": pl.String,
              "reason_zh": pl.String, "order": pl.Int64}  # fmt: skip
    return pl.DataFrame(lines, schema=schema, orient="row")


def _stage(frame: pl.DataFrame, refused: pl.Series, duplicate: pl.Series, contract: Contract) -> pl.DataFrame:
    """What the suite sees: no identifiers, only whether they are there; no totals or footers."""
    has = [pl.col(c.name).is_not_null().alias(f"has_{c.name}") for c in contract.columns]
    asked = " ".join(rule.sql for rule in contract.rules_in("suite"))
    named = [c.name for c in contract.columns if not c.is_identifier and c.name in asked]
    record = ~bitmask.has_bits(bitmask.bits_where(contract, name="not_a_record"))
    flags = [refused.alias("is_faulty"), duplicate.alias("is_duplicate")]
    return (
        frame.with_columns(flags).filter(record).select("row_no", "is_faulty", "is_duplicate", *has, *named)
    )
