"""`zhaoren models signals`: what each signal of need found, those that find nothing first."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flows.cli.terminal.console import columns, heading, line, opened, paragraph, print_json
from flows.cli.terminal.options import AsOfOption, HomeOption, JsonOption, optional_date

if TYPE_CHECKING:
    from models.ranking.signal_yield import Seen, SignalYields

HEADS = ["signal", "name", "", "visited", "in need", "95 %", "alone", "in need", "95 %", "halves in days"]
# The verdicts of models/ranking/signal_yield.py, in the order in which they are shown.
VERDICTS = {
    "finds_nothing": "FINDS NOTHING",
    "undecided": "not clear yet",
    "finds": "finds",
    "not_estimable": "not estimable",
}
DECAY = {"no_decay_seen": "no decay seen", "not_estimable": "not estimable", "no_date": "—"}
MEANING = (
    "Alone: lines on which no other signal stood; there a signal is judged. FINDS NOTHING: even the upper "
    "limit is below a stated share (ranking.signal_base_share) of what all visited lines find, and nothing "
    "shows that it finds more than lines drawn at random. Halves in days: after how many days since the "
    "fact half as many are in need."
)


def models_signals(home: HomeOption = None, as_of: AsOfOption = None, as_json: JsonOption = False) -> None:
    """What each signal of need found in twelve months and how fast it fades; what finds nothing first."""
    with opened(home, as_json) as site:
        from flows.reports.signal_yields import signal_names, signal_yields
        from warehouse.database.partitions import newest_date

        newest_date(site.con)  # a home that never ran has nothing to judge, and says so as an error
        day = optional_date(as_of) or site.now().date()
        found, names = signal_yields(site, day), signal_names(site, day)
    rows = [{**row, "name_zh": names.get(row["signal_id"], "")} for row in found.signals.to_dicts()]
    rows.sort(key=lambda row: (list(VERDICTS).index(row["verdict"]), row["signal_id"]))
    if as_json:
        sums = {"all_lines": asdict(found.all_lines), "random_lines": asdict(found.random_lines)}
        print_json({"as_of": day, **sums, "signals": rows})
    elif not rows:
        line(f"Nothing to judge: no visit of a listed line was known by {day}.")
    else:
        _show(rows, found)


def _show(rows: list[dict[str, Any]], found: SignalYields) -> None:
    named = [f"{row['signal_id']} {row['name_zh']}" for row in rows if row["verdict"] == "finds_nothing"]
    line(f"Signals that find nothing: {'、'.join(named) or 'none that the visits could show'}.")
    line(f"All visited lines: {_told(found.all_lines)}.")
    line(f"Lines drawn at random, each for as many households as it stands for: {_told(found.random_lines)}.")
    heading("Signals of need")
    columns(HEADS, [_cells(row) for row in rows])
    paragraph(MEANING)


def _told(seen: Seen) -> str:
    if seen.share is None:
        return "none"
    return f"{seen.cnt:,}, in need {seen.share:.2f} ({_span(seen.low, seen.high)})"


def _cells(row: dict[str, Any]) -> list[Any]:
    cells = [row["signal_id"], row["name_zh"], VERDICTS[row["verdict"]]]
    for part, cnt in (("yield", "visited_cnt"), ("alone", "alone_cnt")):
        share = row[f"{part}_share"]
        cells += [
            row[cnt],
            "—" if share is None else f"{share:.2f}",
            _span(row[f"{part}_low"], row[f"{part}_high"]),
        ]
    days = row["half_life_days"]
    if days is None:
        return [*cells, DECAY[row["decay"]]]
    return [*cells, f"{days:.0f} ({row['half_life_low']:.0f}–{row['half_life_high']:.0f})"]


def _span(low: float | None, high: float | None) -> str:
    return "—" if low is None or high is None else f"{low:.2f}–{high:.2f}"
