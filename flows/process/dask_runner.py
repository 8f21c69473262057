"""Parts of a date on the workers of a Dask cluster, as tasks of a Prefect flow.

The cluster is an installation's own: its workers have this version installed and reach the folder that the
shards lie in. A worker that is lost loses nothing but time: Dask gives its parts to others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar

from flows.process.work import Work
from zhaoren.errors import ZhaorenError

CONNECT_SECONDS = 30
# Workers that die under a part before the part is to blame; Dask's own default.
LOST_WORKERS = 3


@dataclass(frozen=True)
class OnDask:
    """The workers that the scheduler at host:port has."""

    wants_prefect: ClassVar[bool] = True
    address: str

    def map(self, work: Work, parts: Sequence[int]) -> Iterator[int]:
        """See flows.process.work.Runner."""
        from prefect import flow, task
        from prefect.cache_policies import NO_CACHE
        from prefect_dask import DaskTaskRunner

        settings = {"timeout": CONNECT_SECONDS, "set_as_default": False}
        on_cluster = DaskTaskRunner(address=f"tcp://{self.address}", client_kwargs=settings)
        each = task(name="part", retries=LOST_WORKERS, cache_policy=NO_CACHE)(work)

        @flow(name="parts", task_runner=on_cluster)  # type: ignore[arg-type]
        def all_parts() -> list[int]:
            return [future.result() for future in [each.submit(part) for part in parts]]

        try:
            # In a thread, which begins without the step's own context: that would be sent along, and holds
            # the open warehouse.
            with ThreadPoolExecutor(1) as apart:
                yield from apart.submit(all_parts).result()
        except OSError as error:
            raise _unreachable(self.address) from error


def _unreachable(address: str) -> ZhaorenError:
    return ZhaorenError(
        "The Dask cluster does not answer.",
        f"dask://{address}",
        f"Nothing was heard from its scheduler within {CONNECT_SECONDS} seconds.",
        "Start it, or run with --runner local or processes.",
        code="cluster_unreachable",
    )
