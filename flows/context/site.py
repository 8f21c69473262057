"""A site is an installation, opened: its warehouse, contracts, rules and clock, which every step shares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from functools import cached_property

import polars as pl

from data_contracts.contract.code_tables import CodeTable
from data_contracts.contract.file_names import KnownWords
from data_contracts.contract.model import Contract
from divisions import area_codes
from exchange.prints.engine import missing_for_pdf
from flows.context import parameters
from flows.context.home import Home
from flows.context.progress import Progress, silent, stretch
from flows.context.rulebook import load_rulebook, refuse_orphans
from flows.context.rules_hash import rules_hash
from flows.context.settings import Settings, WorkSettings, load_settings
from flows.process.memory import Memory
from flows.process.runners import Local, runner_of
from flows.process.work import Runner
from policies.catalogue.model import Catalogue
from transforms.sharding import Sharding
from warehouse.database.connection import Connection, connect, within
from warehouse.database.rewriting import clear_leftovers, rewrite
from warehouse.database.schema import create
from warehouse.identity.key_change import refuse_under_way
from warehouse.identity.vault import Vault
from warehouse.identity.vault_faults import damage_of
from warehouse.identity.vault_secrets import NAME_KEY, secret
from warehouse.migrations.migrate import migrate, refuse_newer
from warehouse.queries.asker import Asker
from warehouse.queries.deliveries import loaded_extracts
from warehouse.queries.households import last_household
from warehouse.queries.key_changes import key_in_use_until
from warehouse.queries.openings import REFUSED, log_opening, log_refused
from warehouse.wholeness.home_row import home_id_of, is_rewrite_due, rewritten
from warehouse.wholeness.mismatches import former_key
from warehouse.wholeness.opening import open_both, refuse_missing_warehouse, remember_key
from warehouse.wholeness.vault_key import GivenKey, key_check, usable_key
from zhaoren.errors import ZhaorenError

# What an opening with a wrong key is refused with.
WRONG_KEY = ("vault_key", "vault_other_key")
CHINA = timezone(timedelta(hours=8))  # no summer time since 1991


def local_now() -> datetime:
    """The clock, read here and nowhere else in the core: China's wall time, whatever the machine's zone.

    A folder is named after a day in China. Without a zone, as the tables keep it.
    """
    return datetime.now(CHINA).replace(microsecond=0, tzinfo=None)


@dataclass(kw_only=True)
class Site:
    """One home, opened by the one process that may write to it.

    name_key: of the hashes that stand for names of files. changes: which place codes were given up, as
    divisions.changes.load_changes gives them. hands: of the stations (exchange.stations.hands.HANDS).
    notices: what a person must know of the home, though work can go on. engines: with which the vault was
    opened before, holding nothing of it.
    """

    home: Home
    con: Connection
    vault_key: str
    name_key: str
    contracts: dict[str, Contract]
    codes: dict[str, CodeTable]
    catalogue: Catalogue
    changes: pl.DataFrame
    hands: pl.DataFrame
    settings: Settings = field(default_factory=Settings)
    asker: Asker = field(default_factory=Asker.of_process)
    progress: Progress = silent
    now: Callable[[], datetime] = local_now
    notices: list[str] = field(default_factory=list)
    memory: Memory = field(default_factory=Memory.of_machine)
    runner: Runner = field(default_factory=Local)
    engines: list[Connection] = field(default_factory=list, repr=False)
    shards: str = ""

    @contextmanager
    def stretch(self, first: float, last: float) -> Iterator[None]:
        """Progress reported inside fills the work in hand from share `first` to `last`, both in 0..1."""
        whole, self.progress = self.progress, stretch(self.progress, first, last)
        try:
            yield
        finally:
            self.progress = whole

    @contextmanager
    def open_vault(self, as_of: date, purpose: str, subject: str = "") -> Iterator[Vault]:
        """The vault, for loading or delivering; that it was opened, by whom and what for, is logged first.

        subject: the one delivery, household or file that it is about, by its id or hash.
        """
        self.log_opening(purpose, as_of, subject)
        with Vault(self.home.vault, self.vault_key, spare=self.engines) as vault:
            within(vault.con, self.memory.vault)
            yield vault

    def log_opening(self, purpose: str, as_of: date | None = None, subject: str = "") -> None:
        """Note that the vault or originals of the archive are about to be opened."""
        now = self.now()
        log_opening(self.con, self.asker.opening(now, as_of or now.date(), purpose, subject))

    @property
    def shards_root(self) -> str:
        """Where the parts of a date lie while they are worked on: all that work on them reach it."""
        return self.shards or str(self.home.scratch)

    @property
    def sharding(self) -> Sharding:
        """How the home's households are cut into parts that fit into the run's memory."""
        return Sharding.of_size(last_household(self.con), self.memory.shard_households)

    @cached_property
    def words(self) -> KnownWords:
        """Which words of a file's name may be shown; a hash stands for any other."""
        return KnownWords.of(self.contracts.values(), self.name_key)

    @cached_property
    def rules_hash(self) -> str:
        """The digest of all rules, contracts, code and place tables in use."""
        return rules_hash(self.home)

    @property
    def version(self) -> str:
        """The version of rules and code, as lists show it: the first digits of the digest."""
        return self.rules_hash[:8]

    @cached_property
    def areas(self) -> pl.DataFrame:
        """Area codes with the years they were in force, for the check of ID numbers."""
        return area_codes().select("code", "start_year", "end_year")

    def capacity(self, as_of: date) -> int:
        """Lines a station can visit in a period."""
        return parameters.operations(self.catalogue, as_of).station_lines_month


