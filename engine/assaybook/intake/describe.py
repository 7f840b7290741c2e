"""What an adapter says of itself: for the listing, the reference pages and its makers."""

import inspect
import sys
from collections.abc import Iterable
from importlib.metadata import EntryPoint

from assaybook.domain.record import record
from assaybook.intake.adapter import Adapter
from assaybook.intake.adapter_rules import rules_of
from assaybook.intake.redaction_rules import BY_FORM, RULES
from assaybook.intake.registry import ALIASES, BUILT_IN, installed


@record
class Description:
    """One adapter in words.

    Attributes:
        about: what is read and what is not: the words of its module, or of its class.
        recognised: how a document of the format is told, from the words of ``detect``.
        also: other names of the format.
        removed: what is never kept of its documents, by the names that envelopes use.
        publisher: the package that it comes from, with its version; "Assaybook" for ours.
    """

    name: str
    version: int
    versions: tuple[str, ...]
    facts: tuple[str, ...]
    questions: tuple[str, ...]
    about: str
    recognised: str
    also: tuple[str, ...]
    removed: tuple[str, ...]
    publisher: str

    @property
    def summary(self) -> str:
        """Return the first sentence of ``about``."""
        return " ".join(self.about.split("\n\n")[0].split())


def describe(adapter: Adapter, points: Iterable[EntryPoint] | None = None) -> Description:
    """Describe an adapter from its own words and declarations."""
    module = sys.modules.get(type(adapter).__module__)
    said = inspect.getdoc(module) or inspect.getdoc(type(adapter)) or ""
    rules = (*RULES, *rules_of(adapter))
    removed = {rule.name for rule in rules if rule.format == adapter.name}
    removed |= {name for known, name in BY_FORM.items() if known == adapter.name}
    return Description(
        name=adapter.name,
        version=adapter.version,
        versions=adapter.versions,
        facts=adapter.facts,
        questions=adapter.questions,
        about=said,
        recognised=inspect.getdoc(adapter.detect) or "",
        also=tuple(name for name, (known, _) in ALIASES.items() if known == adapter.name),
        removed=tuple(sorted(removed)),
        publisher="Assaybook" if adapter in BUILT_IN else _publisher(adapter, points),
    )


def _publisher(adapter: Adapter, points: Iterable[EntryPoint] | None) -> str:
    """Return the distribution of an entry point, or the module where it has none."""
    for point in installed() if points is None else points:
        if point.name == adapter.name and point.dist is not None:
            return f"{point.dist.name} {point.dist.version}"
    return type(adapter).__module__
