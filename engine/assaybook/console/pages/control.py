"""One control: what it says, which rules bear on it, how it stands, and what is related to it."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from assaybook.catalogs.load import find_catalog
from assaybook.console import links, marks
from assaybook.console.backend import backend_of, principal_of, reading
from assaybook.console.frame import page
from assaybook.console.marks import Mark
from assaybook.console.pages.controls import TEXTS, releases_asked, span_asked
from assaybook.console.routing import Page
from assaybook.console.stands import MOST, NOT_JUDGED, Stands, parts_of, stands_in, worst
from assaybook.domain.control import Catalog, Control
from assaybook.domain.finding import ControlStanding
from assaybook.domain.policy import Policy, Relation, Scope
from assaybook.domain.principal import Action
from assaybook.domain.record import record
from assaybook.evaluation.roll_up import scope_entry
from assaybook.service.bundles import Ruling
from assaybook.service.controls import related_controls, related_row, shipped_catalogs
from assaybook.store.current import CurrentFilter, current_findings
from assaybook.store.findings import FindingLine

_FINDINGS: Final = 500
"""Findings that bear on a control and that a page reads."""
_RULES: Final = 8
"""Findings that a row names; the others are counted."""
_RELATED: Final = 200
_COUNTED: Final = ("pass_", "fail", "waived", "baselined", "inconclusive", "error")


@record
class StandRow:
    """How a control stands in one release.

    Attributes:
        counts: findings by what they came to, in words, without those that nothing came to.
        findings: the worst of the findings that bear on it directly.
        more: how many further ones there are.
    """

    stands: Stands
    mark: Mark
    standing: ControlStanding | None
    passed: int
    applicable: int
    counts: str
    findings: tuple[tuple[FindingLine, tuple[Mark, ...]], ...]
    more: int


@record
class RuleRow:
    """A policy in force that bears on a control, with its rules."""

    policy: Policy
    relation: Relation
    left_out: str


@record
class Child:
    """A control under another, and how it stands."""

    control: Control
    mark: Mark


def stand_rows(
    control: str, stands: Iterable[Stands], lines: Sequence[FindingLine]
) -> tuple[StandRow, ...]:
    """Return how a control stands in each release, with the findings that decided."""
    by_assessment: dict[str, list[FindingLine]] = {}
    for line in lines:
        by_assessment.setdefault(line.assessment, []).append(line)
    return tuple(
        _stand_row(control, one, by_assessment.get(one.release.assessment or "", ()))
        for one in stands
    )


def _stand_row(control: str, one: Stands, lines: Sequence[FindingLine]) -> StandRow:
    standing = None if one.by_control is None else one.by_control.get(control)
    if standing is None:
        mark = marks.NOT_ASSESSED if one.by_control is None else NOT_JUDGED
        return StandRow(one, mark, None, 0, 0, "", (), 0)
    numbers = {name: int(getattr(standing.counts, name)) for name in _COUNTED}
    told = [f"{number} {name.rstrip('_')}" for name, number in numbers.items() if number]
    return StandRow(
        one,
        marks.of_standing(standing.standing),
        standing,
        numbers["pass_"],
        sum(numbers.values()),
        ", ".join(told),
        tuple((line, marks.of_line(line.outcome, line.disposition)) for line in lines[:_RULES]),
        max(0, len(lines) - _RULES),
    )


def rule_rows(
    policies: Iterable[Policy], catalog: Catalog, control: str, scope: Scope
) -> tuple[RuleRow, ...]:
    """Return the policies that bear on a control, those that implement it first."""
    found = [
        RuleRow(policy, link.relation, scope.left_out.get(policy.id, ""))
        for policy in policies
        for link in policy.controls
        if link.catalog == catalog.id and catalog.resolve(link.control) == control
    ]
    return tuple(sorted(found, key=lambda one: (one.relation, one.policy.id)))


def beside(catalog: Catalog, control: Control) -> tuple[Control | None, Control | None]:
    """Return the controls before and after one, of those that can be judged."""
    every = catalog.judgeable()
    at = next((place for place, one in enumerate(every) if one.id == control.id), None)
    if at is None:
        return None, None
    before = every[at - 1] if at else None
    return before, every[at + 1] if at + 1 < len(every) else None


def control(request: Request) -> Response:
    """Show one control, by its id, slug or alias."""
    home = find_catalog(shipped_catalogs(), request.path_params["catalog"])
    found = home.find(request.path_params["control"])
    span = span_asked(request)
    wanted = CurrentFilter(
        system=span.system,
        release=span.release,
        every_release=span.every,
        catalog=home.id,
        control=found.id,
        systems=principal_of(request).systems,
    )
    with reading(request) as store:
        picked = releases_asked(request, store, span)
        stands = stands_in(store, picked.releases, home.id)
        lines = current_findings(store, wanted, as_of=span.instant, after=None, limit=_FINDINGS)
    return page(
        request,
        "control.html.j2",
        title=found.id,
        crumbs=(("Controls", links.catalogs()), (home.title, links.catalog(home.id))),
        as_of=span.past,
        dated=True,
        children=tuple(Child(one, worst(one.id, stands)) for one in home.children(found.id)),
        parts=parts_of(found.id, stands),
        rows=stand_rows(found.id, stands, lines.items),
        cut=lines.next is not None,
        more=picked.more,
        most=MOST,
        query=span.query(),
        **_said_of(home, found, backend_of(request).ruling),
    )


def _said_of(home: Catalog, found: Control, ruling: Ruling) -> dict[str, Any]:
    """Return what catalogs, crosswalks and the bundle in force say of a control."""
    related = related_controls(home, found)
    before, after = beside(home, found)
    scope = ruling.bundle.scope
    return {
        "catalog": home,
        "control": found,
        "text": TEXTS[home.text_policy],
        "parents": home.ancestors(found.id),
        "before": before,
        "after": after,
        "rules": rule_rows(ruling.bundle.policies, home, found.id, scope),
        "entry": scope_entry(home, found.id, scope),
        "in_force": any(one.id == home.id for one in ruling.catalogs),
        "related": tuple(related_row(one) for one in related[:_RELATED]),
        "more_related": max(0, len(related) - _RELATED),
    }


PAGES: Final = (Page("/controls/{catalog}/{control:path}", control, Action.ASSESSMENT_READ),)
