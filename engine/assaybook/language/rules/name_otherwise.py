"""A metric, a split or a slice that is compared by a name that reports are never read with."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Final

from assaybook.domain.expression import Compare, In, ListOf, Literal_, Node, Select, param_named
from assaybook.domain.letters import seen_as
from assaybook.domain.metrics import METRICS, canonical_metric, canonical_split, tidy_slice
from assaybook.domain.policy import Overlay, Policy
from assaybook.domain.types import RecordType
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot, seen

_NEED: Final = (
    "needs:\n  recall:\n    facts: metric\n    fresh_for: 90d\n"
    '    where: row.name == "{}" && row.split == "holdout"\n'
)
RULE: Final = LintRule(
    "name-otherwise",
    "A name is compared that reports are not read with",
    "Tools spell names in many ways, and adapters bring them to one. A row is never found by "
    "another spelling, and the rule stays undecided for ever.",
    "Write the usual name, such as roc_auc for auc and holdout for hold-out.",
    _NEED.format("sensitivity"),
    _NEED.format("recall"),
    level="warning",
)
_LIKENESS: Final = 0.85


def spots(read: Seen) -> Iterator[Spot]:
    """Yield every comparison of a metric's name or split with another spelling of it."""
    for each in read.conditions:
        for node in each.nodes:
            for field, written, place in _compared(node, read.policy):
                if _usual(field, written) != written:
                    yield Spot(each.path, *_told(field, written), each.expression, place)


def overlay_spots(overlay: Overlay, policies: Mapping[str, Policy]) -> Iterator[Spot]:
    """Yield every value of an overlay that a policy compares with names, and that is none."""
    for index, entry in enumerate(overlay.sets):
        policy = policies[entry.policy]
        set_here = {
            name: replace(policy.params[name], value=value) for name, value in entry.params.items()
        }
        changed = replace(policy, params={**policy.params, **set_here})
        compared = (
            one
            for each in seen(changed).conditions
            for node in each.nodes
            for one in _compared(node, changed)
        )
        told = {
            (place.field, *_told(field, written)): None
            for field, written, place in compared
            if isinstance(place, Select)
            and place.field in set_here
            and _usual(field, written) != written
        }
        for name, message, hint in told:
            yield Spot(("set", index, "params", name), message, hint)


def _told(field: str, written: str) -> tuple[str, str]:
    """Return what is said of a name, and the hint."""
    quoted = json.dumps(written, ensure_ascii=False) if written != written.strip() else written
    return f"no report is read with the {field} {quoted}", f"Did you mean {_usual(field, written)}?"


def _usual(field: str, written: str) -> str:
    """Return the usual spelling of a name; what is like no known name is a name of its own.

    A name that mixes alphabets is another fault.
    """
    if seen_as(written) != written:
        return written
    if field == "split":
        return canonical_split(written)
    if field == "slice":
        return tidy_slice(written)
    found = canonical_metric(written)
    if found.kind is not None:
        return found.name
    return next(iter(get_close_matches(written, METRICS, n=1, cutoff=_LIKENESS)), written)


def _compared(node: Node, policy: Policy) -> Iterator[tuple[str, str, Node]]:
    """Yield the field of a metric, a text that it is compared with, and where that stands."""
    if isinstance(node, Compare) and node.op in {"==", "!="}:
        for one, other in ((node.left, node.right), (node.right, node.left)):
            yield from ((_field(one), text, other) for text in _texts(other, policy) if _field(one))
    elif isinstance(node, In):
        field, whole = _field(node.item), node.container
        parts = whole.items if isinstance(whole, ListOf) else (whole,)
        for part in parts:
            yield from ((field, text, part) for text in _texts(part, policy) if field)


def _field(node: Node) -> str:
    """Return ``name``, ``split`` or ``slice`` where a node is that of a metric; else nothing."""
    if not isinstance(node, Select) or node.field not in {"name", "split", "slice"}:
        return ""
    kind = node.operand.type
    return node.field if isinstance(kind, RecordType) and kind.name == "metric" else ""


def _texts(node: Node, policy: Policy) -> tuple[str, ...]:
    """Return the texts that a node is, written out or as the value of a param."""
    value: object = node.value if isinstance(node, Literal_) else None
    if name := param_named(node):
        value = policy.params[name].value
    every = value if isinstance(value, tuple) else (value,)
    return tuple(text for text in every if isinstance(text, str) and text)
