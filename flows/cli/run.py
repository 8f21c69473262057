"""Commands that do the work: from demo and run to replay, restore and serve."""

from __future__ import annotations

import time
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.cells import cell_len

from flows.cli.terminal.console import (
    explained_errors,
    line,
    opened,
    out,
    print_json,
    progress_bar,
    show_notices,
    table,
)
from flows.cli.terminal.options import (
    AsOfOption,
    ByOption,
    HomeOption,
    JsonOption,
    MemoryOption,
    PlainOption,
    RunnerOption,
    as_date,
    optional_date,
    there,
)
from flows.context.home import Home, home_from
from flows.context.progress import stretch
from zhaoren.errors import ZhaorenError

if TYPE_CHECKING:
    from flows.actions.feedback import Taken
    from flows.context.site import Site
    from flows.ingest.ingest import Refusal
    from flows.main_job import JobResult, RunDate
    from flows.process.work import Runner


# A made-up province's settings; the bounds are those of a machine's memory and of the calendar.
PersonsOption = Annotated[int, typer.Option(min=1, max=20_000_000, help="Persons of the made-up province.")]
MonthsOption = Annotated[int, typer.Option(min=1, max=120, help="Months of deliveries.")]
SeedOption = Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Same seed, same province.")]
DirtOption = Annotated[float, typer.Option(min=0, max=0.5, help="Share of rows with a planted fault.")]


def register(app: typer.Typer) -> None:
    """Add this file's commands."""
    for command in (demo, province, run, feedback, publish, replay, restore, serve):
        app.command()(command)


def run_date_of(home: Home, plain: bool) -> RunDate:
    """How one date's main job is run: as a Prefect flow, or plainly.

    Prefect's server is started at once and gets up beside whatever is done before the first date.
    """
    if plain:
        from flows.main_job import main_job

        return lambda site, inbox, as_of, lists: main_job(site, inbox, as_of, lists=lists)
    from flows.orchestration.setup import configure_prefect

    configure_prefect(home)
    from data_contracts.delivery_checks.gx import warm_up
    from flows.orchestration.server import start_server

    server = start_server(scheduling=False)

    @cache
    def wait_once() -> None:
        warm_up()  # what checks deliveries takes seconds, too, and the second core waits
        server.wait()

    def run_date(site: Site, inbox: Path, as_of: date, lists: bool | None = None) -> JobResult:
        from flows.orchestration.flows import run_main  # after the settings, which are read once

        wait_once()
        return run_main(site, inbox, as_of, lists)

    return run_date


def demo(
    *,
    persons: PersonsOption = 50_000,
    months: MonthsOption = 6,
    seed: SeedOption = 7,
    dirt: DirtOption = 0.02,
    home: HomeOption = None,
    plain: PlainOption = False,
) -> None:
    """Make a province of made-up people and run every month through the whole pipeline."""
    place, started = home_from(home), time.monotonic()
    with explained_errors(home=place), progress_bar() as progress:
        place.prepare()
        run_date = run_date_of(place, plain)
        # These take seconds to import: somebody is watching already.
        from flows.context.site import open_site
        from flows.evaluation.demo import PROVINCE_SHARE, run_demo
        from flows.evaluation.made_province import demo_province
        from warehouse.queries.asker import asker

        making = stretch(progress, 0, PROVINCE_SHARE)
        world = demo_province(place, persons=persons, months=months, seed=seed, dirt=dirt, progress=making)
        progress("opening the home", PROVINCE_SHARE, 1)
        with open_site(place, stretch(progress, PROVINCE_SHARE, 1), asker=asker(None, "demo")) as site:
            dates = run_demo(site, world, seed, run_date)
    out.print(
        f"Done in {time.monotonic() - started:.0f} s: {persons:,} made-up persons, {len(dates)} months."
    )
    show_results(place, dates[-1])


def show_results(place: Home, as_of: date) -> None:
    """Where the lists and reports of a date are, and which to open first."""
    lists = sorted(place.dated("worklists", as_of).glob("*.xlsx"), key=lambda path: path.stat().st_size)
    if lists:  # the largest shows most of what a list can hold
        out.print(f"Open this first, a station's list: {lists[-1]}", highlight=False, soft_wrap=True)
    rows = [
        ("worklists 走访名单", place.dated("worklists", as_of)),
        ("counties 县级汇总", place.dated("counties", as_of)),
        ("referrals 转介清单", place.dated("referrals", as_of)),
        ("spot checks 抽查复核", place.dated("spot_checks", as_of)),
        ("compliance 核实清单", place.dated("compliance", as_of)),
        ("receipts 退回回执", place.dated("receipts", as_of)),
        ("report 运行报告", place.dated("reports", as_of) / "report.html"),
        ("for analysts", place.published),
    ]
    for what, path in (row for row in rows if row[1].exists()):
        out.print(f"  {what}{' ' * (22 - cell_len(what))}{path}", highlight=False, soft_wrap=True)


