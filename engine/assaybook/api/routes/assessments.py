"""Assessments: made, listed, and read back as they were recorded; and the jobs that make them."""

from functools import partial
from typing import Annotated, Any, Final

from anyio import to_thread
from fastapi import Depends, Header, Path, Query, Response

from assaybook.api.access import needs, refuse_untouched
from assaybook.api.bodies import body_of
from assaybook.api.forms import CONTENT, Accept, Form, answer, form_of, written
from assaybook.api.pages import matches, unchanged
from assaybook.api.problems import answers
from assaybook.api.routing import PAGE, Cursor, Limit, a_router
from assaybook.api.shapes.assessments import (
    AssessmentPage,
    AssessmentWanted,
    JobAnswer,
    job_answer,
)
from assaybook.api.state import Service, ServiceHere, reading
from assaybook.domain.errors import UsageError
from assaybook.domain.finding import Assessment
from assaybook.domain.ids import SystemId, Version
from assaybook.domain.principal import Action, Principal
from assaybook.service.jobs import ask_for
from assaybook.service.judge_apart import Apart, judge_apart, record_apart
from assaybook.store.assessments import list_assessments, load_assessment_text
from assaybook.store.jobs import Job, JobKind, load_job
from assaybook.store.unit_of_work import UnitOfWork

router = a_router("assessments")

_Reader = Annotated[Principal, Depends(needs(Action.ASSESSMENT_READ))]
_FORMS: Final[dict[str, Any]] = {"content": CONTENT}
_ASYNC: Final = "respond-async"


@router.post(
    "/assessments",
    status_code=201,
    response_model=Assessment,
    responses={
        200: {"model": Assessment, "description": "It was recorded before.", **_FORMS},
        201: _FORMS,
        202: {"model": JobAnswer, "description": "It will be made; poll what Location names."},
        **answers(404, 406, 415),
    },
)
async def assess(
    service: ServiceHere,
    principal: Annotated[Principal, Depends(needs(Action.ASSESS))],
    wanted: Annotated[AssessmentWanted, body_of(AssessmentWanted)],
    accept: Accept = "*/*",
    prefer: Annotated[
        str, Header(max_length=500, description="`respond-async` not to wait for it.")
    ] = "",
) -> Response:
    """Judge a release by what is recorded, and record the assessment."""
    refuse_untouched(principal, wanted.system)
    form = form_of(accept)
    if _ASYNC in {one.partition(";")[0].strip().lower() for one in prefer.split(",")}:
        return await _queued(service, wanted, principal)
    apart = await to_thread.run_sync(_judged, service, wanted)
    recorded = await service.writer.run(partial(record_apart, apart=apart, person=principal.name))
    found = recorded.judgement.assessment
    files = {one.envelope.id: one.envelope.name for one in recorded.judgement.evidence}
    digest = found.assessment.digest
    headers = {"Location": f"/v1/assessments/{digest}", "ETag": _tag(digest, form)}
    status = 201 if recorded.new else 200
    return answer(written(found, form, files=files), form, status=status, headers=headers)


def _judged(service: Service, wanted: AssessmentWanted) -> Apart:
    with reading(service) as store:
        return judge_apart(
            store,
            wanted.system,
            wanted.release,
            service.ruling,
            fail_on=wanted.fail_on,
            as_of=wanted.as_of,
            clock=service.clock,
        )


async def _queued(service: Service, wanted: AssessmentWanted, principal: Principal) -> Response:
    def ask(work: UnitOfWork) -> Job:
        return ask_for(
            work,
            JobKind.ASSESSMENT,
            wanted.system,
            wanted.release,
            service.ruling,
            fail_on=wanted.fail_on,
            as_of=wanted.as_of,
            person=principal.name,
        )

    job = await service.writer.run(ask)
    service.worker.wake()
    headers = {"Location": f"/v1/jobs/{job.id}", "Preference-Applied": _ASYNC}
    return answer(job_answer(job), Form.JSON, status=202, headers=headers)


@router.get("/assessments", responses=answers(404))
def get_assessments(  # noqa: PLR0913, PLR0917 - what the framework hands over
    service: ServiceHere,
    principal: _Reader,
    system: Annotated[SystemId | None, Query()] = None,
    release: Annotated[Version | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> AssessmentPage:
    """List the assessments that you may see, in the order in which they were recorded."""
    if system is not None:
        refuse_untouched(principal, system)
    with reading(service) as store:
        page = list_assessments(
            store,
            system=system,
            release=release,
            after=cursor,
            limit=limit,
            systems=principal.systems,
        )
    return AssessmentPage(items=page.items, next=page.next)


@router.get(
    "/assessments/{digest}",
    response_model=Assessment,
    responses={
        200: _FORMS,
        304: {"description": "It is as you have it."},
        **answers(404, 406),
    },
)
def get_assessment(
    digest: Annotated[str, Path(max_length=100, description="Digest of the assessment.")],
    service: ServiceHere,
    principal: _Reader,
    accept: Accept = "*/*",
    if_none_match: Annotated[str | None, Header(max_length=500)] = None,
) -> Response:
    """Return an assessment, whole, as it was recorded; it never changes."""
    form = form_of(accept)
    with reading(service) as store:
        text = load_assessment_text(store, digest, systems=principal.systems)
    tag = _tag(digest, form)
    if matches(if_none_match, tag):
        return unchanged(tag)
    if form is not Form.JSON:
        text = written(Assessment.model_validate_json(text), form, files={})
    headers = {"ETag": tag, "Cache-Control": "private, max-age=31536000, immutable"}
    return answer(text, form, status=200, headers=headers)


@router.get("/jobs/{job}", responses=answers(404))
def get_job(
    job: Annotated[str, Path(max_length=100, description="Id of the job.")],
    service: ServiceHere,
    principal: _Reader,
) -> JobAnswer:
    """Tell how far an assessment is that was asked for with `Prefer: respond-async`."""
    with reading(service) as store:
        found = load_job(store, job, systems=principal.systems)
    if found.task.kind is not JobKind.ASSESSMENT:
        raise UsageError("job-unknown", f"there is no job {job[:80]!r}")
    return job_answer(found)


def _tag(digest: str, form: Form) -> str:
    return f'"{digest}"' if form is Form.JSON else f'"{digest}/{form.name.lower()}"'
