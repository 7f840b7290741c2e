"""``recall <= 0.8``: a limit on the wrong side of a metric, by which the worse value passes."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.expression import And, Compare, Node, Not, Or, Quantifier
from assaybook.domain.metrics import METRICS
from assaybook.domain.policy import Need, Policy, Rule
from assaybook.language.environment import fixed_words
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot, fact_field

RULE: Final = LintRule(
    "limit-turned",
    "A limit lets the worse values of a metric pass",
    "Of recall more is better, of an error or the rate of an attack less; of a drift distance "
    "less, of its p-value more. A limit on the other side passes what it should stop, and one "
    "limit for both kinds passes the worse of some.",
    "Turn the comparison round: recall from below with >=, an error from above with <=. Judge "
    "values of both kinds in rules of their own.",
    "rules:\n"
    "  - id: floor\n"
    "    for_each: recall\n"
    "    enough: row.n >= 50\n"
    "    pass_when: row.value <= 0.8\n"
    "    fix: Retrain.\n"
    "params: {}\n",
    "rules:\n"
    "  - id: floor\n"
    "    for_each: recall\n"
    "    enough: row.n >= 50\n"
    "    pass_when: row.value >= 0.8\n"
    "    fix: Retrain.\n"
    "params: {}\n",
    level="warning",
)
_WANTS: Final = {">": "higher", ">=": "higher", "<": "lower", "<=": "lower"}
"""Which values ``value op limit`` lets pass."""
_TURNED: Final = {"higher": "lower", "lower": "higher"}
_LESS_IS_BETTER: Final = frozenset(
    (
        *(("attack", field) for field in ("rate", "successes", "advantage")),
        *(("data_check", field) for field in ("failed", "failed_share")),
    )
)
_MORE_IS_BETTER: Final = frozenset((("attack", "attacked_value"), ("attack", "clean_value")))
_WAYS: Final = {"distance": "lower", "share": "lower", "p_value": "higher"}
"""By statistic of drift, which values say that nothing has moved."""
_TOLD_APART: Final = frozenset(("name", "direction", "statistic", "method"))


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every condition that limits a value on the side of the worse ones alone."""
    for rule, conditions in zip(seen.policy.rules, seen.rules, strict=True):
        apart = any(
            fact_field(node)[1] in _TOLD_APART for each in conditions for node in each.nodes
        )
        for each in conditions:
            if each.path[-1] != "pass_when":
                continue
            limits = tuple(_limits(each.expression.node, holds=True))
            for field in dict.fromkeys(field for _node, field, _wants in limits):
                ways = _better(field, rule, seen.policy)
                mine = [(node, wants) for node, of, wants in limits if of == field]
                told = _told(ways, frozenset(wants for _node, wants in mine), apart=apart)
                if told:
                    yield Spot(each.path, *told, each.expression, mine[0][0])


def _told(
    ways: frozenset[str | None], wanted: frozenset[str], *, apart: bool
) -> tuple[str, str] | None:
    """Return what is said of limits that want values on some sides, and the hint."""
    if len(wanted) == 1 and {"higher", "lower"} <= ways and not apart:
        message = "of some of these values more is better, of others less: the worse of some pass"
        return message, "Judge them in rules of their own."
    if len(ways) == 1 and not ways & (wanted | {None}):
        (better,) = ways
        word = "more" if better == "higher" else "less"
        return f"{word} of this is better, and only the rest passes", "Turn the comparison round."
    return None


def _better(field: tuple[str, str], rule: Rule, policy: Policy) -> frozenset[str | None]:
    """Return which ways the values that a rule reads are better; None where nobody knows."""
    if field in _LESS_IS_BETTER:
        return frozenset(("lower",))
    if field in _MORE_IS_BETTER:
        return frozenset(("higher",))
    ways: set[str | None] = set()
    for name in rule.needs:
        if policy.needs[name].facts == field[0]:
            ways |= _ways(policy.needs[name], field[1])
    return frozenset(ways)


def _ways(need: Need, field: str) -> set[str | None]:
    where = None if need.where is None else need.where.node
    if field != "value" or need.facts not in ("metric", "drift"):
        return {None}
    if need.facts == "metric":
        words = where and fixed_words(where, "row", "name")
        return {METRICS[word].direction if word in METRICS else None for word in words or ("",)}
    words = where and fixed_words(where, "row", "statistic")
    if not words and where and fixed_words(where, "row", "method") == frozenset(("psi",)):
        return {"lower"}
    return {_WAYS[word] for word in words or _WAYS}


def _limits(node: Node, *, holds: bool) -> Iterator[tuple[Node, tuple[str, str], str]]:
    """Yield each comparison of a field with something, with the values that keep it."""
    match node:
        case And(left=left, right=right) | Or(left=left, right=right):
            yield from _limits(left, holds=holds)
            yield from _limits(right, holds=holds)
        case Not(operand=inner):
            yield from _limits(inner, holds=not holds)
        case Quantifier(kind="all" | "exists", body=body):
            yield from _limits(body, holds=holds)
        case Compare(op=op, left=left, right=right) if op in _WANTS:
            first, second = fact_field(left), fact_field(right)
            if bool(first[0]) != bool(second[0]):
                keeps = _WANTS[op] if bool(first[0]) == holds else _TURNED[_WANTS[op]]
                yield node, first if first[0] else second, keeps
        case _:
            pass
