"""A home without files whose warehouse holds made lives, for the reports' tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from divisions import towns
from flows.context.home import Home
from flows.context.site import Site, open_site
from tests.helpers.made_lives import Lives, made_lives
from tests.helpers.made_work import add_work

COUNTIES = ("440111", "440113", "440606", "440607", "441621", "441622")
# The first four towns of each.
TOWNS = tuple(town for county in COUNTIES for town in towns().filter(county_code=county)["town_code"].head(4))


@contextmanager
def report_home(
    folder: Path, patch: pytest.MonkeyPatch, seed: int, cases: int
) -> Iterator[tuple[Site, Lives]]:
    """A site with so many made cases in six counties of three cities, and the rows that were put into it."""
    patch.setenv("ZHAOREN_VAULT_KEY", "the key of the tests")
    lives = made_lives(seed, cases, (*TOWNS, None))
    add_work(lives, seed, TOWNS)
    with open_site(Home(folder / "home")) as site:
        lives.put(site.con)
        yield site, lives
