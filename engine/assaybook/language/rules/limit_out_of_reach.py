"""A param whose value decides a comparison beforehand: 5 for an error rate from 0 to 1."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from assaybook.domain.expression import ORDERS, Compare, Node, param_named
from assaybook.domain.policy import Overlay, Policy
from assaybook.domain.types import ScalarType
from assaybook.language.checker_relations import decided
from assaybook.language.kinds import range_words
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot, seen

_NEEDS: Final = (
    "needs:\n"
    "  errors:\n"
    "    facts: metric\n"
    '    where: row.name == "error_rate" && row.split == "holdout"\n'
    "    fresh_for: 90d\n"
    "rules:\n"
    "  - id: ceiling\n"
    "    for_each: errors\n"
    "    enough: row.n >= 50\n"
    "    pass_when: row.value <= params.most\n"
    "    fix: Retrain.\n"
)
RULE: Final = LintRule(
    "limit-out-of-reach",
    "A limit is outside what its values can be",
    "A share goes from 0 to 1. Under a limit of 5, written for 5 %, every error rate passes; over "
    "a floor of 90 none does.",
    "Write 0.05 for 5 %, and give the param type: ratio, which refuses anything else.",
    f"params:\n  most: {{type: number, default: 5, stricter: lower}}\n{_NEEDS}",
    f"params:\n  most: {{type: ratio, default: 0.05, stricter: lower}}\n{_NEEDS}",
    level="warning",
)


def spots(read: Seen) -> Iterator[Spot]:
    """Yield every param whose own value decides a comparison."""
    for name, told in _told(read):
        yield Spot(("params", name), *told)


def overlay_spots(overlay: Overlay, policies: Mapping[str, Policy]) -> Iterator[Spot]:
    """Yield every value of an overlay that decides a comparison."""
    for index, entry in enumerate(overlay.sets):
        policy = policies[entry.policy]
        set_here = {
            name: replace(policy.params[name], value=value) for name, value in entry.params.items()
        }
        changed = replace(policy, params={**policy.params, **set_here})
        for name, told in _told(seen(changed)):
            if name in set_here:
                yield Spot(("set", index, "params", name), *told)


def _told(read: Seen) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield each such param once, with what is said of it."""
    found: dict[str, tuple[str, str]] = {}
    for each in read.conditions:
        for node in each.nodes:
            if not isinstance(node, Compare) or node.op not in ORDERS:
                continue
            name = param_named(node.left) or param_named(node.right)
            left, right = (_narrowed(side, read.policy) for side in (node.left, node.right))
            answer = decided(node.op, left, right) if name and left and right else None
            if name and answer is not None and left and right:
                other = right if param_named(node.left) else left
                holds = "lets everything pass" if answer else "lets nothing pass"
                message = (
                    f"{name} {holds}: it is compared with a value that is {range_words(other)}"
                )
                found.setdefault(name, (message, _hint(read.policy, name, other)))
    yield from found.items()


def _hint(policy: Policy, name: str, other: ScalarType) -> str:
    value = policy.params[name].value
    if isinstance(value, int | float) and value > 1 and other.high == 1:
        return f"Write {value / 100:.10g} for {value:.10g} %."
    return "Write a value that can stop something and let something pass."


def _narrowed(node: Node, policy: Policy) -> ScalarType | None:
    """Return the type of a number, that of a param with a value narrowed to the value."""
    kind = node.type
    if not isinstance(kind, ScalarType) or kind.name not in ("int", "double"):
        return None
    value = policy.params[name].value if (name := param_named(node)) else None
    if isinstance(value, int | float):
        return replace(kind, low=float(value), high=float(value))
    return kind
