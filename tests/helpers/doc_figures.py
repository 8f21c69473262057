"""Write the demo's figures into the pages that name them, or say which differ.

    python -m tests.helpers.doc_figures HOME            # write
    python -m tests.helpers.doc_figures HOME --check    # exit code 1 and the differences

HOME is what `make run` makes: 50,000 persons, six months, seed 7. Three kinds of figure are known:

- a number with its name behind it in a comment that no reader sees: 1,090,895<!--rows_read-->;
- the table below a query of docs/analysts.md, which is that query's answer from the published file;
- the tables of docs/province.md, section "Measured".
"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import duckdb
import polars as pl

from flows.context.home import Home
from flows.context.site import Site, open_site
from flows.evaluation.evaluate_linkage import evaluate_linkage
from flows.evaluation.truth import dirt_caught, read_identity_truth, read_truth
from province.truth.calibration import markdown
from warehouse.database.partitions import newest_date

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "README.zh-CN.md", "docs/data-team.md", "docs/province.md")
ANSWERS, MEASURED = "docs/analysts.md", "docs/province.md"
NAMED = re.compile(r"(\d[\d,.]*)<!--([a-z_.0-9]+)-->")
ANSWERED = re.compile(r"(```sql\n([^`]*)```\n\n)((?:\|.*\n)+)")
# Two runs write database files of other sizes, by how their blocks fell; a page says "about".
SIZE_TOLERANCE = 0.15


def named_figures(home: Home, province: Path) -> dict[str, str]:
    """Figure's name -> as the pages print it."""
    with open_site(home) as site:
        found = _found(site, province / "truth")
        return _rows(site) | found | _rankings(site) | _sizes(home, province / "inbox")


def _rows(site: Site) -> dict[str, str]:
    query = (
        "SELECT count(*), sum(rows_read), sum(rows_loaded), sum(rows_quarantined), sum(rows_duplicate) "
        "FROM ops.delivery"
    )
    names = ("files", "rows_read", "rows_loaded", "rows_quarantined", "rows_duplicate")
    return dict(zip(names, (f"{int(n):,}" for n in site.con.execute(query).fetchall()[0]), strict=True))


def _found(site: Site, truth: Path) -> dict[str, str]:
    dirt = dirt_caught(site, read_truth(truth), newest_date(site.con))
    linkage = evaluate_linkage(site, read_identity_truth(truth))
    rows = linkage.unnumbered.filter(pl.col("group") == "extract")
    found, joined, right = (int(rows[name].sum()) for name in ("row_cnt", "joined_cnt", "right_cnt"))
    return {
        "planted": f"{dirt['planted_cnt'].sum():,}",
        "undetected": f"{dirt['missed_cnt'].sum():,}",
        "unnumbered_rows": f"{found:,}",
        "unnumbered_recall": f"{100 * right / found:.0f}",
        "unnumbered_wrong": f"{joined - right:,}",
    }


def _rankings(site: Site) -> dict[str, str]:
    table = site.con.execute("SELECT * FROM mart.evaluation WHERE as_of = 'all'").pl()
    found = {}
    for row in table.iter_rows(named=True):
        for name, column in (("share", "share_in_hardship"), ("low", "share_low"), ("high", "share_high")):
            found[f"{row['ranking']}.{name}"] = _share(row[column])
        found[f"{row['ranking']}.reached"] = f"{100 * row['recall']:.0f}"
    return found


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _sizes(home: Home, inbox: Path) -> dict[str, str]:
    parts = {
        "home_mb": home.root,
        "inbox_mb": inbox,
        "warehouse_mb": home.warehouse,
        "archive_mb": home.archive,
        "vault_mb": home.vault,
        "published_mb": home.published,
    }
    return {name: f"{_bytes(path) / 1e6:.0f}" for name, path in parts.items()}


def _bytes(path: Path) -> int:
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return sum(p.stat().st_size for p in files)


def with_figures(text: str, figures: Mapping[str, str]) -> str:
    """The page with every named figure as the home has it; raises KeyError for a name nobody computes."""

    def fresh(found: re.Match[str]) -> str:
        shown, name = found[1], found[2]
        value = figures[name]
        if name.endswith("_mb") and abs(int(shown) - int(value)) <= SIZE_TOLERANCE * int(value):
            value = shown
        return f"{value}<!--{name}-->"

    return NAMED.sub(fresh, text)


def with_answers(text: str, published: Path) -> str:
    """The page with each query's answer below it."""
    with duckdb.connect(str(published), read_only=True) as con:
        return ANSWERED.sub(lambda found: found[1] + answer(con, found[2]), text)


def with_measured(text: str, province: Path) -> str:
    """The page with the tables that compare the province with published figures."""
    begun = text.index("\n\n", text.index("## Measured\n\n") + len("## Measured\n\n")) + 2
    return f"{text[:begun]}{markdown(province).rstrip()}\n\n{text[text.index('## What the signs say') :]}"


def answer(con: duckdb.DuckDBPyConnection, query: str) -> str:
    """A query's answer as a Markdown table."""
    result = con.execute(query)
    columns = [column[0] for column in result.description or ()]
    rows = [[_shown(value) for value in row] for row in result.fetchall()]
    return (
        "".join(f"| {' | '.join(row)} |\n" for row in (columns, ["---"] * len(columns), *rows))
        .replace("| --- ", "|---")
        .replace("--- |", "---|")
    )


def _shown(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "(empty)" if value == "" else str(value)


def main(home: Path, check: bool) -> int:
    """Write every page, or with `check` only print what differs. Returns the exit code."""
    place, differing = Home(home), 0
    figures = named_figures(place, home / "province")
    for page in (*PAGES, ANSWERS):
        path = ROOT / page
        old = path.read_text(encoding="utf-8")
        new = with_answers(old, place.published) if page == ANSWERS else with_figures(old, figures)
        new = with_measured(new, home / "province") if page == MEASURED else new
        changed = [*difflib.unified_diff(old.splitlines(), new.splitlines(), page, page, n=0, lineterm="")]
        differing += bool(changed)
        print(*changed, sep="\n", end="\n" if changed else "")
        if not check:
            path.write_text(new, encoding="utf-8")
    return 1 if check and differing else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), "--check" in sys.argv))
