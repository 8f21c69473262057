"""What older months of a roll still tell: two months and their history make the panel of every month."""

from __future__ import annotations

from datetime import date

import polars as pl
from polars.testing import assert_frame_equal

from divisions import villages
from flows.context import parameters
from flows.context.places import panel_places
from flows.context.site import Site, open_site
from flows.scoring.shards.panels import panels
from tests.helpers.homes import Made
from tests.helpers.whole_core import core_frames
from transforms.core_as_of import CoreAsOf
from transforms.golden_record.golden_record import golden_record
from transforms.linkage.person_ids import with_master_ids
from warehouse.database.connection import fetch
from warehouse.database.partitions import newest_date
from warehouse.deliveries.deliveries import in_force
from warehouse.identity.golden_record import golden_record_frames
from warehouse.identity.person_aliases import aliases_at
from warehouse.shards.history import FIRST_STATED, PENSION


def panel(site: Site, frames: dict[str, pl.DataFrame], gold: pl.DataFrame, day: date) -> list[pl.DataFrame]:
    core = CoreAsOf.of_contracts(frames, day, site.contracts.values())
    return list(panels(site.catalogue, core, gold, panel_places(villages())))


def every_month(site: Site, core: dict[str, pl.DataFrame], day: date) -> dict[str, pl.DataFrame]:
    """The same frames with every month's rows of those rolls in place of the histories."""
    whole = {name: frame for name, frame in core.items() if "." not in name}
    for extract in (*FIRST_STATED, PENSION):
        chosen = in_force(site.con, day).filter(extract=extract).get_column("delivery_id").to_list()
        rows = fetch(
            site.con,
            f"SELECT * FROM core._{extract} WHERE delivery_id IN (SELECT unnest($1)) "
            "ORDER BY period_month, known_date, delivery_id, row_no",
            [chosen],
        )
        whole |= with_master_ids({extract: rows}, aliases_at(site.con, day))
    return whole


def test_the_panel_is_the_same_as_if_every_month_were_read(demo: Made) -> None:
    with open_site(demo.home) as site:
        day = newest_date(site.con)
        core = core_frames(site.con, site.contracts, day)
        assert all(core[f"{name}.before"].height for name in (*FIRST_STATED, PENSION))
        assert core[f"{PENSION}.steady"].height
        rules = parameters.survivorship(site.catalogue, day)
        whole = core | golden_record_frames(site.con, day, rules.deaths)
        gold = golden_record(CoreAsOf.of_contracts(whole, day, site.contracts.values()), rules).persons
        found = panel(site, core, gold, day)
        for short, long in zip(found, panel(site, every_month(site, core, day), gold, day), strict=True):
            assert_frame_equal(short, long)
    assert found[0]["working_days"].drop_nulls().len() and found[0]["pension_drawing_days"].drop_nulls().len()
    stopped = found[1]["benefit_stopped_days"].drop_nulls()
    assert (stopped > 62).any(), "a stop is remembered when its line has left the two rolls"
