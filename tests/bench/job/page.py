"""docs/bench.md out of the figures: each beside its goal, marked met or missed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tests.bench.job.figures import Figures

# Goals: the whole job at four million persons on 2 cores and 24 GiB.
FLOOR_RATIO, PEAK_GIB = 3.0, 8.0
CHANGED_SHARE = 0.10  # a month in which one row in a hundred changed, of a full one
SIZE_BAND = 0.25  # seconds per million persons, against those at 400,000
# A later month's seconds against the cheapest before it: the first brings a year of bills, other months not
# every extract.
MONTH_GROWTH = 1.25
COMPARED_SIZE = 400_000
GIB = 2**30

INTRO = """# Bench

Made by `make bench`: do not edit. The province is made up; every figure of a size is of one run, raw files to
worklists and published file, in a process of its own. Processor seconds are user and system time of the
process and its children. The **floor** is what the same files cost when they only become tables of text: each
decoded with its codec, then read by DuckDB. A row says when and with which version it was measured, and how
busy the machine was (load).
"""


def page(figures: Figures) -> str:
    """The whole page."""
    sizes, months = figures["sizes"], figures["months"]
    parts = [INTRO, _machine(figures["machine"])]
    parts += [_title("The whole job, beside its floor"), table(_whole(sizes))]
    parts += [_title("Step by step")]
    for size, of_size in sizes.items():
        parts += [f"{int(size):,} persons, {of_size['run']['rows']:,} rows:\n", table(_steps(of_size["run"]))]
    parts += [_title("Does a person cost more in a large province?"), table(_per_person(sizes))]
    parts += [_title("Under a budget of memory, or by other workers"), table(_means(figures["means"], sizes))]
    parts += [_title("A month in which one row in a hundred changed"), table(_changed(sizes))]
    parts += [_title("Does a month cost more with months behind it?"), table(_months(months))]
    parts += [_title("The same answers from pandas"), TWIN, table(_twin(sizes))]
    return "\n".join(parts)


TWIN = """Panel facts and signals once more, in plain pandas without a line of the product's, over the same
core tables. Its seconds are for those facts and signals alone; the product's step does all of them, and
benefits, ranking, alerts and writing.
"""


def _title(text: str) -> str:
    return f"## {text}\n"


def _machine(machine: Figures) -> str:
    memory = f"{machine['memory_gib']} GiB"
    where = f"{machine['cores']} cores ({machine['processor']}), {memory}, {machine['system']}"
    return f"Machine: {where}, Python {machine['python']}.\n"


def table(rows: Iterable[list[str]]) -> str:
    """A Markdown table; the first row is the header."""
    header, *others = rows
    if not others:
        return "Not measured yet.\n"
    lines = [header, ["---"] * len(header), *others]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def met(value: float, goal: float) -> str:
    """`met` or `missed`, of a figure that may be at most the goal."""
    return "met" if value <= goal else "**missed**"


def _whole(sizes: Figures) -> Iterator[list[str]]:
    yield [
        *("persons", "rows", "processor s", "wall s", "rows a wall second", "floor: decode + load s"),
        *(f"job / floor (goal {FLOOR_RATIO:.0f})", f"peak GiB (goal {PEAK_GIB:.0f})", "measured"),
    ]
    for size, one in sizes.items():
        run, floor = one["run"], one["floor"]
        ratio, peak = run["cpu_seconds"] / floor["cpu_seconds"], run["peak_bytes"] / GIB
        yield [
            f"{int(size):,}",
            f"{run['rows']:,}",
            f"{run['cpu_seconds']:.0f}",
            f"{run['wall_seconds']:.0f}",
            f"{run['rows'] / run['wall_seconds']:,.0f}",
            f"{floor['decode_seconds']:.1f} + {floor['load_seconds']:.1f}",
            f"{ratio:.1f}: {met(ratio, FLOOR_RATIO)}",
            f"{peak:.1f}: {met(peak, PEAK_GIB)}",
            _when(one),
        ]


def _when(one: Figures) -> str:
    return f"{one['measured']}, {one['version']}, load {one['load']}"


def _steps(run: Figures) -> Iterator[list[str]]:
    yield ["step", "processor s", "share", "wall s", "peak GiB", "rows a processor second"]
    for stage in run["stages"]:
        cpu = stage["cpu_seconds"]
        yield [
            stage["name"],
            f"{cpu:.1f}",
            f"{cpu / run['cpu_seconds']:.0%}",
            f"{stage['wall_seconds']:.1f}",
            f"{stage['peak_bytes'] / GIB:.2f}",
            f"{run['rows'] / max(cpu, 0.01):,.0f}",
        ]


def a_million(run: Figures) -> float:
    """Processor seconds per million persons."""
    seconds: float = run["cpu_seconds"] / run["persons"] * 1e6
    return seconds


def _per_person(sizes: Figures) -> Iterator[list[str]]:
    yield ["persons", "processor s per million persons", f"against {COMPARED_SIZE:,}", "goal"]
    of_compared = sizes.get(str(COMPARED_SIZE))
    for size, one in sizes.items():
        spent = a_million(one["run"])
        share = spent / a_million(of_compared["run"]) if of_compared else None
        goal = "-"
        if share is not None and int(size) > COMPARED_SIZE:
            goal = f"within {SIZE_BAND:.0%}: {met(share, 1 + SIZE_BAND)}"
        yield [f"{int(size):,}", f"{spent:.0f}", "-" if share is None else f"{share:.2f}", goal]


def _means(means: Figures, sizes: Figures) -> Iterator[list[str]]:
    yield [
        "persons",
        "asked",
        "processor s",
        "wall s",
        "peak GiB",
        "plain: processor s, peak GiB",
        "measured",
    ]
    for key, one in means.items():
        size, _, asked = key.partition(" ")
        run, plain = one["run"], sizes.get(size, {}).get("run")
        yield [
            f"{int(size):,}",
            f"`{asked}`",
            f"{run['cpu_seconds']:.0f}",
            f"{run['wall_seconds']:.0f}",
            f"{run['peak_bytes'] / GIB:.2f}",
            f"{plain['cpu_seconds']:.0f}, {plain['peak_bytes'] / GIB:.2f}" if plain else "-",
            _when(one),
        ]


def _changed(sizes: Figures) -> Iterator[list[str]]:
    yield ["persons", "full month s", "the changed one s", f"share (goal {CHANGED_SHARE:.0%})"]
    for size, one in sizes.items():
        if one.get("changed"):
            full, changed = one["run"]["cpu_seconds"], one["changed"]["cpu_seconds"]
            share = changed / full
            yield [
                f"{int(size):,}",
                f"{full:.0f}",
                f"{changed:.0f}",
                f"{share:.0%}: {met(share, CHANGED_SHARE)}",
            ]


def _months(months: Figures) -> Iterator[list[str]]:
    yield [
        *("persons", "month", "date", "rows", "processor s", "score s", "s per million persons"),
        *("against the cheapest before it", "measured"),
    ]
    for size, one in months.items():
        cheapest: float | None = None
        for run in one["runs"]:
            growth = a_million(run) / cheapest if cheapest else 0.0
            verdict = f"{growth:.2f} (goal {MONTH_GROWTH}): {met(growth, MONTH_GROWTH)}" if cheapest else "-"
            cheapest = min(cheapest or a_million(run), a_million(run))
            score = sum(stage["cpu_seconds"] for stage in run["stages"] if stage["name"] == "score")
            yield [
                f"{int(size):,}",
                str(run["number"]),
                run["as_of"],
                f"{run['rows']:,}",
                f"{run['cpu_seconds']:.0f}",
                f"{score:.1f}",
                f"{a_million(run):.0f}",
                verdict,
                _when(one),
            ]


def _twin(sizes: Figures) -> Iterator[list[str]]:
    yield [
        *("persons", "facts", "signals", "cells compared", "cells that differ", "pandas s"),
        *("pandas peak GiB", "the product's step score s"),
    ]
    for size, one in sizes.items():
        twin: dict[str, Any] | None = one.get("twin")
        if twin:
            score = sum(s["cpu_seconds"] for s in one["run"]["stages"] if s["name"] == "score")
            yield [
                f"{int(size):,}",
                str(twin["fact_cnt"]),
                str(twin["signal_cnt"]),
                f"{twin['compared_cnt']:,}",
                f"{twin['differing_cnt']:,}",
                f"{twin['cpu_seconds']:.1f}",
                f"{twin['peak_bytes'] / GIB:.1f}",
                f"{score:.1f}",
            ]
