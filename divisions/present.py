"""What delivered codes of towns and villages mean on a day, and which towns and villages there are then.

The shipped tables are of one edition; changes in force by the day bring them forward. Nothing is guessed:
where more than one place may have become of a code, it means none.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from divisions import divisions, towns, villages
from divisions.changes import LONGEST_CHAIN
from divisions.succession import current_codes

MEANING = {"code": pl.String, "present_code": pl.String, "state": pl.String}
TOWN, VILLAGE = 9, 12  # digits
# A town's own code as the statistics bureau writes it with a village's twelve digits.
NO_VILLAGE = "000"
_GIVEN_UP = ("ambiguous", "dropped")


def meanings(codes: pl.Series, on: date, changes: pl.DataFrame) -> pl.DataFrame:
    """One row per code that is not simply a present one: code, present_code, state; sorted by code.

    state is
        changed           another code now, for sure
        town_only         a village's code whose town is sure and whose village is not: present_code is the
                          town's code and 000
        ambiguous         given up, and more than one place may have become of it: present_code is null
        dropped           given up, and nothing is named that came of it: present_code is null
        unlisted          neither it nor its town is in any table: left as it is

    A new village of a town that there is stands for itself and has no row. `changes` as load_changes gives
    them, of which those dated by `on` count.
    """
    asked = codes.cast(pl.String).alias("code").to_frame().unique().drop_nulls().sort("code")
    asked = asked.join(_unchanged(on, changes), on="code", how="anti", maintain_order="left")
    if asked.is_empty():
        return pl.DataFrame(schema=MEANING)
    own = current_codes(asked["code"], on, changes)
    place = own.select(pl.coalesce("current_code", "code").str.head(TOWN)).to_series()
    town = current_codes(place, on, changes).select(town="current_code", town_state="state")
    told = pl.concat([own, town], how="horizontal")
    return told.with_columns(**_decided()).drop_nulls("state").select(*MEANING)


def _unchanged(on: date, changes: pl.DataFrame) -> pl.DataFrame:
    """The tables' towns and villages that no change speaks of: nearly every code of a delivery."""
    below = divisions().filter(pl.col("level").is_in(["town", "village"])).select("code")
    moved = changes.filter(pl.col("date") <= on).select(given_up="old_code")
    below = below.join(moved, left_on="code", right_on="given_up", how="anti")
    return below.join(moved, left_on=pl.col("code").str.head(TOWN), right_on="given_up", how="anti")


def _decided() -> dict[str, pl.Expr]:
    """present_code and state (null: the code stands for itself) from what became of the code and its town."""
    own, of_town = pl.col("state"), pl.col("town_state")
    is_village = pl.col("code").str.len_bytes() == VILLAGE
    # A village goes where its town went, unless a line of its own says that it may lie elsewhere.
    follows = is_village & (of_town == "changed") & ((own != "ambiguous") | ~pl.col("is_sure"))
    town_of_parts = pl.when(_lies_in_one_town()).then(pl.col("candidates").list.first().str.head(TOWN))
    town = pl.coalesce(town_of_parts, pl.when(follows).then("town"))
    state = (
        pl.when(town.is_not_null()).then(pl.lit("town_only"))
        .when(own.is_in(_GIVEN_UP)).then(own)
        .when(of_town.is_in(_GIVEN_UP)).then(of_town)
        .when(own == "changed").then(own)
        .when((own == "in_force") | (is_village & (of_town == "in_force"))).then(None)
        .otherwise(pl.lit("unlisted"))
    )  # fmt: skip
    present = (
        pl.when(state == "changed").then("current_code")
        .when(state == "town_only").then(town + NO_VILLAGE)
        .when(state == "unlisted").then("code")
    )  # fmt: skip
    return {"present_code": present, "state": state}


def _lies_in_one_town() -> pl.Expr:
    """Of a split village whose parts all lie in one town, the town is sure."""
    towns_cnt = pl.col("candidates").list.eval(pl.element().str.head(TOWN)).list.n_unique()
    return (pl.col("state") == "ambiguous") & pl.col("is_sure") & (towns_cnt == 1)


def towns_at(on: date, changes: pl.DataFrame) -> pl.DataFrame:
    """towns() and the towns that changes in force by the day name and the table does not hold.

    Such a town keeps the name and class of the one it was renamed or moved from; else they are null.
    """
    known = towns()
    new = _new_codes(known["town_code"], TOWN, on, changes).rename({"code": "town_code"})
    named = new.join(known, left_on="former", right_on="town_code", how="left")
    places = known.unique("county_code", keep="first", maintain_order=True)
    places = places.select("county_code", "county_name", "city_name")
    added = named.select(
        "town_code",
        "town_name",
        county_code=pl.col("town_code").str.head(6),
        city_code=pl.col("town_code").str.head(4),
        residence_code="residence_code",
    ).join(places, on="county_code", how="left")
    return pl.concat([known, added.select(known.columns)]).sort("town_code")


def villages_at(on: date, changes: pl.DataFrame) -> pl.DataFrame:
    """villages() and those that changes in force by the day name and the table does not hold; as towns_at."""
    known = villages()
    new = _new_codes(known["village_code"], VILLAGE, on, changes).rename({"code": "village_code"})
    named = new.join(known, left_on="former", right_on="village_code", how="left")
    added = named.with_columns(town_code=pl.col("village_code").str.head(TOWN)).select(known.columns)
    return pl.concat([known, added]).sort("village_code")


def _new_codes(known: pl.Series, digits: int, on: date, changes: pl.DataFrame) -> pl.DataFrame:
    """code, former: new codes beside `known`, and the one known code that each was before, if it was one."""
    here = changes.filter((pl.col("date") <= on) & (pl.col("new_code").str.len_bytes() == digits))
    new = here.select(code="new_code").unique().join(known.alias("code").to_frame(), on="code", how="anti")
    before = here.select(former="old_code", at="new_code", same=pl.col("kind").is_in(["renamed", "moved"]))
    # Of a code that several came to be, no one name holds.
    before = before.filter(pl.col("same") & (pl.len().over("at") == 1)).drop("same")
    earlier = known.filter(known.is_in(pl.concat([before["former"], new["code"]]).implode())).implode()
    found = new.with_columns(former="code")
    for _ in range(LONGEST_CHAIN):
        follow = found.join(before.rename({"former": "earlier"}), left_on="former", right_on="at", how="left")
        follow = follow.select("code", former=pl.when(pl.col("former").is_in(earlier)).then("former")
                               .otherwise("earlier"))  # fmt: skip
        if follow.equals(found):  # mostly at once: few codes have a chain
            break
        found = follow
    return found.sort("code")
