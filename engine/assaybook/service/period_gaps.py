"""Gaps in the evidence that a scope forgives in a period: always shown, and never a fail.

A gap is an interval in which a control stands as not determined. It is forgiven where the scope
names the control or one above it, the gap is no longer than it allows, and both its ends are known:
one that is still open when the period ends, or was when it began, may be longer than what is seen.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from assaybook.domain.control import Catalog
from assaybook.domain.finding import WORST_FIRST, Assessment, Finding, Standing
from assaybook.domain.period import Interval
from assaybook.domain.policy import AllowedGap, Scope
from assaybook.evaluation.roll_up import standing_of

Key = tuple[str, str]
"""A catalog, and a control in it."""


def forgiven(  # noqa: PLR0913 - what stood how, by what, from when to when
    intervals: Mapping[Key, Sequence[Interval]],
    scope: Scope,
    catalogs: Iterable[Catalog],
    *,
    since: datetime,
    until: datetime,
    begins_here: bool,
) -> dict[Key, tuple[Interval, ...]]:
    """Return the intervals that the scope forgives, each with the reason; pure.

    ``begins_here`` says that there was no release before the period, so that a gap at its
    beginning has no earlier part.
    """
    found: dict[Key, tuple[Interval, ...]] = {}
    for key, gap in _allowed(scope, catalogs):
        held = [
            one.model_copy(update={"allowed": gap.reason})
            for one in intervals.get(key, ())
            if _is_allowed(one, gap) and one.until < until and (begins_here or one.since > since)
        ]
        if held:
            found[key] = tuple(held)
    return found


def _allowed(scope: Scope, catalogs: Iterable[Catalog]) -> Iterator[tuple[Key, AllowedGap]]:
    """Yield each control with what the scope allows it, or its nearest ancestor."""
    entries = {(gap.catalog, gap.control): gap for gap in scope.gaps}
    for catalog in catalogs if entries else ():
        for control in catalog.controls:
            line = (control.id, *(one.id for one in catalog.ancestors(control.id)))
            near = (entries[catalog.id, one] for one in line if (catalog.id, one) in entries)
            gap = next(near, None)
            if gap is not None:
                yield (catalog.id, control.id), gap


def _is_allowed(one: Interval, gap: AllowedGap) -> bool:
    return one.standing is Standing.NOT_DETERMINED and one.until - one.since <= gap.at_most


def worst_but_gaps(
    found: Sequence[Assessment],
    catalogs: Iterable[Catalog],
    gaps: Mapping[Key, Sequence[Interval]],
) -> dict[Key, Standing]:
    """Return the worst standing of each control outside of what is forgiven.

    A control above others stands as they do, so what is forgiven of them is forgiven there and
    nothing else; what is allowed to it is allowed to its own rules. Where nothing is left, nothing
    was shown: not determined.
    """
    held: dict[Key, list[Standing]] = {}
    for assessment in found:
        for catalog in catalogs:
            for control, standing in _outside(assessment, catalog, gaps).items():
                met = held.setdefault((catalog.id, control), [])
                if standing is not None:
                    met.append(standing)
    return {key: _worst(each) or Standing.NOT_DETERMINED for key, each in held.items()}


def _outside(
    found: Assessment, catalog: Catalog, gaps: Mapping[Key, Sequence[Interval]]
) -> dict[str, Standing | None]:
    """Return the standing of each control at one instant; None where it is forgiven."""
    at = found.assessment.as_of
    standings = {one.control: one.standing for one in found.standings if one.catalog == catalog.id}
    outside: dict[str, Standing | None] = {}
    for control in reversed(catalog.controls):
        if control.id not in standings:
            continue
        standing: Standing | None = standings[control.id]
        if standing is Standing.NOT_DETERMINED:
            key = (catalog.id, control.id)
            below = [outside[one.id] for one in catalog.children(control.id) if one.id in outside]
            allowed = any(one.since <= at < one.until for one in gaps.get(key, ()))
            if not below:
                standing = None if allowed else standing
            elif allowed or None in below:
                own = _own(key, found.findings)
                mine = () if own is None or (allowed and own is standing) else (own,)
                standing = _worst([*(one for one in below if one is not None), *mine])
        outside[control.id] = standing
    return outside


def _own(key: Key, findings: Sequence[Finding]) -> Standing | None:
    """Return how a control stands by its own rules, if it has any."""
    own = [
        one for one in findings if any((each.catalog, each.control) == key for each in one.controls)
    ]
    return standing_of(*key, own) if own else None


def _worst(parts: Sequence[Standing]) -> Standing | None:
    return min(parts, key=WORST_FIRST.index, default=None)
