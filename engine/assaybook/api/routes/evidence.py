"""Evidence: submitted in any of four forms, listed, and read back; each reading is recorded."""

import re
from dataclasses import replace
from typing import Annotated, Any, Final

from anyio import to_thread
from fastapi import Depends, Path, Query, Request, Response

from assaybook.api.access import needs, refuse_untouched
from assaybook.api.bodies import body_of
from assaybook.api.documents import ENVELOPE, LINES, MULTIPART, Body, checked_name, documents_of
from assaybook.api.idempotency import (
    SUBMIT,
    again,
    answer_of,
    as_answered,
    digest_of_request,
    key_of,
)
from assaybook.api.problems import DocumentsRefusedError, answers
from assaybook.api.routing import PAGE, AsOf, Cursor, Limit, a_router
from assaybook.api.shapes.evidence import (
    ErasureWanted,
    EvidenceAnswer,
    EvidencePage,
    FactsAnswer,
    RefusalPage,
    SubmissionAnswer,
    submission_answer,
)
from assaybook.api.state import Service, ServiceHere, reading
from assaybook.domain.documents import Problem
from assaybook.domain.errors import UsageError
from assaybook.domain.ids import Instant, SystemId, Version
from assaybook.domain.principal import Action, Principal
from assaybook.intake.declared import Declared
from assaybook.service.erase_evidence import Erased, erase_evidence
from assaybook.service.judge_apart import instant_here
from assaybook.service.list_evidence import recorded_evidence, recorded_refusals
from assaybook.service.read_evidence import ReadPaths
from assaybook.service.reads import record_read
from assaybook.service.run_assessment import refuse_future
from assaybook.service.show_evidence import EvidenceShown, show_blob, show_evidence
from assaybook.service.submit_documents import Once, Origin, Recording, Submitted
from assaybook.store.answers import Answer, Asked
from assaybook.store.unit_of_work import UnitOfWork

router = a_router("evidence")

_Submitter = Annotated[Principal, Depends(needs(Action.EVIDENCE_SUBMIT))]
_Reader = Annotated[Principal, Depends(needs(Action.EVIDENCE_READ))]
_BlobReader = Annotated[Principal, Depends(needs(Action.BLOB_READ))]
_Id = Annotated[str, Path(pattern=r"^ev-[0-9a-f]{64}$", description="Id of the evidence.")]
_Name = Annotated[
    str | None, Query(max_length=300, description="File name of a raw document, for people.")
]
_As = Annotated[
    str | None, Query(alias="as", max_length=100, description="Format of a raw document.")
]
_ObservedAt = Annotated[
    Instant | None,
    Query(description="When equal bytes were observed anew, where they do not say."),
]
_QUICK: Final = 16 * 1024
"""Bytes up to which documents are read by the writer; others would hold it up for too long."""
_NOTHING: Final = Declared()
_FILE_NAME: Final = re.compile(r"[^A-Za-z0-9._-]")
_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
_ENVELOPE: Final = {"schema": {"$ref": "#/components/schemas/Enveloped"}}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": (
            "The output of a tool as it is; or several files, with the part `manifest` for what"
            " they do not say; or an envelope; or a batch of envelopes, one on each line."
        ),
        "content": {
            "*/*": _BINARY,
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "additionalProperties": {"type": "string", "format": "binary"},
                }
            },
            LINES: _BINARY,
            ENVELOPE: _ENVELOPE,
        },
    }
}


@router.post(
    SUBMIT.removeprefix(router.prefix),
    status_code=201,
    response_model=SubmissionAnswer,
    responses={
        200: {"model": SubmissionAnswer, "description": "All of it was recorded before."},
        **answers(404, 415),
    },
    openapi_extra=_BODY,
)
async def submit(  # noqa: PLR0913, PLR0917 - what the framework hands over
    request: Request,
    system: SystemId,
    version: Version,
    service: ServiceHere,
    principal: _Submitter,
    name: _Name = None,
    as_: _As = None,
    observed_at: _ObservedAt = None,
) -> Response:
    """Record evidence about a release; the same bytes again are one record.

    It is answered when all of it is on the disk. A document that cannot be read does not keep the
    others from being recorded.
    """
    refuse_untouched(principal, system)
    declared = Declared(format=as_, observed_at=observed_at) if as_ or observed_at else _NOTHING
    body = await documents_of(request, name and checked_name(name), declared)
    request_id: str = request.state.request_id
    origin = Origin(
        system,
        version,
        principal.assurance,
        principal.name,
        service.trust,
        mark=request_id,
        systems=principal.systems,
        authenticated=True,
    )
    if not body.documents and not body.problems:
        raise UsageError("nothing-submitted", "the request holds no document")
    recording = Recording(origin, body.documents, service.clock(), body.manifest)
    key = key_of(request)
    if key is None:
        return await _recorded(request, service, recording, body)
    asked = Asked(principal.id, request.scope["path"], key)
    async with service.shared.requests.in_turn(asked):
        digest = await digest_of_request(request)

        def kept(done: Submitted, read: ReadPaths) -> Answer | None:
            response = _answer(_with(done, body), read)
            return None if response is None else answer_of(response, digest)

        recording.once = Once(asked, kept)
        return await _recorded(request, service, recording, body, digest)


async def _recorded(
    request: Request, service: Service, recording: Recording, body: Body, digest: str = ""
) -> Response:
    """Record a submission, or find what was answered to the request with a digest before."""
    if body.size > _QUICK:
        await to_thread.run_sync(recording.prepare)
    came_to = await service.writer.run(recording)
    if isinstance(came_to, Answer):
        return again(came_to, digest)
    done = _with(came_to, body)
    request.app.state.metrics.submitted(done)
    kept = recording.kept
    response = _answer(done, recording.read) if kept is None else as_answered(kept)
    if response is None:
        raise DocumentsRefusedError((*done.problems, *map(_unrecognised, done.unrecognised)))
    return response


