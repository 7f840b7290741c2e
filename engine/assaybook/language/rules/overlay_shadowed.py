"""A value of an overlay that a later entry of the file sets for every system."""

from collections.abc import Iterator
from typing import Final

from assaybook.domain.policy import Overlay
from assaybook.language.rules.rule import LintRule
from assaybook.language.rules.spot import Spot

RULE: Final = LintRule(
    "overlay-shadowed",
    "A value of an overlay is never in force",
    "Entries are applied in the order of the file. A later one without `for` sets the value for "
    "every system, so what stands before it holds for none.",
    "Put the entry for every system first, and those for some systems after it.",
    "overlay: clinic\n"
    "set:\n"
    "  - {policy: demo.recall, for: [triage], params: {floor: 0.95}}\n"
    "  - {policy: demo.recall, params: {floor: 0.9}}\n",
    "overlay: clinic\n"
    "set:\n"
    "  - {policy: demo.recall, params: {floor: 0.9}}\n"
    "  - {policy: demo.recall, for: [triage], params: {floor: 0.95}}\n",
    "file",
    "warning",
)


def spots(overlay: Overlay) -> Iterator[Spot]:
    """Yield every value that a later entry sets for every system."""
    for index, entry in enumerate(overlay.sets):
        later = [
            one
            for one in overlay.sets[index + 1 :]
            if one.policy == entry.policy and not one.systems and one.applies is None
        ]
        for name in entry.params:
            if any(name in one.params for one in later):
                message = f"{name} of {entry.policy} is set for every system further down"
                hint = "Put the entry without for: before this one."
                yield Spot(("set", index, "params", name), message, hint)
