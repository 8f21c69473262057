"""What was known on a date: `core` read as of it, each question answered once.

    CoreAsOf(frames, as_of, keys, register)
        .cut(name)            linked rows known by the date; None = never delivered
        .latest(name, back)   the newest month's roll (back=1: that of the month before)
        .last_rows(name)      each key's newest row over all deliveries
        .ever_reported(name, columns)   the same columns of every row, older months included
        .doubtful(name, still)          persons whom the newest roll dropped without a reason

`frames` maps an extract's name to its loaded rows: the contract's columns with every ID number replaced by a
person_id, plus period_month (the month the delivery is about), known_date, delivery_id and row_no; only
rows of deliveries in force; and `part` where an extract comes in parts. The newest roll is that of the
newest month, whenever it came. A contract
refuses an empty delivery, so a frame with no row known by the date means the same as a missing frame: never
delivered, hence unknown.

Beside the extracts there are frames of their own kind: `household_member` (membership spells), `person`,
`death_visit`, `once_dead` (golden_record) and `quarantined`, which names the persons of faulty rows that
could still be linked: extract, person_id, period_month, known_date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from data_contracts.contract.model import Contract
from transforms.expressions import days_since, days_until

Core = Mapping[str, pl.DataFrame | None]
# In which order rows of one key supersede each other: by the month they are about, then by arrival.
PART = "part"  # a frame has it where any of its deliveries is a part
NEWEST_LAST = ("period_month", "known_date", "delivery_id", "row_no")


def known_rows(frame: pl.DataFrame, as_of: date) -> pl.DataFrame | None:
    """Linked rows known by the date; None when there is none, which is 'never delivered'."""
    if frame.is_empty():
        return None
    came = frame["known_date"] <= as_of
    # A delivery whose rows could not be linked was still delivered: keep the (empty) frame then.
    if not came.any():
        return None
    usable = came & frame["person_id"].is_not_null()
    return frame if usable.all(ignore_nulls=False) else frame.filter(usable)


def newest_last(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame sorted by NEWEST_LAST.

    Frames are cut from core in this order, and looking whether one still is costs a tenth of sorting it anew.
    """
    earlier = pl.lit(False)
    for name in reversed(NEWEST_LAST):
        before = pl.col(name).shift(1)
        earlier = (pl.col(name) < before) | ((pl.col(name) == before) & earlier)
    # A null compares with nothing: of a frame with one it is not known that the order holds.
    unsure = frame.select(earlier.slice(1).any(ignore_nulls=False)).item()
    return frame if unsure is False else frame.sort(NEWEST_LAST)


