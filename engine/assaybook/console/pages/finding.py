"""One finding: what was expected and observed, why, what would turn it, and how it came to be."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from assaybook.console import asked, finding_view, links, marks
from assaybook.console.backend import backend_of, principal_of, reading
from assaybook.console.finding_past import KEPT, Run, drawn_past, only_rule, runs_of
from assaybook.console.frame import page
from assaybook.console.marks import Mark
from assaybook.console.routing import Page, touchable
from assaybook.domain.control import Catalog
from assaybook.domain.errors import UsageError
from assaybook.domain.evidence import Envelope
from assaybook.domain.finding import Assessment, BaselinedRow, Finding, Outcome, WaiverUse, named_in
from assaybook.domain.ids import written
from assaybook.domain.policy import Policy
from assaybook.domain.principal import Action, Principal, allowed, touches
from assaybook.domain.record import record
from assaybook.evaluation.explain import first_deciding
from assaybook.reporting.explained import decided_paragraph
from assaybook.reporting.observe import observed
from assaybook.reporting.remedies import what_to_do
from assaybook.service.controls import shipped_catalogs
from assaybook.store.assessments import last_assessment, load_assessment_text
from assaybook.store.current import CurrentFilter, current_findings, finding_history
from assaybook.store.evidence import envelopes_of
from assaybook.store.findings import FindingLine
from assaybook.store.subjects import known_release, known_system
from assaybook.store.unit_of_work import Reading

_LOOKED_AT: Final = 60
"""Clauses among which comparisons are looked for: a finding may have a hundred thousand."""
_OTHERS: Final = 20
"""Other releases of the system that are named."""


@record
class ControlLine:
    """A control that a finding bears on; its title is empty where we have no such control."""

    catalog: str
    control: str
    title: str
    relation: str


@record
class Accepted:
    """What people decided about a fail: waivers with their marks, and a baseline's rows."""

    waivers: tuple[tuple[Mark, WaiverUse], ...]
    baseline: str
    rows: tuple[BaselinedRow, ...]


@record
class _Asked:
    """Which finding a page is about, and as of when; ``past`` is None for now."""

    policy: str
    rule: str
    system: str
    release: str
    past: datetime | None
    instant: datetime
    assessment: str | None


@record
class _Read:
    """What the store knows of a finding."""

    found: Assessment
    envelopes: dict[str, Envelope]
    past: tuple[Run, ...]
    others: tuple[FindingLine, ...]


def finding(request: Request) -> Response:
    """Show one finding of the last assessment of a release, or of the one that is named."""
    asks = _asks(request)
    name = f"{asks.policy} / {asks.rule}"
    release = links.release(asks.system, asks.release)
    crumbs = ((asks.system, links.system(asks.system)), (asks.release, release))
    principal = principal_of(request)
    with reading(request) as store:
        known_system(store, touchable(request, asks.system))
        known_release(store, asks.system, asks.release)
        digest = asks.assessment or _last(store, asks)
        read = None if digest is None else _read(store, asks, digest, principal)
    dated = asks.assessment is None
    if read is None:
        return page(
            request,
            "finding_none.html.j2",
            title=name,
            crumbs=crumbs,
            as_of=asks.past,
            dated=dated,
            asks=asks,
        )
    policy = _in_force(backend_of(request).ruling.bundle.policies, read.found.findings[0])
    return page(
        request,
        "finding.html.j2",
        title=name,
        crumbs=crumbs,
        as_of=asks.past if dated else read.found.assessment.as_of,
        dated=dated,
        asks=asks,
        why=policy.why if policy else "",
        head=read.found.assessment,
        past=read.past,
        past_drawn=drawn_past(read.past, asks.release, asks.instant),
        others=read.others,
        accepted=accepted_in(read.found, read.found.findings[0]),
        **_account(asks, read.found.findings[0], _start(request)),
        **_documents(read.found.findings[0], read.envelopes, principal),
    )


def _account(asks: _Asked, mine: Finding, start: int) -> dict[str, Any]:
    """Return why a finding came to its outcome, as its template takes it."""
    rows = finding_view.rows_from(mine, start)
    return {
        "finding": mine,
        "marks_of_it": marks.of_finding(mine),
        "said": observed(mine),
        "decided": "" if mine.outcome is Outcome.NOT_APPLICABLE else decided_paragraph(mine),
        "todo": what_to_do(mine),
        "rows": rows,
        "next_rows": _following(asks, rows.next),
        "trace": finding_view.trace_of(mine),
        "turns": finding_view.turns_of(first_deciding(mine, _LOOKED_AT)),
        "charts": finding_view.charts_in(mine),
        "controls": control_lines(mine, shipped_catalogs()),
    }


