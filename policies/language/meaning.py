"""What a rule's text means: the tree of SQL becomes terms of the language, or a Mistake says what to write.

    meaning(parsed("GREATEST(0, $dibao.standard_yuan_month - income_yuan_month)"), names) -> Term

Everything that words.yaml does not hold is refused here, so that neither engine ever meets it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from sqlglot import exp

from policies.language import results
from policies.language.advice import ELSEWHERE, GIVES, Names, instead_of, like_with_like
from policies.language.kinds import BOOLEAN, DATE, KIND_EN, TEXT, Kind, joined, kind_of, number
from policies.language.mistakes import Mistake, at, nearest
from policies.language.parsing import Expression
from policies.language.terms import CONSTANT, FACT, MEMBER_WORDS, PARAMETER, Term
from policies.language.words import vocabulary

HOUSEHOLD_KINDS = ("hukou", "assistance", "dwelling")


_COMPARED: dict[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip
_RECKONED: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
# Nodes of the reader that stand for a word which the vocabulary refuses.
_REFUSED: tuple[tuple[type[exp.Expr], str], ...] = (
    (exp.NullSafeEQ, "IS DISTINCT FROM"), (exp.NullSafeNEQ, "IS DISTINCT FROM"), (exp.Like, "LIKE"),
    (exp.ILike, "LIKE"),
    (exp.SimilarTo, "LIKE"), (exp.Query, "SELECT"), (exp.Subquery, "SELECT"), (exp.Window, "SELECT"),
    (exp.Extract, "EXTRACT"),
    (exp.Interval, "INTERVAL"), (exp.Mod, "MOD"), (exp.IntDiv, "ROUND"), (exp.Pow, "^"), (exp.DPipe, "||"),
    (exp.Concat, "||"),
    (exp.TryCast, "CAST"), (exp.Max, "MAX"), (exp.Min, "MIN"), (exp.Count, "COUNT"), (exp.Sum, "SUM"),
    (exp.Avg, "AVG"),
)  # fmt: skip


def meaning(expression: Expression, names: Names) -> Term:
    """The text as a term. Raises Mistake."""
    return Reader(names).read(expression.tree)


@dataclass(frozen=True)
class Reader:
    """Reads one tree; inside a member word another reader goes on with the members' names."""

    names: Names

    def read(self, node: exp.Expr) -> Term:
        """The term of a node and all below it."""
        if node.comments:
            raise at(
                node,
                "a rule holds no comments of its own",
                "write it as a YAML comment, behind #, on its own line",
            )
        for kind, read in _READERS:
            if isinstance(node, kind):
                return read(self, node)
        for kind, word in _REFUSED:
            if isinstance(node, kind):
                raise refused(node, word)
        if isinstance(node, exp.If):
            raise at(node, "IF is not part of the rule language", "write CASE WHEN test THEN a ELSE b END")
        text = node.sql(dialect="duckdb")
        raise at(
            node, f"“{text[:40]}” is no part of the rule language", "docs/rule-language.md lists all that is"
        )

    def of_kind(self, node: exp.Expr, wanted: str, what: str) -> Term:
        """The term of a node that must give a kind, or nothing known (NULL)."""
        term = self.read(node)
        if term.kind.name not in (wanted, "any"):
            raise at(
                node, f"{what} takes {KIND_EN[wanted]}, and this is {KIND_EN[term.kind.name]}", GIVES[wanted]
            )
        return term

    def number(self, node: exp.Expr, what: str) -> Term:
        """The term of a node that must give a number."""
        return self.of_kind(node, "number", what)

    def fact(self, name: str) -> Kind | None:
        """See Names."""
        return self.names.fact(name)

    def known_by(self, name: str) -> str | None:
        """See Names."""
        return self.names.known_by(name)

    def same(self, nodes: Sequence[exp.Expr], what: str) -> tuple[list[Term], Kind]:
        """The terms of nodes that must be of one kind, and that kind."""
        terms = [self.read(node) for node in nodes]
        kind = joined(term.kind for term in terms)
        if kind is None:
            kinds = " and ".join(dict.fromkeys(KIND_EN[t.kind.name] for t in terms))
            raise at(
                nodes[-1],
                f"{what} cannot join {kinds}",
                like_with_like({term.kind.name for term in terms}),
            )
        return terms, kind


def refused(node: exp.Expr, word: str) -> Mistake:
    """A word of SQL that the language does not have."""
    entry = vocabulary().refused[word]
    return at(node, f"{word} is not part of the rule language: {entry.why}", f"write {entry.instead}")


def _connected(reader: Reader, node: exp.Expr) -> Term:
    word = "AND" if isinstance(node, exp.And) else "OR"
    parts = [reader.of_kind(part, "boolean", word) for part in node.flatten(unnest=False)]
    return Term(word, BOOLEAN, tuple(parts))


