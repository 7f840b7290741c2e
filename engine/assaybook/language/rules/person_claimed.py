"""Different persons, told apart by names that a file claims."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.expression import Compare, Node, Select
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot

_NEEDS: Final = (
    "params: {}\n"
    "controls: {nist-ai-rmf-1.0: {GOVERN 3.2: supports}}\n"
    "needs:\n"
    '  reviews: {facts: review, where: row.decision == "approved", fresh_for: 90d}\n'
)
RULE: Final = LintRule(
    "person-claimed",
    "Persons are told apart by names that a file claims",
    "In a file, Ann and ann are two people, and whoever approves and later says no has still "
    "approved. Only persons who sign are known to be themselves, and their last answer counts.",
    "Ask with attested: and people: 2; or compare the persons of attestation facts.",
    f"{_NEEDS}"
    "rules:\n"
    "  - id: two\n"
    "    pass_when: reviews.exists(a, reviews.exists(b, a.person != b.person))\n"
    "    fix: Ask another person.\n",
    f"{_NEEDS.replace('review, where: row.decision', 'attestation, where: row.answer')}".replace(
        '"approved"', '"yes"'
    )
    + "rules:\n"
    "  - id: two\n"
    "    pass_when: reviews.exists(a, reviews.exists(b, a.person != b.person))\n"
    "    fix: Ask another person.\n",
    level="warning",
)


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every comparison of persons in a rule that reads reviews and no signed answers."""
    needs = seen.policy.needs
    for rule, conditions in zip(seen.policy.rules, seen.rules, strict=True):
        facts = {needs[name].facts for name in rule.needs}
        if "review" not in facts or "attestation" in facts:
            continue
        for each in conditions:
            for node in each.nodes:
                if isinstance(node, Compare) and _is_person(node.left) and _is_person(node.right):
                    message = "names in a file are claims: Ann and ann would be two persons"
                    hint = "Ask with attested: and people: 2, or read attestation facts."
                    yield Spot(each.path, message, hint, each.expression, node)


def _is_person(node: Node) -> bool:
    return isinstance(node, Select) and node.field == "person"
