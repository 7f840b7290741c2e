"""The words of every report: states with their marks, reasons as sentences, dates and counts.

A state is a mark, a word and a colour key, in that order of trust: without the colour nothing is
lost.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from assaybook.domain.finding import (
    GRAVEST_FIRST,
    Conclusion,
    Disposition,
    Finding,
    Outcome,
    Standing,
)
from assaybook.domain.policy import Assurance
from assaybook.domain.replay import Cause
from assaybook.reporting.parts import State
from assaybook.reporting.prose import say

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_ID: Final = re.compile(r"(?=.*(?:[_0-9]|\w\.\w|-.*-))[a-z0-9][a-z0-9._-]*[:;,]?", re.ASCII)
_DAY: Final = 86_400
_HOUR: Final = 3_600
_PARAGRAPH: Final = 700
THIN: Final = "\u202f"
_GROUPED: Final = 10_000
_VAST: Final = 1e16
"""From here on a double holds no unit any more, and its digits would be noise."""

_OUTCOMES: Final = {
    Outcome.PASS: State(key="pass", mark="✓", word="Pass"),
    Outcome.FAIL: State(key="fail", mark="✗", word="Fail"),
    Outcome.INCONCLUSIVE: State(key="inc", mark="⯑", word="Inconclusive"),
    Outcome.ERROR: State(key="err", mark="⚠", word="Error"),
    Outcome.NOT_APPLICABLE: State(key="na", mark="⊖", word="Not applicable"),
}
_STANDINGS: Final = {
    Standing.MET: State(key="pass", mark="✓", word="Met"),
    Standing.NOT_MET: State(key="fail", mark="✗", word="Not met"),
    Standing.RISK_ACCEPTED: State(key="wv", mark="◈", word="Risk accepted"),
    Standing.NOT_DETERMINED: State(key="inc", mark="⯑", word="Not determined"),
    Standing.SUPPORTED: State(key="supported", mark="✔", word="Supported"),
    Standing.NOT_COVERED: State(key="unc", mark="◌", word="Not covered"),
    Standing.NOT_APPLICABLE: State(key="na", mark="⊖", word="Not applicable"),
}
STANDINGS_SHOWN: Final = (
    Standing.NOT_MET,
    Standing.NOT_DETERMINED,
    Standing.RISK_ACCEPTED,
    Standing.SUPPORTED,
    Standing.MET,
    Standing.NOT_COVERED,
    Standing.NOT_APPLICABLE,
)
"""What was judged, the worst first, and then what was not: so bars and counts show it."""
CAUSES: Final[Mapping[Cause, str]] = {
    "policy": "policy changed",
    "evidence": "evidence changed",
    "subject": "subject changed",
    "waiver": "waiver changed",
    "time": "time passed",
}
"""Why a finding came out otherwise."""
_WAIVERS: Final = {
    "in_force": State(key="wv", mark="◈", word="In force"),
    "pending": State(key="na", mark="⊖", word="Pending"),
    "expired": State(key="stale", mark="◷", word="Expired"),
    "revoked": State(key="na", mark="⊖", word="Revoked"),
    "void": State(key="fail", mark="✗", word="Void"),
    "unused": State(key="unc", mark="◌", word="Unused"),
}
_REASONS: Final = {
    "missing": ("missing", "Nothing was submitted that answers this."),
    "undated": ("undated", "The evidence does not say when it was made, and its age is asked."),
    "stale": ("stale", "The evidence is older than the policy allows."),
    "low_assurance": ("low assurance", "The origin of the evidence is not known well enough."),
    "wrong_subject": ("wrong subject", "The evidence is about something else."),
    "not_examined": ("not examined", "The evidence does not show that this was looked for."),
    "errored": ("errored", "The tool failed on a part of what it was to examine."),
    "skipped": ("skipped", "The tool left out a part of what it was to examine."),
    "no_match": ("no match", "The evidence holds no row that the policy asks about."),
    "too_few": ("too few", "There is too little of it to decide."),
    "empty": ("empty", "The list is empty, and an empty list proves nothing here."),
    "null": ("no value", "The evidence has the field, without a value."),
    "redacted": ("redacted", "The value was removed before it was stored."),
    "malformed": ("malformed", "A part of the document could not be read."),
    "unit": ("unit", "The value has no known unit, or is outside its range."),
    "conflict": ("conflict", "Two pieces of evidence disagree."),
    "param_unset": ("not set", "A parameter of the policy has no value."),
    "superseded": ("superseded", "A newer document of the same source answers the same question."),
    "unused": ("unused", "No rule asks for it."),
}
_ASSURANCE: Final = {
    Assurance.SELF: ("①", "The submitter says so."),
    Assurance.CI: ("②", "The identity of a pipeline was checked."),
    Assurance.SIGNED: ("③", "A signature was verified."),
    Assurance.VERIFIED: ("④", "Signature, provenance and subject digest all agree."),
}
_SHORT: Final = {
    "eu-ai-act": "EU AI Act",
    "iso-23894-2023": "ISO/IEC 23894:2023",
    "iso-27001-2022": "ISO/IEC 27001:2022",
    "iso-42001-2023": "ISO/IEC 42001:2023",
    "mitre-atlas": "MITRE ATLAS",
    "nist-ai-100-2-e2025": "NIST AI 100-2",
    "nist-ai-600-1": "NIST AI 600-1",
    "nist-ai-rmf-1.0": "NIST AI RMF 1.0",
    "nist-ai-rmf-playbook": "NIST AI RMF Playbook",
    "nist-sp-800-53-r5-ai-subset": "NIST SP 800-53 Rev. 5, selection",
    "owasp-llm-top10": "OWASP Top 10 for LLM",
    "owasp-ml-top10-2023": "OWASP ML Top 10",
}


def catalog_name(catalog: str) -> str:
    """Return the name that people use for a catalog; its id where we know no other."""
    return _SHORT.get(catalog, catalog)


def outcome_state(outcome: Outcome) -> State:
    """Return mark and word of an outcome."""
    return _OUTCOMES[outcome]


def finding_state(finding: Finding) -> State:
    """Return mark and word of a finding; a waived fail stays a fail and says who accepts it."""
    return line_state(finding.outcome, finding.disposition)


def line_state(outcome: str, disposition: str) -> State:
    """Return the same of an outcome and a disposition, as listings name them."""
    if outcome == Outcome.FAIL and disposition == Disposition.WAIVED:
        return State(key="wv", mark="◈", word="Fail, waived")
    if outcome == Outcome.FAIL and disposition == Disposition.BASELINED:
        return State(key="wv", mark="◈", word="Fail, baselined")
    return _OUTCOMES[Outcome(outcome)]


def standing_state(standing: Standing) -> State:
    """Return mark and word of a control's standing."""
    return _STANDINGS[standing]