def _not(reader: Reader, node: exp.Expr) -> Term:
    if isinstance(node.this, exp.Is):
        raise _is(reader, node.this)
    return Term("NOT", BOOLEAN, (reader.of_kind(node.this, "boolean", "NOT"),))


def _is(_: Reader, node: exp.Expr) -> Mistake:
    is_null = isinstance(node.expression, exp.Null)
    return refused(node, "IS NULL" if is_null else "IS TRUE")


def _refuse_is(reader: Reader, node: exp.Expr) -> Term:
    raise _is(reader, node)


def _compared(reader: Reader, node: exp.Expr) -> Term:
    word = _COMPARED[type(node)]
    return _comparison(reader, word, node.this, node.expression)


def _comparison(reader: Reader, word: str, left: exp.Expr, right: exp.Expr) -> Term:
    for side in (left, right):
        if isinstance(side, exp.Null):
            what = f"{word} NULL is unknown whatever the value is: nobody would ever be found"
            raise at(left, what, f"write {vocabulary().refused['IS NULL'].instead}")
    terms, kind = reader.same([left, right], word)
    if word not in ("=", "<>") and kind.name in ("text", "boolean"):
        raise at(left, f"{word} takes numbers or days, and this is {KIND_EN[kind.name]}")
    return Term(word, BOOLEAN, tuple(terms))


def _between(reader: Reader, node: exp.Expr) -> Term:
    low = _comparison(reader, ">=", node.this, node.args["low"])
    high = _comparison(reader, "<=", node.this, node.args["high"])
    return Term("AND", BOOLEAN, (low, high))


def _in(reader: Reader, node: exp.Expr) -> Term:
    listed = node.args.get("expressions")
    if not listed:
        raise refused(node, "SELECT")
    tests = tuple(_comparison(reader, "=", node.this, each) for each in listed)
    return tests[0] if len(tests) == 1 else Term("OR", BOOLEAN, tests)


def _case(reader: Reader, node: exp.Expr) -> Term:
    if node.this is not None:
        raise at(
            node,
            "CASE with a value behind it is not part of the rule language",
            "write CASE WHEN a = b THEN …",
        )
    tests = [reader.of_kind(branch.this, "boolean", "WHEN") for branch in node.args["ifs"]]
    default = node.args.get("default") or exp.Null()
    results_, kind = reader.same([*(branch.args["true"] for branch in node.args["ifs"]), default], "CASE")
    pairs = [part for pair in zip(tests, results_[:-1], strict=True) for part in pair]
    return Term("CASE", kind, (*pairs, results_[-1]))


def _reckoned(reader: Reader, node: exp.Expr) -> Term:
    word = _RECKONED[type(node)]
    left, right = reader.number(node.this, word), reader.number(node.expression, word)
    return Term(word, results.reckoned(word, left.kind, right.kind), (left, right))


def _negated(reader: Reader, node: exp.Expr) -> Term:
    term = reader.number(node.this, "-")
    if term.word == CONSTANT and isinstance(term.value, int | Decimal):
        return Term(CONSTANT, term.kind, value=-term.value)
    return Term("-", term.kind, (Term(CONSTANT, number(1), value=0), term))


def _literal(_: Reader, node: exp.Expr) -> Term:
    if node.is_string:
        return Term(CONSTANT, TEXT, value=node.this)
    try:
        value: int | Decimal = (
            int(node.this) if node.this.isascii() and node.this.isdigit() else Decimal(node.this)
        )
    except InvalidOperation:
        raise at(node, f"{node.this} is no number", "write it in digits, such as 1200 or 0.5") from None
    if "e" in node.this.lower() or "_" in node.this:
        raise at(
            node, f"the number {node.this} is written in disguise", "write it in digits, such as 1200 or 0.5"
        )
    kind = kind_of(value)
    if Decimal(value) != round(Decimal(value), kind.scale) or abs(value) >= 10**kind.digits:
        raise at(
            node, f"{node.this} has more digits than a number of the language", "eight decimals, below 10^18"
        )
    return Term(CONSTANT, kind, value=value)


def _cast(_: Reader, node: exp.Expr) -> Term:
    """DATE '2026-01-01' is read as a cast of a text; every other cast is refused."""
    if not (node.is_type("date") and node.this.is_string):
        raise refused(node, "CAST")
    try:
        return Term(CONSTANT, DATE, value=date.fromisoformat(node.this.this))
    except ValueError:
        raise at(node, f"{node.this.this} is no day of the calendar", "write DATE 'YYYY-MM-DD'") from None


def _constant(_: Reader, node: exp.Expr) -> Term:
    value = node.this if isinstance(node, exp.Boolean) else None
    return Term(CONSTANT, kind_of(value), value=value)


