"""The main job over the sizes and months asked for; each figure is said as it comes, and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench.job import figures as kept
from tests.bench.job.date_run import Means, run_date
from tests.bench.job.floor import floor_of
from tests.bench.job.page import page
from tests.bench.job.provinces import dates_of, inbox_of, scratch, with_changed_month
from tests.bench.twin.twin import Twin, twin_of

Say = Callable[[str, str, str], None]


@dataclass(frozen=True)
class Places:
    """Where provinces are kept, and where the figures go. province: a folder with an inbox, for the sizes."""

    cache: Path
    docs: Path
    province: Path | None = None

    def inbox(self, persons: int) -> Path:
        """Of a province of that size with one month."""
        return self.province / "inbox" if self.province else inbox_of(self.cache, persons, 1)

    def keep(self, kind: str, key: str, found: kept.Figures) -> None:
        """Put the figures into docs/bench.json, and make the page anew."""
        figures = kept.read(self.docs / "bench.json")
        figures[kind][key] = kept.stamped(found)
        kept.write(self.docs / "bench.json", figures)
        text = page(kept.read(self.docs / "bench.json"))
        (self.docs / "bench.md").write_text(text, encoding="utf-8")


def bench_sizes(places: Places, sizes: Iterable[int], say: Say) -> None:
    """Per size: the floor, the first date, the twin over it, and a month in which little changed."""
    for persons in sizes:
        _bench_size(places, persons, say)


def _bench_size(places: Places, persons: int, say: Say) -> None:
    inbox = places.inbox(persons)
    found: kept.Figures = {}
    first = dates_of(inbox)[0]

    def keep(name: str, figures: kept.Figures) -> None:
        """Each as it comes: at four million persons whatever follows may still fail."""
        found[name] = figures
        places.keep("sizes", str(persons), found)

    with scratch(places.cache) as folder:
        floor = floor_of(inbox / str(first), folder)
    found["floor"] = kept.floor_figures(floor)
    say(f"{persons:,} persons, floor: {floor.rows:,} rows", f"{floor.cpu_seconds:.1f} s", "-")
    with with_changed_month(places.cache, inbox, first) as (own, later):
        home = own.parent / "home"
        full = run_date(home, own, first)
        say("  whole job", f"{full.cpu_seconds:.1f} s", "3 x floor")
        keep("run", kept.run_figures(full))
        twin = twin_of(home, first)
        say(f"  pandas: {twin.fact_cnt} facts, {twin.signal_cnt} signals", *_said(twin))
        keep("twin", {**asdict(twin), "differences": list(twin.differences)})
        changed = run_date(home, own, later)
        say("  one row in a hundred changed", f"{changed.cpu_seconds:.1f} s", "10 % of the whole job")
        keep("changed", kept.run_figures(changed))


def bench_means(places: Places, sizes: Iterable[int], means: Means, say: Say) -> None:
    """Per size the first date under a budget of memory or with another runner, beside the plain one."""
    for persons in sizes:
        inbox = places.inbox(persons)
        with scratch(places.cache) as folder:
            run = run_date(folder / "home", inbox, dates_of(inbox)[0], means)
        figures = f"{run.cpu_seconds:.1f} s, {run.peak_bytes / 2**30:.1f} GiB"
        say(f"{persons:,} persons, {means}", figures, "the budget")
        places.keep("means", f"{persons} {means}", {"run": kept.run_figures(run)})


def bench_months(places: Places, sizes: Iterable[int], numbers: Iterable[int], say: Say) -> None:
    """Per size: a home goes through the months, each date a run of its own; those of `numbers` are kept."""
    wanted = sorted(set(numbers))
    for persons in sizes:
        inbox, runs = inbox_of(places.cache, persons, wanted[-1]), []
        with scratch(places.cache) as folder:
            for number, day in enumerate(dates_of(inbox)[: wanted[-1]], start=1):
                run = run_date(folder / "home", inbox, day)
                say(
                    f"{persons:,} persons, month {number} ({run.rows:,} rows)",
                    f"{run.cpu_seconds:.1f} s",
                    "-",
                )
                if number in wanted:
                    runs.append({"number": number, **kept.run_figures(run)})
        places.keep("months", str(persons), {"runs": runs})


def _said(twin: Twin) -> tuple[str, str]:
    """The twin's seconds, and what differs."""
    differing = ", ".join(twin.differences) or "none"
    return f"{twin.cpu_seconds:.1f} s", f"0 of {twin.compared_cnt:,} cells differ; here: {differing}"
