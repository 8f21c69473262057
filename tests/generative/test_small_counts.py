"""Hidden small counts attacked: by linear programming over everything that is shown of a made-up province."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.optimize import linprog

from transforms.reports.rollup import LEVELS, of_places, parent
from transforms.reports.small_counts import hidden_cells

K = 5
PARTS = ("done", "excused", "open")


def _province(seed: int, mean: float) -> pl.DataFrame:
    """Rows of two metrics in up to 4 cities: `key` with three parts that add up to `key_due`, and `paid`."""
    draw = np.random.default_rng(seed)
    towns = [
        f"44{city:02}{county:02}{town:03}"
        for city in range(1, draw.integers(2, 5))
        for county in range(1, draw.integers(2, 5))
        for town in range(1, draw.integers(2, 6))
    ]
    rows = []
    for town in [*towns, None]:
        counts = draw.poisson(mean * draw.gamma(0.7, size=4)) if town else draw.poisson(0.4, size=4)
        rows += [("key", town, part, float(n)) for part, n in zip(PARTS, counts, strict=False)]
        rows += [("key_due", town, "", float(sum(counts[:3]))), ("paid", town, "", float(counts[3]))]
    schema = {"metric": pl.String, "town_code": pl.String, "part": pl.String, "value": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row").filter(pl.col("value") > 0)


def _cells(rows: pl.DataFrame) -> pl.DataFrame:
    group = pl.when(pl.col("metric") == "paid").then(pl.lit("paid")).otherwise(pl.lit("key"))
    cells = of_places(rows, [], [])
    named = cells.with_columns(group=group, cell=pl.col("metric") + pl.col("part"), is_count=pl.lit(True))
    return named.select("group", "cell", "area", "value", "is_count")


class Attacker:
    """Knows the tree of places, every shown number, that due = done + excused + open, and nothing hidden."""

    def __init__(self, cells: pl.DataFrame, hidden: pl.DataFrame) -> None:
        self.value = {(c, a): v for _, c, a, v, _ in cells.iter_rows()}
        self.hidden = [(c, a) for _, c, a in hidden.iter_rows()]
        self.place = {cell: n for n, cell in enumerate(self.hidden)}
        tree = cells.select("area").unique().with_columns(parent=parent()).drop_nulls("parent")
        kinds = cells["cell"].unique().to_list()
        sums = [
            ((kind, above), [(kind, area) for area in below])
            for (above,), below in (
                (key, rows["area"].to_list())
                for key, rows in tree.partition_by("parent", as_dict=True).items()
            )
            for kind in kinds
        ]
        sums += [
            (("key_due", area), [(f"key{part}", area) for part in PARTS])
            for area in cells["area"].unique().to_list()
        ]
        self.left: list[np.ndarray] = []
        self.right: list[float] = []
        for whole, parts in sums:
            self._equation(whole, parts)

    def _equation(self, whole: tuple[str, str], parts: list[tuple[str, str]]) -> None:
        row, known = np.zeros(len(self.hidden)), 0.0
        for cell, sign in ((whole, 1.0), *((part, -1.0) for part in parts)):
            if cell in self.place:
                row[self.place[cell]] += sign
            else:
                known += sign * self.value.get(cell, 0.0)
        if row.any():
            self.left.append(row)
            self.right.append(-known)
        else:
            assert known == 0, "what is shown does not add up"

    def bounds(self, cell: tuple[str, str]) -> tuple[float, float]:
        """The least and greatest value that a hidden number may have by what is shown."""
        aim = np.zeros(len(self.hidden))
        aim[self.place[cell]] = 1.0
        ends = []
        for sign in (1.0, -1.0):
            found = linprog(
                sign * aim,
                A_eq=np.array(self.left) if self.left else None,
                b_eq=np.array(self.right) if self.left else None,
                bounds=(0, None),
            )
            assert found.status in (0, 3), found.message
            ends.append(sign * found.fun if found.status == 0 else np.inf)
        return ends[0], ends[1]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("mean", [2.0, 6.0, 25.0])
def test_no_hidden_number_can_be_found_or_narrowed(seed: int, mean: float) -> None:
    cells = _cells(_province(seed, mean))
    hidden = hidden_cells(cells, K)
    small = cells.filter(pl.col("value").is_between(1, K - 1)).select("group", "cell", "area")
    assert small.join(hidden, on=["group", "cell", "area"], how="anti").is_empty()
    attacker = Attacker(cells, hidden)
    for cell in attacker.hidden:
        low, high = attacker.bounds(cell)
        assert high - low >= K - 1 - 1e-6, (cell, low, high, attacker.value.get(cell))


def test_the_attack_finds_what_is_hidden_carelessly() -> None:
    """The attacker of the test above, against small counts alone hidden: it finds at least one exactly."""
    found = 0
    for seed in range(6):
        cells = _cells(_province(seed, 8.0))
        careless = cells.filter(pl.col("value").is_between(1, K - 1)).select("group", "cell", "area")
        attacker = Attacker(cells, careless)
        found += sum(high - low < 1e-6 for low, high in map(attacker.bounds, attacker.hidden))
    assert found > 0


def test_most_of_a_large_province_is_shown() -> None:
    """Hiding everything would pass the attack, too."""
    cells = _cells(_province(3, 60.0))
    hidden = hidden_cells(cells, K)
    assert hidden.height < 0.5 * cells.filter(pl.col("value") > 0).height
    assert set(cells["area"].str.len_chars()) == set(LEVELS)
