"""Submitting evidence by a form: the same way into the store as every other, said on a page."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Final

from anyio import from_thread
from starlette.requests import Request
from starlette.responses import Response

from assaybook.console import asked, links
from assaybook.console.backend import Uploaded, backend_of, principal_of, reading
from assaybook.console.forms import Upload
from assaybook.console.frame import page
from assaybook.console.pages.evidence import notes_of
from assaybook.console.routing import Page, release_named, touchable
from assaybook.domain.errors import UsageError
from assaybook.domain.evidence import Envelope
from assaybook.domain.principal import Action
from assaybook.domain.record import record
from assaybook.intake.declared import Declared
from assaybook.intake.registry import adapters
from assaybook.service.submit_documents import Origin, Recording, Sent, Submitted
from assaybook.store.answers import Answer
from assaybook.store.subjects import known_release, known_system

_FORMAT: Final = "as"
_OBSERVED: Final = "observed_at"


@record
class Recorded:
    """A document of a submission that is on record.

    Attributes:
        facts: how many were read out of it.
        new: whether this submission recorded it; else it was there.
        notes: what was removed from it, or could not be read.
    """

    envelope: Envelope
    facts: int
    new: bool
    notes: tuple[str, ...]


def form(request: Request) -> Response:
    """Show the form that submits evidence about a release."""
    name, version = touchable(request, request.path_params["system"]), release_named(request)
    with reading(request) as store:
        of = known_system(store, name)
        known_release(store, name, version)
    principal = principal_of(request)
    return page(
        request,
        "submit.html.j2",
        title="Submit evidence",
        crumbs=(
            (of.system.name or name, links.system(name)),
            (version, links.release(name, version)),
        ),
        system=name,
        release=version,
        formats=sorted({one.name for one in adapters()}),
        assurance=principal.assurance.value,
        most=backend_of(request).settings.max_body,
    )


def submit(request: Request, uploaded: Uploaded) -> Response:
    """Record the files that were chosen, and say of each what became of it."""
    backend, principal = backend_of(request), principal_of(request)
    system, version = request.path_params["system"], release_named(request)
    declared = _declared(dict(uploaded.fields))
    if not uploaded.documents:
        raise UsageError(
            "nothing-submitted",
            "no file was chosen",
            hint="Go back and choose the files that your tools wrote.",
        )
    origin = Origin(
        system,
        version,
        principal.assurance,
        principal.name,
        backend.trust,
        mark=request.state.request_id,
        systems=principal.systems,
        authenticated=True,
    )
    documents = tuple(Sent(one.name, one.content, declared) for one in uploaded.documents)
    recording = Recording(origin, documents, backend.clock(), uploaded.manifest)
    recording.prepare()
    done = from_thread.run(backend.writer.run, recording)
    assert not isinstance(done, Answer)  # noqa: S101 - nothing was asked before
    backend.submitted(done)
    return _told(request, system, version, recording, done)


def _told(
    request: Request, system: str, version: str, recording: Recording, done: Submitted
) -> Response:
    rows = tuple(recorded_in(recording, done))
    new = sum(one.new for one in rows)
    refused = len(done.problems) + len(done.unrecognised)
    status = HTTPStatus.OK if rows else HTTPStatus.UNPROCESSABLE_ENTITY
    return page(
        request,
        "submitted.html.j2",
        title="What was submitted",
        crumbs=(
            (system, links.system(system)),
            (version, links.release(system, version)),
            ("Submit evidence", links.submitting(system, version)),
        ),
        status=HTTPStatus.CREATED if new else status,
        system=system,
        release=version,
        rows=rows,
        new=new,
        problems=done.problems,
        unrecognised=done.unrecognised,
        refused=refused,
    )


def recorded_in(recording: Recording, done: Submitted) -> Iterator[Recorded]:
    """Yield the documents of a submission that are on record, in the order of reading."""
    accepted = {one.evidence for one in done.report.accepted}
    known = accepted | {one.evidence for one in done.report.duplicates}
    for document in recording.read.documents:
        for one in document.opened.evidence:
            key = one.envelope.id
            if key in known:
                yield Recorded(
                    one.envelope, len(one.facts), key in accepted, notes_of(one.envelope)
                )
                # The same bytes chosen twice are one record, and new once.
                accepted.discard(key)


def _declared(said: Mapping[str, str]) -> Declared:
    """Return what the form says of all files.

    Raises:
        UsageError: ``request-invalid``, it is no instant.
    """
    form_, at = said.get(_FORMAT, "").strip(), said.get(_OBSERVED, "").strip()
    return Declared(
        format=form_ or None,
        observed_at=asked.instant_in(at, _OBSERVED) if at else None,
    )


PAGES: Final = (
    Page("/systems/{system}/releases/{release}/evidence", form, Action.EVIDENCE_SUBMIT),
)
FORMS: Final = (
    Upload(
        "/systems/{system}/releases/{release}/evidence/submit",
        frozenset({_FORMAT, _OBSERVED}),
        submit,
        Action.EVIDENCE_SUBMIT,
    ),
)