@contextmanager
def open_site(
    home: Home,
    progress: Progress = silent,
    *,
    asker: Asker | None = None,
    key: str | None = None,
    work: WorkSettings | None = None,
) -> Iterator[Site]:
    """Open the warehouse, see that vault and archive belong to it, prepare the home; close all at the end.

    The warehouse comes first: it lets one process in, and what that one has in scratch is its own. asker:
    whose openings of the vault are on record (default: ZHAOREN_BY, else the login name). key: which one the
    vault has now, for the change of the key alone; everybody else is refused while one is under way. work:
    what is asked for this time, before what the settings say.
    """
    by = asker or Asker.of_process()
    home.prepare()
    refuse_missing_warehouse(home)
    try:
        if key is None:
            refuse_under_way(home.root)
        given = usable_key(home.root) if key is None else GivenKey(key, "the change of the key")
        con = connect(home.warehouse)
    except OSError as error:
        raise _not_writable(home, error) from error
    engines: list[Connection] = []
    try:
        refuse_newer(con)
        with _refusals_logged(con, by, given):
            # Or stop before anything is touched.
            vault, vault_key, notices = open_both(con, home, given, engines)
        with vault:
            home.clear_scratch()
            progress("reading contracts and rules")
            book = load_rulebook(home.root)
            progress("seeing to the tables")
            create(con, book.contracts, book.catalogue.panel_facts())
            for what in migrate(con, vault, book.contracts):
                progress(what)
            name_key = secret(vault.con, NAME_KEY)
            remember_key(con, vault_key)
        con = _written_anew(home, con, progress)
        refuse_orphans(book.contracts, loaded_extracts(con))
        settings = load_settings(home.root)
        if settings.lists.pdf and (lacking := missing_for_pdf()):
            notices.append(lacking)
        means = (work or WorkSettings()).or_else(settings.work)
        memory = Memory.parse(means.memory) if means.memory else Memory.of_machine()
        within(con, memory.warehouse)
        yield Site(
            home=home,
            con=con,
            vault_key=vault_key,
            name_key=name_key,
            contracts=book.contracts,
            codes=book.codes,
            catalogue=book.catalogue,
            changes=book.changes,
            hands=book.hands,
            settings=settings,
            memory=replace(memory, shard=means.shard),
            runner=runner_of(means.runner or "local"),
            shards=(means.shards or "").rstrip("/"),
            asker=by,
            progress=progress,
            notices=notices,
            engines=engines,
        )
    except Exception as error:
        if damage := damage_of(error):
            raise damage from None
        raise
    finally:
        progress("closing the home")
        for engine in engines:
            engine.close()
        con.close()


@contextmanager
def _refusals_logged(con: Connection, asker: Asker, key: GivenKey | None) -> Iterator[None]:
    """Put on record that the vault was not opened for a wrong key; say so where it is a former one."""
    try:
        yield
    except ZhaorenError as error:
        if error.code in WRONG_KEY:  # nothing is written where the parts of a home do not fit
            now = local_now()
            opening = asker.opening(now, now.date(), "open the home")
            log_refused(con, replace(opening, result=REFUSED, error_code=error.code))
            if key and (until := key_in_use_until(con, key_check(key.value, home_id_of(con)))):
                raise former_key(key.source, until) from None
        raise


def _written_anew(home: Home, con: Connection, progress: Progress) -> Connection:
    """The warehouse's connection; where a migration took text out of it, its file is rewritten first.

    A published file of before holds that text too: it goes, and the next run or `zhaoren publish` makes one.
    """
    clear_leftovers(home.warehouse)
    if not is_rewrite_due(con):
        return con
    if home.published.exists():
        home.published.unlink()
        progress("the published file held names and is gone: zhaoren publish makes it anew")
    con.close()
    rewrite(home.warehouse)
    con = connect(home.warehouse)
    rewritten(con)
    return con


def _not_writable(home: Home, error: OSError) -> ZhaorenError:
    return ZhaorenError(
        "The home cannot be written.", str(home.root), str(error), "Check its owner and free space."
    )
