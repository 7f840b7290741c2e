"""Why a rule came to its outcome, as one paragraph of prose for a page or a letter."""

from collections.abc import Iterator, Mapping
from typing import Final

from assaybook.domain.finding import Disposition, Outcome
from assaybook.evaluation.explain import Clause, Explanation
from assaybook.evaluation.margin import Margin
from assaybook.reporting.words import (
    age,
    count,
    listed,
    number,
    reason_word,
    sentence_case,
    short_day,
    shortened,
)

_MOST: Final = 3
_WIDTH: Final = 160
_CAME_TO: Final[Mapping[Outcome, str]] = {
    Outcome.PASS: "passes",
    Outcome.FAIL: "fails",
    Outcome.INCONCLUSIVE: "is not proven",
    Outcome.ERROR: "could not be evaluated",
    Outcome.NOT_APPLICABLE: "does not apply",
}
_ACCEPTED: Final[Mapping[Disposition, str]] = {
    Disposition.OPEN: "",
    Disposition.WAIVED: ", and is waived",
    Disposition.BASELINED: ", and is accepted as it was found",
}


def explained_paragraph(found: Explanation) -> str:
    """Return an explanation as one paragraph: outcome, what decided, what would turn it, evidence.

    It holds what the explanation holds, in the same order; of many clauses it names the first.
    """
    return " ".join(dict.fromkeys(_sentences(found)))


def _sentences(found: Explanation) -> Iterator[str]:
    about = f", row {found.row}," if found.row else ""
    state = _ACCEPTED[found.disposition] if found.outcome is Outcome.FAIL else ""
    yield f"{found.policy}/{found.rule}{about} {_CAME_TO[found.outcome]}{state}."
    yield f"It asks: {found.sentence}"
    for clause in found.deciding[:_MOST]:
        yield from _clause(clause)
    rest = len(found.deciding) - _MOST + found.more
    if rest > 0:
        yield f"So it is with {count(rest, 'further clause')}."
    if not found.deciding and found.message:
        yield f"{_ended(sentence_case(found.message))}"
    yield from _circumstances(found)


def _clause(clause: Clause) -> Iterator[str]:
    """Yield what one clause came to, and how far it was from turning."""
    ghost = clause.row == "?" or clause.row.endswith("[?]")
    row = "any further row" if ghost else clause.row
    about = f"For {row}: " if row else ""
    words = {"T": "holds", "F": "does not hold", "U": "is not known", "": "was not judged"}
    if clause.message:
        yield _ended(f"{about}{clause.message}")
    else:
        text = clause.text or "it"
        yield f"{about}{shortened(text, _WIDTH)} {words[clause.truth]}."
    if clause.margin is not None:
        yield _margin(clause.margin, clause.truth)
    codes = dict.fromkeys(reason_word(one.code) for one in clause.reasons)
    if codes:
        first = next((one.message for one in clause.reasons if one.message), "")
        why = f" ({shortened(first, _WIDTH)})" if first else ""
        yield f"The reason: {listed(codes, most=_MOST)}{why}."


def _margin(margin: Margin, truth: str) -> str:
    value, limit = number(margin.value), number(margin.limit)
    far = number(margin.distance)
    if truth == "T":
        return f"It came to {value} and turns at {limit}, {far} away."
    told = f"It came to {value}; at {limit} it would turn, {far} away"
    if margin.trials is not None and margin.trials_now is not None:
        more = margin.trials - margin.trials_now
        return f"{told}, or at the same rate with {count(more, 'more trial')}."
    if margin.trials_now is not None:
        return f"{told}; at the same rate no number of trials would do."
    return f"{told}."


def _circumstances(found: Explanation) -> Iterator[str]:
    """Yield what it rests on, what was left out, what is accepted, and until when it holds."""
    used = {one.id: one.age for one in found.evidence}
    if used:
        told = [
            f"{found.names.get(each) or each} ({'undated' if old is None else f'{age(old)} old'})"
            for each, old in used.items()
        ]
        yield f"It rests on {listed(told, most=_MOST)}."
    left = {one.evidence: one.code for one in found.left_out}
    if left:
        codes = dict.fromkeys(reason_word(code) for code in left.values())
        yield f"{count(len(left), 'document')} did not count: {listed(codes, most=_MOST)}."
    if found.rest is not None and found.disposition is Disposition.OPEN:
        yield f"Without the rows that are accepted it {_CAME_TO[found.rest]}."
    for relaxation in found.relaxed:
        yield f"Relaxed: {_ended(relaxation)}"
    if found.expires_at is not None:
        yield f"It holds until {short_day(found.expires_at)}, when evidence grows stale."
    if found.fix:
        yield _ended(f"What to do: {found.fix}")


def _ended(text: str) -> str:
    """Return a sentence with its stop."""
    return text if text.endswith((".", "!", "?")) else f"{text}."
