"""What changed in a contract's columns, as (place, kind of change, before, after)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from data_contracts.contract.model import CLASSIFICATIONS, Column, Contract

Found = tuple[str, str, Any, Any]
LEVELS = ("note", "warn", "reject_row")
SECRECY = ("public", *CLASSIFICATIONS)  # public: in other people's contracts
# What a way of reading may become without any text being refused that was fine before.
WIDER = {("int", "number"), ("yuan", "number"), ("date", "timestamp"), ("code", "text"), ("name", "text")}


def column_changes(old: Contract, new: Contract) -> Iterator[Found]:
    """Every change of the columns, in the new contract's order, removed ones last."""
    before = {column.name: column for column in old.columns}
    headers = {column.header: column for column in old.columns if column.name not in _names(new)}
    renamed: set[str] = set()
    for column in new.columns:
        was = before.get(column.name)
        if was is None and column.header in headers:
            was = headers[column.header]
            renamed.add(was.name)
            yield column.name, "column_renamed", was.name, column.name
        if was is None:
            kind = "required_column_added" if column.required else "column_added"
            yield column.name, kind, "", column.header
        else:
            yield from _one(was, column)
    for name, column in before.items():
        if name not in _names(new) | renamed:
            yield name, "column_removed", column.header, ""


def _names(contract: Contract) -> set[str]:
    return {column.name for column in contract.columns}


def _one(old: Column, new: Column) -> Iterator[Found]:
    here = new.name
    if old.header != new.header:
        kept = old.header in (*new.aliases, new.zh, new.name)
        yield here, "header_changed_with_alias" if kept else "header_changed", old.header, new.header
    for alias in sorted(set(old.aliases) ^ set(new.aliases) - {new.header, old.header}):
        yield here, "alias_removed" if alias in old.aliases else "alias_added", "", alias
    if old.required != new.required:
        yield here, "required_added" if new.required else "required_dropped", old.required, new.required
    if old.reads_as != new.reads_as:
        wider = new.reads_as == "text" or (old.reads_as, new.reads_as) in WIDER
        yield here, "type_widened" if wider else "type_changed", old.reads_as, new.reads_as
    if old.unit != new.unit:
        yield here, "unit_changed", old.unit, new.unit
    if old.codes != new.codes and old.reads_as == new.reads_as:
        yield here, "code_table_changed", old.codes, new.codes
    if old.zh != new.zh:
        yield here, "words_changed", old.zh, new.zh
    if old.classification != new.classification:
        tighter = _secrecy(new) > _secrecy(old)
        kind = "classification_tightened" if tighter else "classification_loosened"
        yield here, kind, old.classification, new.classification
    for purpose in sorted(set(old.purposes) ^ set(new.purposes)):
        yield here, "purpose_removed" if purpose in old.purposes else "purpose_added", "", purpose
    if old.level != new.level:
        raised = LEVELS.index(new.level) > LEVELS.index(old.level)
        yield here, "level_raised" if raised else "level_lowered", old.level, new.level
    yield from _options(old, new)


def _secrecy(column: Column) -> int:
    known = column.classification in SECRECY
    return SECRECY.index(column.classification) if known else 1


def _options(old: Column, new: Column) -> Iterator[Found]:
    for name, ends in _SPANS.items():
        narrowed, widened = _moved(old, new, ends)
        was, now = ({k: c.options[k] for k in (*ends[0], *ends[1]) if k in c.options} for c in (old, new))
        if narrowed:
            yield new.name, f"{name}_narrowed", was, now
        if widened and not narrowed:
            yield new.name, f"{name}_widened", was, now
    before, after = old.options.get("pattern"), new.options.get("pattern")
    if before != after:
        kind = (
            "pattern_removed" if after is None else "pattern_added" if before is None else "pattern_changed"
        )
        yield new.name, kind, before, after
    known = {end for ends in _SPANS.values() for side in ends for end in side} | {"pattern"}
    for option in sorted((set(old.options) | set(new.options)) - known):
        if old.options.get(option) != new.options.get(option):
            kind = "words_changed" if option == "format" and new.reads_as != "text" else "option_changed"
            yield new.name, kind, old.options.get(option), new.options.get(option)


_SPANS = {
    "range": (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")),
    "length": (("minLength",), ("maxLength",)),
}


def _moved(old: Column, new: Column, ends: tuple[tuple[str, ...], tuple[str, ...]]) -> tuple[bool, bool]:
    """(something that was inside is outside now, something that was outside is inside now)."""
    narrowed = widened = False
    for side, sign in zip(ends, (1, -1), strict=True):
        before, after = _end(old, side), _end(new, side)
        if before == after:
            continue
        further = before is None or (after is not None and sign * _compare(after, before) > 0)
        narrowed, widened = narrowed or further, widened or not further
    return narrowed, widened


def _end(column: Column, side: tuple[str, ...]) -> tuple[Any, bool] | None:
    """A bound and whether it is itself outside."""
    found = [(column.options[key], key.startswith("exclusive")) for key in side if key in column.options]
    return found[-1] if found else None


def _compare(one: tuple[Any, bool], other: tuple[Any, bool]) -> int:
    a, b = one[0], other[0]
    if isinstance(a, int | float) and isinstance(b, int | float):
        left, right = (float(a), float(b))
        return (left > right) - (left < right) or (one[1] - other[1])
    return (str(a) > str(b)) - (str(a) < str(b)) or (one[1] - other[1])
