"""What reviewers say of an assessment: a disagreement with a finding, or that they sign it off.

A note is an entry of the log and nothing else: it changes no outcome, and cannot be taken back.
"""

import json
from typing import Final, Literal

from assaybook.domain.base import Frozen
from assaybook.domain.errors import UsageError
from assaybook.domain.ids import Instant
from assaybook.domain.letters import says_something
from assaybook.store.assessments import known_assessment, load_assessment
from assaybook.store.journal import Entry, EntryRecord, entries_about
from assaybook.store.unit_of_work import Reading, UnitOfWork

NoteKind = Literal["disagreement", "sign-off"]
KINDS: Final[tuple[NoteKind, ...]] = ("disagreement", "sign-off")
_LONGEST: Final = 2_000


class Note(Frozen):
    """One note; ``rule`` is the finding's, as ``policy/rule``, and empty for the whole."""

    seq: int
    at: Instant
    kind: NoteKind
    assessment: str
    rule: str
    person: str
    words: str


def add_note(  # noqa: PLR0913 - each is a part of what is said
    work: UnitOfWork,
    assessment: str,
    *,
    kind: NoteKind,
    person: str,
    words: str,
    rule: str = "",
) -> int:
    """Record what a reviewer says; return the place of the entry.

    Raises:
        UsageError: ``assessment-unknown``; ``rule-unknown``, it has no such finding;
            ``note-unexplained``, without a person or words, or with too many; ``note-whole``, a
            sign-off of one rule alone.
    """
    if not (person.strip() and says_something(words)) or len(words) > _LONGEST:
        raise UsageError(
            "note-unexplained",
            f"a note needs a person and words, at most {_LONGEST} characters",
            hint="Name both: --person NAME --words WORDS",
        )
    if kind == "sign-off" and rule:
        message = "an assessment is signed off as a whole"
        raise UsageError("note-whole", message, hint="Leave out --rule, or disagree.")
    found = load_assessment(work, assessment)
    if rule and rule not in {f"{one.policy}/{one.rule}" for one in found.findings}:
        raise UsageError(
            "rule-unknown", f"the assessment has no finding of {rule}", hint="Name policy/rule."
        )
    ref = f"{assessment}/{rule}" if rule else assessment
    line = known_assessment(work, assessment, systems=None)
    about = {"system": line.system, "release": line.release}
    (seq,) = work.record((Entry(kind, ref, assessment, person, words, **about),))
    return seq


def notes_of(reading: Reading, assessment: str) -> tuple[Note, ...]:
    """Return every note on an assessment, in the order of the log."""
    return tuple(
        _note(one, assessment) for one in entries_about(reading.connection, assessment, KINDS)
    )


def _note(entry: EntryRecord, assessment: str) -> Note:
    said = json.loads(entry.body)
    return Note.model_validate(
        {
            "seq": entry.seq,
            "at": entry.at,
            "kind": entry.kind,
            "assessment": assessment,
            "rule": entry.ref.removeprefix(assessment).removeprefix("/"),
            "person": said["person"],
            "words": said["reason"],
        }
    )