def _with(done: Submitted, body: Body) -> Submitted:
    """Return what a submission came to with what was wrong before any document was read."""
    return replace(done, problems=(*body.problems, *done.problems)) if body.problems else done


def _answer(done: Submitted, read: ReadPaths) -> Response | None:
    """Return the answer to a submission; None where all of it was refused."""
    accepted = done.report.accepted
    if not accepted and not done.report.duplicates:
        return None
    names = {
        one.envelope.id: one.envelope.name
        for document in read.documents
        for one in document.opened.evidence
    }
    answer = submission_answer(done, names)
    return Response(
        answer.model_dump_json(by_alias=True),
        status_code=201 if accepted else 200,
        media_type="application/json",
    )


def _unrecognised(name: str) -> Problem:
    return Problem(
        file=name,
        code="format-unknown",
        where=name,
        message="it is no document of a known format, and the manifest does not list it",
        hint="See the formats: assay evidence adapters",
    )


@router.get("/evidence", responses=answers(404))
def list_recorded(  # noqa: PLR0913, PLR0917 - what the framework hands over
    service: ServiceHere,
    principal: _Reader,
    system: Annotated[SystemId | None, Query()] = None,
    release: Annotated[Version | None, Query()] = None,
    format: Annotated[str | None, Query(max_length=100)] = None,  # noqa: A002 - as it is called
    as_of: AsOf = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> EvidencePage:
    """List the evidence that you may see, in the order in which it was recorded."""
    if system is not None:
        refuse_untouched(principal, system)
    with reading(service) as store:
        if as_of is not None:
            refuse_future(as_of, instant_here(store, service.clock))
        page = recorded_evidence(
            store,
            system=system,
            release=release,
            form=format,
            after=cursor,
            limit=limit,
            among=principal.systems,
            as_of=as_of,
        )
    return EvidencePage(items=page.items, next=page.next)


@router.get("/refusals", responses=answers(404))
def list_refused(  # noqa: PLR0913, PLR0917 - what the framework hands over
    service: ServiceHere,
    principal: _Reader,
    system: Annotated[SystemId | None, Query()] = None,
    release: Annotated[Version | None, Query()] = None,
    as_of: AsOf = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> RefusalPage:
    """List what was submitted and could not be read: that it came, never what was in it."""
    if system is not None:
        refuse_untouched(principal, system)
    with reading(service) as store:
        if as_of is not None:
            refuse_future(as_of, instant_here(store, service.clock))
        page = recorded_refusals(
            store,
            system=system,
            release=release,
            after=cursor,
            limit=limit,
            among=principal.systems,
            as_of=as_of,
        )
    return RefusalPage(items=page.items, next=page.next)


@router.get("/evidence/{evidence}", responses=answers(404))
async def get_evidence(
    request: Request, evidence: _Id, service: ServiceHere, principal: _Reader
) -> EvidenceAnswer:
    """Return the record of one document; that you read it is recorded."""
    shown = await _shown(request, service, principal, evidence, "evidence")
    return EvidenceAnswer(
        envelope=shown.evidence.envelope,
        receipt=shown.receipt,
        facts=len(shown.evidence.facts),
        coverage=len(shown.evidence.coverage),
        erased=shown.erased,
    )


@router.post("/evidence/{evidence}/erase", responses=answers(404, 410, 415))
async def erase(
    service: ServiceHere,
    evidence: _Id,
    principal: Annotated[Principal, Depends(needs(Action.BLOB_ERASE))],
    wanted: Annotated[ErasureWanted, body_of(ErasureWanted)],
) -> Erased:
    """Remove the bytes of a document for good; their digest, its proof and the reason stay."""

    def act(work: UnitOfWork) -> Erased:
        return erase_evidence(
            work, evidence, person=principal.name, reason=wanted.reason, principal=principal
        )

    return await service.writer.run(act)


@router.get("/evidence/{evidence}/facts", responses=answers(404))
async def get_facts(
    request: Request, evidence: _Id, service: ServiceHere, principal: _Reader
) -> FactsAnswer:
    """Return what was read out of one document; that you read it is recorded."""
    shown = await _shown(request, service, principal, evidence, "facts")
    return FactsAnswer(
        evidence=evidence, coverage=shown.evidence.coverage, facts=shown.evidence.facts
    )


@router.get(
    "/evidence/{evidence}/blob",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": _BINARY}}, **answers(404, 410)},
)
async def get_blob(
    request: Request, evidence: _Id, service: ServiceHere, principal: _BlobReader
) -> Response:
    """Return the bytes that were kept of one document; that you read them is recorded."""

    def read(work: UnitOfWork) -> tuple[EvidenceShown, bytes]:
        found = show_blob(work, principal, evidence)
        record_read(work, principal, "blob", evidence, request.state.request_id)
        return found

    shown, content = await service.writer.run(read)
    name = _FILE_NAME.sub("_", shown.evidence.envelope.name.rpartition("/")[2])[-100:]
    return Response(
        content,
        media_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{name.lstrip(".") or "blob"}"'},
    )


async def _shown(
    request: Request, service: Service, principal: Principal, evidence: str, what: str
) -> EvidenceShown:
    def read(work: UnitOfWork) -> EvidenceShown:
        found = show_evidence(work, principal, evidence)
        record_read(work, principal, what, evidence, request.state.request_id)
        return found

    return await service.writer.run(read)
