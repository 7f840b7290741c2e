"""Audit packs: which there are and how far, their documents, and how to verify one offline."""

from typing import Final

from anyio import from_thread
from starlette.requests import Request
from starlette.responses import Response

from assaybook.console import asked, links
from assaybook.console.backend import backend_of, principal_of, reading
from assaybook.console.forms import Form, Said
from assaybook.console.frame import HEADERS, page
from assaybook.console.pages.evidence import steps_to
from assaybook.console.routing import Page, touchable
from assaybook.domain.errors import UsageError
from assaybook.domain.ids import written
from assaybook.domain.policy import Severity
from assaybook.domain.principal import Action, allowed
from assaybook.domain.record import record
from assaybook.service.jobs import ask_for
from assaybook.service.reads import record_read
from assaybook.service.show_pack import packs_made, packs_unmade, show_document, show_pack
from assaybook.store.jobs import Job, JobKind, JobState
from assaybook.store.packs import PackRecord
from assaybook.store.unit_of_work import UnitOfWork

_ON_A_PAGE: Final = 50
_STATES: Final = {
    JobState.QUEUED: "waiting",
    JobState.RUNNING: "being made",
    JobState.DONE: "made",
    JobState.FAILED: "could not be made",
}
"""How far a pack is, without a mark: none of it is a verdict on what is in it."""


@record
class PackShown:
    """A pack that was asked for: how far it is, and what was made."""

    job: Job
    state: str
    record: PackRecord | None


def packs(request: Request) -> Response:
    """List the packs that the caller may see: those that are not made yet, and those that are."""
    system, release = asked.text(request, "system"), asked.text(request, "release")
    after, past = asked.text(request, "cursor"), asked.as_of(request)
    among = principal_of(request).systems
    if system is not None:
        touchable(request, system)
    with reading(request) as store:
        made = packs_made(
            store,
            system=system,
            release=release,
            after=after,
            limit=_ON_A_PAGE,
            among=among,
            as_of=past,
        )
        # How far a job was at an earlier instant is not kept; how far it is now says nothing of it.
        unmade = () if past else packs_unmade(store, system=system, release=release, among=among)
    as_of = None if past is None else written(past)
    more = links.packs(system=system, release=release, as_of=as_of, cursor=made.next)
    return page(
        request,
        "packs.html.j2",
        title="Audit packs",
        crumbs=steps_to(system, release),
        as_of=past,
        dated=True,
        made=made.items,
        unmade=tuple((one, _STATES[one.state]) for one in unmade),
        next=more if made.next else None,
        system=system,
        release=release,
        later=after is not None,
        may_ask=allowed(principal_of(request), Action.PACK_CREATE),
    )


def pack(request: Request) -> Response:
    """Show one pack: of what it is, how far it is, and how to verify it."""
    principal = principal_of(request)
    with reading(request) as store:
        job, found = show_pack(store, request.path_params["pack"], systems=principal.systems)
    task = job.task
    return page(
        request,
        "pack.html.j2",
        title=job.id,
        crumbs=(*steps_to(task.system, task.release), ("Audit packs", links.packs())),
        shown=PackShown(job, _STATES[job.state], found),
        task=task,
    )


def ask(request: Request, said: Said) -> str:
    """Ask for the pack of a release as it stands now; return where it will be."""
    backend, principal = backend_of(request), principal_of(request)
    system, release = said.get("system", "").strip(), said.get("release", "").strip()
    touchable(request, system)

    def queue(work: UnitOfWork) -> str:
        return ask_for(
            work,
            JobKind.PACK,
            system,
            release,
            backend.ruling,
            fail_on=Severity.HIGH,
            as_of=None,
            person=principal.name,
        ).id

    return links.pack(from_thread.run(backend.writer.run, queue))


def document(request: Request) -> Response:
    """Return the PDF of a pack; that it was read is recorded."""
    backend, principal = backend_of(request), principal_of(request)
    name: str = request.path_params["pack"]
    if request.path_params["file"] != f"{name}.pdf":
        raise UsageError("not-found", "there is nothing at this address")

    def read(work: UnitOfWork) -> tuple[PackRecord, bytes]:
        found = show_document(work, name, systems=principal.systems)
        record_read(work, principal, "pack", name, request.state.request_id)
        return found

    found, content = from_thread.run(backend.writer.run, read)
    headers = {
        **HEADERS,
        "Content-Disposition": f'attachment; filename="{found.id}.pdf"',
        "ETag": f'"{found.digest}"',
    }
    return Response(content, media_type=found.media_type, headers=headers)


_LIST: Final = Page("/packs", packs, Action.PACK_READ)
FORMS: Final = (Form("/packs/ask", ask, Action.PACK_CREATE, _LIST),)
PAGES: Final = (
    _LIST,
    Page("/packs/{pack}", pack, Action.PACK_READ),
    Page("/packs/{pack}/{file}", document, Action.PACK_READ),
)
