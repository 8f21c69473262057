"""Deliveries spoilt in every way we could think of, and in any order: read to the last row, or refused whole.

A failure names the file, the seed and the recipe: `mutant(base_sheet(…), seed)` is the same bytes again.
"""

from __future__ import annotations

import itertools
import resource
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from exchange import limits
from exchange.deliveries import decoding
from province.make import make_province
from tests.generative.mutants import Sheet, base_sheets, mutant
from tests.generative.mutants.judging import Baseline, Fault, baseline, contracts, judge
from tests.generative.mutants.making import MUTATORS

LONG_SEEDS = range(10_000, 12_400)
MOST_SECONDS = 5.0
MOST_BYTES = 1 << 30
# What once went wrong, by seed.
FOUND_BEFORE = {
    82: "a list in a Parquet column", 290: "the same", 225: "GB18030 bytes in a Parquet column",
    389: "rows shifted, line breaks in cells", 581: "full-width commas as separators", 1589: "the same",
    376: "the header again below a damaged one: the rows between were lost", 1203: "the same",
    2176: "the header only in the middle", 5381: "the same", 12_176: "the same",
    4340: "stray quotation marks: the rows between two of them were lost", 6406: "the same",
    5785: "a workbook's directory and its parts differ", 6584: "a workbook's part is damaged",
    485: "a workbook whose directory points before its beginning", 435: "the same", 61: "the same",
    22_272: "a name glued to a header was told",
    11_278: "rows parted by CR, breaks in cells by LF: 37 of 40 rows were lost",
    4540: "16,384 columns took six seconds", 4941: "the same",
}  # fmt: skip


Bases = list[tuple[Sheet, Baseline]]


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Bases:
    """The first 40 rows of every extract of a small province, and what becomes of them unspoilt."""
    place = tmp_path_factory.mktemp("bases")
    make_province(600, 1, 5, place, 0.05)
    sheets = base_sheets(place / "inbox", contracts())
    assert len(sheets) == 18
    return [(sheet, baseline(sheet)) for sheet in sheets]


Wanted = Iterable[tuple[int, int, str | None]]  # place among the bases, seed, the only mutation


def run(wanted: Wanted, bases: Bases, folder: Path) -> tuple[Counter, list[str]]:
    """Judge the mutants; returns (mutation, outcome) -> count, and what was found wrong."""
    counts: Counter = Counter()
    faults: list[str] = []
    for place, seed, only in wanted:
        sheet, known = bases[place % len(bases)]
        spoilt = mutant(sheet, seed, only)
        started = time.monotonic()
        try:
            outcome = judge(spoilt, folder / spoilt.name, known)
        except Fault as fault:
            faults.append(str(fault))
            continue
        (folder / spoilt.name).unlink()
        if (took := time.monotonic() - started) > MOST_SECONDS:
            faults.append(f"{took:.1f} s for {spoilt}")
        ended = "refused whole" if outcome.refused else "read"
        counts.update([("all", ended), *((name, ended) for name in set(spoilt.recipe))])
    return counts, faults


def test_every_mutation_alone_and_some_together(bases: Bases, tmp_path: Path) -> None:
    alone = [(place + 5 * turn, turn, name) for place, name in enumerate(MUTATORS) for turn in (0, 1)]
    together = [(seed, seed, None) for seed in range(100)]
    counts, faults = run([*alone, *together], bases, tmp_path)
    assert not faults, "\n".join(faults)
    assert counts["all", "read"] + counts["all", "refused whole"] >= 200
    # A mutation that is always refused, or never, would say little.
    assert counts["all", "read"] >= 80 and counts["all", "refused whole"] >= 40, counts


def test_what_once_went_wrong(bases: Bases, tmp_path: Path) -> None:
    _, faults = run([(seed, seed, None) for seed in FOUND_BEFORE], bases, tmp_path)
    assert not faults, "\n".join(faults)


def same_in_pieces(seeds: Iterable[int], bases: Bases, folder: Path) -> Counter:
    """Read text mutants whole and in pieces of a few rows; AssertionError where the answers differ."""
    counts: Counter = Counter()
    for seed in seeds:
        sheet, known = bases[seed % len(bases)]
        spoilt = mutant(sheet, seed)
        whole = judge(spoilt, folder / spoilt.name, known)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(limits, "CHUNK_BYTES", 1500)
            patch.setattr(decoding, "CHUNK", 400)
            pieces = judge(spoilt, folder / spoilt.name, known)
        if pieces.refused and "a line of more than" in pieces.refused:
            counts["too long a line for so small a piece"] += 1
        elif whole.refused:
            assert pieces.refused, f"only the whole is refused: {spoilt}\n{whole.refused}"
            counts["refused whole"] += 1
        else:
            assert pieces == whole, f"{whole.rows_read} rows whole, {pieces.rows_read} in pieces: {spoilt}"
            counts["read"] += 1
    return counts


def text_seeds(bases: Bases, first: int, many: int) -> list[int]:
    """Seeds from `first` on whose base is a text file."""
    seeds = (seed for seed in range(first, first + 10 * many) if bases[seed % len(bases)][0].format == "csv")
    return list(itertools.islice(seeds, many))


def test_in_pieces_a_file_reads_as_in_one(bases: Bases, tmp_path: Path) -> None:
    counts = same_in_pieces(text_seeds(bases, 300, 24), bases, tmp_path)
    assert counts["read"] >= 8 and counts["refused whole"] >= 4, counts


def test_a_mutant_is_the_same_again(bases: Bases) -> None:
    for seed in range(0, 60, 7):
        sheet, _ = bases[seed % len(bases)]
        once, again = mutant(sheet, seed), mutant(sheet, seed)
        assert (once.recipe, once.name, once.content) == (again.recipe, again.name, again.content)


@pytest.mark.long
def test_thousands_of_mutants(bases: Bases, tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    counts, faults = run([(seed, seed, None) for seed in LONG_SEEDS], bases, tmp_path)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10
    total = counts["all", "read"] + counts["all", "refused whole"]
    print(f"\nmutants judged {total} (goal 2,000 or more), wrong {len(faults)} (goal 0)")
    print(f"memory grew by {grown >> 20} MiB (goal below {MOST_BYTES >> 20})")
    for name in ("all", *MUTATORS):
        print(f"{name:22} read {counts[name, 'read']:5}   refused whole {counts[name, 'refused whole']:5}")
    assert not faults, "\n".join(faults)
    assert total >= 2000
    assert grown < MOST_BYTES
    counts = same_in_pieces(text_seeds(bases, LONG_SEEDS[0], 400), bases, tmp_path)
    print(f"in pieces of a few rows as in one: {dict(counts)}")
