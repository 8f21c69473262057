"""Facts against the contracts: the extracts and columns they name exist, and what each may be used for."""

from __future__ import annotations

from collections.abc import Iterator

from data_contracts.contract.model import Contract
from data_contracts.loading.contracts import load_contracts
from policies.catalogue.fact import Fact
from policies.catalogue.model import Catalogue
from policies.language.mistakes import Mistake
from policies.language.parsing import parsed
from policies.lint.conditions import not_in_conditions
from policies.lint.expressions import loose_numbers
from zhaoren.yaml_lines import Problem


def fact_problems(cat: Catalogue) -> Iterator[Problem]:
    """Sources without a contract, and conditions of declared facts that only a rule could hold."""
    yield from _sources(cat)
    yield from _conditions(cat)


def purposes_of(fact: Fact) -> set[str]:
    """What a fact may be used for: its own purposes, cut by those of any column it names as source."""
    allowed: set[str] = set(fact.purposes)
    for source in fact.sources:
        extract, _, column = source.partition(".")
        if column:
            allowed &= _column_purposes(extract, column)
    return allowed


def _shipped() -> dict[str, Contract]:
    return {contract.extract: contract for contract in load_contracts().values()}


def _column_purposes(extract: str, column: str) -> set[str]:
    """What a column was shared for; nothing where there is no such column, so that no rule may use it."""
    contract = _shipped().get(extract)
    columns = contract.columns if contract else ()
    return {purpose for each in columns if each.name == column for purpose in each.purposes}


def _sources(cat: Catalogue) -> Iterator[Problem]:
    known = _shipped()
    file = cat.files["facts.yaml"]
    declared = {f"{fact.entity}.{fact.name}" for fact in cat.declared}
    for i, fact in enumerate(fact for name, fact in cat.facts.items() if name not in declared):
        key = ("facts", i, "sources")
        for source in fact.sources:
            extract, _, column = source.partition(".")
            if extract not in known:
                what = f"the fact '{fact.name}' names an extract '{extract}' without a contract"
                yield file.problem(what, *key)
            elif column and not _column_purposes(extract, column):
                yield file.problem(f"the contract of '{extract}' has no column '{column}'", *key)


def _conditions(cat: Catalogue) -> Iterator[Problem]:
    """A declared fact's `where` says which rows count, in the words both engines know; amounts are rules."""
    for fact in cat.declared:
        if not fact.where:
            continue
        try:
            condition = parsed(fact.where)
        except Mistake as mistake:
            yield Problem(fact.file, fact.line, f"{fact.name}: {mistake.what}", mistake.todo)
            continue
        for word in not_in_conditions(condition):
            yield Problem(fact.file, fact.line, f"{fact.name}: a condition may not use '{word}'")
        for loose in loose_numbers(condition):
            number = loose.what.split()[2]
            what = f"{fact.name}: the number {number} has no date and no source here"
            yield Problem(fact.file, fact.line, what, "compare in the rule, with a parameter")
