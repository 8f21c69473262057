"""What a worker may not write into 说明: numbers of people, illnesses, crimes, what was done to somebody.

The words are in templates/never_in_a_note.yaml. A refused text is never quoted.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from exchange.answers.numbers import holds_number
from exchange.answers.problems import Fault
from exchange.words import words


def note_faults(note: str | None, heading: str) -> list[Fault]:
    """Why the text under the heading cannot be taken: one fault for each kind of thing that is in it."""
    text = unicodedata.normalize("NFKC", note or "")
    rules = words("never_in_a_note")
    said = [("forbidden_number", rules["numbers"])] if holds_number(text) else []
    squeezed = re.sub(r"\s+", "", text)
    judged = re.sub("|".join(map(re.escape, rules["fine"])), "、", squeezed)
    said += [(f"forbidden_{kind}", say) for kind, say, pattern in _kinds() if pattern.search(judged)]
    if len(squeezed) > rules["longest"]:
        said.append(
            ("note_too_long", rules["too_long"].format(count=len(squeezed), longest=rules["longest"]))
        )
    return [Fault(code, f"“{heading}”{say}后再交，本行未收。") for code, say in said]


@cache
def _kinds() -> list[tuple[str, str, re.Pattern[str]]]:
    listed = {entry["kind"]: entry["words"] for entry in words("never_on_a_list")}
    found = []
    for entry in words("never_in_a_note")["kinds"]:
        barred = [*entry["words"], *(word for kind in entry["listed"] for word in listed[kind])]
        found.append((entry["kind"], entry["say"], re.compile("|".join(map(re.escape, barred)), re.I)))
    return found
