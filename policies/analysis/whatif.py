"""What if a parameter were another: the same people under changed rules, and who gains or loses.

    parse_change(cat, "dibao.standard=+10%") -> Change
    with_changes(cat, changes) -> Catalogue
    what_if(cat, changed, persons, households, as_of) -> DataFrame, one row per entitlement that differs

A changed value holds on every date and counts as verified by whoever asks the question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import polars as pl

from policies.catalogue.benefit import ENTITLED, UNKNOWN_AMOUNT
from policies.catalogue.model import Catalogue
from policies.catalogue.own_values import Own
from policies.catalogue.parameter import LocalValue, Parameter, Value
from policies.catalogue.shapes import Number, Source
from policies.engine.evaluate_benefits import evaluate_benefits
from zhaoren.errors import ZhaorenError

_FORM = re.compile(
    r"^(?P<name>[a-z0-9_.]+)(?:@(?P<place>\w+))?=(?P<sign>[+-]?)(?P<amount>\d+(?:\.\d+)?)(?P<percent>%?)$"
)
_KEY = ["household_id", "person_id", "benefit_id"]
_MONEY = pl.Decimal(18, 2)
CHANGES = ["paid_change_yuan_month", "gap_change_yuan_month", "once_change_yuan"]


@dataclass(frozen=True)
class Change:
    """One `--set`: a parameter, all of its values or those of one place or case, and the new amount."""

    parameter: str
    place: str | None
    sign: str
    amount: Decimal
    is_percent: bool

    def __call__(self, old: Number | str) -> Number:
        """The value it becomes; relative changes are rounded to hundredths, half up."""
        if not self.sign and not self.is_percent:
            return _number(self.amount)
        step = Decimal(old) * self.amount / 100 if self.is_percent else self.amount
        new = Decimal(old) - step if self.sign == "-" else Decimal(old) + step if self.sign else step
        return _number(new.quantize(Decimal("0.01"), ROUND_HALF_UP))


def parse_change(cat: Catalogue, text: str) -> Change:
    """`NAME[@PLACE]=AMOUNT`: +10%, -5%, +50, -50, or the new amount itself.

    NAME may be the beginning of one parameter's name. ZhaorenError when the text, the parameter or the
    place is not known, or the beginning fits several.
    """
    match = _FORM.match(text.replace(" ", ""))
    if match is None:
        raise ZhaorenError(
            f"“{text}” is not a change.", "--set", "It does not read NAME=AMOUNT.",
            "Write for instance dibao.standard=+10%, dibao.standard@t4_rural=700 or dibao.edge_multiple=2.",
        )  # fmt: skip
    name = _named(cat, match["name"])
    change = Change(name, match["place"], match["sign"], Decimal(match["amount"]), bool(match["percent"]))
    with_changes(cat, [change])  # a wrong place or a text value is refused now, not at the first answer
    return change


def with_changes(cat: Catalogue, changes: Iterable[Change]) -> Catalogue:
    """The same rules with other parameter values; several changes of one parameter apply in order."""
    for change in changes:
        is_place = bool(change.place and change.place.isdigit())
        cat = _with_place(cat, change) if is_place else _everywhere(cat, change)
    return cat


def _everywhere(cat: Catalogue, change: Change) -> Catalogue:
    """Every value changed, places' own included; or those of one tier or case."""
    old, own = cat.parameters[change.parameter], cat.own.of(change.parameter)
    new = old.model_copy(update={"values": tuple(_changed(value, change) for value in old.values)})
    if change.place is None:
        new = new.model_copy(update={"local": _changed_locals(old.local, change)})
        own = _changed_locals(own, change)
    return _with(cat, change.parameter, new, own)


