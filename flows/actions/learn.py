"""Train what can be trained by a date: what orders the need queue, and the proxy means test."""

from __future__ import annotations

from datetime import date

from flows.actions.learning import train_home
from flows.actions.means import train_means_home
from flows.context.site import Site
from models.ranking.registry import ModelEntry
from models.ranking.training import TOO_FEW
from zhaoren.errors import ZhaorenError


def learn(site: Site, as_of: date) -> tuple[list[ModelEntry], list[ZhaorenError]]:
    """The entries that were registered, and why the others must wait for more outcomes; other errors rise."""
    entries, waiting = [], []
    for train in (train_home, train_means_home):
        try:
            entries.append(train(site, as_of))
        except ZhaorenError as error:
            if error.code not in TOO_FEW:
                raise
            waiting.append(error)
    return entries, waiting
