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
from assaybook.domain.baseline import Baseline
from assaybook.domain.errors import UsageError
from assaybook.domain.ids import Instant, SystemId, Version
from assaybook.domain.policy import Severity
from assaybook.domain.principal import Action, Principal
from assaybook.domain.subject import Subject
from assaybook.intake.declared import Declared
from assaybook.service.baseline import APPROVALS, BASELINE, sent_baseline
from assaybook.service.check_sent import CheckedSent, check_sent
from assaybook.service.judge_apart import instant_here
from assaybook.service.submit_documents import Origin
from assaybook.store.subjects import subject_as_of

router = a_router("check")

_SUBJECT: Final = "subject"
_FIELDS: Final = frozenset({_SUBJECT, BASELINE, APPROVALS})
_BINARY: Final = {"type": "string", "format": "binary"}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": (
            "The files to judge; the part `manifest` for what they do not say; the part"
            " `subject`, a system and its release as JSON, where they are not registered; and the"
            " part `baseline`, a file of fails that were there before, with the signatures beside"
            " it, one a line, as `baseline-approvals`. Whose signatures count is the server's say."
        ),
        "content": {
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "array", "items": _BINARY},
                        "manifest": _BINARY,
                        _SUBJECT: {"type": "string"},
                        BASELINE: {"type": "string"},
                        APPROVALS: {"type": "string"},
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
    body = await documents_of(request, None, Declared(), fields=_FIELDS)
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
            baseline=_sent_baseline(body, service, subject),
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
        authenticated=True,
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
    text = _field(body, _SUBJECT)
    if text is None:
        return None
    try:
        sent = Subject.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = "/".join([_SUBJECT, *map(str, first["loc"])])
        raise UsageError("request-invalid", str(first["msg"]), where=where) from error
    return sent.model_copy(update={"asserted": True})


def _sent_baseline(body: Body, service: Service, subject: Subject) -> Baseline | None:
    """Return the baseline that was sent along, with the approvals that this server verifies."""
    text, approvals = _field(body, BASELINE), _field(body, APPROVALS)
    if text is None:
        if approvals is not None:
            message = "there are approvals, and no baseline that they approve"
            raise UsageError("body-malformed", message, where=APPROVALS)
        return None
    signed = (approvals or "").encode()
    return sent_baseline(text.encode(), signed, service.trust, system=subject.system.id)


def _field(body: Body, wanted: str) -> str | None:
    """Return the one part of a name, or None where there is none.

    Raises:
        UsageError: ``body-malformed``: there are several.
    """
    parts = [text for name, text in body.fields if name == wanted]
    if len(parts) > 1:
        raise UsageError("body-malformed", f"there are {len(parts)} of them", where=wanted)
    return parts[0] if parts else None


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
