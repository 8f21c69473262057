"""How long each kind of file and row is kept, and why; `keep:` in settings.yaml changes it.

The law sets no period for most of it, but the shortest time that the purpose needs (个人信息保护法, article
19). Two periods are given: files of assistance, those of daily management 5 years, those of approval 3 years
after it ended (民政部、国家档案局 on files of the minimum living guarantee); records of processing 3 years
(个人信息保护法, article 56). Unverified: neither was read at its issuing body.
"""

from __future__ import annotations

from dataclasses import dataclass

FOREVER = None


@dataclass(frozen=True)
class Kind:
    """One kind. months: kept so long by default; FOREVER where the installation has to decide.

    place: `folder` (one per date, below the home), `files` (by their age), `vault`, `archive`, or the
    warehouse's table with the column that dates its rows. needed_by: what can no longer be done without it.
    """

    name: str
    place: str
    months: int | None
    why: str
    needed_by: str = ""


_REPLAY = "`zhaoren replay` of these dates"
KINDS: tuple[Kind, ...] = (
    Kind("worklists", "folder", 60, "files of daily management: 5 years", _REPLAY),
    Kind("counties", "folder", 60, "files of daily management: 5 years"),
    Kind("compliance", "folder", 60, "files of daily management: 5 years"),
    Kind("referrals", "folder", 60, "files of daily management: 5 years"),
    Kind("spot_checks", "folder", 60, "files of daily management: 5 years"),
    Kind("receipts", "folder", 12, "a department corrects its rows within the year or not at all"),
    Kind("reviews", "folder", 6, "answers come back within weeks, and show names and numbers in full"),
    Kind("reports", "folder", 24, "two years of figures to compare with, Data Docs among them"),
    Kind("defects", "files", 6, "what went wrong in the program is mended by then"),
    Kind("quarantined_text", "vault", 12, "shown on receipts alone, which go with it"),
    Kind(
        "archive",
        "archive",
        FOREVER,
        "a lost home is rebuilt from the originals; 36 months at least are owed after assistance ended",
        "`zhaoren restore` of these deliveries, and a second receipt for them",
    ),
    Kind("panel", "panel.*.as_of", 60, "what a list of daily management was made from: 5 years", _REPLAY),
    Kind("alerts", "mart.*.as_of", 60, "files of daily management: 5 years", f"{_REPLAY}, and learning"),
    Kind("openings", "ops.vault_opening.opened_at", 36, "records of processing: 3 years (article 56)"),
)