def waiver_state(state: str) -> State:
    """Return mark and word of a waiver's state."""
    return _WAIVERS[state]


def worst_conclusion(conclusions: Iterable[Conclusion]) -> Conclusion:
    """Return the gravest of several conclusions; of none, that nothing was judged."""
    ranked = sorted(conclusions, key=GRAVEST_FIRST.index)
    return ranked[0] if ranked else Conclusion.NOTHING_JUDGED


def sentence_case(text: str) -> str:
    """Return ``text`` with a capital at its start; an id such as ``eu-ai-act`` stays as it is."""
    first = text.partition(" ")[0]
    return text if _ID.fullmatch(first) else text[:1].upper() + text[1:]


def reason_word(code: str) -> str:
    """Return the short word for a reason code."""
    if code.startswith("error:"):
        return "error"
    return _REASONS.get(code, (code.replace("_", " "), ""))[0]


def reason_sentence(code: str) -> str:
    """Return what a reason code means, as a sentence."""
    if code.startswith("error:"):
        return f"The rule could not be evaluated ({code.removeprefix('error:')})."
    return _REASONS.get(code, ("", sentence_case(code.replace("_", " ")) + "."))[1]


def assurance_mark(assurance: Assurance) -> str:
    """Return the meter glyph for a grade of assurance."""
    return _ASSURANCE[assurance][0]


def assurance_sentence(assurance: Assurance) -> str:
    """Return who vouches at a grade of assurance."""
    return _ASSURANCE[assurance][1]


