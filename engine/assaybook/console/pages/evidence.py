"""Evidence: the documents of a system or release, and apart from them what was refused."""

from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from assaybook.console import asked, links
from assaybook.console.backend import backend_of, principal_of, reading
from assaybook.console.frame import page
from assaybook.console.routing import Page, touchable
from assaybook.domain.evidence import Envelope
from assaybook.domain.ids import written
from assaybook.domain.principal import Action, allowed
from assaybook.domain.record import record
from assaybook.service.list_evidence import recorded_evidence, recorded_refusals
from assaybook.store.blobs import Erasure, erasures

_ON_A_PAGE: Final = 50
_REFUSED: Final = 20


@record
class DocumentLine:
    """A document in a list.

    Attributes:
        source: tool and scope: where documents that replace each other come from.
        seconds: its age; None where nobody said when it was made.
        notes: what a reader must know of it before reading it.
    """

    envelope: Envelope
    source: str
    seconds: float | None
    notes: tuple[str, ...]
    erased: Erasure | None


def document_line(envelope: Envelope, erased: Erasure | None, now: datetime) -> DocumentLine:
    """Return what a list says of a document."""
    made = made_at(envelope)
    return DocumentLine(
        envelope,
        source_of(envelope),
        None if made is None else max(0.0, (now - made).total_seconds()),
        notes_of(envelope),
        erased,
    )


def made_at(envelope: Envelope) -> datetime | None:
    """Return the instant from which the age of a document counts; None where nobody said it."""
    said = envelope.produced_at or envelope.observed_at
    return None if said is None else min(said, envelope.received_at)


def source_of(envelope: Envelope) -> str:
    """Return tool, version and scope of a document, as far as it says them."""
    tool = f"{envelope.producer.tool} {envelope.producer.version}".strip()
    scope = envelope.scope.model_dump(exclude_none=True)
    return ", ".join(filter(None, [tool, *(f"{name} {value}" for name, value in scope.items())]))


def notes_of(envelope: Envelope) -> tuple[str, ...]:
    """Return what a reader must know of a document: what is missing of it, and what was removed."""
    notes: list[str] = []
    if envelope.malformed:
        notes.append("only a part of it could be read")
    if envelope.redactions:
        notes.append("redacted: " + ", ".join(envelope.redactions))
    return tuple(notes)


@record
class _Asked:
    """What a list is narrowed to, as of when, and from where on each part of it goes."""

    system: str | None
    release: str | None
    form: str | None
    after: str | None
    refused: str | None
    past: datetime | None

    def link(self, **place: str | None) -> str | None:
        """Return the address of another page of the list; None without a place."""
        if not any(place.values()):
            return None
        return links.evidence(
            system=self.system,
            release=self.release,
            format=self.form,
            as_of=None if self.past is None else written(self.past),
            **place,
        )


def documents(request: Request) -> Response:
    """Show what was submitted, and apart from it what was refused."""
    wanted = _Asked(
        system=asked.text(request, "system"),
        release=asked.text(request, "release"),
        form=asked.text(request, "format"),
        after=asked.text(request, "cursor"),
        refused=asked.text(request, "refused"),
        past=asked.as_of(request),
    )
    if wanted.system is not None:
        touchable(request, wanted.system)
    instant = wanted.past or backend_of(request).clock()
    return page(
        request,
        "documents.html.j2",
        title="Evidence",
        crumbs=steps_to(wanted.system, wanted.release),
        as_of=wanted.past,
        dated=True,
        instant=instant,
        system=wanted.system,
        release=wanted.release,
        form=wanted.form,
        later=bool(wanted.after or wanted.refused),
        command=_submit(wanted.system, wanted.release),
        may_submit=allowed(principal_of(request), Action.EVIDENCE_SUBMIT),
        **_listed(request, wanted, instant),
    )


def _listed(request: Request, wanted: _Asked, instant: datetime) -> dict[str, Any]:
    """Return what the page lists, as its template takes it."""
    about: dict[str, Any] = {
        "system": wanted.system,
        "release": wanted.release,
        "among": principal_of(request).systems,
        "last_first": True,
        "as_of": wanted.past,
    }
    with reading(request) as store:
        found = recorded_evidence(
            store, form=wanted.form, after=wanted.after, limit=_ON_A_PAGE, **about
        )
        gone = erasures(store, {one.blob for one in found.items})
        refused = recorded_refusals(store, after=wanted.refused, limit=_REFUSED, **about)
    return {
        "lines": tuple(document_line(one, gone.get(one.blob), instant) for one in found.items),
        "refused": refused.items,
        "next": wanted.link(cursor=found.next),
        "more_refused": wanted.link(refused=refused.next),
    }


def steps_to(system: str | None, release: str | None) -> tuple[tuple[str, str], ...]:
    """Return the way to the evidence of a system or release."""
    if system is None:
        return ()
    steps = [(system, links.system(system))]
    if release is not None:
        steps.append((release, links.release(system, release)))
    return tuple(steps)


def _submit(system: str | None, release: str | None) -> str:
    return f"assay submit FILES --system {system or 'SYSTEM'} --release {release or 'VERSION'}"


PAGES: Final = (Page("/evidence", documents, Action.EVIDENCE_READ),)
