"""The Chinese words of the documents that go out, read from `templates/`; code holds no prose itself."""

from __future__ import annotations

from functools import cache
from typing import Any

from zhaoren.rooms import room
from zhaoren.yaml_lines import load_yaml

TEMPLATES = room("exchange") / "templates"


@cache
def words(name: str) -> Any:
    """The words of one document (`report`, `receipt`, `worklist` …): templates/<name>.yaml, read once."""
    return load_yaml(TEMPLATES / f"{name}.yaml").data


def reading_zh(code: str, cnt: int, place: str) -> str:
    """What the reader noted of a file, by the note's code."""
    return str(words("receipt")["reading"].get(code, code)).format(cnt=cnt, place=place)


def value_zh(value: object) -> str:
    """The Chinese name of a code of ours (a verdict, a level, a kind of repair); itself where it has none."""
    return str(words("report")["values"].get(str(value), value))


def count_zh(name: str) -> str:
    """The word for one count of households, such as `waiting`: templates/terms.yaml."""
    return str(words("terms")["counts"][name]["zh"])


def counts_explained(*names: str) -> list[str]:
    """One line per word: the word and what it means."""
    terms = words("terms")["counts"]
    return [f"{terms[name]['zh']}：{terms[name]['means']}。" for name in names]
