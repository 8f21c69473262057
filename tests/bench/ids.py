"""How long ID numbers take: `python -m tests.bench.ids`. Figures of a shared machine; nothing is asserted."""

from __future__ import annotations

import numpy as np

from data_contracts.cells.id_findings import report_numbers
from data_contracts.cells.id_numbers import only_valid
from divisions import area_codes
from tests.bench.__main__ import best, say
from tests.bench.made import id_numbers
from tests.helpers.id_numbers import check_ids

ROWS = 4_000_000


def main() -> None:
    """The quick look that loading takes, the whole check with areas, and errors and warnings as lists."""
    numbers, areas = id_numbers(np.random.default_rng(2), ROWS), area_codes()
    quick = best(lambda: only_valid(numbers), 2)
    say(f"only_valid, {ROWS:,} numbers", f"{quick:.2f} s", "< 1 s on a quiet machine")
    whole = best(lambda: check_ids(numbers, areas), 2)
    say(f"check_ids with areas, {ROWS:,} numbers", f"{whole:.2f} s", "a few seconds")
    lists = best(lambda: report_numbers(numbers, areas), 2)
    say(f"errors and warnings of {ROWS:,} numbers", f"{lists:.2f} s", "a few seconds")


if __name__ == "__main__":
    main()
