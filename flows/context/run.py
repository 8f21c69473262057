"""One date's run: the date, and the digest of everything that its lists depend on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from flows.context.site import Site
from models.ranking.registry import latest_model
from warehouse.as_of import outcomes
from warehouse.casework.key_visits import key_visits_digest
from warehouse.database.partitions import StepDone, step_fingerprint
from warehouse.deliveries.deliveries import deliveries_at
from warehouse.identity.identity_decisions import decisions_at


@dataclass(frozen=True)
class Run:
    """One date's run. Equal fingerprints mean equal lists, so a step done from one need not be done again."""

    as_of: date
    fingerprint: str

    @property
    def run_id(self) -> str:
        """The key of ops.run, as printed on the run's report."""
        return f"{self.as_of}-{self.fingerprint}"

    def is_done(self, site: Site, step: str) -> bool:
        """Whether the step was done for the date from the same inputs."""
        return step_fingerprint(site.con, self.as_of, step) == self.fingerprint

    def done(self, site: Site, step: str) -> StepDone:
        """The record that the step is done, for its author to write in the commit that finishes it."""
        return StepDone(self.as_of, step, self.fingerprint, site.now())


def run_of(site: Site, as_of: date) -> Run:
    """The run of a date, by all that is known on it: deliveries, visits, decisions, model and rules."""
    known_then = deliveries_at(site.con, as_of)  # a decision concerns the lists from its day on
    rows = known_then.select("delivery_id", "status", "since_date").rows()
    visits = outcomes(site.con, as_of).rows()
    model = latest_model(site.home.models, as_of)
    decisions = decisions_at(site.con, as_of).select("case_id", "decision").rows()
    keys = key_visits_digest(site.con, as_of)
    text = repr((rows, visits, keys, decisions, model and model.model_id, site.rules_hash))
    return Run(as_of, hashlib.sha256(text.encode()).hexdigest()[:16])
