"""What the columns of an outside frame are: the answer, whom it is about, when, what to compare by."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from zhaoren.errors import ZhaorenError

# Our own columns of a shaped frame; no outside column may be called so.
LABEL, ENTITY, TIME, WEIGHT, SCORE = "zr:label", "zr:entity", "zr:time", "zr:weight", "zr:score"
GROUP = "zr:group:"


@dataclass(frozen=True)
class Roles:
    """The column of each role ("" or empty: there is none), and how to read them.

    label           the answer; two values, or any number with `multiclass`
    positive        the value of the label that is to be found; default the larger of the two
    entity          whom a row is about; rows of one entity never stand on both sides of a grouped split;
                    "": each row is its own
    time            date or number by which splits roll
    groups          columns to compare by; no features unless `use_groups`
    weight          how many each row stands for
    household       persons with one value are rolled up to one row
    score           somebody else's score or decision; then nothing is trained
    categories      number columns that are codes
    without         columns not to be used
    """

    label: str
    entity: str = ""
    positive: str = ""
    time: str = ""
    groups: tuple[str, ...] = ()
    use_groups: bool = False
    weight: str = ""
    household: str = ""
    score: str = ""
    categories: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    multiclass: bool = False

    def single(self) -> dict[str, str]:
        """Role -> column, of the roles that one column fills."""
        named = ("label", "entity", "time", "weight", "household", "score")
        return {role: getattr(self, role) for role in named if getattr(self, role)}

    def named(self) -> list[str]:
        """Every column that was named, once."""
        every = [*self.single().values(), *self.groups, *self.categories, *self.without]
        return list(dict.fromkeys(every))


def frame_error(code: str, what: str, why: str = "", todo: str = "", where: str = "frame") -> ZhaorenError:
    """The error of a frame that cannot be used as it was asked for; its code begins with `frame_`."""
    return ZhaorenError(what, where, why, todo, code=code)


def check_roles(frame: pl.DataFrame, roles: Roles) -> None:
    """Raise ZhaorenError for a column that is missing, in two roles at once, or named like ours."""
    lost = [c for c in roles.named() if c not in frame.columns]
    if lost:
        raise frame_error(
            "frame_column_missing",
            f"the frame has no column {_names(lost)}",
            f"its {frame.width} columns are {_names(frame.columns)}",
            "write the name as it stands in the file",
        )
    ours = [c for c in frame.columns if c.startswith("zr:")]
    if ours:
        raise frame_error(
            "frame_column_ours", f"columns are named {_names(ours)}", "names with zr: are ours", "rename them"
        )
    _refuse_two_roles(roles)
    if frame.is_empty():
        raise frame_error(
            "frame_empty", "the frame has no rows", "there is nothing to learn from", "name another file"
        )


def _refuse_two_roles(roles: Roles) -> None:
    # one column may say both who and in which household: then every person is a household
    single = [(r, c) for r, c in roles.single().items() if not (r == "household" and c == roles.entity)]
    others = [("group", c) for c in roles.groups] + [("without", c) for c in roles.without]
    seen: dict[str, str] = {}
    for role, column in single + others:
        # a group may be whatever orders or places a row, but not the answer itself
        if column in seen and not (role == "group" and seen[column] not in ("label", "group")):
            raise frame_error(
                "frame_column_twice",
                f"column '{column}' is both {seen[column]} and {role}",
                "each role needs a column of its own",
                "name another column, or leave one role out",
            )
        seen.setdefault(column, role)


def _names(names: list[str]) -> str:
    shown = ", ".join(f"'{n[:60]}'" for n in names[:20])
    return shown + (f" and {len(names) - 20} more" if len(names) > 20 else "")
