"""Audit packs: asked for, polled, and downloaded; each download is recorded."""

from typing import Annotated, Any, Final

from fastapi import Depends, Path, Request, Response

from assaybook.api.access import needs, refuse_untouched
from assaybook.api.bodies import body_of
from assaybook.api.problems import answers
from assaybook.api.routing import a_router
from assaybook.api.shapes.packs import PackAnswer, PackWanted, pack_answer
from assaybook.api.state import ServiceHere, reading
from assaybook.domain.principal import Action, Principal
from assaybook.service.jobs import ask_for
from assaybook.service.reads import record_read
from assaybook.service.show_pack import show_document, show_pack
from assaybook.store.jobs import JobKind
from assaybook.store.packs import PackRecord
from assaybook.store.unit_of_work import UnitOfWork

router = a_router("packs")

_Reader = Annotated[Principal, Depends(needs(Action.PACK_READ))]
_Pack = Annotated[str, Path(max_length=100, description="Id of the pack.")]
_PDF: Final[dict[str, Any]] = {
    "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}
}


@router.post("/packs", status_code=202, response_model=PackAnswer, responses=answers(404, 415))
async def ask(
    service: ServiceHere,
    principal: Annotated[Principal, Depends(needs(Action.PACK_CREATE))],
    wanted: Annotated[PackWanted, body_of(PackWanted)],
) -> Response:
    """Ask for the audit pack of a release; poll what Location names until it is done.

    An equal request, as of the same instant, is the same pack.
    """
    refuse_untouched(principal, wanted.system)

    def queue(work: UnitOfWork) -> PackAnswer:
        job = ask_for(
            work,
            JobKind.PACK,
            wanted.system,
            wanted.release,
            service.ruling,
            fail_on=wanted.fail_on,
            as_of=wanted.as_of,
            organisation=wanted.organisation,
            person=principal.name,
        )
        return pack_answer(*show_pack(work, job.id, systems=principal.systems))

    shown = await service.writer.run(queue)
    service.worker.wake()
    return Response(
        shown.model_dump_json(),
        status_code=202,
        headers={"Location": f"/v1/packs/{shown.id}"},
        media_type="application/json",
    )


@router.get("/packs/{pack}", responses=answers(404))
def get_pack(
    pack: _Pack, service: ServiceHere, principal: _Reader, response: Response
) -> PackAnswer:
    """Tell how far a pack is, and why it failed where it did."""
    response.headers["Cache-Control"] = "no-store"
    with reading(service) as store:
        return pack_answer(*show_pack(store, pack, systems=principal.systems))


@router.get(
    "/packs/{pack}/document",
    response_class=Response,
    responses={200: _PDF, **answers(404, 409, 410)},
)
async def get_document(
    request: Request, pack: _Pack, service: ServiceHere, principal: _Reader
) -> Response:
    """Return the PDF of a pack; that you read it is recorded."""

    def read(work: UnitOfWork) -> tuple[PackRecord, bytes]:
        found = show_document(work, pack, systems=principal.systems)
        record_read(work, principal, "pack", pack, request.state.request_id)
        return found

    record, content = await service.writer.run(read)
    return Response(
        content,
        media_type=record.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{record.id}.pdf"',
            "ETag": f'"{record.digest}"',
        },
    )
