"""What persons decide, as it is asked for and shown over HTTP: waivers and answers."""

from datetime import datetime

from assaybook.api.conditions import etag
from assaybook.domain.base import Frozen
from assaybook.domain.ids import Instant
from assaybook.domain.waiver import Waiver, WaiverState
from assaybook.language.document_words import Prose
from assaybook.service.waivers import unjudged_state
from assaybook.store.decisions import WaiverRecord


class RevocationWanted(Frozen):
    """Why a waiver is to hold no more."""

    reason: Prose


class WaiverAnswer(Frozen):
    """A waiver as it stands.

    Attributes:
        state: as far as it can be told without judging; an assessment says whether its
            compensating rule passes and whether it was used.
        note: a word on the state.
        etag: what `If-Match` takes to decide about no other version than this.
        version: how often it was decided about; ``at`` and ``person`` are of the last time.
        why: the reason of the last decision, where it is not that of the waiver.
    """

    waiver: Waiver
    state: WaiverState
    note: str
    etag: str
    version: int
    at: Instant
    person: str
    why: str | None = None


class WaiverPage(Frozen):
    """Waivers in order of id, each as it stands."""

    items: tuple[WaiverAnswer, ...]
    next: str | None = None


class AttestationAnswer(Frozen):
    """An answer as it was recorded: whose, in which role, to which question."""

    evidence: str
    received_at: Instant
    seq: int
    person: str
    role: str
    question: str


def waiver_answer(record: WaiverRecord, as_of: datetime) -> WaiverAnswer:
    """Return what is said of a waiver at an instant."""
    state, note = unjudged_state(record.waiver, as_of)
    return WaiverAnswer(
        waiver=record.waiver,
        state=state,
        note=note,
        etag=etag(record.version, record.digest),
        version=record.version,
        at=record.at,
        person=record.person,
        why=record.why,
    )
