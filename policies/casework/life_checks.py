"""Mistakes of life.yaml that its shape does not show: names that nobody declared, ways that lead nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from policies.casework.life_shape import NONE, Life, Move
from zhaoren.yaml_lines import Problem, YamlFile

# What transforms/casework can tell apart.
REASONS = {"corrected", "gone", "not_drawn"}


def life_problems(life: Life, file: YamlFile) -> Iterator[Problem]:
    """Every mistake of one version, with file and line."""
    yield from twice_named(file, "states", (state.code for state in life.state_list))
    yield from twice_named(file, "roles", (role.code for role in life.roles))
    names = [*_unknown_names(life, file), *_without_target(life, file)]
    yield from names
    if names:
        return  # what leads where is not to be told of states that are not there
    yield from _ambiguous(life, file)
    yield from _unreachable(life, file)
    yield from _without_end(life, file)
    yield from _after_visit(life, file)


def code_problems(life: Life, file: YamlFile, result_codes: Collection[str]) -> Iterator[Problem]:
    """Results that life.yaml leaves out, and those that result_codes.yaml does not know."""
    for code in sorted(set(result_codes) - set(life.after_visit)):
        what = f"after_visit says nothing of the result code {code}"
        yield file.problem(what, "after_visit", todo=f'add `"{code}": {{…}}`')
    for code in sorted(set(life.after_visit) - set(result_codes)):
        what = f"result_codes.yaml knows no result code {code}"
        yield file.problem(what, "after_visit", code, todo="leave it out, or declare the code")


def twice_named(file: YamlFile, where: str, codes: Iterable[str], *before: object) -> Iterator[Problem]:
    """A code that a list declares more than once."""
    listed = list(codes)
    for code in sorted(code for code, n in Counter(listed).items() if n > 1):
        last = len(listed) - 1 - listed[::-1].index(code)
        yield file.problem(f"'{code}' is declared twice", *before, where, last, todo="keep one")


def _unknown_names(life: Life, file: YamlFile) -> Iterator[Problem]:
    roles = {role.code for role in life.roles}
    for i, one in enumerate(life.transitions):
        for state in (*one.sources, *([one.to] if one.to else [])):
            if state not in life.states and not (state == NONE and state in one.sources):
                what = f"'{one.event}' names a state '{state}' that is not declared"
                todo = "declare it under states, or correct the name"
                yield file.problem(what, "transitions", i, todo=todo)
        if one.by not in roles:
            yield file.problem(f"'{one.by}' is no role", "transitions", i, "by", todo="see roles")


def _without_target(life: Life, file: YamlFile) -> Iterator[Problem]:
    for i, one in enumerate(life.transitions):
        if (one.to is None) != one.keeps_state:
            what = f"the event '{one.event}' leads nowhere" if one.to is None else "two ways to say where to"
            yield file.problem(what, "transitions", i, todo="give either `to` or `keeps_state: true`")
        elif one.keeps_state and (NONE in one.sources or one.opens_episode):
            what = f"the event '{one.event}' opens something and stays where it was"
            yield file.problem(what, "transitions", i, todo="give `to`")


def _ambiguous(life: Life, file: YamlFile) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for i, one in enumerate(life.transitions):
        for state in one.sources:
            if (one.event, state) in seen:
                what = f"'{one.event}' leads from '{state}' to two states"
                yield file.problem(what, "transitions", i, todo="keep one of them")
            seen.add((one.event, state))


def _unreachable(life: Life, file: YamlFile) -> Iterator[Problem]:
    reached = _reached(life.moves(), {NONE})
    for i, state in enumerate(life.state_list):
        if state.code not in reached:
            what = f"nothing leads to the state '{state.code}'"
            yield file.problem(what, "states", i, todo="add a transition, or leave the state out")


def _without_end(life: Life, file: YamlFile) -> Iterator[Problem]:
    """An open state from which no way leads to one that is not: its families would never be done."""
    back = {(move.to_state, move.from_state) for move in life.moves()}
    ends = {code for code, state in life.states.items() if not state.is_open}
    while more := {earlier for later, earlier in back if later in ends} - ends:
        ends |= more
    for i, state in enumerate(life.state_list):
        if state.code not in ends:
            what = f"no way leads from '{state.code}' to an end"
            yield file.problem(what, "states", i, todo="add a transition from it")


def _after_visit(life: Life, file: YamlFile) -> Iterator[Problem]:
    for code, after in life.after_visit.items():
        if sum((after.then is not None, after.needs_step, not after.is_visit)) != 1:
            what = f"after_visit of {code} says not one thing"
            todo = "give one of `then: close`, `needs_step: true`, `is_visit: false`"
            yield file.problem(what, "after_visit", code, todo=todo)
        if after.is_try and after.is_visit:
            yield file.problem(f"{code} is a visit and a failed try", "after_visit", code, todo="choose one")
    if {reason.code for reason in life.withdrawal_reasons} != REASONS:
        what = f"the reasons of a withdrawal are {', '.join(sorted(REASONS))}"
        yield file.problem(what, "withdrawal_reasons", todo="give each of them its words")
    days = [one.after_working_days for one in life.escalation]
    if days != sorted(set(days)):
        yield file.problem("the days of escalation do not rise", "escalation", todo="put the earlier first")


def _reached(moves: Iterable[Move], start: set[str]) -> set[str]:
    arrows = {(move.from_state, move.to_state) for move in moves}
    reached = set(start)
    while more := {to for source, to in arrows if source in reached} - reached:
        reached |= more
    return reached
