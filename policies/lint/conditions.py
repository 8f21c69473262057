"""What the condition of a declared fact may not hold: what polars and DuckDB, which both read it, answer
differently.
"""

from __future__ import annotations

from sqlglot import exp

from policies.language.parsing import Expression

# Where the two engines disagree on nulls or on exactness, or where a rule would leave its row.
_REFUSED: dict[type[exp.Expr], str] = {
    exp.Div: "/",  # exact in one engine, a float in the other
    exp.IntDiv: "//",
    exp.Interval: "INTERVAL",  # date + INTERVAL is a date in polars, a timestamp in DuckDB
    exp.Extract: "FROM",
    exp.Query: "SELECT",
    exp.Window: "OVER",
    exp.Rand: "RANDOM",
    exp.Block: ";",
}
# The functions that both engines answer alike; every other name with brackets is refused.
_ALLOWED = ("GREATEST", "LEAST", "ABS", "COALESCE", "NULLIF", "LOWER", "UPPER", "LENGTH", "SUBSTR")


def not_in_conditions(expression: Expression) -> list[str]:
    """Words, each once, that a rule may not hold: the two engines would differ, or it would leave its row."""
    return list(dict.fromkeys(word for node in expression.tree.walk(bfs=False) for word in _refused(node)))


def _refused(node: exp.Expr) -> list[str]:
    found = [word for kind, word in _REFUSED.items() if isinstance(node, kind)]
    if isinstance(node, exp.AggFunc):
        found.append(node.sql_name())
    if isinstance(node, exp.Anonymous) and str(node.this).upper() not in _ALLOWED:
        found.append(str(node.this).upper())
    if isinstance(node, exp.Is) and isinstance(node.expression, exp.Boolean):
        # polars answers null for NULL IS TRUE, DuckDB false.
        found.append(f"IS {node.expression.sql()}")
    if node.comments:
        found.append("--")  # a comment would swallow the rest of the line in which the rule is embedded
    return found
