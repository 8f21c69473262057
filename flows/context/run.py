"""One date's run: the date, and the digest of everything that its lists depend on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from flows.context.site import Site
from models.ranking.registry import MEANS, NEED
from models.ranking.use_log import RULES, Ordering, Use, ordering_at
from warehouse.as_of import outcomes
from warehouse.casework.key_visits import key_visits_digest
from warehouse.database.partitions import StepDone, step_fingerprint
from warehouse.deliveries.deliveries import deliveries_at
from warehouse.identity.identity_decisions import decisions_at
from warehouse.ranking.model_use import uses


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


def use_log(site: Site) -> list[Use]:
    """Every word on what is in use, oldest first."""
    return [Use(*word) for word in uses(site.con)]


def ordering_of(site: Site, as_of: date, target: str = NEED) -> Ordering:
    """What orders the lists of a date, or asks for incomes, by the log of use, and what is in the shadow."""
    return ordering_at(use_log(site), site.home.models, as_of, target)


def run_of(site: Site, as_of: date) -> Run:
    """The run of a date, by what is known on it: deliveries, visits, decisions, the model in use, rules."""
    known_then = deliveries_at(site.con, as_of)  # a decision concerns the lists from its day on
    rows = known_then.select("delivery_id", "status", "since_date").rows()
    visits = outcomes(site.con, as_of).rows()
    # those in the shadow change no list
    in_use = [ordering_of(site, as_of, target).model for target in (NEED, MEANS)]
    models = [one.model_id if one else RULES for one in in_use]
    decisions = decisions_at(site.con, as_of).select("case_id", "decision").rows()
    keys = key_visits_digest(site.con, as_of)
    text = repr((rows, visits, keys, decisions, models, site.rules_hash))
    return Run(as_of, hashlib.sha256(text.encode()).hexdigest()[:16])
