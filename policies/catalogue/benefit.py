"""A benefit: one file of benefits/."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import model_validator

from policies.catalogue.shapes import Dated, Entity, Given, Number, PlaceCode, Source, Status, Strict, Text

# Answers of somebody who may have a benefit: the second says that something is still to be checked, the
# third that
# every test holds and nobody knows how much it would be.
UNKNOWN_AMOUNT = "unknown_amount"
ENTITLED = ("yes", "likely", UNKNOWN_AMOUNT)


class Condition(Strict):
    """One named test of a benefit; `missing` names the facts to ask for when the SQL is unknown.

    An unverified exclusion weakens no yes: who is not excluded stays eligible even if the rule did not exist.
    """

    id: Text
    sql: Text
    zh: Text
    en: Text | None = None
    clause: Text
    says: Text | None = None
    missing: tuple[str, ...] = ()
    status: Status = "verified"  # the whole rule has a status too; a test states its own where it is weaker
    is_exclusion: bool = False
    is_quiet: bool = False  # goes without saying: left out of the reason when it holds


class Material(Strict):
    """A document the application needs; what an office (`held_by_zh`) holds already, nobody has to bring."""

    zh: Text
    held_by_zh: Text | None = None


class BenefitExample(Given):
    """A worked example: facts in, expected answer out; what it does not state is not compared."""

    name: Text
    as_of: date
    eligible: Literal["yes", "likely", "unknown_amount", "no", "unknown"]
    amount_yuan_month: Number | None = None
    amount_once_yuan: Number | None = None
    gap_yuan_month: Number | None = None
    is_receiving: bool | None = None
    missed_month_cnt: int | None = None
    missing: tuple[str, ...] = ()


class Benefit(Dated):
    """A benefit: who may have it, how much or what, and whether it is being given.

    What is given is a sum a month (`amount_sql`), a sum once, once a year or for each day (`amount_once_sql`,
    `period`), or a service (`service_zh`). A sum without a test is everybody's whose sum is known. Without
    `receiving_sql` no roll lists the recipients: unknown, never no.
    """

    id: Text
    place: PlaceCode | None = None  # whose own text it is: it goes before the text for everywhere
    name_zh: Text
    name_en: Text | None = None
    summary_en: Text | None = None
    entity: Entity
    region: Text
    status: Status
    source: Source
    department_zh: Text
    mode: Literal["auto_pay", "auto_enrol", "prefilled_application", "outreach"]
    exclusive_group: Text | None = None
    excludes: tuple[Text, ...] = ()
    who: tuple[Condition, ...] = ()
    on_application: tuple[Text, ...] = ()
    materials: tuple[Text | Material, ...] = ()
    amount_sql: Text | None = None
    amount_once_sql: Text | None = None
    period: Literal["once", "year", "day"] = "once"
    service_zh: Text | None = None
    service_en: Text | None = None
    rounding: Literal["up_to_yuan", "to_fen"] = "to_fen"
    receiving_sql: Text | None = None
    received_sql: Text | None = None
    since: Text | None = None
    examples_base: Given = Given()
    examples: tuple[BenefitExample, ...] = ()

    @model_validator(mode="after")
    def _one_amount(self) -> Benefit:
        forms = (self.amount_sql, self.amount_once_sql, self.service_zh)
        if sum(form is not None for form in forms) != 1:
            raise ValueError("give exactly one of amount_sql, amount_once_sql or service_zh")
        if not self.who and self.service_zh is not None:
            raise ValueError("a service says who may have it: give `who`")
        if self.period != "once" and self.amount_once_sql is None:
            raise ValueError("period says how often amount_once_sql is paid; a monthly sum has none")
        # how much is paid can only be compared for those known to be paid
        if self.received_sql is not None and self.receiving_sql is None:
            raise ValueError("received_sql needs receiving_sql")
        return self

    @property
    def is_monthly(self) -> bool:
        """Whether it is a sum paid month by month."""
        return self.amount_sql is not None