def _with_place(cat: Catalogue, change: Change) -> Catalogue:
    """The place's own values changed, the home's or the shipped; a new amount needs none to be there."""
    old, own = cat.parameters[change.parameter], cat.own.of(change.parameter)
    if not (old.local or own or any(value.places for value in old.values)):
        why, todo = "It is one value for all places.", "Leave out @place."
        raise ZhaorenError(f"{change.parameter} cannot be changed so.", "--set", why, todo)
    if not (change.sign or change.is_percent):
        amount = {"place": change.place, "value": change(0), "valid_from": date.min, "status": "verified"}
        new = LocalValue.model_validate({**amount, "source": Source(document="--set")})
        return _with(cat, change.parameter, old, (new, *(v for v in own if v.place != change.place)))
    named = [{value.place} for value in (*own, *old.local)] + [
        set(value.places or {}) for value in old.values
    ]
    if not any(change.place in places for places in named):
        raise _no_value(change, {key for value in old.values for key in value.places or {}})
    values = tuple(_changed(v, change) if change.place in (v.places or {}) else v for v in old.values)
    new_one = old.model_copy(update={"values": values, "local": _changed_locals(old.local, change)})
    return _with(cat, change.parameter, new_one, _changed_locals(own, change))


def _with(cat: Catalogue, name: str, parameter: Parameter, own: tuple[LocalValue, ...]) -> Catalogue:
    changed = {**cat.own.values, name: own} if own else cat.own.values
    return replace(cat, parameters=cat.parameters | {name: parameter}, own=Own(changed))


def _changed_locals(values: tuple[LocalValue, ...], change: Change) -> tuple[LocalValue, ...]:
    """Places' own values changed; with a place in the change, that place's only."""
    return tuple(
        _changed_local(v, change) if change.place is None or v.place == change.place else v for v in values
    )


def _changed_local(value: LocalValue, change: Change) -> LocalValue:
    form: dict[str, object] = {}
    if value.cases is not None:
        of = {key: change(old) for key, old in value.cases.of.items()}
        form = {"cases": value.cases.model_copy(update={"of": of})}
    elif value.residence is not None:
        form = {"residence": value.residence.model_copy(update={k: change(v) for k, v in value.residence})}
    elif value.value is not None:
        form = {"value": change(value.value)}
    return value.model_copy(update={**form, "status": "verified"})


