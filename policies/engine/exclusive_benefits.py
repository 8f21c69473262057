"""What is owed where benefits exclude each other: the household's best lawful combination, less what is paid.

    conflicts(rules) -> {benefit_id: ids it may not be had together with}
    best_choices(rows, rules) -> rows whose gaps may be summed

A person's own benefits exclude each other, and a household's benefit excludes its members'. So: for every
lawful set of household benefits, each member takes the best lawful set of the benefits left to him; the
household set whose sum is highest wins, and on a tie what is received already, then what holds more benefits.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import polars as pl

from policies.catalogue.benefit import Benefit

Conflicts = dict[str, set[str]]
_MONEY = pl.Decimal(18, 2)
_FEN = pl.Int64
# A household with more contested rows would need its ties weighed against a hundredth of a yuan.
MOST_ROWS = 500


def conflicts(rules: Iterable[Benefit]) -> Conflicts:
    """Both directions of every `excludes`, and all pairs of an `exclusive_group`."""
    rules = list(rules)
    found: Conflicts = {rule.id: set() for rule in rules}
    for one, other in combinations(rules, 2):
        if one.id == other.id:  # the texts of two places: nobody is answered by both
            continue
        in_group = one.exclusive_group is not None and one.exclusive_group == other.exclusive_group
        if in_group or other.id in one.excludes or one.id in other.excludes:
            found[one.id].add(other.id)
            found[other.id].add(one.id)
    return {rule: others for rule, others in found.items() if others}


def best_choices(rows: pl.DataFrame, rules: Iterable[Benefit]) -> pl.DataFrame:
    """Entitlement rows (of any order) with gap_yuan_month as it is owed when the best combination is taken.

    The benefits not taken keep their row and amount, with a gap of nothing. Rows that exclude nothing, or
    whose gap is unknown, stay as they are.
    """
    rules = list(rules)
    against = conflicts(rules)
    is_open = pl.col("benefit_id").is_in(list(against)) & pl.col("gap_yuan_month").is_not_null()
    rows = rows.with_row_index("_i")
    contested = rows.select(
        "_i", "benefit_id", "household_id", "person_id", "amount_yuan_month", "gap_yuan_month", "is_receiving"
    ).filter(is_open)
    if contested.is_empty():
        return rows.drop("_i")
    homes = {rule.id for rule in rules if rule.entity == "household"}
    contested = contested.with_columns(
        _home=pl.coalesce("household_id", "person_id"),
        _amount=_fen("amount_yuan_month"),
        _gap=_fen("gap_yuan_month"),
    )
    owed = _owed(_taken(contested, against, homes))
    # beside the gaps alone: a join of whole rows would copy every sentence of a province
    gaps = rows.select("_i", "gap_yuan_month").join(owed, on="_i", how="left", maintain_order="left")
    kept = pl.coalesce((pl.col("_owed").cast(_MONEY) * pl.lit("0.01").cast(_MONEY)), "gap_yuan_month")
    return rows.drop("_i").with_columns(gaps.select(gap_yuan_month=kept.cast(_MONEY)).to_series())


def _fen(column: str) -> pl.Expr:
    # whole fen: sums and ties must not depend on rounding
    return (pl.col(column) * 100).cast(_FEN)


def _taken(rows: pl.DataFrame, against: Conflicts, homes: set[str]) -> pl.DataFrame:
    """The rows with `_is_taken`: whether the best combination holds them."""
    present = set(rows["benefit_id"].unique())
    # Of two equal sums the one that changes least: what is received weighs half a fen more.
    worth = pl.col("_amount") * 2 + pl.col("is_receiving").cast(_FEN)
    ties = _ties(against, homes)
    worth = worth * (max(ties.values()) * MOST_ROWS) + pl.col("benefit_id").replace_strict(ties)
    of_home, of_member = sorted(present & homes), sorted(present - homes)
    own = _wide(rows.with_columns(_worth=worth), ["_home", "person_id"], of_member)
    shared = _wide(rows.with_columns(_worth=worth), ["_home"], of_home)
    options = _lawful(of_home, against)
    totals = shared.with_columns(_sum(option).alias(f"_t{i}") for i, option in enumerate(options))
    members = own
    for i, option in enumerate(options):
        left = [b for b in of_member if not against[b] & set(option)]
        sums = pl.concat_list([_sum(chosen) for chosen in _largest(left, against)])
        members = members.with_columns(sums.list.max().alias(f"_b{i}"), sums.list.arg_max().alias(f"_s{i}"))
    members = members.drop(of_member)
    by_home = members.group_by("_home").agg(pl.col(f"_b{i}").sum() for i in range(len(options)))
    totals = totals.join(by_home, on="_home", how="left")
    values = [pl.col(f"_t{i}") + pl.col(f"_b{i}").fill_null(0) for i in range(len(options))]
    chosen = totals.select("_home", _option=pl.concat_list(values).list.arg_max())
    rows = rows.join(chosen, on="_home").join(
        members, on=["_home", "person_id"], how="left", nulls_equal=True
    )
    return rows.with_columns(_is_taken=_holds(options, of_member, against))


def _ties(against: Conflicts, homes: set[str]) -> dict[str, int]:
    """What decides between equal sums: more benefits before fewer, the household's own, the first by name.

    By what the household itself has and nothing else: who stands beside it among the rows must not matter.
    """
    names = sorted(against, key=lambda name: (name not in homes, name))
    return {name: (1 << len(names)) + (1 << place) for place, name in enumerate(reversed(names))}


def _wide(rows: pl.DataFrame, keys: list[str], benefits: list[str]) -> pl.DataFrame:
    """One row per key, one column per benefit with its worth; nothing where it is not there."""
    if "person_id" in keys:
        rows = rows.filter(pl.col("benefit_id").is_in(benefits))
    worth = [
        pl.col("_worth").filter(pl.col("benefit_id") == benefit).sum().alias(benefit) for benefit in benefits
    ]
    return rows.group_by(keys, maintain_order=True).agg(worth)


def _sum(benefits: Iterable[str]) -> pl.Expr:
    return pl.sum_horizontal(pl.lit(0, _FEN), *(pl.col(b) for b in benefits))


def _lawful(benefits: list[str], against: Conflicts) -> list[tuple[str, ...]]:
    """Every set without a conflict inside, the empty one too."""
    # exponential in the benefits that exclude each other: a handful, and few sets of them are lawful
    found: list[tuple[str, ...]] = [()]
    for benefit in benefits:
        found += [(*others, benefit) for others in found if not against[benefit] & set(others)]
    return found


def _largest(benefits: list[str], against: Conflicts) -> list[tuple[str, ...]]:
    """The lawful sets to which nothing can be added."""
    sets = [set(s) for s in _lawful(benefits, against)]
    return [tuple(sorted(s)) for s in sets if not any(s < other for other in sets)]


def _holds(options: list[tuple[str, ...]], of_member: list[str], against: Conflicts) -> pl.Expr:
    benefit, taken = pl.col("benefit_id"), pl.lit(False)
    for i, option in enumerate(options):
        left = [b for b in of_member if not against[b] & set(option)]
        own = pl.lit(False)
        for k, chosen in enumerate(_largest(left, against)):
            own = pl.when(pl.col(f"_s{i}") == k).then(benefit.is_in(list(chosen))).otherwise(own)
        mine = pl.when(benefit.is_in(of_member)).then(own).otherwise(benefit.is_in(list(option)))
        taken = pl.when(pl.col("_option") == i).then(mine).otherwise(taken)
    return taken


def _owed(rows: pl.DataFrame) -> pl.DataFrame:
    """`_i` and `_owed` in fen: the gaps of what is taken, less what is paid now and would be given up."""
    freed = pl.when(~pl.col("_is_taken") & pl.col("is_receiving")).then(pl.col("_amount") - pl.col("_gap"))
    rows = rows.with_columns(
        _freed=freed.otherwise(0), _owed=pl.when("_is_taken").then(pl.col("_gap")).otherwise(0)
    ).sort("_home", "person_id", pl.col("_owed"), "benefit_id", descending=[False, False, True, False])
    # what a person gives up is set against that person's new benefits first, the rest against the household's
    for keys in (["_home", "person_id"], ["_home"]):
        pool, so_far = pl.col("_freed").sum().over(keys), pl.col("_owed").cum_sum().over(keys)
        after, before = ((part - pool).clip(lower_bound=0) for part in (so_far, so_far - pl.col("_owed")))
        left = pl.max_horizontal(pool - pl.col("_owed").sum().over(keys), 0)
        first = pl.int_range(pl.len()).over(keys) == 0
        rows = rows.with_columns(_owed=after - before, _freed=pl.when(first).then(left).otherwise(0))
    return rows.select("_i", "_owed")
