"""Households whose number has no head, or several: told of each, and never a reason to part or join them.

Only hashes of numbers and persons are kept while chunks go by: 25 bytes per row.
"""

from __future__ import annotations

import polars as pl

from data_contracts.contract.model import Contract, Rule
from data_contracts.rules.conditions import sql_condition

KIND = "one_head"
TOWN = 9  # digits of a village code: heads in two towns are two households (households/household_keys.py)


class HeadFinder:
    """The rows met so far that belong to a household, for the contract's rule of this kind, if it has one.

    Options of the rule: `column` (the household's number), `head` and `among` (SQL per row: who is a head,
    and who still belongs to the household), `place` (a village code, if the rows have one).
    """

    def __init__(self, contract: Contract) -> None:
        rules = [rule for rule in contract.rules_in("row") if rule.kind == KIND]
        self.rule: Rule | None = rules[0] if rules else None
        self._person = contract.key[0] if contract.key else None
        self._parts: list[pl.DataFrame] = []

    def add(self, frame: pl.DataFrame, is_record: pl.Series, refused: pl.Series) -> None:
        """Remember one chunk's typed rows; `is_record`: neither a repeat nor a total nor a footer."""
        if self.rule is None or self._person is None:
            return
        options = self.rule.options
        number, among = pl.col(str(options["column"])), str(options.get("among") or "TRUE")
        place = options.get("place")
        town = pl.col(str(place)).str.head(TOWN).fill_null("") if place else pl.lit("")
        self._parts.append(
            frame.select(
                "row_no",
                household=pl.when(number.is_not_null()).then(number.hash(1)),
                town=town.hash(2),
                person=pl.col(self._person).hash(3),
                is_head=sql_condition(str(options["head"]), self.rule.id).fill_null(False),
                is_kept=~refused,
                belongs=sql_condition(among, self.rule.id).fill_null(True) & is_record,
            )
            .filter(pl.col("belongs") & pl.col("household").is_not_null())
            .drop("belongs")
        )

    def rows(self) -> pl.Series:
        """row_no, sorted, of every head that is not its household's only one, and of each headless
        household's first row.

        A head listed twice (under two benefits) is one. Heads of one number in two towns are told, too. A
        head whose row was refused is one, but only rows that were not are named: the others go back anyway.
        """
        if not self._parts:
            return pl.Series("row_no", [], dtype=pl.Int64)
        members = pl.concat(self._parts)
        heads = members.filter("is_head").select("household", "person", "town").unique()
        several = heads.group_by("household").len().filter(pl.col("len") > 1).select("household")
        kept = members.filter("is_kept")
        odd = kept.filter("is_head").join(several, on="household", how="semi")
        headless = kept.join(heads, on="household", how="anti").sort("row_no")
        first = headless.unique("household", keep="first", maintain_order=True)
        return pl.concat([odd["row_no"], first["row_no"]]).sort()
