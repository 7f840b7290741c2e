"""A pack of another version of the engine: what it comes to, and what that version alone can show.

Its signature, parts, keys and log are checked as ever. Whatever this version makes or reads
otherwise may be because of the versions, or because whoever holds the keys wrote it so and named
another version: neither proves the other, so nobody can tell. Both are said by name.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from assaybook.domain.attachment import FINDINGS
from assaybook.domain.finding import Assessment, Finding
from assaybook.reporting.verdicts import verdict_line
from assaybook.service.judge import ENGINE
from assaybook.service.verify_report import Step, unsure

CODE: Final = "engine-other"
DETAILS: Final = "engine-other-details"
_VERSION: Final = re.compile(r"assaybook (\d{1,4})\.(\d{1,4})\.(\d{1,4})")
_SHOWN: Final = 3
_HINT: Final = "Verify with the version of Assaybook that made the pack."


def made_by(engine: str) -> str:
    """Return the version that made a pack, and whether it is older than this one."""
    theirs, ours = (_VERSION.fullmatch(one) for one in (engine, ENGINE))
    if theirs is None or ours is None or theirs.groups() == ours.groups():
        return f"{engine}, another version than this {ENGINE}"
    older = tuple(map(int, theirs.groups())) < tuple(map(int, ours.groups()))
    return f"{engine}, {'older' if older else 'newer'} than this {ENGINE}"


def otherwise(step: str, where: str, engine: str, what: str) -> Step:
    """Return that nobody can tell of something, because another version made the pack."""
    return unsure(step, CODE, where, f"the pack was made by {made_by(engine)}: {what}", _HINT)


def judged_otherwise(step: str, found: Assessment, again: Assessment) -> Step:
    """Return what to say of findings of another version that come out otherwise here.

    What explains a verdict, such as its sentence, reasons and trace, is told apart from it.
    """
    engine, count = found.assessment.engine, len(found.findings)
    if _verdicts(found) != _verdicts(again):
        return otherwise(step, FINDINGS, engine, _turned(found, again))
    message = (
        f"the pack was made by {made_by(engine)}: all {count} verdicts came out the same when they "
        f"were judged again, and what explains them did not ({', '.join(_differing(found, again))})"
    )
    hint = "The verdicts follow from the facts. Only the version that made the pack repeats more."
    return unsure(step, DETAILS, FINDINGS, message, hint)


def _verdicts(found: Assessment) -> object:
    """Return all that an assessment comes to, without what explains it."""
    said = [
        (one.policy, one.rule, one.system, one.release, one.outcome, one.disposition, one.severity)
        for one in found.findings
    ]
    return said, found.standings, found.conclusion, found.gate


def _differing(found: Assessment, again: Assessment) -> list[str]:
    """Return the names of what differs: in findings, and beside them."""
    pairs = zip(found.findings, again.findings, strict=True)
    names = {
        name
        for one, other in pairs
        for name in Finding.model_fields
        if getattr(one, name) != getattr(other, name)
    }
    beside = Assessment.model_fields.keys() - {"assessment", "findings"}
    return sorted(names | {x for x in beside if getattr(found, x) != getattr(again, x)})


def _turned(found: Assessment, again: Assessment) -> str:
    """Name the verdicts that come out otherwise."""
    was, now = (Counter(map(verdict_line, one.findings)) for one in (found, again))
    lost, new = sorted((was - now).elements()), sorted((now - was).elements())
    if not lost and not new:
        return "when it is judged again its verdicts come out the same, and its standings do not"
    turned = f"{len(lost)} of its {len(found.findings)} verdicts come out otherwise"
    return f"{turned} when they are judged again: it says {_first(lost)}, and not {_first(new)}"


def _first(lines: Sequence[str]) -> str:
    """Return the first lines, and how many more there are."""
    more = f" and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    return (", ".join(lines[:_SHOWN]) or "nothing") + more