def day(instant: datetime) -> str:
    """Return ``1 October 2026``, in UTC and in no locale."""
    at = instant.astimezone(UTC)
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


def short_day(instant: datetime) -> str:
    """Return ``1 Oct 2026``, in UTC."""
    at = instant.astimezone(UTC)
    return f"{at.day} {_MONTHS[at.month - 1][:3]} {at.year}"


def moment(instant: datetime) -> str:
    """Return ``1 October 2026, 00:00 UTC``."""
    at = instant.astimezone(UTC)
    return f"{day(at)}, {at.hour:02}:{at.minute:02} UTC"


def age(seconds: float) -> str:
    """Return an age in the largest whole unit that fits: ``28 days``, ``3 hours``."""
    if seconds >= _DAY:
        return count(int(seconds // _DAY), "day")
    if seconds >= _HOUR:
        return count(int(seconds // _HOUR), "hour")
    return "under an hour"


def count(number: int, noun: str, plural: str = "") -> str:
    """Return ``1 rule`` or ``2 rules``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def of(part: int, whole: int) -> str:
    """Return ``n of m``."""
    return f"{part} of {whole}"


def listed(items: Iterable[str], *, most: int = 6) -> str:
    """Return ``a, b and c``; beyond ``most`` the rest is counted."""
    known = list(items)
    if len(known) > most:
        return say("and-more", names=", ".join(known[:most]), number=len(known) - most)
    if len(known) < 2:  # noqa: PLR2004 - one item needs no "and"
        return "".join(known)
    return f"{', '.join(known[:-1])} and {known[-1]}"


def packed(texts: Iterable[str]) -> Iterator[str]:
    """Yield texts run together, as many as one paragraph may hold."""
    held = ""
    for text in texts:
        if held and len(held) + len(text) > _PARAGRAPH:
            yield held
            held = ""
        held = f"{held}; {text}" if held else text
    if held:
        yield held


def number(value: float) -> str:
    """Return a number with at most four decimals, no trailing zeros, and groups of three digits.

    A number that is nearly whole keeps the digits that tell so: 99.99999 is not 100.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if abs(value) >= _VAST:
        return f"{value:.6g}"
    text = f"{value or 0:,.4f}".rstrip("0").rstrip(".")
    if text in {"0", "-0"} and value != 0:
        return f"{value:.3g}"
    if "." not in text and value != int(value):
        text = f"{value:,.12f}".rstrip("0").rstrip(".")
    return text.replace(",", THIN if abs(value) >= _GROUPED else "")


def apart(value: float, limit: float) -> tuple[str, str]:
    """Return a value and its limit with the digits that tell them apart: they decided."""
    said, asked = number(value), number(limit)
    if said == asked and value != limit:
        said, asked = repr(value), repr(limit)
        for digits in range(5, 17):
            if f"{value:.{digits}g}" != f"{limit:.{digits}g}":
                return f"{value:.{digits}g}", f"{limit:.{digits}g}"
    return said, asked


def rounded(value: float, places: int, limit: float) -> str:
    """Return a number for a column of figures, with ``places`` decimals.

    Where these would show it as the limit that it is not, or as whole, it stands as under or over.
    """
    if abs(value) >= _VAST:
        return number(value)
    text = f"{value:.{places}f}"
    shown = float(text)
    if shown == limit and value != limit:
        return f"{'<' if value < limit else '>'} {number(limit)}"
    if places and shown == int(shown) and value != shown:
        near = shown - 10.0**-places if value < shown else shown + 10.0**-places
        return f"{'>' if value < shown else '<'} {near:.{places}f}"
    return f"{value or 0:,.{places}f}".replace(",", THIN if abs(value) >= _GROUPED else "")


def grouped(digest: str) -> str:
    """Return a digest whole, its digits in groups of eight: read aloud and compared by eye."""
    algorithm, _, digits = digest.partition(":")
    groups = [digits[start : start + 8] for start in range(0, len(digits), 8)]
    return f"{algorithm}:{' '.join(groups)}"


def shortened(text: str, width: int) -> str:
    """Return ``text`` on one line, cut to ``width`` characters with an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"
