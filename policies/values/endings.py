"""A parameter that has ended: no rule in force may be answered with what no longer holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from policies.catalogue.model import Catalogue, Rule
from policies.catalogue.parameter import Entry
from policies.catalogue.where import parameter_place
from policies.values.reached import parameters_needed
from zhaoren.errors import ZhaorenError


def refuse_ended(cat: Catalogue, rules: Iterable[Rule], as_of: date) -> None:
    """ZhaorenError naming file, line and last day where one of the rules needs a parameter that has ended.

    A rule that names a derived fact needs what its formula of the day needs.
    """
    for rule in rules:
        for name in parameters_needed(cat, rule, as_of):
            entry = last_entry(cat, name, as_of)
            if entry is not None:
                raise _error(cat, rule, name, entry)


def last_entry(cat: Catalogue, name: str, as_of: date) -> Entry | None:
    """The entry that a parameter ended with before the day; None where one is in force, or none has begun
    yet.
    """
    if cat.value_at(name, as_of) is not None or cat.local_at(name, as_of):
        return None
    parameter = cat.parameters[name]
    entries: list[Entry] = [*parameter.values, *parameter.local, *cat.own.of(name)]
    over = [entry for entry in entries if entry.valid_to is not None and entry.valid_to < as_of]
    return max(over, key=lambda entry: entry.valid_to or as_of) if over else None


def _error(cat: Catalogue, rule: Rule, name: str, entry: Entry) -> ZhaorenError:
    file = cat.files.get(name)
    where = f"{file.path}:{file.line(*parameter_place(file, name))}" if file else name
    return ZhaorenError(
        f"${name} ended on {entry.valid_to}, and {rule.id}, which is in force, needs it.",
        where, "Without it the rule can answer nobody.",
        "Add the value that holds since, or set valid_to of the rule.",
    )  # fmt: skip
