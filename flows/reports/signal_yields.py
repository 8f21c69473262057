"""What each signal of need found, from the visits of a year's lists; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from exchange.words import words
from flows.context import parameters
from flows.context.site import Site
from models.features.labels import known_labels, labels
from models.ranking.signal_yield import ALONE, FINDS_NOTHING, SignalRules, SignalYields, judged
from transforms.alerts.status import GAP_SIGNAL
from warehouse.ranking.signal_lines import lines_of_year, newest_facts, outcomes_of_year


def signal_yields(site: Site, as_of: date) -> SignalYields:
    """Each signal's yield and decay, as known by the date, from the lists of the twelve months up to it."""
    values = parameters.group(site.catalogue, "ranking", as_of)
    rules = SignalRules(
        int(values["signal_least_cnt"]),
        int(values["decay_least_cnt"]),
        float(values["signal_base_share"]),
    )
    codes = {code.code: code.is_verified_need for code in site.catalogue.result_codes}
    lines = lines_of_year(site.con, as_of)
    told = known_labels(labels(outcomes_of_year(site.con, as_of), lines, codes), as_of)
    return judged(lines, told, newest_facts(site.con, told), rules)


def signal_names(site: Site, as_of: date) -> dict[str, str]:
    """Each signal's Chinese name; one that is no longer in force keeps its last."""
    known = [*site.catalogue.signals, *site.catalogue.signals_at(as_of)]
    return {signal.id: signal.name_zh for signal in known} | {GAP_SIGNAL: "可能漏享的待遇"}


def signal_remarks(site: Site, as_of: date) -> Iterator[str]:
    """One sentence, in Chinese, for each signal that finds nothing."""
    names, said = signal_names(site, as_of), words("report")["remarks"]["signal_finds_nothing"]
    found = signal_yields(site, as_of)
    for row in found.signals.filter(verdict=FINDS_NOTHING).iter_rows(named=True):
        alone = "alone_" if row["judged_on"] == ALONE else ""
        yield said[row["judged_on"]].format(
            signal_id=row["signal_id"],
            zh=names.get(row["signal_id"], ""),
            cnt=row[f"{alone or 'visited_'}cnt"],
            verified_cnt=row[f"{alone}verified_cnt"],
            base=f"{found.all_lines.share:.0%}",
        )
