"""All systems: how the newest release of each stands, and what was never judged."""

from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from assaybook.console import asked, links, marks
from assaybook.console.backend import backend_of, principal_of, reading
from assaybook.console.frame import page
from assaybook.console.marks import Mark
from assaybook.console.posture import Framework, conclusions_of, frameworks
from assaybook.console.routing import Page
from assaybook.domain.ids import written
from assaybook.domain.principal import Action
from assaybook.domain.record import record
from assaybook.service.register_system import registered_systems
from assaybook.store.assessments import AssessmentLine, last_assessment
from assaybook.store.subjects import SystemRecord, releases_of
from assaybook.store.unit_of_work import Reading

_MOST: Final = 25


@record
class SystemRow:
    """A system with its newest release.

    Attributes:
        release: version that was registered last; None where the system has no release.
        others: releases besides it.
        line: its last assessment; None where it was never assessed.
        gate: what the gate of that assessment said.
    """

    record: SystemRecord
    release: str | None
    others: int
    line: AssessmentLine | None
    gate: Mark
    frameworks: tuple[Framework, ...]


def overview(request: Request) -> Response:
    """Show every system that the caller may see."""
    past, cursor = asked.as_of(request), asked.text(request, "cursor")
    instant = past or backend_of(request).clock()
    with reading(request) as store:
        among = principal_of(request).systems
        found = registered_systems(store, after=cursor, limit=_MOST, among=among)
        rows = [_row(store, one, instant) for one in found.items]
    then = None if past is None else written(past)
    more = found.next and links.overview(as_of=then, cursor=found.next)
    return page(
        request,
        "overview.html.j2",
        title="Overview",
        as_of=past,
        dated=True,
        rows=[one for one in rows if one.record.at <= instant],
        more=more,
    )


def _row(store: Reading, system: SystemRecord, instant: datetime) -> SystemRow:
    releases = [r for r in releases_of(store, system.system.id) if r.registered_at <= instant]
    if not releases:
        return SystemRow(system, None, 0, None, marks.NOT_ASSESSED, ())
    version = releases[-1].release.version
    line = last_assessment(store, system.system.id, version, as_of=instant)
    others = len(releases) - 1
    if line is None:
        return SystemRow(system, version, others, None, marks.NOT_ASSESSED, ())
    shown = frameworks(conclusions_of(store, line))
    return SystemRow(system, version, others, line, marks.of_gate(line.verdict), shown)


PAGES: Final = (Page("/", overview, Action.SYSTEM_READ),)
