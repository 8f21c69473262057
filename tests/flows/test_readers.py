"""Many read the analysts' file while it is replaced: none fails, none waits, none sees half of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from threading import Thread

import duckdb
import pytest

from flows.actions.publishing import publish_home
from flows.context.site import Site, open_site
from tests.helpers.homes import Made, clean_env, copy_home
from warehouse.publishing import publish as room

READERS = 20
PATIENCE = (
    120  # seconds: a reader that would wait for the writer waits for ever, since the writer waits for it
)
# Opens the file, reads every row of every table twice over, and tells what it saw; until nobody listens.
READER = """
import sys, time, duckdb
def seen(con):
    names = [name for (name,) in con.execute(
        "SELECT schema_name || '.' || table_name FROM duckdb_tables() ORDER BY 1").fetchall()]
    return hash(tuple(con.execute(
        f"SELECT '{name}', count(*), coalesce(sum(hash(t)::HUGEINT), 0) FROM {name} t").fetchall()[0]
        for name in names))
while True:
    con = duckdb.connect(sys.argv[1], read_only=True, config={"threads": 1})
    first, second = seen(con), seen(con)
    con.close()
    print(first if first == second else "two states in one", flush=True)
    time.sleep(0.2)
"""


class Readers:
    """Processes that read the file again and again."""

    def __init__(self, file: Path) -> None:
        self.told: list[Queue[str]] = [Queue() for _ in range(READERS)]
        self.running = [
            subprocess.Popen(
                [sys.executable, "-c", READER, str(file)],
                env=clean_env() | {"PYTHONHASHSEED": "0"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for _ in range(READERS)
        ]
        for process, told in zip(self.running, self.told, strict=True):
            Thread(target=self._listen, args=(process, told), daemon=True).start()

    @staticmethod
    def _listen(process: subprocess.Popen[str], told: Queue[str]) -> None:
        assert process.stdout
        for line in process.stdout:
            told.put(line.strip())

    def states(self) -> set[str]:
        """What all see by now: of each the second answer from here, whose reading began only after this."""
        seen = set()
        for told in self.told:
            while not told.empty():
                told.get()
        for told in self.told:
            told.get(timeout=PATIENCE)
            seen.add(told.get(timeout=PATIENCE))
        return seen

    def end(self) -> None:
        """Stop them."""
        for process in self.running:
            process.kill()
            process.wait()


@contextmanager
def readers_of(file: Path) -> Iterator[Readers]:
    readers = Readers(file)
    try:
        yield readers
    finally:
        readers.end()


@pytest.mark.long  # twenty processes read all rows over and over: 30 s of processor time
def test_twenty_readers_go_on_while_the_file_is_replaced(
    demo: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = copy_home(demo.home, tmp_path / "home")
    during: list[set[str]] = []
    with open_site(home) as site, readers_of(home.published) as readers:
        (first,) = readers.states()
        _watched(monkeypatch, site, lambda: during.append(readers.states()))
        site.con.execute("DELETE FROM mart.alert WHERE as_of = ?", [demo.dates[-1]])
        publish_home(site)
        # Half of the new file was there, and nobody waited for it or saw it.
        assert during == [{first}]
        (second,) = readers.states()
        assert second != first
        publish_home(site)
        assert during == [{first}, {second}] and readers.states() == {second}
        assert all(process.poll() is None for process in readers.running)


def _watched(monkeypatch: pytest.MonkeyPatch, site: Site, look: Callable[[], None]) -> None:
    """Publishing stops half-way for `look`, with every table of the new file written but not yet measured."""
    real = room.refuse_numbers

    def stopped(con: duckdb.DuckDBPyConnection) -> None:
        assert site.home.published.with_suffix(".partial").exists()
        look()
        real(con)

    monkeypatch.setattr(room, "refuse_numbers", stopped)
