"""The marks of states: a shape, a word and a colour, in that order of trust.

The names are those of the data, with blanks; none is softened and none left out.
"""

from collections.abc import Mapping
from typing import Final, Literal

from assaybook.domain.finding import (
    Conclusion,
    Disposition,
    Finding,
    GateVerdict,
    Outcome,
    Standing,
)
from assaybook.domain.record import record

Colour = Literal["pass", "fail", "unk", "err", "half", "sup", "mute"]
Shape = Literal["pass", "fail", "unk", "err", "half", "sup", "nc", "na", "clock"]


@record
class Mark:
    """A state as it is shown: a colour of the style, a shape of the sprite, and its word."""

    colour: Colour
    shape: Shape
    word: str


_OUTCOMES: Final[Mapping[Outcome, Mark]] = {
    Outcome.FAIL: Mark("fail", "fail", "fail"),
    Outcome.ERROR: Mark("err", "err", "error"),
    Outcome.INCONCLUSIVE: Mark("unk", "unk", "inconclusive"),
    Outcome.PASS: Mark("pass", "pass", "pass"),
    Outcome.NOT_APPLICABLE: Mark("mute", "na", "not applicable"),
}
_DISPOSITIONS: Final[Mapping[Disposition, Mark]] = {
    Disposition.OPEN: Mark("mute", "nc", "open"),
    Disposition.WAIVED: Mark("half", "half", "waived"),
    Disposition.BASELINED: Mark("half", "half", "baselined"),
}
_STANDINGS: Final[Mapping[Standing, Mark]] = {
    Standing.NOT_MET: Mark("fail", "fail", "not met"),
    Standing.NOT_DETERMINED: Mark("unk", "unk", "not determined"),
    Standing.RISK_ACCEPTED: Mark("half", "half", "risk accepted"),
    Standing.SUPPORTED: Mark("sup", "sup", "supported"),
    Standing.MET: Mark("pass", "pass", "met"),
    Standing.NOT_COVERED: Mark("mute", "nc", "not covered"),
    Standing.NOT_APPLICABLE: Mark("mute", "na", "not applicable"),
}
_GATES: Final[Mapping[GateVerdict, Mark]] = {
    GateVerdict.PASS: Mark("pass", "pass", "pass"),
    GateVerdict.FAIL: Mark("fail", "fail", "fail"),
    GateVerdict.INCONCLUSIVE: Mark("unk", "unk", "inconclusive"),
    GateVerdict.NOTHING: Mark("unk", "unk", "nothing"),
    GateVerdict.ERROR: Mark("err", "err", "error"),
}
_CONCLUSIONS: Final[Mapping[Conclusion, Mark]] = {
    Conclusion.NOTHING_JUDGED: Mark("mute", "nc", "nothing judged"),
    Conclusion.DOES_NOT_CONFORM: Mark("fail", "fail", "does not conform"),
    Conclusion.NOT_DETERMINED: Mark("unk", "unk", "not determined"),
    Conclusion.WITH_EXCEPTIONS: Mark("half", "half", "conforms with exceptions"),
    Conclusion.CONFORMS: Mark("pass", "pass", "conforms"),
}
_WAIVERS: Final[Mapping[str, Mark]] = {
    "in_force": Mark("half", "half", "in force"),
    "pending": Mark("mute", "clock", "pending"),
    "expired": Mark("mute", "clock", "expired"),
    "revoked": Mark("mute", "na", "revoked"),
    "void": Mark("fail", "fail", "void"),
    "unused": Mark("mute", "nc", "unused"),
}
_TRUTHS: Final[Mapping[str, Mark]] = {
    "T": Mark("pass", "pass", "true"),
    "F": Mark("fail", "fail", "false"),
    "U": Mark("unk", "unk", "unknown"),
}
NOT_ASSESSED: Final = Mark("mute", "nc", "not assessed")
"""Of a release that nobody has judged: no outcome, and never a pass."""
OUTCOMES: Final = tuple(_OUTCOMES)
"""The five outcomes, worst first."""


def of_outcome(outcome: str) -> Mark:
    """Return the mark of an outcome."""
    return _OUTCOMES[Outcome(outcome)]


def of_disposition(disposition: str) -> Mark:
    """Return the mark of a disposition."""
    return _DISPOSITIONS[Disposition(disposition)]


def of_standing(standing: str) -> Mark:
    """Return the mark of a standing."""
    return _STANDINGS[Standing(standing)]


def of_gate(verdict: str) -> Mark:
    """Return the mark of what a gate says."""
    return _GATES[GateVerdict(verdict)]


def of_conclusion(words: str) -> Mark:
    """Return the mark of a conclusion over a catalog."""
    return _CONCLUSIONS[Conclusion(words)]


def of_waiver(state: str) -> Mark:
    """Return the mark of a waiver's state."""
    return _WAIVERS[state]


def of_truth(truth: str) -> Mark:
    """Return the mark of a truth in a trace: ``T``, ``F`` or ``U``."""
    return _TRUTHS[truth]


def of_line(outcome: str, disposition: str) -> tuple[Mark, ...]:
    """Return the marks of a finding: its outcome, and who accepts a fail where somebody does."""
    accepted = outcome == Outcome.FAIL and disposition != Disposition.OPEN
    return (of_outcome(outcome), *((of_disposition(disposition),) if accepted else ()))


def of_finding(finding: Finding) -> tuple[Mark, ...]:
    """Return the marks of a finding."""
    return of_line(finding.outcome, finding.disposition)
