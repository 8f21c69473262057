"""How the command line speaks: progress bars, tables, errors without a traceback, JSON for machines."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from rich import progress as bars
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from flows.cli.terminal.spoken_progress import spoken_progress
from flows.context.failures import DISK_FULL, as_defect, is_disk_full
from flows.context.home import Home, existing_home, home_from
from flows.context.progress import Progress, silent
from zhaoren.errors import ZhaorenError
from zhaoren.names import visible

if TYPE_CHECKING:
    from flows.context.site import Site


class PlainConsole(Console):
    """A console that prints what comes from files as it stands, without what a terminal would act on.

    b[/red].csv is a name and no markup, unless a line says that it has some; escape sequences never are.
    """

    def render_str(self, text: str, **how: Any) -> Text:
        """The text, every line of it made visible."""
        return super().render_str("\n".join(visible(line) for line in text.split("\n")), **how)


# What JSON may hold as it is, and a terminal would act on or hide: it is written as an escape instead.
_UNPRINTED = re.compile(r"[^\n -~\u00a1-\u00ac\u00ae-\u1fff\u3000-\u9fff\uff01-\uffee]")

out = PlainConsole(markup=False, emoji=False)
err = PlainConsole(stderr=True, markup=False, emoji=False)


# The command being carried out, as typed after `zhaoren`; on record with each opening of the vault.
COMMAND: ContextVar[str] = ContextVar("command", default="")


@contextmanager
def progress_bar(quiet: bool = False) -> Iterator[Progress]:
    """A reporter that draws one bar for the whole work, and writes lines where there is no terminal."""
    if quiet:
        yield silent
        return
    if not err.is_terminal:
        with spoken_progress() as report:
            yield report
        return
    # Results go to `out`: on a screen they share with the bar, the bar has to make way for them.
    console = out if out.is_terminal else err
    columns = (
        bars.TextColumn("{task.description}", markup=False),
        bars.BarColumn(),
        bars.TaskProgressColumn(),
    )
    with bars.Progress(*columns, bars.TimeElapsedColumn(), console=console, transient=True) as bar:
        task, share = bar.add_task("starting", total=None), 0.0

        def draw(text: str, done: float = 0, total: float = 0) -> None:
            nonlocal share
            share = max(share, done / total) if total else share
            bar.update(
                task, description=f"{visible(text)[:60]:<60}", completed=share, total=1 if share else None
            )

        yield draw


def fail(error: ZhaorenError, as_json: bool = False) -> NoReturn:
    """Say what happened and what to do, and end with exit code 1."""
    if as_json:
        shown = {"error": error.what, "where": error.where, "why": error.why, "todo": error.todo}
        print(json.dumps(shown | ({"code": error.code} if error.code else {})))
    else:
        err.print(f"[bold red]Error:[/] {escape(error.what)}", highlight=False, markup=True)
        for label, text in (("where", error.where), ("why", error.why), ("what to do", error.todo)):
            if text:
                err.print(f"  [dim]{label}:[/] {escape(text)}", highlight=False, markup=True)
    raise typer.Exit(1)


@contextmanager
def explained_errors(as_json: bool = False, home: Home | None = None) -> Iterator[None]:
    """Turn every error of a command into words. A defect of ours keeps its traceback in a file of the home.

    A panic in a library's native code is no Exception, and is put into words like one.
    """
    try:
        yield
    except ZhaorenError as error:
        fail(error, as_json)
    except OSError as error:
        # Without a number it is a library's and no answer of the system: its text may quote what it read.
        fail(_from_system(error) if error.errno else _defect(error, home), as_json)
    except (typer.Exit, typer.Abort, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        fail(_defect(error, home), as_json)


def _from_system(error: OSError) -> ZhaorenError:
    full = error.errno in DISK_FULL
    return ZhaorenError(
        "The disk is full." if full else "The system refused a file operation.",
        str(error.filename or ""),
        error.strerror or type(error).__name__,
        "Free some space and run again; finished steps are kept and the step in progress left nothing behind."
        if full
        else "Check that the file exists and may be read and written.",
    )


def _defect(error: BaseException, home: Home | None) -> ZhaorenError:
    if is_disk_full(error):
        return _from_system(OSError(28, "No space left on device"))
    return as_defect(home.root if home else None, error)


@contextmanager
def opened(home: Path | None, as_json: bool = False, by: str | None = None) -> Iterator[Site]:
    """The site of a home that is there already; progress is drawn, errors are explained, no home is made.

    by: who asks, as given on the command line; it goes on record with each opening of the vault.
    """
    with explained_errors(as_json, home_from(home)), progress_bar(quiet=as_json) as progress:
        # Heavy: only commands that open a home wait for it, and whoever waits is told so.
        from flows.context.site import open_site
        from warehouse.queries.asker import asker

        progress("opening the home")
        with open_site(existing_home(home), progress, asker=asker(by, COMMAND.get())) as site:
            show_notices(site)
            yield site


def show_notices(site: Site) -> None:
    """What a person must know of the home, to stderr: what was asked for goes on."""
    for notice in site.notices:
        err.print(f"Note: {notice}", highlight=False, soft_wrap=True, markup=False)


def table(title: str, columns: list[str], rows: list[tuple[Any, ...]]) -> None:
    """Print a table."""
    drawn = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(("" if value is None else str(value)) for value in row))
    out.print(drawn)


# Plain lines, on a screen of eighty columns and in a pipe alike: nothing that is copied is ever broken.


def line(text: str = "", indent: int = 0) -> None:
    """One line as it is: what it holds came from files, so it is no markup, and a long one is not broken."""
    out.print(" " * indent + text, markup=False, highlight=False, soft_wrap=True)


def paragraph(text: str, indent: int = 0) -> None:
    """A sentence, broken between words where the screen is narrower; whole where nobody looks."""
    shown = Text(text)
    wide = out.width if out.is_terminal else 10_000
    for part in shown.wrap(out, max(wide - indent, 20)):
        line(part.plain.rstrip(), indent)


def heading(text: str) -> None:
    """A blank line and a heading."""
    out.print()
    out.print(text, style="bold", markup=False, highlight=False, soft_wrap=True)


def columns(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Rows under their headings, as wide as their content; numbers to the right."""
    cells = [["" if value is None else str(value) for value in row] for row in rows]
    right = [all(isinstance(row[n], int) for row in rows) for n in range(len(heads))]
    widths = [max(cell_len(row[n]) for row in [list(heads), *cells]) for n in range(len(heads))]
    for row in [list(heads), *cells]:
        padded = [
            " " * (width - cell_len(cell)) + cell if to_right else cell + " " * (width - cell_len(cell))
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ]
        line("  ".join(padded).rstrip(), indent=2)


def show_problems(problems: list[str], what: str, as_json: bool, notes: Sequence[str] = ()) -> None:
    """Print what a lint found, and end with exit code 1 if it found anything but notes."""
    if as_json:
        print_json({"problems": problems, **({"notes": list(notes)} if notes else {})})
    for note in notes if not as_json else ():
        out.print(f"Note: {note}", highlight=False, soft_wrap=True, markup=False)
    for problem in problems if not as_json else ():
        out.print(problem, highlight=False)
    if problems:
        raise typer.Exit(1)
    if not as_json:
        out.print(f"All {what} are sound.")


def print_json(value: Any) -> None:
    """Print one JSON document; dates and money as text."""
    text = json.dumps(value, ensure_ascii=False, indent=1, default=_jsonable)
    sys.stdout.write(_UNPRINTED.sub(_escaped, text) + "\n")


def _escaped(found: re.Match[str]) -> str:
    return found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1]


def _jsonable(value: Any) -> Any:
    if isinstance(value, date | Decimal | Path):
        return str(value)
    raise TypeError(type(value).__name__)
