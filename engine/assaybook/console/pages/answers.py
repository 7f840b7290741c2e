"""What rules ask persons about a release, and answering it with the key that one signed in with."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from anyio import from_thread
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from assaybook.console import asked, links, marks
from assaybook.console.answered import Said as Spoken
from assaybook.console.answered import judged_answers, said_about
from assaybook.console.backend import backend_of, principal_of, reading
from assaybook.console.forms import Form, Said
from assaybook.console.frame import page
from assaybook.console.marks import Mark
from assaybook.console.routing import Page, release_named, touchable
from assaybook.domain.documents import Evidence
from assaybook.domain.errors import UsageError
from assaybook.domain.finding import Finding
from assaybook.domain.policy import Bundle, Policy
from assaybook.domain.principal import Action, Principal, allowed, not_allowed
from assaybook.domain.record import record
from assaybook.domain.subject import Subject
from assaybook.domain.trust import Trust
from assaybook.service.answer import Attesting, record_answer, refuse_answerer
from assaybook.service.judge_apart import instant_here
from assaybook.store.current import CurrentFilter, current_findings
from assaybook.store.evidence import list_evidence, load_evidence
from assaybook.store.findings import FindingLine
from assaybook.store.paging import MOST
from assaybook.store.subjects import known_system, subject_as_of
from assaybook.store.unit_of_work import Reading, UnitOfWork

FORMAT: Final = "assaybook-statement"
"""Format of what answers are recorded as."""
_SHOWN: Final = 200
"""Beyond so many answers about one release, the page says that an assessment counts more."""


@record
class Question:
    """What a rule asks persons.

    Attributes:
        sentence: the rule in words: how many persons, in which role, and for how long.
        marks: what it came to when the release was last assessed; empty where it was not judged.
        refused: why whoever looks at it may not answer; empty where they may.
        now: what it comes to by the answers that are recorded; None where nothing may be seen.
        said: the answers, the last first.
    """

    policy: Policy
    rule: str
    question: str
    sentence: str
    marks: tuple[Mark, ...]
    refused: str
    now: Finding | None = None
    said: tuple[Spoken, ...] = ()


def questions_of(
    bundle: Bundle,
    found: Iterable[FindingLine],
    refused: Mapping[str, str],
    now: Mapping[tuple[str, str], Finding],
    recorded: Sequence[Evidence],
) -> tuple[Question, ...]:
    """Return what a bundle asks persons.

    Args:
        bundle: what asks.
        found: what the rules came to when the release was last assessed.
        refused: by role, why an answer of whoever looks at it would not count.
        now: what the rules come to by the answers that are recorded.
        recorded: the documents of those answers.
    """
    came_to = {(one.policy, one.rule): one for one in found}
    return tuple(
        Question(
            policy,
            rule.id,
            rule.attested.question,
            rule.sentence,
            marks.of_line(line.outcome, line.disposition) if line else (),
            refused[rule.attested.role],
            held,
            said_about(held, recorded) if held else (),
        )
        for policy in bundle.policies
        if policy.id not in bundle.scope.left_out
        for rule in policy.rules
        if rule.attested is not None
        for line in (came_to.get((policy.id, rule.id)),)
        for held in (now.get((policy.id, rule.id)),)
    )


def answers(request: Request) -> Response:
    """Show what rules ask persons about a release, with a form for whoever may answer."""
    name, version = touchable(request, request.path_params["system"]), release_named(request)
    backend, principal = backend_of(request), principal_of(request)
    bundle = backend.ruling.bundle
    with reading(request) as store:
        now = instant_here(store, backend.clock)
        of = known_system(store, name)
        subject = subject_as_of(store, name, version, as_of=now)
        wanted = CurrentFilter(system=name, release=version, systems=principal.systems)
        found = current_findings(store, wanted, as_of=now, after=None, limit=MOST).items
        recorded = answers_recorded(store, name, version)
    roles = {
        one.attested.role for policy in bundle.policies for one in policy.rules if one.attested
    }
    refused = {one: refusal_of(principal, one, subject, backend.trust, now) for one in roles}
    return page(
        request,
        "answers.html.j2",
        title="Questions to persons",
        crumbs=(
            (of.system.name or name, links.system(name)),
            (version, links.release(name, version)),
        ),
        system=name,
        release=version,
        questions=questions_of(
            bundle,
            found,
            refused,
            judged_answers(backend.ruling, subject, recorded, now),
            recorded,
        ),
        most=_SHOWN,
        whole=len(recorded) < _SHOWN,
        answered=asked.text(request, "answered"),
        format=FORMAT,
    )


def answers_recorded(store: Reading, system: str, release: str) -> tuple[Evidence, ...]:
    """Return the answers about a release that were recorded last, as many as one page holds."""
    found = list_evidence(
        store,
        system=system,
        release=release,
        form=FORMAT,
        after=None,
        limit=_SHOWN,
        last_first=True,
    )
    return tuple(load_evidence(store, one.id) for one in found.items)


def refusal_of(who: Principal, role: str, subject: Subject, trust: Trust, now: datetime) -> str:
    """Return why an answer of somebody in a role would not count; the service refuses the same."""
    if not allowed(who, Action.ATTEST):
        return not_allowed(who, Action.ATTEST).message
    try:
        refuse_answerer(who, role, subject, trust, at=now)
    except UsageError as error:
        return error.message
    return ""


def give(request: Request, said: Said) -> str:
    """Record the answer of whoever is signed in, as evidence about a release."""
    backend, principal = backend_of(request), principal_of(request)
    system, version = touchable(request, request.path_params["system"]), release_named(request)
    wanted = _attesting(system, version, said)

    def answer(work: UnitOfWork) -> str:
        done = record_answer(work, wanted, backend.ruling, backend.trust, who=principal)
        return done.receipt.evidence

    evidence = from_thread.run(backend.writer.run, answer)
    return links.answering(system, version, answered=evidence)


def _attesting(system: str, release: str, said: Said) -> Attesting:
    """Return the answer that a form says.

    Raises:
        UsageError: ``request-invalid``.
    """
    until, note = said.get("valid_until", "").strip(), said.get("note", "").strip()
    given = {
        "system": system,
        "release": release,
        "policy": said.get("policy", ""),
        "rule": said.get("rule", ""),
        "answer": said.get("answer", ""),
        "valid_until": asked.instant_in(until, "valid_until") if until else None,
        "note": note or None,
    }
    try:
        return Attesting.model_validate(given)
    except ValidationError as error:
        where = str(error.errors(include_url=False, include_input=False)[0]["loc"][0])
        raise UsageError(
            "request-invalid",
            "the answer cannot be read",
            where=where,
            hint="Choose yes or no, and keep the note under 4000 characters.",
        ) from None


PAGES: Final = (Page("/systems/{system}/releases/{release}/answers", answers, Action.SYSTEM_READ),)
FORMS: Final = (
    Form("/systems/{system}/releases/{release}/answers/give", give, Action.ATTEST, PAGES[0]),
)
