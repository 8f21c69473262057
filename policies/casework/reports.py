"""What reports hide, and what others published: `reports.yaml`.

rules = load_report_rules()
rules.small_count, rules.published[0].figures["issued"]
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pydantic import Field

from policies.casework.versions import in_force, shipped
from policies.catalogue.shapes import Dated, Source, Status, Strict, Text
from zhaoren.yaml_lines import Problem, YamlFile


class Published(Strict):
    """Figures of somebody else's months, by the names of our metrics; what they leave open is named too."""

    zh: Text
    months: int = Field(ge=1)
    source: Source
    figures: dict[str, int]
    unpublished: tuple[Text, ...]


class ReportRules(Dated):
    """One version of `reports.yaml`."""

    source: Source
    status: Status
    small_count: int = Field(ge=2)
    spot_checks_needed: int = Field(ge=2)
    published: tuple[Published, ...] = ()


def report_problems(rules: ReportRules, file: YamlFile) -> Iterator[Problem]:
    """A figure that is both published and not, with file and line."""
    for i, one in enumerate(rules.published):
        for name in sorted(set(one.figures) & set(one.unpublished)):
            what = f"'{name}' has a figure and is called unpublished"
            yield file.problem(what, "published", i, "unpublished", todo="keep one of the two")


def load_report_rules(as_of: date | None = None) -> ReportRules:
    """The rules of the day (default: the newest). ZhaorenError with file and line."""
    return in_force(shipped("reports", ReportRules, report_problems), as_of)