def province(
    out_dir: Annotated[Path, typer.Option("--out", help="Folder to write inbox/ and truth/ into.")],
    persons: PersonsOption = 50_000,
    months: MonthsOption = 6,
    seed: SeedOption = 7,
    dirt: DirtOption = 0.02,
) -> None:
    """Only make the made-up province: an inbox of deliveries, and the truth behind them."""
    from flows.evaluation.made_province import write_province

    with explained_errors(), progress_bar() as progress:
        write_province(out_dir, persons=persons, months=months, seed=seed, dirt=dirt, progress=progress)
    out.print(f"Made {out_dir / 'inbox'} and {out_dir / 'truth'}", highlight=False, soft_wrap=True)


def run(
    *,
    inbox: Annotated[
        Path, typer.Option(help="Folder <YYYY-MM-DD>/<department>/<extract>.<csv|xlsx|parquet>.")
    ],
    home: HomeOption = None,
    as_of: AsOfOption = None,
    every: Annotated[bool, typer.Option("--all", help="Every delivery date of the inbox, in order.")] = False,
    lists: Annotated[
        bool | None,
        typer.Option(
            "--deliver/--no-deliver",
            help="Make lists, or only take files in; default: by the calendar in settings.yaml.",
        ),
    ] = None,
    plain: PlainOption = False,
    memory: MemoryOption = None,
    runner: RunnerOption = None,
    by: ByOption = None,
) -> None:
    """Run the main job for one delivery date (the newest by default), or with --all for every one.

    Files are taken in on the day they came. Lists are made once a month, on its first delivery day, unless
    settings.yaml says otherwise; a late file or corrected rows make none.
    """
    place = home_from(home)
    with explained_errors(home=place), progress_bar() as progress:
        from flows.context.alarms import alarms, missing_files
        from flows.context.list_days import days_with_lists_between
        from flows.context.settings import WorkSettings
        from flows.context.site import local_now, open_site
        from flows.ingest.inbox import files_of, inbox_dates
        from warehouse.queries.asker import asker

        dates = inbox_dates(inbox, local_now().date())
        chosen = dates if every else [optional_date(as_of) or dates[-1]]
        if not place.warehouse.exists():
            files_of(inbox, chosen[0])  # a new home is made only where there is something to put into it
        work = WorkSettings(memory, runner)
        with open_site(place, progress, asker=asker(by, "run"), work=work) as site:
            refuse_plain_cluster(site.runner, plain)
            show_notices(site)
            run_date = run_date_of(place, plain)
            refused: list[Refusal] = []
            # A date that somebody names is run alone; else a list day that has no files follows of itself.
            days = days_with_lists_between(site, chosen, chosen[-1] if as_of else site.now().date())
            for day in iter(chosen) if lists is not None else days:
                begun = sum(one < day for one in chosen[:-1])
                with site.stretch(begun / len(chosen), (begun + 1) / len(chosen)):
                    result = run_date(site, inbox, day, lists)
                refused += result.ingested.refused
                out.print(f"{day}: {result.in_words}", highlight=False)
            # What a date lacks is said on that date; what has been lacking since, whenever the run is.
            lacking = [f"not here: {one['in_words']}" for one in missing_files(site, day)]
            since = day if as_of else max(day, site.now().date())
            lacking += [f"alarm: {alarm}" for alarm in alarms(site, since)]
        for one in refused:
            why = f"{one.error.what.rstrip('.')}. {one.error.why}"
            out.print(f"not loaded {one.called}: {why}", highlight=False, soft_wrap=True)
        for left in result.left_out:
            out.print(f"left out {left}", highlight=False, soft_wrap=True)
        for one_line in lacking:
            line(one_line)
    show_results(place, day)


def refuse_plain_cluster(runner: Runner, plain: bool) -> None:
    """A cluster's parts are tasks of a Prefect flow."""
    if plain and runner.wants_prefect:
        raise ZhaorenError(
            "A Dask cluster works under Prefect, and --plain leaves it out.",
            "--runner",
            "Its parts are tasks of a flow.",
            "Leave --plain out, or choose --runner processes.",
            code="plain_cluster",
        )


