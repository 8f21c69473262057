"""The two kinds of household that no register keeps: who shares income and costs, and who a dwelling."""

from __future__ import annotations

from datetime import date

import polars as pl

from flows.context import parameters
from flows.context.run import Run
from flows.context.site import Site
from transforms.households.assistance_units import DEFINED, assistance_units, dwellings
from transforms.households.household_ids import resolve_units
from transforms.linkage.person_ids import with_master_ids
from warehouse.database.partitions import partition
from warehouse.identity.linkage_inputs import LinkageInputs
from warehouse.identity.marks import marked_step
from warehouse.identity.person_aliases import aliases_at
from warehouse.identity.vault import Vault
from warehouse.loading.members import follow_derived, is_known_beyond, open_members

FACTS = ("person_id", "household_id", "relation_code", *DEFINED)


def settle_households(site: Site, run: Run) -> None:
    """Bring assistance units and dwellings into line with the date's panel, once per fingerprint."""
    if run.is_done(site, "households"):
        return
    as_of = run.as_of
    site.progress(f"{as_of} households", 0, 1)
    inputs = LinkageInputs(site.con, site.contracts, as_of)
    persons = partition(site.con, "panel.person", as_of, *FACTS)
    step = f"households of {as_of} {run.fingerprint}"
    with site.open_vault(as_of, "households") as vault, marked_step(site.con, vault, step):
        frames = {"homes": inputs.dwellings(), "units": inputs.units(vault, as_of)}
        found = with_master_ids(frames, aliases_at(site.con, as_of))
        homes = found["homes"].unique("person_id", keep="last", maintain_order=True)
        persons = persons.join(homes, on="person_id", how="left", maintain_order="left")
        units = assistance_units(persons, found["units"], parameters.unit_rules(site.catalogue, as_of))
        # A past date run again leaves the units as they are: their later history is written already.
        if not is_known_beyond(site.con, as_of, "assistance"):
            follow_derived(site.con, _with_ids(site, vault, units, as_of), as_of, "assistance")
        follow_derived(site.con, dwellings(persons), as_of, "dwelling")
        run.done(site, "households").record(site.con)
    site.progress(f"{as_of} households", 1, 1)


def _with_ids(site: Site, vault: Vault, units: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The units under lasting ids: mostly the same people under a new number are the same unit."""
    aliases = vault.household_aliases("assistance")
    resolved = resolve_units(units, aliases, open_members(site.con, "assistance"))
    met = resolved.filter(how="known").select("household_no", "household_id")
    vault.note_households(met, as_of, "assistance")
    unseen = resolved.filter(pl.col("how") != "known").select("household_no", "household_id")
    every = pl.concat([met, vault.mint_households(unseen, as_of, "assistance")])
    return units.join(every, on="household_no").select("household_id", "person_id", "relation_code")
