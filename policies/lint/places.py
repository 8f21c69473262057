"""Where in its file a mistake in a rule's text stands: line and column, counted in the file and not in the
text.
"""

from __future__ import annotations

from pathlib import Path

from policies.language.mistakes import Mistake
from zhaoren.yaml_lines import Place, Problem, YamlFile


def problem_of(file: YamlFile, place: Place, text: str, mistake: Mistake, before: str = "") -> Problem:
    """The problem of a mistake, with line and column where the text can be found again in the file."""
    line = file.line(*place)
    spot = _found(file.path, line, text, mistake.start)
    what = f"{before}{mistake.what}"
    if spot is None:
        return file.problem(what, *place, todo=mistake.todo)
    return Problem(str(file.path), spot[0], what, mistake.todo, column=spot[1])


def _found(path: Path, line: int, text: str, position: int) -> tuple[int, int] | None:
    """YAML folds lines and drops indents: the text is looked for by its letters and signs alone."""
    if not path.is_file():
        return None
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines(keepends=True)
    start = sum(len(each) for each in lines[: line - 1])
    signs = [(sign, i) for i, sign in enumerate(source[start:], start) if not sign.isspace()]
    wanted = "".join(text.split())
    at = "".join(sign for sign, _ in signs).find(wanted)
    before = len("".join(text[:position].split()))
    if at < 0 or at + before >= len(signs):
        return None
    offset = signs[at + before][1]
    number = source.count("\n", 0, offset) + 1
    return number, offset - (source.rfind("\n", 0, offset) + 1) + 1
