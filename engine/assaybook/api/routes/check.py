"""Documents judged by the policies of the server, without a trace in the store."""

from typing import Annotated, Any, Final

from anyio import to_thread
from fastapi import Depends, Query, Request, Response
from pydantic import ValidationError

from assaybook.api.access import needs, refuse_untouched
from assaybook.api.documents import MULTIPART, Body, documents_of
from assaybook.api.forms import CONTENT, Accept, Form, answer, form_of, written
from assaybook.api.problems import answers
from assaybook.api.routing import a_router
from assaybook.api.shapes.assessments import CheckAnswer
from assaybook.api.state import Service, ServiceHere, reading
from assaybook.domain.errors import UsageError
from assaybook.domain.ids import Instant, SystemId, Version
from assaybook.domain.policy import Severity
from assaybook.domain.principal import Action, Principal
from assaybook.domain.subject import Subject
from assaybook.intake.declared import Declared
from assaybook.service.check_sent import CheckedSent, check_sent
from assaybook.service.judge_apart import instant_here
from assaybook.service.submit_documents import Origin
from assaybook.store.subjects import subject_as_of

router = a_router("check")

_SUBJECT: Final = "subject"
_BINARY: Final = {"type": "string", "format": "binary"}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": (
            "The files to judge; the part `manifest` for what they do not say; and the part"
            " `subject`, a system and its release as JSON, where they are not registered."
        ),
        "content": {
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "array", "items": _BINARY},
                        "manifest": _BINARY,
                        _SUBJECT: {"type": "string"},
                    },
                }
            }
        },
    }
}


@router.post(
    "/check",
    response_model=CheckAnswer,
    responses={200: {"content": CONTENT}, **answers(404, 406, 415)},
    openapi_extra=_BODY,
)
async def check(  # noqa: PLR0913, PLR0917 - what the framework hands over
    request: Request,
    service: ServiceHere,
    principal: Annotated[Principal, Depends(needs(Action.ASSESS))],
    system: Annotated[SystemId | None, Query(description="A registered system.")] = None,
    release: Annotated[Version | None, Query(description="A release of it.")] = None,
    as_of: Annotated[Instant | None, Query(description="The instant to judge as of.")] = None,
    fail_on: Annotated[Severity, Query()] = Severity.HIGH,
    accept: Accept = "*/*",
) -> Response:
    """Judge files by the policies of the server, and record nothing.

    The subject is either registered (`system` and `release`) or sent along, and then asserted.
    """
    form = form_of(accept)
    body = await documents_of(request, None, Declared(), fields=frozenset({_SUBJECT}))
    if not body.documents and not body.problems:
        raise UsageError("nothing-submitted", "the request holds no document")
    sent = _sent_subject(body)
    named = system if sent is None else sent.system.id
    if named is not None:
        refuse_untouched(principal, named)

    def judge() -> CheckedSent:
        subject, instant = _subject(service, sent, system, release, as_of)
        return check_sent(
            body.documents,
            subject,
            service.ruling,
            _origin(service, principal, subject),
            manifest=body.manifest,
            problems=body.problems,
            as_of=instant,
            fail_on=fail_on,
        )

    return _answered(await to_thread.run_sync(judge), form)


def _origin(service: Service, principal: Principal, subject: Subject) -> Origin:
    return Origin(
        subject.system.id,
        subject.release.version,
        principal.assurance,
        principal.name,
        service.trust,
        systems=principal.systems,
    )


def _answered(done: CheckedSent, form: Form) -> Response:
    found, problems = done.judgement.assessment, done.judgement.problems
    if form is not Form.JSON:
        text = written(found, form, problems, files=done.files)
        return answer(text, form, status=200)
    shown = CheckAnswer(**dict(found), problems=problems, files=dict(done.files))
    return answer(shown, form, status=200)


def _sent_subject(body: Body) -> Subject | None:
    """Return the subject that was sent along; it is asserted, whatever it says of itself.

    Raises:
        UsageError: ``request-invalid``.
    """
    parts = [text for name, text in body.fields if name == _SUBJECT]
    if not parts:
        return None
    if len(parts) > 1:
        raise UsageError("body-malformed", "there are two subjects", where=_SUBJECT)
    try:
        sent = Subject.model_validate_json(parts[0])
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = "/".join([_SUBJECT, *map(str, first["loc"])])
        raise UsageError("request-invalid", str(first["msg"]), where=where) from error
    return sent.model_copy(update={"asserted": True})


def _subject(
    service: Service,
    sent: Subject | None,
    system: str | None,
    release: str | None,
    as_of: Instant | None,
) -> tuple[Subject, Instant]:
    with reading(service) as store:
        now = instant_here(store, service.clock)
        if sent is not None:
            return sent, as_of or now
        if system is None or release is None:
            raise UsageError(
                "request-invalid",
                "the subject is missing",
                where=_SUBJECT,
                hint="Name a registered system and release, or send the part `subject`.",
            )
        return subject_as_of(store, system, release, as_of=as_of or now), as_of or now
