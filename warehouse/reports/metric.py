"""What a metric is: a name, its words, and the one query that every number of it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One number of a report, for any place and any months.

    query: SELECT town_code, part, value; `asked` is one row with first_date, last_date (of the months asked
    for) and day (nothing known later counts). kind: `sum` (the values of a place's towns are added up) or
    `median` (of all the place's values; one row per thing, never an average of medians). group: metrics
    hidden together in reports that leave the county, because one can be told from the others. is_private:
    counts of families, so that small ones are hidden. stays: never leaves the county. is_stock: as it stood
    on last_date; months are not added up. has_total: its parts add up to something.
    none_is_unknown: a place without a row is one that nobody counted, not nought.
    """

    name: str
    zh: str
    unit: str
    query: str = field(repr=False)
    kind: str = "sum"
    group: str = ""
    is_private: bool = True
    stays: bool = False
    is_stock: bool = False
    has_total: bool = False
    none_is_unknown: bool = False

    @property
    def has_parts(self) -> bool:
        """Whether its numbers are told apart by something."""
        return "'' AS part" not in self.query

    @property
    def hidden_with(self) -> str:
        """The name of the metrics that are hidden together with this one."""
        return self.group or self.name
