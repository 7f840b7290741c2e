"""A word in a param that nothing it is compared with, or asked for, can ever be."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Final

from assaybook.domain.errors import did_you_mean
from assaybook.domain.expression import (
    Compare,
    Expression,
    In,
    ListOf,
    Name,
    Node,
    Quantifier,
    Select,
    param_named,
)
from assaybook.domain.fact_types import FACT_TYPES
from assaybook.domain.policy import Need, Overlay, Policy
from assaybook.domain.types import ScalarType
from assaybook.language.build_needs import question_words
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Condition, Seen, Spot, seen

_RULE: Final = (
    "needs:\n  card: {{facts: documentation, fresh_for: 90d}}\n"
    "params:\n"
    "  topics: {{type: list<string>, default: [owner, {}], stricter: superset}}\n"
    "rules:\n"
    "  - id: answered\n"
    "    pass_when: params.topics.all(t, card.exists(c, c.topic == t && c.present"
    " && !c.placeholder))\n"
    "    fix: Write the missing parts.\n"
)
RULE: Final = LintRule(
    "word-never-read",
    "A param holds a word that nothing can be",
    "Topics, families of attacks, questions and tiers are closed lists of words. What is asked for "
    "by another word is never there: the rule fails, or stays undecided, for ever.",
    "Write a word of the list; the reference of facts has them all.",
    _RULE.format("humanoversight"),
    _RULE.format("human_oversight"),
    level="warning",
)
_FEW: Final = 8
Asked = tuple[str, str, tuple[str, ...]]
"""A param, what each of its values is to be, and the words there are."""


def spots(read: Seen) -> Iterator[Spot]:
    """Yield every value of a param that none of the words is which it is compared with."""
    for name, told in _never(read):
        yield Spot(("params", name), *told)


def overlay_spots(overlay: Overlay, policies: Mapping[str, Policy]) -> Iterator[Spot]:
    """Yield every value of an overlay that none of the words is which it is compared with."""
    for index, entry in enumerate(overlay.sets):
        policy = policies[entry.policy]
        params = {
            name: replace(policy.params[name], value=value) for name, value in entry.params.items()
        }
        for name, told in _never(seen(replace(policy, params=params))):
            yield Spot(("set", index, "params", name), *told)


def _never(read: Seen) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield each param with what is said of a value of it, and the hint; each once."""
    asked = [one for need in read.policy.needs.values() for one in _questions(need)]
    asked += [one for each in read.conditions for one in _compared(each)]
    for name, what, words in dict.fromkeys(asked):
        param = read.policy.params.get(name)
        value = None if param is None else param.value
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str) and text not in words:
                near = get_close_matches(text, words, n=2, cutoff=0.5)
                more = f" and {len(words) - _FEW} more" if len(words) > _FEW else ""
                known = f"There are {', '.join(words[:_FEW])}{more}."
                yield name, (f"{text} is no {what}", did_you_mean(near) or known)


def _questions(need: Need) -> Iterator[Asked]:
    """Yield the param that lists the questions of a need, where the questions are a closed list."""
    name = param_named(need.of.node) if isinstance(need.of, Expression) else ""
    words = question_words(need.facts)
    if name and (words or not FACT_TYPES[need.facts].question):
        known = (need.facts, *(f"{need.facts}/{word}" for word in words))
        yield name, f"question about {need.facts.replace('_', ' ')}", known


def _compared(each: Condition) -> Iterator[Asked]:
    """Yield each param that is compared with a field of a closed list of words."""
    bound = {
        node.variable: name
        for node in each.nodes
        if isinstance(node, Quantifier) and (name := param_named(node.over))
    }
    for node in each.nodes:
        for field, other in _pairs(node):
            name = bound.get(other.name, "") if isinstance(other, Name) else param_named(other)
            kind = field.type
            if name and isinstance(field, Select) and isinstance(kind, ScalarType) and kind.words:
                yield name, field.field.replace("_", " "), kind.words


def _pairs(node: Node) -> tuple[tuple[Node, Node], ...]:
    """Return what a node compares with what, both ways round."""
    if isinstance(node, Compare) and node.op in {"==", "!="}:
        return (node.left, node.right), (node.right, node.left)
    if isinstance(node, In):
        whole = node.container
        parts = whole.items if isinstance(whole, ListOf) else (whole,)
        return tuple((node.item, part) for part in parts)
    return ()
