"""All findings that hold now, worst first, narrowed by what a form asks for."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from assaybook.console import asked, links, marks
from assaybook.console.backend import backend_of, principal_of, reading
from assaybook.console.frame import page
from assaybook.console.marks import Mark
from assaybook.console.routing import Page, touchable
from assaybook.domain.errors import UsageError
from assaybook.domain.finding import Disposition, Outcome
from assaybook.domain.ids import written
from assaybook.domain.policy import Policy, Severity
from assaybook.domain.principal import Action
from assaybook.domain.record import record
from assaybook.service.bundles import Ruling
from assaybook.store.current import (
    CurrentCount,
    CurrentFilter,
    CurrentRelease,
    controls_of,
    current_counts,
    current_findings,
    current_releases,
)
from assaybook.store.findings import FindingLine
from assaybook.store.subjects import known_release, known_system

_ON_A_PAGE: Final = 50
_CONTROLS: Final = 2
"""Controls of a finding that a list names; the others are counted."""
_MOST_NAMED: Final = 12
"""Releases without an assessment that a page names; the others are counted."""
_GRAVEST_FIRST: Final = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)


class Span(StrEnum):
    """Of which releases findings are shown, where none is named."""

    NEWEST = "newest"
    EVERY = "every"


@record
class Choice:
    """One box to tick: its value, the mark of a state, how many findings it stands for."""

    value: str
    mark: Mark | None
    findings: int | None
    ticked: bool


@record
class Row:
    """One finding of the list.

    Attributes:
        title: what its policy claims; empty where the policy in force is another version.
        controls: the first controls that it bears on.
        more: how many further ones there are.
    """

    line: FindingLine
    marks: tuple[Mark, ...]
    title: str
    controls: tuple[tuple[str, str], ...]
    more: int


@record
class Unjudged:
    """Releases that no finding speaks about, since nobody assessed them."""

    named: tuple[CurrentRelease, ...]
    more: int

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self.named)


def rows_of(
    lines: Iterable[FindingLine],
    policies: Sequence[Policy],
    reach: Mapping[tuple[str, int], Sequence[tuple[str, str]]],
) -> tuple[Row, ...]:
    """Return findings as rows; a title is that of the very version that was judged."""
    titles = {(one.id, one.version): one.title for one in policies}
    return tuple(
        Row(
            line,
            marks.of_line(line.outcome, line.disposition),
            titles.get((line.policy, line.policy_version), ""),
            tuple(held[:_CONTROLS]),
            max(0, len(held) - _CONTROLS),
        )
        for line in lines
        for held in (reach.get((line.assessment, line.ordinal), ()),)
    )


def outcome_choices(counts: Iterable[CurrentCount], ticked: Collection[str]) -> tuple[Choice, ...]:
    """Return every outcome with how many findings came to it, also those that none came to."""
    found: dict[str, int] = {}
    for one in counts:
        found[one.outcome] = found.get(one.outcome, 0) + one.findings
    return tuple(
        Choice(one.value, marks.of_outcome(one), found.get(one.value, 0), one.value in ticked)
        for one in marks.OUTCOMES
    )


def unjudged_in(releases: Iterable[CurrentRelease], wanted: CurrentFilter) -> Unjudged:
    """Return the releases that a filter is about and that were never assessed."""
    found = [
        one
        for one in releases
        if one.assessment is None
        and wanted.system in {None, one.system}
        and wanted.release in {None, one.release}
        and (one.waiting or wanted.every_release or wanted.release is not None)
    ]
    return Unjudged(tuple(found[:_MOST_NAMED]), max(0, len(found) - _MOST_NAMED))


def findings(request: Request) -> Response:
    """Show what the last assessments of releases found."""
    wanted, past = _wanted(request), asked.as_of(request)
    instant = past or backend_of(request).clock()
    cursor = asked.text(request, "cursor")
    with reading(request) as store:
        if wanted.system is not None:
            known_system(store, touchable(request, wanted.system), as_of=past)
            if wanted.release is not None:
                known_release(store, wanted.system, wanted.release, as_of=past)
        found = current_findings(store, wanted, as_of=instant, after=cursor, limit=_ON_A_PAGE)
        reach = controls_of(store, found.items)
        every = wanted.model_copy(update={"outcomes": ()})
        counts = current_counts(store, every, as_of=instant)
        releases = current_releases(store, as_of=instant, systems=wanted.systems)
    kept = _kept(wanted, past)
    ruling = backend_of(request).ruling
    return page(
        request,
        "findings.html.j2",
        title="Findings",
        as_of=past,
        dated=True,
        rows=rows_of(found.items, ruling.bundle.policies, reach),
        total=sum(
            one.findings for one in counts if not wanted.outcomes or one.outcome in wanted.outcomes
        ),
        unjudged=unjudged_in(releases, wanted),
        registered=bool(releases),
        every=links.findings(**{**kept, "releases": Span.EVERY.value}),
        outcomes=outcome_choices(counts, wanted.outcomes),
        first=links.findings(**kept) if cursor else None,
        next=links.findings(**kept, cursor=found.next) if found.next else None,
        **_form(wanted, releases, ruling),
    )


def _form(
    wanted: CurrentFilter, releases: Sequence[CurrentRelease], ruling: Ruling
) -> dict[str, Any]:
    """Return what the form of the page offers and has been given."""
    of_it = [one for one in releases if wanted.system in {None, one.system}]
    return {
        "wanted": wanted,
        "narrowed": _is_narrowed(wanted),
        "older": sum(one.assessment is not None and not one.newest for one in of_it),
        "severities": tuple(
            Choice(one.value, None, None, one.value in wanted.severities) for one in _GRAVEST_FIRST
        ),
        "dispositions": tuple(Disposition),
        "systems": tuple(dict.fromkeys(one.system for one in releases)),
        "versions": tuple(one.release for one in of_it) if wanted.system else (),
        "policies": tuple(one.id for one in ruling.bundle.policies),
        "catalogs": tuple(one.id for one in ruling.catalogs),
    }


def _wanted(request: Request) -> CurrentFilter:
    disposition = asked.choice(request, "disposition", Disposition)
    return CurrentFilter(
        system=asked.text(request, "system"),
        release=asked.text(request, "release"),
        every_release=asked.choice(request, "releases", Span) is Span.EVERY,
        policy=asked.text(request, "policy"),
        rule=asked.text(request, "rule"),
        severities=_several(request, "severity", Severity),
        outcomes=_several(request, "outcome", Outcome),
        disposition=None if disposition is None else disposition.value,
        catalog=asked.text(request, "catalog"),
        control=asked.text(request, "control"),
        systems=principal_of(request).systems,
    )


def _several(request: Request, name: str, kind: type[StrEnum]) -> tuple[str, ...]:
    """Return every value of a list of boxes: each by itself as forms send them, or with commas.

    Raises:
        UsageError: ``request-invalid``, one is none of those that there are.
    """
    said = {each for one in request.query_params.getlist(name) for each in one.split(",") if each}
    known = tuple(one.value for one in kind)
    if not said <= set(known):
        message = f"{name} must be of {', '.join(known)}"
        raise UsageError("request-invalid", message, where=name)
    return tuple(one for one in known if one in said)


def _is_narrowed(wanted: CurrentFilter) -> bool:
    """Tell whether a filter asks for anything but which releases."""
    said = wanted.model_dump(exclude={"every_release", "systems"})
    return any(said.values())


def _kept(wanted: CurrentFilter, past: datetime | None) -> dict[str, str | None]:
    """Return the query that asks for the same again."""
    return {
        "system": wanted.system,
        "release": wanted.release,
        "releases": Span.EVERY.value if wanted.every_release else None,
        "policy": wanted.policy,
        "rule": wanted.rule,
        "severity": ",".join(wanted.severities),
        "outcome": ",".join(wanted.outcomes),
        "disposition": wanted.disposition,
        "catalog": wanted.catalog,
        "control": wanted.control,
        "as_of": None if past is None else written(past),
    }


PAGES: Final = (Page("/findings", findings, Action.ASSESSMENT_READ),)