def _column(reader: Reader, node: exp.Expr) -> Term:
    if node.args.get("table") or node.args.get("db"):
        name = node.sql(dialect="duckdb")
        todo = "a parameter is written $group.name, a household's fact household_name"
        if reader.names.parameter(name) is not None:
            todo = f"a parameter has $ before it: write ${name}"
        raise at(node, f"“{name}” names no fact", todo)
    if node.name.upper() in ("CURRENT_DATE", "CURRENT_TIMESTAMP", "NOW", "TODAY"):
        raise refused(node, "CURRENT_DATE")
    kind = reader.names.fact(node.name)
    if kind is None:
        raise at(node, f"there is no fact “{node.name}” here", instead_of(reader.names, node))
    return Term(FACT, kind, name=node.name)


def _parameter(reader: Reader, node: exp.Expr) -> Term:
    kind = reader.names.parameter(node.name)
    end = node.meta["end"]
    start = end - len(node.name) - 1
    if kind is None:
        near = reader.names.spelled_like(f"${node.name}")
        todo = f"did you mean {near}?" if near else "parameters/ lists every one"
        raise Mistake(f"there is no parameter ${node.name}", start, end, todo)
    return Term(PARAMETER, kind, name=node.name)


def _unwrapped(reader: Reader, node: exp.Expr) -> Term:
    return reader.read(node.this)


def _function(reader: Reader, node: exp.Expr) -> Term:
    written = str(node.this)
    word, args = written.upper(), list(node.expressions)
    if ELSEWHERE.get(word, word) in vocabulary().refused:
        raise refused(node, ELSEWHERE.get(word, word))
    if word not in vocabulary().words or not word.replace("_", "").isalpha():
        near = nearest(word, vocabulary().words)
        todo = f"did you mean {near}?" if near else "docs/rule-language.md lists every word"
        raise at(node, f"there is no word {written}", todo)
    entry = vocabulary().words[word]
    least, most = _counts(entry.takes)
    if word in MEMBER_WORDS:
        most += 1  # the kind of household
    if not least <= len(args) <= most:
        here = "is 1 value" if len(args) == 1 else f"are {len(args)} values"
        raise at(node, f"{word} is given other values than it takes: here {here}", f"write {entry.form}")
    if word in MEMBER_WORDS:
        return _of_members(reader, word, node, args)
    return results.BUILDERS[word](reader, word, args)


def _counts(takes: Sequence[str]) -> tuple[int, int]:
    return len(takes), 99 if takes and takes[-1].endswith("…") else len(takes)


def _of_members(reader: Reader, word: str, node: exp.Expr, args: list[exp.Expr]) -> Term:
    members = reader.names.members()
    if members is None:
        raise at(
            node,
            f"{word} cannot stand inside another word about members, nor where there are none",
            "define the inner part as a fact of its own",
        )
    if word == "RANK_MEMBER" and not reader.names.may_rank():
        raise at(
            node, "RANK_MEMBER gives a person's place; a household has none", "define it as a person's fact"
        )
    kind = HOUSEHOLD_KINDS[0]
    takes = len(vocabulary().words[word].takes)
    if len(args) > takes:
        kind = args[-1].this if isinstance(args[-1], exp.Literal) and args[-1].is_string else ""
        if kind not in HOUSEHOLD_KINDS:
            raise at(
                args[-1],
                "the kind of household is 'hukou', 'assistance' or 'dwelling'",
                "write one of the three, or leave it out",
            )
        if kind != HOUSEHOLD_KINDS[0] and not reader.names.may_rank():
            raise at(
                args[-1],
                "a household's formula speaks of its own members only",
                "define it as a person's fact",
            )
    inner = Reader(members)
    condition = inner.of_kind(args[takes - 1], "boolean", word)
    if takes == 1:
        kinds = {"COUNT_MEMBERS": number(5)}
        return Term(word, kinds.get(word, BOOLEAN), (condition,), name=kind)
    value = inner.read(args[0])
    if value.kind.name != "number" and not (
        value.kind.name == "date" and word in ("SMALLEST_MEMBER", "LARGEST_MEMBER")
    ):
        raise at(args[0], f"{word} takes a number, and this is {KIND_EN[value.kind.name]}")
    gives = {"SUM_MEMBERS": number(value.kind.digits + 3, value.kind.scale), "RANK_MEMBER": number(5)}
    return Term(word, gives.get(word, value.kind), (value, condition), name=kind)


_Read = Callable[[Reader, exp.Expr], Term]
_READERS: tuple[tuple[type[exp.Expr] | tuple[type[exp.Expr], ...], _Read], ...] = (
    ((exp.And, exp.Or), _connected),
    (exp.Not, _not),
    (exp.Is, _refuse_is),
    (tuple(_COMPARED), _compared),
    (exp.Between, _between),
    (exp.In, _in),
    (exp.Case, _case),
    (tuple(_RECKONED), _reckoned),
    (exp.Neg, _negated),
    (exp.Literal, _literal),
    (exp.Cast, _cast),
    ((exp.Boolean, exp.Null), _constant),
    (exp.Column, _column),
    (exp.Parameter, _parameter),
    (exp.Paren, _unwrapped),
    ((exp.Anonymous,), _function),
)
