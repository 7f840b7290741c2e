"""One system and each of its releases: what needs action, how it stands, and what was judged."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from assaybook.console import asked, links, marks
from assaybook.console.backend import backend_of, principal_of, reading
from assaybook.console.findings_shown import Change, Row, changes, in_order, needs_action
from assaybook.console.frame import page
from assaybook.console.marks import Mark
from assaybook.console.posture import Judged, judged, run_out, trend_of
from assaybook.console.routing import Page, release_named, touchable
from assaybook.domain.finding import Assessment
from assaybook.domain.policy import Severity
from assaybook.domain.principal import Action, allowed
from assaybook.domain.record import record
from assaybook.service.gate import GateNow, gate_now
from assaybook.service.judge_apart import instant_here
from assaybook.store.assessments import AssessmentLine, load_assessment, newest_assessments
from assaybook.store.current import CurrentRelease, current_releases
from assaybook.store.evidence import list_evidence
from assaybook.store.subjects import (
    ReleaseRecord,
    SystemRecord,
    history_of,
    known_release,
    known_system,
    releases_of,
)
from assaybook.store.unit_of_work import Reading

_ROWS: Final = 12
_RELEASES: Final = 100
_PAST: Final = 20
_DRAWN: Final = 12
"""Assessments of which the trend is drawn."""


@record
class ReleaseLine:
    """A release in the list of its system, with its last assessment; None where there is none."""

    record: ReleaseRecord
    current: CurrentRelease | None
    gate: Mark


@record
class Last:
    """The assessment that tells how a system or release stands.

    Attributes:
        judged: its gate and frameworks.
        ended: passes and waivers that have run out since.
        rows: findings that need somebody, most urgent first.
        more: how many such are not listed.
        changes: what came to something else than in the assessment before it.
        before: that assessment; None where it is the first.
    """

    release: str
    judged: Judged
    ended: int
    rows: tuple[Row, ...]
    more: int
    changes: tuple[Change, ...]
    before: AssessmentLine | None


def system(request: Request) -> Response:
    """Show one system: its record, its releases, and what needs action in the one judged last."""
    name, past = touchable(request, request.path_params["system"]), asked.as_of(request)
    instant = past or backend_of(request).clock()
    with reading(request) as store:
        found = known_system(store, name, as_of=instant)
        releases = releases_of(store, name, as_of=instant)
        current = {
            one.release: one for one in current_releases(store, as_of=instant, systems=[name])
        }
        judged_last = max(
            (one for one in current.values() if one.as_of is not None),
            key=lambda one: (one.as_of, one.registered_at),
            default=None,
        )
        last = judged_last and _last(store, name, judged_last.release, instant)
        history = [one for one in history_of(store, name) if one.at <= instant]
    return page(
        request,
        "system.html.j2",
        title=found.system.name or name,
        as_of=past,
        dated=True,
        record=found,
        facts=facts_of(found),
        lines=lines_of(releases, current),
        more_releases=max(0, len(releases) - _RELEASES),
        last=last,
        history=history,
    )


def release(request: Request) -> Response:
    """Show one release: its gate now and as recorded, its parts, and what was judged of it."""
    name, past = touchable(request, request.path_params["system"]), asked.as_of(request)
    version = release_named(request)
    backend = backend_of(request)
    wants_now = asked.text(request, "now") is not None
    with reading(request) as store:
        instant = past or instant_here(store, backend.clock)
        of = known_system(store, name, as_of=instant)
        found = known_release(store, name, version, as_of=instant)
        lines = newest_assessments(store, name, version, as_of=instant, most=_PAST + 1)
        last = _last(store, name, version, instant) if lines else None
        runs = [judged(store, name, version, one.digest) for one in reversed(lines[:_DRAWN])]
        some = list_evidence(store, system=name, release=version, after=None, limit=1)
        # It takes as long as an assessment, so only who asks for it waits for it.
        now = _gate(store, name, version, instant, request) if wants_now else None
    return page(
        request,
        "release.html.j2",
        title=version,
        crumbs=((of.system.name or name, links.system(name)),),
        as_of=past,
        dated=True,
        system=of,
        record=found,
        lines=lines[:_PAST],
        more_lines=len(lines) > _PAST,
        trend=trend_of(runs),
        drawn=len(runs),
        last=last,
        evidence=bool(some.items),
        may_submit=allowed(principal_of(request), Action.EVIDENCE_SUBMIT),
        now=now,
        gate=now and marks.of_gate(now.verdict),
    )


def _gate(
    store: Reading, system: str, version: str, instant: datetime, request: Request
) -> GateNow:
    ruling = backend_of(request).ruling
    return gate_now(store, system, version, ruling, fail_on=Severity.HIGH, as_of=instant)


def facts_of(found: SystemRecord) -> tuple[tuple[str, str], ...]:
    """Return what is known of a system; what nobody stated is empty, and is shown as that."""
    one = found.system
    said = {True: "yes", False: "no", None: ""}
    return (
        ("Owner", one.owner or ""),
        ("Risk tier", one.risk_tier or ""),
        ("Roles", ", ".join(one.roles)),
        ("Lifecycle", one.lifecycle or ""),
        ("Generative", said[one.generative]),
        ("On devices", said[one.edge]),
        ("Purpose", one.purpose or ""),
        ("Intended uses", "; ".join(one.intended_uses)),
        ("Deployed use", one.deployed_use or ""),
        ("Tags", ", ".join(one.tags)),
    )


def lines_of(
    releases: tuple[ReleaseRecord, ...], current: Mapping[str, CurrentRelease]
) -> tuple[ReleaseLine, ...]:
    """Return the newest releases, the newest first, each with what its gate last said."""
    found: list[ReleaseLine] = []
    for one in reversed(releases[-_RELEASES:]):
        known = current.get(one.release.version)
        verdict = known and known.verdict
        gate = marks.of_gate(verdict) if verdict else marks.NOT_ASSESSED
        found.append(ReleaseLine(one, known, gate))
    return tuple(found)


def _last(store: Reading, system: str, version: str, instant: datetime) -> Last | None:
    first, *others = newest_assessments(store, system, version, as_of=instant, most=2) or (None,)
    if first is None:
        return None
    line = others[0] if others else None
    after = load_assessment(store, first.digest)
    before = None if line is None else load_assessment(store, line.digest)
    found = judged(store, system, version, first.digest)
    return last_of(version, found, after, before, line, instant)


def last_of(  # noqa: PLR0913, PLR0917 - what is told of two assessments
    version: str,
    found: Judged,
    after: Assessment,
    before: Assessment | None,
    line: AssessmentLine | None,
    instant: datetime,
) -> Last:
    """Return how a release stands by its last assessment, and what moved since the one before."""
    urgent = needs_action(in_order(after))
    return Last(
        release=version,
        judged=found,
        ended=run_out(found.endings, instant),
        rows=urgent[:_ROWS],
        more=len(urgent[_ROWS:]),
        changes=() if before is None else changes(before, after),
        before=line,
    )


PAGES: Final = (
    Page("/systems/{system}", system, Action.SYSTEM_READ),
    Page("/systems/{system}/releases/{release}", release, Action.SYSTEM_READ),
)