def what_if(
    cat: Catalogue, changed: Catalogue, persons: pl.DataFrame, households: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    """One row per entitlement (household_id, person_id or null, benefit_id) that differs under `changed`.

    eligible_before, eligible_after; paid_change_yuan_month: what those who receive it now would get more or
    less (losing it is losing all of it); gap_change_yuan_month: what those who do not receive it could claim
    more or less; once_change_yuan: the same of a one-off sum. A change is null where either side is unknown:
    it is not nothing. Sorted by its key.
    """
    # a benefit that plainly answers no has no row: a full join finds those who come in or fall out
    before = _side(evaluate_benefits(cat, persons, households, as_of), "before")
    after = _side(evaluate_benefits(changed, persons, households, as_of), "after")
    both = before.join(after, on=_KEY, how="full", coalesce=True, nulls_equal=True)
    is_paid = pl.coalesce("is_receiving_after", "is_receiving_before")
    both = both.with_columns(
        pl.col("eligible_before", "eligible_after").fill_null("no"), is_receiving=is_paid
    )
    is_open = pl.any_horizontal(pl.col(f"eligible_{side}") == "unknown" for side in ("before", "after"))
    paid = _worth("amount", "after") - _worth("amount", "before")
    owed = _worth("gap", "after") - _worth("gap", "before")
    once = _worth("once", "after") - _worth("once", "before")
    rows = both.select(
        *_KEY, "eligible_before", "eligible_after", "is_receiving",
        paid_change_yuan_month=pl.when(~is_open & pl.col("is_receiving")).then(paid).cast(_MONEY),
        gap_change_yuan_month=pl.when(~is_open & ~pl.col("is_receiving")).then(owed).cast(_MONEY),
        once_change_yuan=pl.when(~is_open).then(once).cast(_MONEY),
    )  # fmt: skip
    moved = pl.any_horizontal(pl.col(CHANGES).fill_null(0) != 0)
    # 'likely' and 'yes' differ in what was verified, not in what a family may have.
    answers = [
        pl.col(f"eligible_{side}").replace({"likely": "yes", UNKNOWN_AMOUNT: "yes"})
        for side in ("before", "after")
    ]
    return rows.filter((answers[0] != answers[1]) | moved).sort(_KEY, nulls_last=True)


def by_household(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per household of `what_if`: the three changes summed, is_gaining, is_losing, is_unclear."""
    sums = rows.group_by("household_id", maintain_order=True).agg(
        pl.col(CHANGES).sum(),
        is_unclear=pl.any_horizontal(pl.col("eligible_before", "eligible_after") == "unknown").any(),
    )
    total = pl.sum_horizontal(CHANGES)
    return sums.with_columns(is_gaining=total > 0, is_losing=total < 0)


def _side(rows: pl.DataFrame, side: str) -> pl.DataFrame:
    kept = ["eligible", "amount", "gap", "once", "is_receiving"]
    short = {"amount_yuan_month": "amount", "gap_yuan_month": "gap", "amount_once_yuan": "once"}
    return rows.rename(short).select(*_KEY, *(pl.col(name).alias(f"{name}_{side}") for name in kept))


def _worth(what: str, side: str) -> pl.Expr:
    """An amount on one side; nothing where the person is not entitled."""
    entitled = pl.col(f"eligible_{side}").is_in(ENTITLED)
    return pl.when(entitled).then(pl.col(f"{what}_{side}")).otherwise(pl.lit(0, _MONEY))


def _named(cat: Catalogue, start: str) -> str:
    if start in cat.parameters:
        return start
    found = sorted(name for name in cat.parameters if name.startswith(start))
    if len(found) != 1:
        what = "There is no one parameter" if found else "There is no parameter"
        why = f"It fits {', '.join(found)}." if found else "No parameter begins so."
        near = [name for name in sorted(cat.parameters) if name.split(".")[0] == start.split(".")[0]]
        todo = f"Name one of: {', '.join(found or near or sorted(cat.parameters))}."
        raise ZhaorenError(f"{what} “{start}”.", "--set", why, todo)
    return found[0]


def _changed(value: Value, change: Change) -> Value:
    form: dict[str, object]
    if value.cases is not None:
        form = {"cases": value.cases.model_copy(update={"of": _placed(value.cases.of, change)})}
    elif value.places is not None:
        form = {"places": _placed(value.places, change)}
    elif change.place or isinstance(value.value, str) or value.value is None:
        what = "is a text" if isinstance(value.value, str) else "is one value for all places"
        raise ZhaorenError(
            f"{change.parameter} cannot be changed so.",
            "--set",
            f"It {what}.",
            "Leave out @place, or choose a number.",
        )
    else:
        form = {"value": change(value.value)}
    # whoever asks vouches for the value: else every answer under it would fall from yes to likely
    return value.model_copy(update={**form, "status": "verified"})


def _placed(amounts: dict[str, Number], change: Change) -> dict[str, Number]:
    """All amounts changed, or those of one place or case."""
    if change.place is None:
        return {key: change(old) for key, old in amounts.items()}
    if change.place not in amounts:
        raise _no_value(change, amounts)
    return {**amounts, change.place: change(amounts[change.place])}


def _no_value(change: Change, named: Iterable[str]) -> ZhaorenError:
    return ZhaorenError(
        f"{change.parameter} has no value for “{change.place}”.",
        "--set",
        "It differs by place or case.",
        f"Name one of: {', '.join(named)}; or a division's 2, 4, 6 or 9 digits with a new amount.",
    )


def _number(amount: Decimal) -> Number:
    return int(amount) if amount == amount.to_integral_value() else amount
