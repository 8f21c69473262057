"""Every check across the policy files, in the order in which a reader would correct them."""

from __future__ import annotations

from policies.catalogue.model import Catalogue
from policies.lint.dates import date_problems
from policies.lint.definitions import definition_problems
from policies.lint.facts import fact_problems
from policies.lint.own_values import example_problems, own_problems
from policies.lint.rules import rule_problems
from policies.lint.sources import source_problems
from policies.lint.tables import table_problems
from policies.lint.values import value_problems
from zhaoren.yaml_lines import Problem


def check_catalogue(cat: Catalogue) -> list[Problem]:
    """All problems that only show when the files are read together: facts, dates, sources, definitions,
    tables, rules.
    """
    problems = [*fact_problems(cat), *date_problems(cat), *source_problems(cat), *own_problems(cat)]
    problems += [*definition_problems(cat), *table_problems(cat), *value_problems(cat)]
    for rule in cat.rules:
        problems += rule_problems(cat, rule)
    # an example is answered by rules and values that are sound, or its fault would be told twice
    return problems or list(example_problems(cat))
