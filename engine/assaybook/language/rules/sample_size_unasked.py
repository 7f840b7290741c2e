"""A floor under a share that nobody asks the number of trials of."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from assaybook.domain.expression import Compare, Name, Node, Select
from assaybook.domain.metrics import METRICS
from assaybook.domain.policy import Need, Rule
from assaybook.language.environment import fixed_words
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Condition, Seen, Spot, fact_field
from assaybook.language.text import walk

RULE: Final = LintRule(
    "sample-size-unasked",
    "A share is held to a limit, and nobody asks of how many trials",
    "Eleven of twelve is a recall of 0.92 and proves nothing: the truth may well be 0.65.",
    "Add enough: row.n >= params.min_n, or compare stats.wilson_lower(row.value, row.n, 0.95).",
    "rules:\n"
    "  - {id: floor, for_each: recall, pass_when: row.value >= params.floor, fix: "
    "Retrain.}\n",
    "rules:\n"
    "  - {id: floor, for_each: recall, enough: row.n >= 50, pass_when: row.value "
    ">= params.floor, fix: Retrain.}\n",
    level="warning",
)
_SIZES: Final = frozenset(("n", "n_rows", "ci_low"))
_SHARES: Final = (
    ("attack", "rate", "attempts"),
    ("attack", "successes", "attempts"),
    ("data_check", "failed_share", "examined"),
    ("data_check", "failed", "examined"),
)
"""Facts of which one column is a share or a part of what another counts."""


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every comparison of such a metric in a rule that reads no number of trials."""
    needs = seen.policy.needs
    for rule, conditions in zip(seen.policy.rules, seen.rules, strict=True):
        yield from _of_metrics(rule, conditions, needs)
        for facts, share, counted in _SHARES:
            if any(needs[name].facts == facts for name in rule.needs):
                yield from _of_shares(rule, conditions, needs, (facts, share, counted))


def _of_metrics(
    rule: Rule, conditions: Sequence[Condition], needs: Mapping[str, Need]
) -> Iterator[Spot]:
    shares = any(_is_share(needs[name]) for name in rule.needs)
    if not shares or _asks_size(rule, conditions, needs, _SIZES):
        return
    for each in conditions:
        node = _floor(each, "metric", "value", rule) if each.path[-1] == "pass_when" else None
        if node is not None:
            message = "a few trials are enough for this to pass: twelve cases prove no rate"
            asked = _enough(rule, "metric", "n", needs)
            hint = f"Add {asked}, or compare stats.wilson_lower(...)."
            yield Spot(each.path, message, hint, each.expression, node)


def _of_shares(
    rule: Rule,
    conditions: Sequence[Condition],
    needs: Mapping[str, Need],
    part: tuple[str, str, str],
) -> Iterator[Spot]:
    facts, share, counted = part
    if _asks_size(rule, conditions, needs, frozenset((counted,))):
        return
    for each in conditions:
        node = _floor(each, facts, share, rule) if each.path[-1] == "pass_when" else None
        if node is not None:
            rows = {"examined": "rows examined"}.get(counted, counted)
            message = f"any number of {rows}, even one, is enough for this to pass"
            hint = f"Add {_enough(rule, facts, counted, needs)}."
            yield Spot(each.path, message, hint, each.expression, node)


def _enough(rule: Rule, facts: str, counted: str, needs: Mapping[str, Need]) -> str:
    """Return what a rule would say to ask for a number of trials."""
    if rule.for_each is not None:
        return f"enough: row.{counted} >= params.min_{counted}"
    rows = next(name for name in rule.needs if needs[name].facts == facts)
    return f"enough: {rows}.all(r, r.{counted} >= params.min_{counted})"


def _is_share(need: Need) -> bool:
    if need.facts != "metric" or need.where is None:
        return False
    names = fixed_words(need.where.node, "row", "name")
    return any(name in METRICS and METRICS[name].trials is not None for name in names or ())


def _asks_size(
    rule: Rule,
    conditions: Sequence[Condition],
    needs: Mapping[str, Need],
    sizes: frozenset[str],
) -> bool:
    wheres = [where.node for name in rule.needs if (where := needs[name].where) is not None]
    chosen = (node for where in wheres for node in walk(where))
    read = (node for each in conditions for node in each.nodes)
    return any(isinstance(node, Select) and node.field in sizes for node in (*read, *chosen))


def _floor(each: Condition, facts: str, field: str, rule: Rule) -> Node | None:
    """Return the first comparison of a measured value, or of what is made of it, with a limit."""
    lets = {name: expression.node for name, expression in rule.lets}
    for part in each.nodes:
        if isinstance(part, Compare) and part.op not in ("==", "!="):
            sides = (part.left, part.right)
            if any(_reads(side, facts, field, lets) for side in sides):
                return part
    return None


def _reads(node: Node, facts: str, field: str, lets: Mapping[str, Node]) -> bool:
    """Tell whether a value is made of a field of such facts, be it by the name of a let."""
    for part in walk(node):
        if fact_field(part) == (facts, field):
            return True
        if isinstance(part, Name) and part.name in lets:
            others = {name: let for name, let in lets.items() if name != part.name}
            if _reads(lets[part.name], facts, field, others):
                return True
    return False
