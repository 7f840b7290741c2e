"""A topic of a model card that only has to be there: template text and empty headings pass."""

from collections.abc import Iterator, Mapping
from typing import Final

from assaybook.domain.expression import Node
from assaybook.domain.policy import Need, Rule
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Condition, Seen, Spot, fact_field
from assaybook.language.text import walk

_NEEDS: Final = (
    "params: {}\n"
    "controls: {nist-ai-rmf-1.0: {MEASURE 2.1: supports}}\n"
    "needs:\n"
    '  card: {facts: documentation, where: row.document == "model", fresh_for: 90d}\n'
    "rules:\n"
    "  - id: limits\n"
    "    fix: Write it.\n"
)
RULE: Final = LintRule(
    "heading-enough",
    "A heading with nothing of its own under it lets a rule pass",
    "A topic is a row as soon as its heading is there. Nothing under it reads as present: false, "
    "and the text of a template ('More information needed') as placeholder: true.",
    "Ask for row.present && !row.placeholder.",
    _NEEDS + '    pass_when: card.exists(t, t.topic == "limitations")\n',
    _NEEDS + "    pass_when: "
    "card.exists(t, t.topic == 'limitations' && t.present && !t.placeholder)\n",
    level="warning",
)
_ASKED: Final = (frozenset(("present", "placeholder")), frozenset(("text",)))
"""Either all of these fields, or the text itself, are asked for."""


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every rule over topics of documentation that asks nothing of what stands there."""
    needs = seen.policy.needs
    for rule, conditions in zip(seen.policy.rules, seen.rules, strict=True):
        if not any(needs[name].facts == "documentation" for name in rule.needs):
            continue
        read = {fact_field(node)[1] for node in _nodes(rule, conditions, needs)}
        if not any(fields <= read for fields in _ASKED):
            missing = "placeholder" if "present" in read else "present"
            path = next(each.path for each in conditions if each.path[-1] == "pass_when")
            words = (
                "template text" if missing == "placeholder" else "a heading with nothing under it"
            )
            hint = "Ask for present && !placeholder of the row."
            yield Spot(path, f"{words} is enough for this to pass", hint)


def _nodes(
    rule: Rule, conditions: tuple[Condition, ...], needs: Mapping[str, Need]
) -> Iterator[Node]:
    for each in conditions:
        yield from each.nodes
    for name in rule.needs:
        where = needs[name].where
        if where is not None:
            yield from walk(where.node)
