"""Documents that could not be read: which they were, why, and what they may have answered."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from assaybook.domain.finding import Finding
from assaybook.domain.refusal import MOST_KEPT, Refusal
from assaybook.reporting.context import Context
from assaybook.reporting.parts import Pair
from assaybook.reporting.words import (
    count,
    listed,
    sentence_case,
    short_day,
    shortened,
)

_LINES: Final = 30
_DIGITS: Final = 19
"""Characters of a digest that are shown; the attachment has it whole."""


def refused_for(context: Context, findings: Iterable[Finding]) -> str:
    """Count what was refused and may have answered one of these findings."""
    asked = {
        context.needs[finding.policy, need.need]
        for finding in findings
        for need in finding.needs
        if (finding.policy, need.need) in context.needs
    }
    number = sum(bool(asked & {*one.families}) for one in context.source.refused)
    files = len(context.source.problems)
    return f"{files} refused in the pack" if files else f"{number} refused"


def refused_note(context: Context) -> str:
    """Say how many documents were refused, and what that means; one sentence where none was."""
    refused, problems = context.source.refused, context.source.problems
    if not refused and not problems:
        return "None: every document that came could be read."
    unknown = sum(not one.families for one in refused)
    told = f"{count(len(refused) + len(problems), 'document')} came and could not be read. "
    told += "A refused document counts for nothing and changes no verdict."
    if unknown:
        told += (
            f" Of {unknown} the format is not known, so nobody can say which rules "
            f"{'it' if unknown == 1 else 'they'} would have answered."
        )
    if len(refused) >= MOST_KEPT:
        told += f" No more than {MOST_KEPT} are recorded of a release, so there may be others."
    return told


def refused_lines(context: Context) -> tuple[Pair, ...]:
    """Return each refused document with the reason; beyond a bound the rest is counted by it."""
    files = [
        Pair(
            name=shortened(each.file, 60),
            text=f"{sentence_case(shortened(each.message, 240))} ({each.code}). "
            f"{shortened(each.hint, 160)}".rstrip(),
        )
        for each in context.source.problems
    ]
    refused = context.source.refused
    blobs = {one.envelope.blob for one in context.source.evidence}
    lines = [
        Pair(name=shortened(one.name, 60), text=" ".join(_said(one, blobs)))
        for one in refused[:_LINES]
    ]
    rest = Counter(one.code for one in refused[_LINES:])
    if rest:
        told = [f"{number} {_words(code)}" for code, number in sorted(rest.items())]
        lines.append(Pair(name=f"{rest.total()} more", text=f"{sentence_case(listed(told))}."))
    return (*files, *lines)


def _said(one: Refusal, blobs: set[str]) -> Iterator[str]:
    yield f"{sentence_case(_words(one.code))}."
    taken = one.detected or one.declared
    yield f"Taken for {shortened(taken, 40)}." if taken else "Of no format that is known."
    who = f" from {shortened(one.submitted_by, 60)}" if one.submitted_by else ""
    size = f", {count(one.size, 'byte')}" if one.size is not None else ""
    yield f"Came {short_day(one.received_at)}{who}{size}."
    if one.digest is not None:
        yield f"{one.digest[:_DIGITS]}…"
        if one.digest in blobs:
            yield "The same bytes were accepted at another time."


def _words(code: str) -> str:
    """Return a code of intake as words: ``document-breaks-format`` reads by itself."""
    return code.replace("-", " ").replace("utf8", "UTF-8")
