"""The `zhaoren` command line: `zhaoren --help` lists the commands, each explains itself with --help."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

import zhaoren
from flows.cli import check as cli_check
from flows.cli import contracts as cli_contracts
from flows.cli import deliveries as cli_deliveries
from flows.cli import evaluate as cli_evaluate
from flows.cli import files as cli_files
from flows.cli import gaps as cli_gaps
from flows.cli import policies as cli_policies
from flows.cli import policy_versions as cli_policy_versions
from flows.cli import read as cli_read
from flows.cli import run as cli_run
from flows.cli import visits as cli_visits
from flows.cli import whatif as cli_whatif
from flows.cli.casework import chain as cli_chain
from flows.cli.casework import child_report as cli_child_report
from flows.cli.casework import contacts as cli_contacts
from flows.cli.casework import hands as cli_hands
from flows.cli.casework import prints as cli_prints
from flows.cli.casework import report as cli_report
from flows.cli.ordering import models as cli_models
from flows.cli.ordering import train as cli_train
from flows.cli.safekeeping import doctor as cli_doctor
from flows.cli.safekeeping import keys as cli_keys
from flows.cli.safekeeping import openings as cli_openings
from flows.cli.safekeeping import persons as cli_persons
from flows.cli.safekeeping import retain as cli_retain
from flows.cli.terminal.console import COMMAND, err
from flows.cli.terminal.usage import VisibleGroup
from flows.process.ending import end_at_once, ends_with
from flows.process.privacy import keep_private
from flows.process.screen import only_ours

app = typer.Typer(
    name="zhaoren",
    cls=VisibleGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="找人 Zhaoren: departments' files in, each station's short list of households to visit out.",
)
for module in (
    *(cli_run, cli_evaluate, cli_deliveries, cli_check, cli_files, cli_read, cli_contracts, cli_policies),
    *(cli_whatif, cli_gaps, cli_openings, cli_doctor, cli_persons, cli_keys, cli_retain, cli_policy_versions),
    *(cli_visits, cli_report, cli_hands, cli_prints, cli_contacts, cli_chain),
    *(cli_child_report, cli_models, cli_train),
):
    module.register(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"zhaoren {zhaoren.__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of the command itself; what it does is said in its help."""
    COMMAND.set(context.invoked_subcommand or "")


def main() -> None:
    """Entry point of the `zhaoren` script."""
    end_at_once()
    keep_private()
    only_ours()
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    try:
        app()
    except KeyboardInterrupt:
        err.print("Stopped. Finished steps are kept; run the same command again to go on.")
        ends_with(1)
        sys.exit(1)
    except SystemExit as end:
        ends_with(end.code)
        raise
