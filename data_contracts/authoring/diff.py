"""What changed between two versions of contracts, and whom each change breaks.

The classes are data, in changes.yaml: breaking (someone must act first), compatible, editorial.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data_contracts.authoring.diff_columns import Found, column_changes
from data_contracts.contract.code_tables import CodeTable, load_codes
from data_contracts.contract.model import Contract
from data_contracts.loading.contracts import contracts_in
from data_contracts.rules.compiler import OF_THE_FORM
from zhaoren.errors import ZhaorenError
from zhaoren.rooms import room
from zhaoren.yaml_lines import load_yaml

LEVELS = ("note", "warn", "reject_row", "hold_delivery", "reject_delivery")
REFUSING = LEVELS[2:]
BUMPS = {"breaking": "major", "compatible": "minor", "editorial": "patch"}


@dataclass(frozen=True)
class Kind:
    """One kind of change: its class, whom it breaks, and why."""

    name: str
    change_class: str
    breaks: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Change:
    """One change: where (contract, or contract.column), its kind, and what stood there before and after."""

    contract_id: str
    where: str
    kind: Kind
    before: str = ""
    after: str = ""


@functools.cache
def kinds() -> dict[str, Kind]:
    """Every kind of change there is, by name, in the order of changes.yaml."""
    entries = load_yaml(room("data_contracts") / "authoring" / "changes.yaml").data
    return {
        name: Kind(name, one["class"], tuple(one.get("breaks", ())), one["why"])
        for name, one in entries.items()
    }


def diff_paths(old: Path, new: Path) -> list[Change]:
    """Every change from `old` to `new`: two files, or two folders of contracts (and their code tables).

    Sorted by contract and place. ZhaorenError when a side holds no contract.
    """
    before, after = _contracts(Path(old)), _contracts(Path(new))
    if Path(old).is_file() and Path(new).is_file() and len(before) == len(after) == 1:
        pairs = [(next(iter(before.values())), next(iter(after.values())))]
        return diff_contracts(*pairs[0])
    found = [
        _change(name, name, "contract_removed" if name in before else "contract_added")
        for name in sorted(set(before) ^ set(after))
    ]
    for name in sorted(set(before) & set(after)):
        found += diff_contracts(before[name], after[name])
    return found + list(_code_changes(_codes(Path(old)), _codes(Path(new))))


def _contracts(path: Path) -> dict[str, Contract]:
    if not path.exists():
        raise ZhaorenError("there is no such file or folder", str(path), todo="check the path")
    files = [path] if path.is_file() else sorted([*path.glob("*.yaml"), *path.glob("*/*.yaml")])
    files = [file for file in files if path.is_file() or _is_contract(file)]
    found = {c.id: c for file in files for c in contracts_in(file).values()}
    if not found:
        raise ZhaorenError("no contracts found", str(path), todo="name a contract or a folder of them")
    return found


def _is_contract(file: Path) -> bool:
    document = load_yaml(file).data
    return isinstance(document, dict) and "schema" in document


def _codes(path: Path) -> dict[str, CodeTable]:
    """The code tables beside a folder of contracts; none for a single file."""
    beside = [path / "codes", path.parent / "codes"] if path.is_dir() else []
    folder = next((one for one in beside if one.is_dir()), None)
    return load_codes(folder) if folder else {}


def diff_contracts(old: Contract, new: Contract) -> list[Change]:
    """Every change from one version of a contract to the next, contract first, then columns, then rules."""
    found = [*_top(old, new), *column_changes(old, new), *_rules(old, new)]
    return [_change(new.id, where, kind, before, after) for where, kind, before, after in found]


def _change(contract_id: str, where: str, kind: str, before: Any = "", after: Any = "") -> Change:
    return Change(contract_id, where, kinds()[kind], _said(before), _said(after))


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={one}" for key, one in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")


def _top(old: Contract, new: Contract) -> Iterator[Found]:
    plain = {
        "extract": "extract_renamed", "department": "department_changed", "loads": "loads_changed",
        "grain": "grain_changed", "event_date": "event_date_changed", "key": "key_changed",
        "title_zh": "words_changed", "department_zh": "words_changed",
    }  # fmt: skip
    for name, kind in plain.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield name, kind, before, after
    if old.access != new.access:
        kind = "access_restricted" if new.access == "restricted" else "access_opened"
        yield "access", kind, old.access, new.access
    if old.cadence != new.cadence:
        # A cadence where there was none demands more of the department; dropping one demands less.
        before, after = (c.period_days or 10**6 for c in (old, new))
        kind = "cadence_shortened" if after < before else "cadence_lengthened"
        yield "cadence", kind, old.cadence, new.cadence
    if old.grace_days != new.grace_days:
        kind = "grace_shortened" if new.grace_days < old.grace_days else "grace_lengthened"
        yield "grace_days", kind, old.grace_days, new.grace_days


def _rules(old: Contract, new: Contract) -> Iterator[Found]:
    """Rules of their own; those that follow from a column are reported with the column."""
    before, after = _own_rules(old), _own_rules(new)
    for name in [*before, *(n for n in after if n not in before)]:
        if name not in after:
            yield name, "rule_removed", before[name].level, ""
        elif name not in before:
            refusing = after[name].level in REFUSING and after[name].runs_in != "documented"
            yield name, "refusing_rule_added" if refusing else "rule_added", "", after[name].level
        else:
            yield from _one_rule(name, before[name], after[name])


def _own_rules(contract: Contract) -> dict[str, Any]:
    names = {column.name for column in contract.columns}
    follows = {*OF_THE_FORM, "range", "length", "pattern", "multipleOf"}
    return {
        rule.id.removeprefix(f"{contract.id}."): rule
        for rule in contract.rules
        if not (rule.column in names and rule.name.removeprefix(f"{rule.column}.") in follows)
        and not rule.name.startswith("sla.")
    }


def _one_rule(name: str, old: Any, new: Any) -> Iterator[Found]:
    if old.level != new.level:
        raised = LEVELS.index(new.level) > LEVELS.index(old.level)
        yield name, "level_raised" if raised else "level_lowered", old.level, new.level
    if old.zh != new.zh:
        yield name, "words_changed", old.zh, new.zh
    if (old.kind, dict(old.options)) == (new.kind, dict(new.options)):
        return
    kind = "rule_changed"
    if old.kind == new.kind:
        kind = _direction(old.options, new.options) or kind
    if new.level not in REFUSING:
        kind = "noting_rule_changed"
    yield name, kind, old.options, new.options


def _direction(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Whether only the bounds moved, and all of them one way."""
    ends = {"minimum": 1, "maximum": -1}
    if {k: v for k, v in old.items() if k not in ends} != {k: v for k, v in new.items() if k not in ends}:
        return ""
    moves = set()
    for end, sign in ends.items():
        low = float("-inf") if end == "minimum" else float("inf")
        moved = (float(new.get(end, low)) - float(old.get(end, low))) if old.get(end) != new.get(end) else 0
        if moved:
            moves.add("rule_tightened" if moved * sign > 0 else "rule_loosened")
    return moves.pop() if len(moves) == 1 else ""


