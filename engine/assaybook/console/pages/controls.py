"""Catalogs, and the map of one: how every control of it stands, and which none speaks about."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from assaybook.catalogs.load import find_catalog
from assaybook.console import asked, links, marks
from assaybook.console.backend import backend_of, principal_of, reading
from assaybook.console.frame import page
from assaybook.console.marks import Mark
from assaybook.console.pages.findings import Span
from assaybook.console.routing import Page, touchable
from assaybook.console.stands import (
    MOST,
    Chosen,
    Stands,
    blocks_of,
    chosen,
    conclusions_in,
    only,
    stands_in,
    tallied,
)
from assaybook.domain.control import Catalog, TextPolicy
from assaybook.domain.finding import GRAVEST_FIRST, CatalogConclusion, Standing
from assaybook.domain.ids import written
from assaybook.domain.policy import Policy
from assaybook.domain.principal import Action
from assaybook.domain.record import record
from assaybook.reporting.charts import shares
from assaybook.reporting.parts import Share
from assaybook.reporting.words import catalog_name
from assaybook.service.controls import CoveredControl, coverage, shipped_catalogs
from assaybook.store.current import CurrentRelease, current_releases
from assaybook.store.subjects import known_release, known_system
from assaybook.store.unit_of_work import Reading

TEXTS: Final = {
    TextPolicy.EXACT: "in the publisher's words",
    TextPolicy.TITLES: "identifiers and titles",
    TextPolicy.OWN_TITLES: "identifiers and our own short titles",
}
"""What of a catalog is shown here, by what may be."""


@record
class CatalogRow:
    """A catalog of the list.

    Attributes:
        judgeable: controls that a rule can speak for.
        covered: those of them that a policy in force bears on, or that stand above such.
        in_force: whether the server judges by it.
        concluded: each conclusion with the number of assessed releases, worst first.
    """

    catalog: Catalog
    text: str
    judgeable: int
    covered: int
    in_force: bool
    concluded: tuple[tuple[Mark, int], ...]


def concluded_of(
    catalog: str,
    conclusions: Iterable[tuple[CurrentRelease, tuple[CatalogConclusion, ...]]],
) -> tuple[tuple[Mark, int], ...]:
    """Return what assessments conclude over one catalog, worst first."""
    found = Counter(
        one.words for _release, every in conclusions for one in every if one.catalog == catalog
    )
    return tuple((marks.of_conclusion(each), found[each]) for each in GRAVEST_FIRST if found[each])


def shares_of(policies: Sequence[Policy], reach: Iterable[CoveredControl]) -> tuple[Share, ...]:
    """Return by what policies bear on the controls of each catalog that one of them cites.

    What only rules that ask persons bear on is judged by a person.
    """
    asking = {one.id for one in policies if all(rule.attested is not None for rule in one.rules)}
    found: dict[str, list[int]] = {}
    for one in reach:
        named = {each.policy for each in one.policies}
        place = 2 if not named else 1 if named <= asking else 0
        found.setdefault(one.catalog, [0, 0, 0])[place] += 1
    return tuple(
        Share(name=catalog_name(name), by_rule=rule, by_person=person, by_nothing=nothing)
        for name, (rule, person, nothing) in found.items()
        if rule or person
    )


def catalogs(request: Request) -> Response:
    """Show every catalog, and what the last assessments conclude over it."""
    past = asked.as_of(request)
    instant = past or backend_of(request).clock()
    ruling = backend_of(request).ruling
    known = shipped_catalogs()
    used = {one.id for one in ruling.catalogs}
    reach = coverage(ruling.bundle.policies, known.values())
    covered = Counter(one.catalog for one in reach if one.policies)
    with reading(request) as store:
        known_now = current_releases(store, as_of=instant, systems=principal_of(request).systems)
        releases = chosen(known_now, None, None, every=False)
        concluded = tuple(conclusions_in(store, releases.releases))
    judged_by = shares_of(ruling.bundle.policies, reach)
    rows = [
        CatalogRow(
            one,
            TEXTS[one.text_policy],
            len(one.judgeable()),
            covered[one.id],
            one.id in used,
            concluded_of(one.id, concluded),
        )
        for one in known.values()
    ]
    return page(
        request,
        "catalogs.html.j2",
        title="Controls",
        as_of=past,
        dated=True,
        rows=sorted(rows, key=lambda one: (not one.in_force, one.catalog.id)),
        scoped=bool(ruling.bundle.scope.frameworks),
        assessed=len(concluded),
        more=releases.more,
        most=MOST,
        shares=shares(judged_by) if judged_by else "",
    )


def catalog(request: Request) -> Response:
    """Show how every control of a catalog stands: the worst over the releases asked for."""
    home = find_catalog(shipped_catalogs(), request.path_params["catalog"])
    wanted = span_asked(request)
    with reading(request) as store:
        known = current_releases(store, as_of=wanted.instant, systems=principal_of(request).systems)
        picked = releases_asked(request, store, wanted)
        stands = stands_in(store, picked.releases, home.id)
    standing = asked.choice(request, "standing", Standing)
    return page(
        request,
        "catalog.html.j2",
        title=home.title,
        crumbs=(("Controls", links.catalogs()),),
        as_of=wanted.past,
        dated=True,
        catalog=home,
        text=TEXTS[home.text_policy],
        judged=tuple(one.release for one in stands if one.by_control),
        silent=tuple(one.release for one in stands if one.by_control == {}),
        unjudged=tuple(one.release for one in stands if one.by_control is None),
        more=picked.more,
        most=MOST,
        wanted=wanted,
        query=wanted.query(),
        systems=tuple(dict.fromkeys(one.system for one in known)),
        versions=tuple(one.release for one in known if one.system == wanted.system),
        **_map(home, stands, standing),
    )


def _map(home: Catalog, stands: Sequence[Stands], standing: Standing | None) -> dict[str, Any]:
    """Return the map of a catalog as its template takes it, narrowed to one standing or whole."""
    blocks = blocks_of(home, stands)
    mark = None if standing is None else marks.of_standing(standing)
    return {
        "blocks": blocks if mark is None else only(blocks, mark),
        "mark": mark,
        "tally": tallied(blocks),
        "standings": {marks.of_standing(one): one.value for one in Standing},
    }


@record
class SpanAsked:
    """Over which releases a page of controls tells how they stand, and as of when.

    ``past`` is None for the present.
    """

    past: datetime | None
    instant: datetime
    system: str | None
    release: str | None
    every: bool

    def query(self) -> dict[str, str | None]:
        """Return the query that asks for the same again."""
        return {
            "system": self.system,
            "release": self.release,
            "releases": Span.EVERY.value if self.every else None,
            "as_of": None if self.past is None else written(self.past),
        }


def span_asked(request: Request) -> SpanAsked:
    """Return what the query of a page of controls asks for.

    Raises:
        UsageError: ``request-invalid`` or ``as-of-in-the-future``.
    """
    past = asked.as_of(request)
    return SpanAsked(
        past,
        past or backend_of(request).clock(),
        asked.text(request, "system"),
        asked.text(request, "release"),
        asked.choice(request, "releases", Span) is Span.EVERY,
    )


def releases_asked(request: Request, store: Reading, wanted: SpanAsked) -> Chosen:
    """Return the releases that are asked for.

    Raises:
        UsageError: ``system-unknown`` or ``release-unknown``.
    """
    systems = principal_of(request).systems
    if wanted.system is not None:
        known_system(store, touchable(request, wanted.system), as_of=wanted.past)
        if wanted.release is not None:
            known_release(store, wanted.system, wanted.release, as_of=wanted.past)
        systems = frozenset({wanted.system})
    releases = current_releases(store, as_of=wanted.instant, systems=systems)
    return chosen(releases, wanted.system, wanted.release, every=wanted.every)


PAGES: Final = (
    Page("/controls", catalogs, Action.ASSESSMENT_READ),
    Page("/controls/{catalog}", catalog, Action.ASSESSMENT_READ),
)
