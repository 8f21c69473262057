"""What cannot be asked at all: a folder without rules, a day on which none is in force, a column of no fact.

Each is a ZhaorenError; an empty list of answers would read as “nobody is entitled to anything”.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from policies.catalogue.model import Catalogue
from policies.language.mistakes import nearest
from zhaoren.errors import ZhaorenError


def refuse_no_rules(cat: Catalogue, as_of: date) -> None:
    """Raise ZhaorenError where nothing answers on the date, naming the days on which something does."""
    if not cat.rules:
        raise ZhaorenError(
            "There is no rule in this folder.", str(cat.root),
            "Neither benefits/ nor signals/ holds a .yaml file.",
            "Name the folder that holds facts.yaml with benefits/ or signals/ beside it.",
        )  # fmt: skip
    if cat.rules_at(as_of):
        return
    begins = min(rule.valid_from for rule in cat.rules)
    before = f"The first one begins on {begins}."
    later = [rule.valid_from for rule in cat.rules if rule.valid_from > as_of]
    ended = [rule.valid_to for rule in cat.rules if rule.valid_to and rule.valid_to < as_of]
    if ended:
        before = f"The last one before ended on {max(ended)}" + (
            f", the next begins on {min(later)}." if later else "."
        )
    raise ZhaorenError(
        f"No rule is in force on {as_of}.", str(cat.root), before,
        "Ask for a day on which the rules hold, or enter the rules of that day.",
    )  # fmt: skip


def no_fact(column: str, known: Sequence[str], entity: str) -> ZhaorenError:
    """A column that no rule could read, with the name that was likely meant."""
    near = nearest(column, known)
    todo = f"Did you mean {near}?" if near else f"Drop it, or use one of: {', '.join(sorted(known))}."
    return ZhaorenError(
        f"“{column}” is no fact of a {entity}.", "the frame of facts",
        "Neither facts.yaml nor definitions/ names it.", todo,
    )  # fmt: skip
