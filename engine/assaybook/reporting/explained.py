"""Why a rule came to its outcome, as one paragraph of prose for a page or a letter."""

from collections.abc import Iterator, Mapping
from typing import Final

from assaybook.domain.finding import Disposition, Finding, Outcome
from assaybook.evaluation.explain import Clause, Explanation, first_deciding
from assaybook.evaluation.margin import Margin
from assaybook.reporting.observe import GHOST, short_keys, value_text
from assaybook.reporting.remedies import what_to_do
from assaybook.reporting.words import (
    age,
    apart,
    count,
    listed,
    number,
    reason_word,
    sentence_case,
    short_day,
    shortened,
)

_MOST: Final = 3
_LOOKED_AT: Final = 60
"""Clauses among which the most telling are looked for: a finding may have a hundred thousand."""
_WIDTH: Final = 160
_KEY: Final = 60
_CAME_TO: Final[Mapping[Outcome, str]] = {
    Outcome.PASS: "passes",
    Outcome.FAIL: "fails",
    Outcome.INCONCLUSIVE: "is not proven",
    Outcome.ERROR: "could not be evaluated",
    Outcome.NOT_APPLICABLE: "does not apply",
}
_CONSTANTS: Final = ("duration(", "timestamp(")
_TRUTHS: Final = {"T": "holds", "F": "does not hold", "U": "is not known", "": "was not judged"}
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


def decided_paragraph(finding: Finding) -> str:
    """Return in short what decided a finding and what would turn it, for a card of a pack.

    Beside it stand the sentence, the rows, the reasons, the evidence and the remedy.
    """
    found = first_deciding(finding, _LOOKED_AT)
    sure = [each for each in found if not _is_ghost(each.row)]
    shown = (sorted(sure, key=_how_telling) or list(found))[: _MOST if sure else 1]
    _, keys = short_keys(row.key for row in finding.rows if row.key != GHOST)
    told = [sentence for each in shown for sentence in _brief(each, keys)]
    judged = {each.row.partition("; ")[0] for each in shown}
    same = [row.key for row in finding.rows if row.outcome is finding.outcome and row.key != GHOST]
    more = len(same) - sum(key in judged for key in same)
    if more and told:
        told.append(f"So it is with {count(more, 'further row')}.")
    return " ".join(dict.fromkeys(told))


def _how_telling(clause: Clause) -> int:
    """Return the place of a clause: a limit that was not kept, what does not hold, the rest."""
    if clause.truth == "T" or not clause.text:
        return 2
    return 0 if clause.margin is not None else 1


def _brief(clause: Clause, keys: Mapping[str, str]) -> Iterator[str]:
    """Yield what one clause came to: observed values, limit, what would turn it, or why unknown."""
    row, _, inner = clause.row.partition("; ")
    names = [shortened(keys.get(one, one), _KEY) for one in (row, inner) if one]
    ghost = _is_ghost(clause.row)
    about = "For any further row: " if ghost else f"For {', '.join(names)}: " if names else ""
    codes = dict.fromkeys(reason_word(one.code) for one in clause.reasons)
    because = f": {listed(codes, most=_MOST)}" if codes and clause.truth == "U" else ""
    if not clause.text:
        yield f"{about}{'it' if about else 'The rule'} could not be judged{because}."
        return
    seen = "" if clause.margin is not None else _seen(clause)
    yield f"{about}{shortened(clause.text, _WIDTH)} {_TRUTHS[clause.truth]}{seen}{because}."
    if clause.margin is not None:
        yield _margin(clause.margin, clause.truth)


def _seen(clause: Clause) -> str:
    """Return what was observed in a clause that compares no two numbers, in brackets."""
    parts = [
        f"{shortened(each.text, _KEY)} is {value_text(each.value)}"
        for each in clause.observed
        if each.text != clause.text
        and isinstance(each.value, str | int | float)
        and not each.text.isidentifier()  # a row by its name
        and not each.text.startswith(_CONSTANTS)
    ]
    return f" ({', '.join(parts[:_MOST])})" if parts else ""


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
    row = "any further row" if _is_ghost(clause.row) else clause.row
    about = f"For {row}: " if row else ""
    if clause.message:
        yield _ended(f"{about}{clause.message}")
    else:
        text = clause.text or "it"
        yield f"{about}{shortened(text, _WIDTH)} {_TRUTHS[clause.truth]}."
    if clause.margin is not None:
        yield _margin(clause.margin, clause.truth)
    codes = dict.fromkeys(reason_word(one.code) for one in clause.reasons)
    if codes:
        first = next((one.message for one in clause.reasons if one.message), "")
        why = f" ({shortened(first, _WIDTH)})" if first else ""
        yield f"The reason: {listed(codes, most=_MOST)}{why}."


def _is_ghost(row: str) -> bool:
    return row == GHOST or row.endswith(f"[{GHOST}]")


def _margin(margin: Margin, truth: str) -> str:
    value, limit = apart(margin.value, margin.limit)
    far = number(margin.distance)
    if truth == "T":
        return f"It came to {value} and turns at {limit}, {far} away."
    if not margin.distance:
        return f"It came to {value}, which is the limit itself."
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
    if todo := what_to_do(found):
        yield _ended(f"What to do: {todo}")


def _ended(text: str) -> str:
    """Return a sentence with its stop."""
    return text if text.endswith((".", "!", "?")) else f"{text}."
