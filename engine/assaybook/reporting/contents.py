"""The table of contents: each section with what it comes to, for a reader who has a minute.

Nothing that a person or a document wrote stands in it: the numbers of pages are put where digits
of ours are drawn, and no other text may look like those.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from assaybook.reporting.context import Context
from assaybook.reporting.model import ContentLine, Pack
from assaybook.reporting.words import count, listed

_SHORT: Final = 10
"""A profile of so many sections and no more is found through without a table of contents."""


def contents_of(context: Context, pack: Pack) -> tuple[ContentLine, ...]:
    """Return a line for each section of a pack; none where it has few."""
    return tuple(_lines(context, pack)) if len(pack.sections) > _SHORT else ()


def _lines(context: Context, pack: Pack) -> Iterator[ContentLine]:
    for section in pack.sections:
        told = _TOLD[section.name](context, pack)
        yield _line(str(section.number), section.title, told)
        if section.name == "conclusion" and pack.period is not None:
            worst = listed(sorted({each.text.lower() for each in pack.period.conclusion}))
            told = f"The worst of it: {worst}." if worst else "Nothing was judged."
            yield _line(pack.period.number, pack.period.title, told)


def _line(number: str, title: str, told: str) -> ContentLine:
    return ContentLine(number=number, title=title, told=told, anchor=f"section-{number}")


def _conclusion(context: Context, pack: Pack) -> str:
    frameworks = len(context.source.assessment.conclusion)
    return f"{pack.cover.words}, by {count(frameworks, 'framework')}; the signatures."


def _scope(context: Context, pack: Pack) -> str:
    policies = count(len(context.source.bundle.policies), "policy", "policies")
    relaxed = count(len(pack.scope.relaxations), "relaxation")
    return f"{policies} with the parameters in force; {relaxed}."


def _system(_context: Context, pack: Pack) -> str:
    parts = count(len(pack.system.artifacts), "part is", "parts are")
    drawn = "drawn" if pack.system.graph else "not known"
    return f"{parts} registered by digest; where they come from is {drawn}."


def _frameworks(_context: Context, pack: Pack) -> str:
    open_ = sum(len(each.attention) for each in pack.frameworks)
    told = count(open_, "control needs", "controls need") if open_ else "No control needs"
    return f"{told} a decision; a heat map and the trend."


def _controls(_context: Context, pack: Pack) -> str:
    held = sum(len(page.cards) + len(page.lines) for page in pack.controls)
    told = count(held, "control") if held else "No control"
    return f"{told} that a rule bears on: expected, observed, evidence."


def _change(_context: Context, pack: Pack) -> str:
    if not pack.change.inputs:
        return "No earlier assessment was given."
    if not (pack.change.controls or pack.change.findings):
        return "No control and no rule changed."
    rules = count(len(pack.change.findings), "rule")
    return f"{count(len(pack.change.controls), 'control')} and {rules} changed; the cause of each."


def _sampling(_context: Context, pack: Pack) -> str:
    held = len(pack.sampling.lines)
    told = count(held, "population") if held else "No population"
    return f"{told} of which a document says how much it examined."


def _limits(context: Context, pack: Pack) -> str:
    left = len(context.reasons_left_out.keys() & context.documents.keys())
    refused = count(len(pack.limits.refused), "file")
    return f"{count(left, 'document')} left out by a rule, {refused} refused; what nothing judged."


def _said(words: str) -> Callable[[Context, Pack], str]:
    return lambda _context, _pack: words


_TOLD: Final[Mapping[str, Callable[[Context, Pack], str]]] = MappingProxyType(
    {
        "reading": _said("What the marks mean, and the one command that checks this file."),
        "conclusion": _conclusion,
        "scope": _scope,
        "system": _system,
        "method": _said("How documents became facts, and facts verdicts."),
        "frameworks": _frameworks,
        "controls": _controls,
        "applicability": _said("Which controls apply, and why the others do not."),
        "findings": lambda _context, pack: pack.findings.lead,
        "waivers": lambda _context, pack: pack.waivers.lead,
        "risks": lambda _context, pack: pack.risks.lead,
        "sampling": _sampling,
        "change": _change,
        "annex": lambda _context, pack: pack.annex.lead,
        "attestations": lambda _context, pack: pack.attestations.lead,
        "evidence": lambda _context, pack: pack.evidence.lead,
        "limits": _limits,
        "reproduce": _said("The words of this pack, and the commands that make it again."),
    }
)