def newest_per_key(frame: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """The newest row of each key, in the rows' own order of time.

    Departments that deliver in parts number their records in each part anew: there a number is a record's
    within its part, and across parts (or a part and the whole) only where it is the same person's.
    """
    ordered = newest_last(frame)
    if PART in frame.columns and not any(name.endswith("person_id") for name in key):
        ordered = ordered.unique([*key, PART], keep="last", maintain_order=True)
        key = [*key, "person_id"]
    return ordered.unique(key, keep="last", maintain_order=True)


@dataclass(frozen=True)
class CoreAsOf:
    """`frames` as known on `as_of`; `keys`: each extract's key; `register`: the extract that lists everybody.

    Every section of the panel asks for the same few rolls: an answer is worked out once and kept as long as
    the value lives.
    """

    frames: Core
    as_of: date
    keys: Mapping[str, tuple[str, ...]]
    register: str
    _answers: dict[tuple[object, ...], pl.DataFrame | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def of_contracts(cls, frames: Core, as_of: date, contracts: Iterable[Contract]) -> CoreAsOf:
        """With the keys, and the register, that the contracts declare."""
        contracts = list(contracts)
        registers = [c.extract for c in contracts if c.identifies_everybody]
        # Without a register every question to it answers "never delivered".
        register = registers[0] if registers else ""
        return cls(frames, as_of, {c.extract: c.core_key for c in contracts}, register)

    def get(self, name: str) -> pl.DataFrame | None:
        """The frame as it is, whatever was known when."""
        return self.frames.get(name)

    def cut(self, name: str) -> pl.DataFrame | None:
        """Linked rows known by the date; None when never delivered."""
        frame = self.get(name)
        return self._once(("cut", name), lambda: None if frame is None else known_rows(frame, self.as_of))

    def latest(self, name: str, back: int = 0) -> pl.DataFrame | None:
        """The roll of the newest month delivered by the date; `back=1` is that of the month before it.

        Parts and corrected rows of one month are one roll.
        """
        return self._once(("latest", name, back), lambda: self._roll(name, back))

    def last_rows(self, name: str) -> pl.DataFrame | None:
        """Each key's newest row over every delivery known by the date: events, and what a roll last had."""

        def newest() -> pl.DataFrame | None:
            known = self.cut(name)
            return None if known is None else newest_per_key(known, self.keys[name])

        return self._once(("last_rows", name), newest)

    def ever_reported(self, name: str, columns: Sequence[str]) -> pl.DataFrame | None:
        """person_id, the columns and known_date of every linked row known by the date.

        Older months, of which only these columns are kept (`<name>.before`), are included.
        """
        known, before = self.cut(name), self.get(f"{name}.before")
        wanted = [*dict.fromkeys(("person_id", *columns, "known_date"))]
        if known is None or before is None:
            return None if known is None else known.select(wanted)
        older = before.filter((pl.col("known_date") <= self.as_of) & pl.col("person_id").is_not_null())
        return pl.concat([older.select(wanted), known.select(wanted)], how="vertical_relaxed")

    def newest_day(self, name: str) -> date | None:
        """The day of the newest delivery known by the date, also of one in which no row could be linked."""
        return self._newest(name, "known_date")

    def newest_month(self, name: str) -> date | None:
        """The newest month delivered by the date, also by a delivery in which no row could be linked."""
        return self._newest(name, "period_month")

    def doubtful(self, name: str, still: pl.Expr | None = None) -> pl.DataFrame | None:
        """person_id of everybody on the roll before and not on the newest, or whose row was faulty.

        A faulty row that was sent back looks just like a person taken off the roll, so for one delivery their
        facts are unknown rather than 'none'. `still` picks the earlier rows that had not run out by
        themselves. For rolls that mark an ending; where people simply leave a roll (school, custody), absence
        is an answer.
        """
        newest, before = self.latest(name), self.latest(name, back=1)
        if newest is None:
            return None
        lost = [newest.select("person_id").clear()]
        if before is not None:
            lost.append((before if still is None else before.filter(still)).select("person_id"))
        faulty = self.get("quarantined")
        if faulty is not None:
            now = self.newest_month(name)
            rows = faulty.filter((pl.col("extract") == name) & (pl.col("period_month") == now))
            lost.append(rows.select("person_id").drop_nulls())
        return pl.concat(lost).unique().join(newest, on="person_id", how="anti")

    def days_since(self, column: str) -> pl.Expr:
        """Whole days from the column's date to the core's; null stays null."""
        return days_since(column, self.as_of)

    def days_until(self, column: str) -> pl.Expr:
        """Whole days from the core's date to the column's; null stays null."""
        return days_until(column, self.as_of)

    def _roll(self, name: str, back: int) -> pl.DataFrame | None:
        frame = self.get(name)
        if frame is None:
            return None
        came = frame["known_date"] <= self.as_of
        months = frame["period_month"].filter(came).unique().sort(descending=True)
        if len(months) <= back:
            return None
        of_month = came & (frame["period_month"] == months[back])
        return newest_per_key(frame.filter(of_month & frame["person_id"].is_not_null()), self.keys[name])

    def _newest(self, name: str, column: str) -> date | None:
        frame = self.get(name)
        if frame is None:
            return None
        day: date | None = frame.filter(pl.col("known_date") <= self.as_of)[column].max()  # type: ignore[assignment]
        return day

    def _once(
        self, question: tuple[object, ...], answer: Callable[[], pl.DataFrame | None]
    ) -> pl.DataFrame | None:
        if question not in self._answers:
            self._answers[question] = answer()
        return self._answers[question]