def _documents(
    mine: Finding, envelopes: dict[str, Envelope], principal: Principal
) -> dict[str, Any]:
    """Return what a finding rests on and what it left out, for one reader."""
    readable = readable_by(envelopes, principal)
    return {
        "may_submit": allowed(principal, Action.EVIDENCE_SUBMIT),
        "readable": readable,
        "documents": finding_view.documents_of(mine, envelopes, readable),
        "needs": tuple((need, finding_view.need_words(need)) for need in mine.needs),
        "left": finding_view.left_lines(mine.left_out, envelopes, readable),
    }


def control_lines(finding: Finding, catalogs: Mapping[str, Catalog]) -> tuple[ControlLine, ...]:
    """Return the controls that a finding bears on, those that it implements first."""
    found: list[ControlLine] = []
    for one in finding.controls:
        catalog = catalogs.get(one.catalog)
        control = catalog.by_id.get(one.control) if catalog is not None else None
        title = "" if control is None else control.title
        found.append(ControlLine(one.catalog, one.control, title, one.relation))
    return tuple(sorted(found, key=lambda one: (one.relation, one.catalog)))


def accepted_in(found: Assessment, finding: Finding) -> Accepted:
    """Return the waivers and the rows of a baseline that name the rule of a finding."""
    rule = (finding.policy, finding.rule)
    waivers = [one for one in found.waivers if (one.policy, one.rule) == rule]
    rows = found.baseline.rows if found.baseline else ()
    return Accepted(
        tuple((marks.of_waiver(one.state), one) for one in waivers),
        found.baseline.id if found.baseline else "",
        tuple(one for one in rows if (one.policy, one.rule) == rule),
    )


def _asks(request: Request) -> _Asked:
    given = request.path_params
    past = asked.as_of(request)
    return _Asked(
        given["policy"],
        given["rule"],
        given["system"],
        given["release"],
        past,
        past or backend_of(request).clock(),
        asked.text(request, "assessment"),
    )


def _last(store: Reading, asks: _Asked) -> str | None:
    line = last_assessment(store, asks.system, asks.release, as_of=asks.instant)
    return None if line is None else line.digest


def _read(store: Reading, asks: _Asked, digest: str, principal: Principal) -> _Read:
    def load(each: str) -> Assessment:
        text = load_assessment_text(store, each, systems=principal.systems)
        return only_rule(text, asks.policy, asks.rule)

    found = load(digest)
    mine = found.findings[0]
    if (mine.system, mine.release) != (asks.system, asks.release):
        message = f"the assessment is not of {asks.system} {asks.release}"
        raise UsageError("assessment-unknown", message, hint="Look at it by its own address.")
    until = found.assessment.as_of
    history = finding_history(
        store,
        asks.policy,
        asks.rule,
        system=asks.system,
        release=asks.release,
        as_of=until,
        most=KEPT,
    )
    wanted = CurrentFilter(
        system=asks.system,
        policy=asks.policy,
        rule=asks.rule,
        every_release=True,
        systems=principal.systems,
    )
    others = current_findings(store, wanted, as_of=asks.instant, after=None, limit=_OTHERS)
    return _Read(
        found,
        envelopes_of(store, named_in(mine)),
        runs_of(history, load),
        tuple(one for one in others.items if one.release != asks.release),
    )


def readable_by(envelopes: dict[str, Envelope], principal: Principal) -> frozenset[str]:
    """Return the evidence that a reader may open: of any system, or of those that it may see."""
    return frozenset(
        evidence
        for evidence, one in envelopes.items()
        if principal.systems is None
        or (one.subject.system is not None and touches(principal, one.subject.system))
    )


def _in_force(policies: Sequence[Policy], finding: Finding) -> Policy | None:
    """Return the policy in force, where it is the version that was judged."""
    judged = (finding.policy, finding.policy_version)
    return next((one for one in policies if (one.id, one.version) == judged), None)


def _start(request: Request) -> int:
    """Return from which row on rows are shown; what is no place is the first."""
    said = asked.text(request, "rows") or ""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0  # noqa: PLR2004 - of an index


def _following(asks: _Asked, start: int | None) -> str | None:
    if start is None:
        return None
    return links.finding(
        asks.policy,
        asks.rule,
        asks.system,
        asks.release,
        assessment=asks.assessment,
        as_of=None if asks.past is None else written(asks.past),
        rows=start,
    )


PAGES: Final = (
    Page("/findings/{policy}/{rule}/{system}/{release}", finding, Action.ASSESSMENT_READ),
)