def _code_changes(old: Mapping[str, CodeTable], new: Mapping[str, CodeTable]) -> Iterator[Change]:
    for name in sorted(set(old) & set(new)):
        before, after = old[name].label_map(), new[name].label_map()
        codes = ({v.code for v in old[name].values}, {v.code for v in new[name].values})
        for code in sorted(codes[0] ^ codes[1]):
            yield _change(f"codes.{name}", code, "code_removed" if code in codes[0] else "code_added")
        for label in sorted(set(before) ^ set(after)):
            owner = before.get(label) or after.get(label)
            if owner in codes[0] & codes[1]:
                kind = "code_label_removed" if label in before else "code_label_added"
                yield _change(f"codes.{name}", f"{owner} {label}", kind)
        for label in sorted(set(before) & set(after)):
            if before[label] != after[label]:
                yield _change(f"codes.{name}", label, "code_table_changed", before[label], after[label])


def suggested_version(changes: Iterable[Change], old_version: str) -> tuple[str, str]:
    """(the part to raise: major, minor, patch or '', the version that makes of `old_version`)."""
    classes = {change.kind.change_class for change in changes}
    bump = next((part for name, part in BUMPS.items() if name in classes), "")
    numbers = _numbers(old_version)
    place = ("major", "minor", "patch").index(bump) if bump else None
    if place is not None:
        numbers[place] += 1
        numbers[place + 1 :] = [0] * len(numbers[place + 1 :])
    return bump, ".".join(map(str, numbers))


def versions(old: Path, new: Path, changes: Iterable[Change]) -> dict[str, dict[str, Any]]:
    """Per changed contract: the old and new version, the part to raise and what that makes of the old one."""
    before, after = _contracts(Path(old)), _contracts(Path(new))
    if len(before) == len(after) == 1:
        before = dict(zip(after, before.values(), strict=True))
    found = {}
    for name in sorted(set(before) & set(after)):
        own = [change for change in changes if change.contract_id == name]
        bump, suggested = suggested_version(own, before[name].version)
        if bump:
            compared = {"old": before[name].version, "new": after[name].version, "raise": bump}
            enough = _numbers(after[name].version) >= _numbers(suggested)
            found[name] = {**compared, "suggested": suggested, "is_enough": enough}
    return found


def _numbers(version: str) -> list[int]:
    return [int(part) if part.isdigit() else 0 for part in (version.split("-")[0].split(".") + ["0"] * 3)][:3]
