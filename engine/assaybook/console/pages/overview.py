"""All systems: which releases do not stand, what was never judged, and what runs out."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from assaybook.console import asked, links, marks
from assaybook.console.backend import backend_of, principal_of, reading
from assaybook.console.frame import page
from assaybook.console.marks import Mark
from assaybook.console.posture import SOON, Ending, Judged, gravity, judged, run_out
from assaybook.console.routing import Page
from assaybook.domain.finding import GateVerdict
from assaybook.domain.ids import written
from assaybook.domain.principal import Action
from assaybook.domain.record import record
from assaybook.service.register_system import registered_systems
from assaybook.store.assessments import AssessmentLine, newest_assessments
from assaybook.store.current import CurrentRelease, current_releases
from assaybook.store.subjects import SystemRecord, find_systems, releases_among
from assaybook.store.unit_of_work import Reading

_MOST: Final = 25
_ENDINGS: Final = 20
_PRODUCTION: Final = "production"


@record
class ReleaseRow:
    """A release of a system in the table.

    Attributes:
        release: its version; None for a system that has none.
        stage: as it is registered; empty where it is not stated.
        judged: by its last assessment; None where it was never judged.
        gate: what the gate of that assessment said.
        ended: passes and waivers that have run out since then.
        before: the assessment before it, where its gate said something else; None otherwise.
        worse: whether that one was better.
    """

    system: SystemRecord
    release: str | None
    stage: str
    judged: Judged | None
    gate: Mark
    ended: int = 0
    before: AssessmentLine | None = None
    worse: bool = False


@record
class Overview:
    """What the page says.

    Attributes:
        rows: releases, worst first.
        systems: how many systems they are of.
        shut: how many of them have a gate that does not pass.
        unjudged: how many of them nobody has judged.
        worse: how many of them stand worse than in the assessment before.
        endings: what has run out or does so soon, soonest first.
        more_endings: how many are not listed.
    """

    rows: tuple[ReleaseRow, ...]
    systems: int
    shut: int
    unjudged: int
    worse: int
    endings: tuple[Ending, ...]
    more_endings: int


def overview(request: Request) -> Response:
    """Show every system that the caller may see."""
    past, cursor = asked.as_of(request), asked.text(request, "cursor")
    instant = past or backend_of(request).clock()
    with reading(request) as store:
        among = principal_of(request).systems
        found = registered_systems(store, after=cursor, limit=_MOST, among=among)
        names = [one.system.id for one in found.items]
        rows = _rows(store, find_systems(store, names, as_of=instant), instant)
    return page(
        request,
        "overview.html.j2",
        title="Overview",
        as_of=past,
        dated=True,
        view=view_of(rows, instant),
        instant=instant,
        more=found.next and _more(past, found.next),
        first=cursor is None,
    )


def _more(past: datetime | None, cursor: str) -> str:
    return links.overview(as_of=None if past is None else written(past), cursor=cursor)


def view_of(rows: Iterable[ReleaseRow], instant: datetime) -> Overview:
    """Return what the page says of releases at an instant."""
    ranked = sorted(rows, key=_gravity)
    endings: dict[tuple[str, str], Ending] = {}
    for one in ranked:
        for ending in one.judged.endings if one.judged else ():
            if ending.at <= instant + SOON:
                # A waiver of several releases runs out once.
                same = ending.release if ending.kind == "evidence" else ""
                endings.setdefault((ending.link, same), ending)
    soonest = sorted(endings.values(), key=lambda one: one.at)
    return Overview(
        rows=tuple(ranked),
        systems=len({one.system.system.id for one in ranked}),
        shut=sum(one.judged is not None and one.judged.gate.exit != 0 for one in ranked),
        unjudged=sum(one.judged is None for one in ranked),
        worse=sum(one.worse for one in ranked),
        endings=tuple(soonest[:_ENDINGS]),
        more_endings=len(soonest[_ENDINGS:]),
    )


def _gravity(row: ReleaseRow) -> int:
    return gravity(None if row.judged is None else row.judged.gate.verdict)


def shown_releases(
    releases: Sequence[CurrentRelease], stages: Mapping[str, str | None]
) -> tuple[CurrentRelease, ...]:
    """Return the releases that the overview shows of one system, the newest first.

    They are the newest, the newest in production, and the one that was judged last.
    """
    assessed = [one for one in releases if one.as_of is not None]
    last = max(assessed, key=lambda one: (one.as_of, one.registered_at), default=None)
    live = next((one for one in releases if stages.get(one.release) == _PRODUCTION), None)
    chosen = {one.release for one in (*releases[:1], live, last) if one is not None}
    return tuple(one for one in releases if one.release in chosen)


def _rows(store: Reading, systems: Sequence[SystemRecord], instant: datetime) -> list[ReleaseRow]:
    names = [one.system.id for one in systems]
    known: dict[str, list[CurrentRelease]] = {name: [] for name in names}
    for each in current_releases(store, as_of=instant, systems=names):
        known[each.system].append(each)
    registered = releases_among(store, names, as_of=instant)
    rows: list[ReleaseRow] = []
    for one in systems:
        name = one.system.id
        recorded = registered.get(name, ())
        stages = {each.release.version: each.release.stage for each in recorded}
        if not recorded:
            rows.append(ReleaseRow(one, None, "", None, marks.NOT_ASSESSED))
        for each in shown_releases(known[name], stages):
            stage = stages.get(each.release) or ""
            rows.append(_row(store, one, each, stage, instant))
    return rows


def _row(
    store: Reading, system: SystemRecord, one: CurrentRelease, stage: str, instant: datetime
) -> ReleaseRow:
    if one.assessment is None:
        return ReleaseRow(system, one.release, stage, None, marks.NOT_ASSESSED)
    found = judged(store, one.system, one.release, one.assessment)
    verdict = found.gate.verdict
    lines = newest_assessments(store, one.system, one.release, as_of=instant, most=2)
    before = next((each for each in lines[1:] if each.verdict != verdict), None)
    return ReleaseRow(
        system,
        one.release,
        stage,
        found,
        marks.of_gate(verdict),
        run_out(found.endings, instant),
        before,
        before is not None and gravity(verdict) < gravity(GateVerdict(before.verdict)),
    )


PAGES: Final = (Page("/", overview, Action.SYSTEM_READ),)
