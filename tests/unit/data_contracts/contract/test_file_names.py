"""What is shown of a file's name: known words, months, places, and hashes for all else."""

from __future__ import annotations

import re

import pytest

from data_contracts.contract.file_names import UNPLACED, KnownWords

WORDS = KnownWords(frozenset({"health"}), frozenset({"population"}), "a key")
SHA = "0123456789abcdef"


@pytest.mark.parametrize(
    "name",
    [
        *(
            "population.csv",
            "population.2025-10.csv",
            "population.4401.csv.gz",
            "population.2025-10.4401.zip",
        ),
        *("population.440106001.xlsx", "population.440106001001.csv", "population.A1.csv", "population.CSV"),
    ],
)
def test_a_name_of_known_words_is_shown(name: str) -> None:
    assert WORDS.file(name, SHA) == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("population.110105194912310021.csv", r"population\.p[0-9a-f]{8}\.csv"),
        ("population.13800138000.csv", r"population\.p[0-9a-f]{8}\.csv"),
        ("population.19491231.csv", r"population\.p[0-9a-f]{8}\.csv"),
        ("population.zhangsan.2025.csv", "population-0123456789ab.csv"),
        ("population.张三.csv", "population-0123456789ab.csv"),
        ("张三.csv", "file-0123456789ab.csv"),
        ("population 张三.csv", "file-0123456789ab.csv"),
        ("population.张三", "population-0123456789ab"),
        ("population.2025-10.zhangsan", r"population\.2025-10"),
        ("110105194912310021", "file-0123456789ab"),
        ("", "file-0123456789ab"),
    ],
)
def test_whatever_else_stands_in_it_is_not(name: str, shown: str) -> None:
    assert re.fullmatch(shown, WORDS.file(name, SHA))


def test_folders_parts_and_extracts() -> None:
    assert WORDS.folder("health") == "health"
    assert re.fullmatch("folder-[0-9a-f]{8}", WORDS.folder("张三"))
    assert (WORDS.extract("population.x.csv"), WORDS.extract("张三.csv")) == ("population", UNPLACED)
    assert WORDS.part("zhangsan") == WORDS.part("zhangsan") != WORDS.part("lisi")
    assert WORDS.part("zhangsan") != KnownWords(key="another").part("zhangsan"), "nobody can try names out"


@pytest.mark.parametrize("name", ["20251110", "2025-11-9", "2025年11月9日", "2099-01-05", "25.11.9"])
def test_a_misspelt_day_is_shown(name: str) -> None:
    assert WORDS.entry(name, is_folder=True) == name


@pytest.mark.parametrize(
    "name", ["13800138000", "110105194912310021", "张三", "2025-11-09 张三", "123456789012"]
)
def test_what_is_no_day_is_not(name: str) -> None:
    assert re.fullmatch("folder-[0-9a-f]{8}", WORDS.entry(name, is_folder=True))
