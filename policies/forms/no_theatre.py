"""No theatre: what no form, list or report may ask of people at the base (`no_theatre.yaml`).

    theatre_problems(shipped_forms(), load_no_theatre()) -> every such word with file and line

Read is what people would see or fill in: templates, casework files and their tables, and the texts in the
code that writes sheets, where their headings stand.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from pathlib import Path

from pydantic import Field

from policies.casework.life_checks import twice_named
from policies.casework.versions import in_force, read_versions, shipped
from policies.catalogue.shapes import Dated, Source, Status, Strict, Text
from zhaoren.rooms import room
from zhaoren.yaml_lines import Problem, YamlFile

# Of exchange, which also reads what departments send.
FOLDERS = ("lists", "prints", "answers", "receipts", "reports", "stations")
# Room -> what it ships that asks people for something or counts them.
FORMS = {
    "exchange": ("templates/**/*", "form.py", *(f"{folder}/*.py" for folder in FOLDERS)),
    "policies": ("casework/*.yaml",),
    "data_contracts": ("tables/casework.yaml",),
}
_OWN = "no_theatre"  # says the words itself


class Refused(Strict):
    """One kind of theatre: the words it goes by, and why it is refused."""

    code: Text
    zh: Text
    why: Text
    words: tuple[Text, ...] = Field(min_length=1)
    patterns: tuple[Text, ...] = ()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """All its words; an English one ends where letters end."""
        words = (f"(?<![a-z]){re.escape(w)}(?![a-z])" if w.isascii() else re.escape(w) for w in self.words)
        return re.compile("|".join([*words, *self.patterns]), re.IGNORECASE)


class Allowed(Strict):
    """A text that holds such a word and asks for nothing of the kind."""

    text: Text
    why: Text


class NoTheatre(Dated):
    """One version of `no_theatre.yaml`."""

    source: Source
    status: Status
    denied: tuple[Text, ...] = Field(min_length=1)
    between: tuple[Text, ...] = Field(min_length=1)
    allowed: tuple[Allowed, ...] = ()
    kinds: tuple[Refused, ...] = Field(min_length=1)

    def found_in(self, text: str) -> Iterator[tuple[str, Refused]]:
        """Every word in one text that asks for what is refused, with its kind."""
        for each in self.allowed:
            text = text.replace(each.text, "")
        for kind in self.kinds:
            for found in kind.pattern.finditer(text):
                if not self._denial.search(text, 0, found.start()):
                    yield found.group(), kind

    @cached_property
    def _denial(self) -> re.Pattern[str]:
        """What ends a text behind which a word is forbidden, not asked for."""
        denied, between = ("|".join(map(re.escape, words)) for words in (self.denied, self.between))
        return re.compile(f"({denied})({between})*$")


def no_theatre_problems(rules: NoTheatre, file: YamlFile) -> Iterator[Problem]:
    """Every mistake of one version that its shape does not show, with file and line."""
    yield from twice_named(file, "kinds", (kind.code for kind in rules.kinds))
    for i, kind in enumerate(rules.kinds):
        for j, pattern in enumerate(kind.patterns):
            try:
                re.compile(pattern)
            except re.error as error:
                yield file.problem(f"the pattern cannot be read: {error}", "kinds", i, "patterns", j)


def no_theatre_file_problems(folder: Path) -> list[Problem]:
    """All mistakes of the words themselves; none where there is no such folder."""
    if not folder.is_dir():
        return []
    return read_versions(folder, "no_theatre", NoTheatre, no_theatre_problems)[1]


def load_no_theatre(as_of: date | None = None) -> NoTheatre:
    """What may not be asked, by the rules of the day (default: the newest). ZhaorenError with its line."""
    return in_force(shipped("no_theatre", NoTheatre, no_theatre_problems), as_of)


def shipped_forms() -> list[Path]:
    """Every file of this release that asks people for something, or counts them."""
    found = {path for name, kinds in FORMS.items() for kind in kinds for path in room(name).glob(kind)}
    return sorted(path for path in found if path.is_file() and not path.name.startswith(_OWN))


def theatre_problems(files: Iterable[Path], rules: NoTheatre) -> list[Problem]:
    """Every word in the files that asks for what is refused, with the reason and its source."""
    return [
        Problem(
            str(path),
            line,
            f"“{word}” asks for what is refused: {kind.zh}",
            f"{kind.why}；{rules.source.document}",
        )
        for path in files
        for line, text in _texts(path)
        for word, kind in rules.found_in(text)
    ]


def _texts(path: Path) -> list[tuple[int, str]]:
    """Lines of a template but for its comments; of code the texts in it, not its names and comments."""
    content = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        lines = enumerate(content.splitlines(), start=1)
        return [(n, text) for n, text in lines if not text.lstrip().startswith("#")]
    nodes = ast.walk(ast.parse(content))
    return [(n.lineno, n.value) for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]
