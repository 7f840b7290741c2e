"""Catalogs, and the map of one: how every control of it stands, and which none speaks about."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Final

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
    blocks_of,
    chosen,
    conclusions_in,
    only,
    stands_in,
    tallied,
)
from assaybook.domain.control import Catalog, TextPolicy
from assaybook.domain.finding import CatalogConclusion, Conclusion, Standing
from assaybook.domain.ids import written
from assaybook.domain.principal import Action
from assaybook.domain.record import record
from assaybook.service.controls import coverage, shipped_catalogs
from assaybook.store.current import CurrentRelease, current_releases
from assaybook.store.subjects import known_release, known_system
from assaybook.store.unit_of_work import Reading

_WORST_FIRST: Final = (
    Conclusion.DOES_NOT_CONFORM,
    Conclusion.NOT_DETERMINED,
    Conclusion.NOTHING_JUDGED,
    Conclusion.WITH_EXCEPTIONS,
    Conclusion.CONFORMS,
)
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
    return tuple((marks.of_conclusion(each), found[each]) for each in _WORST_FIRST if found[each])


def catalogs(request: Request) -> Response:
    """Show every catalog, and what the last assessments conclude over it."""
    past = asked.as_of(request)
    ruling = backend_of(request).ruling
    known = shipped_catalogs()
    used = {one.id for one in ruling.catalogs}
    reach = coverage(ruling.bundle.policies, known.values())
    covered = Counter(one.catalog for one in reach if one.policies)
    with reading(request) as store:
        releases = releases_asked(request, store, None, None, every=False)
        concluded = tuple(conclusions_in(store, releases.releases))
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
    )


def catalog(request: Request) -> Response:
    """Show how every control of a catalog stands: the worst over the releases asked for."""
    past = asked.as_of(request)
    home = find_catalog(shipped_catalogs(), request.path_params["catalog"])
    system, release = asked.text(request, "system"), asked.text(request, "release")
    every = asked.choice(request, "releases", Span) is Span.EVERY
    with reading(request) as store:
        known = current_releases(
            store, as_of=instant_asked(request), systems=principal_of(request).systems
        )
        picked = releases_asked(request, store, system, release, every=every)
        stands = stands_in(store, picked.releases, home.id)
    every_block = blocks_of(home, stands)
    standing = asked.choice(request, "standing", Standing)
    mark = None if standing is None else marks.of_standing(standing)
    return page(
        request,
        "catalog.html.j2",
        title=home.title,
        crumbs=(("Controls", links.catalogs()),),
        as_of=past,
        dated=True,
        catalog=home,
        text=TEXTS[home.text_policy],
        blocks=every_block if mark is None else only(every_block, mark),
        mark=mark,
        tally=tallied(every_block),
        standings={marks.of_standing(one): one.value for one in Standing},
        judged=tuple(one.release for one in stands if one.by_control),
        silent=tuple(one.release for one in stands if one.by_control == {}),
        unjudged=tuple(one.release for one in stands if one.by_control is None),
        more=picked.more,
        most=MOST,
        system=system,
        release=release,
        every=every,
        systems=tuple(dict.fromkeys(one.system for one in known)),
        versions=tuple(one.release for one in known if one.system == system),
        query={
            "system": system,
            "release": release,
            "releases": Span.EVERY.value if every else None,
            "as_of": None if past is None else written(past),
        },
    )


def instant_asked(request: Request) -> datetime:
    """Return the instant that a page is about."""
    return asked.as_of(request) or backend_of(request).clock()


def releases_asked(
    request: Request, store: Reading, system: str | None, release: str | None, *, every: bool
) -> Chosen:
    """Return the releases that are asked for.

    Raises:
        UsageError: ``system-unknown`` or ``release-unknown``.
    """
    past = asked.as_of(request)
    if system is not None:
        known_system(store, touchable(request, system), as_of=past)
        if release is not None:
            known_release(store, system, release, as_of=past)
    systems = principal_of(request).systems if system is None else {system}
    releases = current_releases(store, as_of=instant_asked(request), systems=systems)
    return chosen(releases, system, release, every=every)


PAGES: Final = (
    Page("/controls", catalogs, Action.ASSESSMENT_READ),
    Page("/controls/{catalog}", catalog, Action.ASSESSMENT_READ),
)
