"""``row.slice >= "10"``: texts in the order of their letters, in which 10 comes before 9."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.expression import Compare
from assaybook.domain.types import ScalarType
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Seen, Spot

RULE: Final = LintRule(
    "text-order",
    "Texts are compared by size",
    'Texts are in the order of their letters: "10" comes before "9", and "v1.10" before "v1.9".',
    "Compare numbers with numbers, as in int(text), or name the texts that are meant with in.",
    "rules:\n"
    "  - id: floor\n"
    "    for_each: recall\n"
    '    where: row.dimension >= "5"\n'
    "    enough: row.n >= 50\n"
    "    pass_when: row.value >= params.floor\n"
    "    fix: Retrain.\n",
    "rules:\n"
    "  - id: floor\n"
    "    for_each: recall\n"
    '    where: row.dimension in ["5", "10"]\n'
    "    enough: row.n >= 50\n"
    "    pass_when: row.value >= params.floor\n"
    "    fix: Retrain.\n",
    level="warning",
)


def spots(seen: Seen) -> Iterator[Spot]:
    """Yield every comparison of two texts by their order."""
    for each in seen.conditions:
        for node in each.nodes:
            if not isinstance(node, Compare) or node.op in ("==", "!="):
                continue
            kind = node.left.type
            if isinstance(kind, ScalarType) and kind.name == "string":
                message = f'{node.op} compares texts letter by letter: "10" comes before "9"'
                hint = "Compare numbers, as in int(text), or name the texts that are meant."
                yield Spot(each.path, message, hint, each.expression, node)
