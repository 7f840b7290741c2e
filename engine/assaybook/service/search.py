"""Finding what a person types: a control, a digest, a system, a release, a policy, a rule."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from assaybook.domain.control import Catalog, Control
from assaybook.domain.policy import Policy
from assaybook.domain.principal import Principal
from assaybook.domain.record import record
from assaybook.service.register_system import registered_systems
from assaybook.store.by_digest import Digested, releases_holding, things_by_digest
from assaybook.store.subjects import ReleaseRecord, find_releases
from assaybook.store.unit_of_work import Reading

LONGEST: Final = 200
"""Characters of what may be searched for."""
_DIGITS: Final = re.compile(r"(?:sha256:|ev-|pk-|as-)?([0-9a-f]{8,64})", re.IGNORECASE)
_AT_ONCE: Final = 1_000


@record
class FoundSystem:
    """A system whose id, name or purpose holds what was searched for."""

    system: str
    name: str
    owner: str


@record
class FoundRelease:
    """A release whose version, or an artifact of which, holds what was searched for."""

    system: str
    release: str
    artifact: str


@record
class FoundPolicy:
    """A policy, or with ``rule`` a rule of it."""

    policy: str
    rule: str
    words: str


@record
class FoundControl:
    """A control; ``exact`` where it was named by an id, a slug or an alias."""

    catalog: str
    control: str
    title: str
    exact: bool


@record
class Subjects:
    """The systems and releases that hold what was searched for."""

    systems: tuple[FoundSystem, ...]
    releases: tuple[FoundRelease, ...]


def digits_in(text: str) -> str | None:
    """Return the digits of a digest, or of its first 8 or more; None where it cannot be one."""
    found = _DIGITS.fullmatch(text.strip())
    return found[1].lower() if found else None


def find_by_digest(reading: Reading, digits: str, principal: Principal) -> tuple[Digested, ...]:
    """Return what goes by a digest and may be known to a principal.

    What names no system is for those who may know of all; a bundle is for everybody.
    """
    systems = principal.systems
    return tuple(
        one
        for one in things_by_digest(reading, digits)
        if one.thing == "bundle" or systems is None or one.system in systems
    )


def find_subjects(
    reading: Reading, text: str, *, among: Collection[str] | None, most: int
) -> Subjects:
    """Return systems by id, name, owner or purpose, and releases by version or artifact.

    Args:
        reading: of the store.
        text: what they hold, in any case.
        among: the systems that may be known; None for all.
        most: how many of each are returned.
    """
    systems = _systems(reading, text.casefold(), among, most)
    found = releases_holding(reading, text, among=among, most=_AT_ONCE)
    newest = find_releases(reading, frozenset(found))
    kept = (newest[each] for each in found)
    releases = [one for each in kept if (one := _release(each, text.casefold()))]
    return Subjects(systems, tuple(releases[:most]))


def _systems(
    reading: Reading, wanted: str, among: Collection[str] | None, most: int
) -> tuple[FoundSystem, ...]:
    found: list[FoundSystem] = []
    after: str | None = None
    while len(found) < most:
        page = registered_systems(reading, after=after, limit=_AT_ONCE, among=among)
        found += [
            FoundSystem(one.id, one.name or "", one.owner or "")
            for one in (each.system for each in page.items)
            if _holds(wanted, (one.id, one.name, one.owner, one.purpose))
        ]
        after = page.next
        if after is None:
            break
    return tuple(found[:most])


def _release(newest: ReleaseRecord, wanted: str) -> FoundRelease | None:
    """Return a release as its newest record holds what was searched for; None where it does not."""
    system, version = newest.system, newest.release.version
    if wanted in version.casefold():
        return FoundRelease(system, version, "")
    for one in newest.release.artifacts:
        if _holds(wanted, (one.name, one.digest)):
            return FoundRelease(system, version, f"{one.kind} {one.name}")
    return None


def find_policies(policies: Sequence[Policy], text: str) -> tuple[FoundPolicy, ...]:
    """Return policies by id, title or reason, and rules by id or sentence, in any case."""
    wanted = text.casefold()
    found: list[FoundPolicy] = []
    for one in policies:
        if _holds(wanted, (one.id, one.title, one.why)):
            found.append(FoundPolicy(one.id, "", one.title))
        found += [
            FoundPolicy(one.id, rule.id, rule.sentence)
            for rule in one.rules
            if _holds(wanted, (f"{one.id}/{rule.id}", rule.sentence))
        ]
    return tuple(found)


def find_controls(catalogs: Iterable[Catalog], text: str) -> tuple[FoundControl, ...]:
    """Return controls by id, slug or alias first, and then by words of their title or text."""
    wanted = text.casefold()
    exact: list[FoundControl] = []
    near: list[FoundControl] = []
    for catalog in catalogs:
        known = catalog.resolve(text)
        for one in catalog.controls:
            if one.id == known:
                exact.append(_found(catalog, one, exact=True))
            elif _holds(wanted, (one.id, one.alias or "", one.title, one.text or "")):
                near.append(_found(catalog, one, exact=False))
    return (*exact, *near)


def _found(catalog: Catalog, one: Control, *, exact: bool) -> FoundControl:
    return FoundControl(catalog.id, one.id, one.title, exact)


def _holds(wanted: str, texts: Iterable[str | None]) -> bool:
    return any(wanted in text.casefold() for text in texts if text)