def feedback(
    files: Annotated[list[Path], typer.Argument(help="Filled lists (.xlsx).")],
    home: HomeOption = None,
    received: Annotated[str | None, typer.Option(help="Day they came back; default today.")] = None,
    by: ByOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take filled lists back: visits, checks, identity reviews. Problems are listed; good lines are kept."""
    with opened(home, as_json, by) as site:
        from flows.actions.feedback import take_feedback
        from flows.context.site import local_now

        day = optional_date(received) or local_now().date()
        taken = take_feedback(site, files, day)
    if as_json:
        print_json([t.__dict__ for t in taken])
    else:
        for one in taken:
            show_taken(one)
    if any(t.is_refused for t in taken):
        raise typer.Exit(1)


def show_taken(one: Taken) -> None:
    """One returned file: what was stored, the count of its lines, and the problems to send back, as typed."""
    stored = f"{one.decisions} decisions" if one.decisions else f"{one.outcomes} outcomes"
    state = "already taken" if one.was_known and not one.outcomes else stored
    counts = (
        f"sheets {one.sheets_read}, lines filled {one.lines_filled}: taken {one.lines_taken}, "
        f"repeated {one.lines_repeated}, refused {one.lines_refused}"
    )
    lines = [f"{one.file_name}: {state}, {len(one.problems)} problems ({counts})", *one.problems]
    for text in lines[:1] + [f"  {problem}" for problem in lines[1:]]:
        line(text)


def publish(
    home: HomeOption = None,
    parquet: Annotated[
        Path | None, typer.Option(help="Also write every table into this folder as Parquet.")
    ] = None,
) -> None:
    """Replace the analysts' file, published/analytics.duckdb, by one new file."""
    place = home_from(home)
    with opened(home) as site:
        from flows.actions.publishing import export_parquet, publish_home

        done = publish_home(site)
        written = export_parquet(site, parquet) if parquet else []
    from flows.cli.terminal.anonymity_table import show_anonymity

    table(str(place.published), ["table", "rows"], list(done.rows.items()))
    show_anonymity(done.anonymity)
    if written:
        out.print(f"{len(written)} Parquet files in {parquet}", highlight=False, soft_wrap=True)


def replay(
    as_of: Annotated[str, typer.Option("--as-of", help="The date of the past list, YYYY-MM-DD.")],
    home: HomeOption = None,
    by: ByOption = None,
) -> None:
    """Rebuild a past date's lists from its data and compare them with those that were handed out."""
    with opened(home, by=by) as site:
        from flows.actions.replay import replay_date

        found = replay_date(site, as_date(as_of))
    out.print(f"{found.same_cnt} lists equal to the byte, {len(found.changed)} not")
    if found.from_record:
        said = "stations' lists were rebuilt from the alerts on record: a person was erased from them"
        out.print(f"  {found.from_record} {said}")
    for name in found.changed:
        out.print(f"  {name}", highlight=False)
    if found.made_by != found.now:
        versions = f"They were made by rules and code of version {found.made_by}; today's are {found.now}."
        out.print(versions, highlight=False)
    if found.changed:
        raise typer.Exit(1)


def restore(
    out_dir: Annotated[Path, typer.Option("--out", help="A new folder, to hold the files as an inbox.")],
    home: HomeOption = None,
    by: ByOption = None,
) -> None:
    """Write every archived delivery out again as the inbox it came in; a home rebuilt from it has the same
    ids.

    The files are the departments' originals, in the clear: keep them as they are kept in the inbox.
    """
    from flows.actions.restoring import originals_of, originals_without_warehouse, restore_inbox

    place = home_from(home)
    with explained_errors():
        is_lost = place.vault.exists() and not place.warehouse.exists()
    if is_lost:
        with explained_errors(), progress_bar() as progress:
            done = restore_inbox(originals_without_warehouse(place), out_dir, progress)
        line("The warehouse is lost, so this opening is on no record; decisions are to be repeated.")
    else:
        with opened(home, by=by) as site:
            done = restore_inbox(originals_of(site), out_dir, site.progress)
    out.print(f"{done.file_cnt} files in {out_dir}", highlight=False, soft_wrap=True)
    for name, why in done.failed:
        out.print(f"not restored {name}: {why}", highlight=False, soft_wrap=True)
    if done.failed:
        raise typer.Exit(1)


def serve(
    inbox: Annotated[Path, typer.Option(help="The inbox to watch.")],
    home: HomeOption = None,
    cron: Annotated[str, typer.Option(help="When to look for new deliveries.")] = "0 3 * * *",
) -> None:
    """Serve the main job on a schedule, on the Prefect server of PREFECT_API_URL or one of our own."""
    from flows.orchestration.server import check_cron, start_server
    from flows.orchestration.setup import configure_prefect
    from flows.process.screen import hand_on

    place = home_from(home)
    with explained_errors(home=place):
        there(inbox, folders_only=True)
        check_cron(cron)
        place.prepare()
        configure_prefect(place, serving=True)
        server = start_server(scheduling=True)
        from flows.orchestration import flows

        server.wait()

        hand_on()
        out.print(f"Serving main-job on “{cron}” at {server.url}. Stop with Ctrl-C.", highlight=False)
        flows.serve(place.root.resolve(), inbox.resolve(), cron)
