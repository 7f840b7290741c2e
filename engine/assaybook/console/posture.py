"""How a release stands by its last assessment: its gate, each framework, and what runs out.

Counts are never mixed across frameworks. A pass holds only as long as its evidence is fresh, so
what has run out since it was judged is told beside the verdict.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic_core import from_json

from assaybook.console import links, marks
from assaybook.console.marks import Mark
from assaybook.domain.finding import CatalogConclusion, Counts, Gate, GateVerdict, Standing
from assaybook.domain.ids import Instant
from assaybook.domain.record import record
from assaybook.reporting.charts_past import trends
from assaybook.reporting.pages import Trend, TrendLine
from assaybook.reporting.words import STANDINGS_SHOWN, catalog_name, short_day
from assaybook.store.assessments import load_assessment_text
from assaybook.store.unit_of_work import Reading

SOON: Final = timedelta(days=14)
"""How far ahead pages look for what runs out."""
_CONCLUSIONS: Final[TypeAdapter[tuple[CatalogConclusion, ...]]] = TypeAdapter(
    tuple[CatalogConclusion, ...]
)
_INSTANT: Final[TypeAdapter[datetime]] = TypeAdapter(Instant)
MOST_KEPT: Final = 500
"""Assessments of which this process keeps what they said; it takes some ten megabytes."""
_KEPT: Final[dict[tuple[str, str, str], "Judged"]] = {}
_LOCK: Final = Lock()
_SHUT: Final = (
    GateVerdict.FAIL,
    GateVerdict.ERROR,
    GateVerdict.INCONCLUSIVE,
    GateVerdict.NOTHING,
)


@record
class Framework:
    """One framework of a release.

    Attributes:
        conclusion: the words over it.
        parts: each standing with the number of its controls, worst first; those that do not apply
            are left out.
        met: controls that are met.
        applicable: controls that apply.
        label: all of it in words.
    """

    catalog: str
    conclusion: Mark
    parts: tuple[tuple[Mark, int], ...]
    met: int
    applicable: int
    label: str


@record
class Ending:
    """What runs out: a pass whose evidence grows stale, or a waiver.

    Attributes:
        kind: ``evidence`` or ``waiver``.
        at: the first instant at which it no longer holds.
        words: which it is.
        link: where it is shown.
        then: what becomes of it if nothing is done.
    """

    kind: str
    at: datetime
    system: str
    release: str
    words: str
    link: str
    then: str


@record
class Judged:
    """A release as its last assessment found it.

    Attributes:
        bundle: digest of what it was judged by.
        gate: with its counts at and below the threshold.
        endings: of its passes and waivers, soonest first, whenever they are.
    """

    digest: str
    as_of: datetime
    bundle: str
    gate: Gate
    frameworks: tuple[Framework, ...]
    endings: tuple[Ending, ...]


def judged(store: Reading, system: str, release: str, digest: str) -> Judged:
    """Return how a recorded assessment found a release; what it says of evidence is not read.

    What it said once it says for ever, since its digest covers all of it; so it is read once, and
    the last of those read are kept. Most of the time of the overview would go there.

    Raises:
        UsageError: ``assessment-unknown``.
    """
    asks = (digest, system, release)
    with _LOCK:
        found = _KEPT.pop(asks, None)
    if found is None:
        found = judged_within(load_assessment_text(store, digest, systems=None), system, release)
    with _LOCK:
        _KEPT[asks] = found
        if len(_KEPT) > MOST_KEPT:
            del _KEPT[next(iter(_KEPT))]
    return found


def judged_within(text: str, system: str, release: str) -> Judged:
    """Return how an assessment that is recorded as this text found a release."""
    said = from_json(text)
    return Judged(
        digest=said["assessment"]["digest"],
        as_of=_INSTANT.validate_python(said["assessment"]["as_of"]),
        bundle=said["assessment"]["bundle"],
        gate=Gate.model_validate(said["gate"], strict=False),
        frameworks=frameworks(_CONCLUSIONS.validate_python(said["conclusion"], strict=False)),
        endings=tuple(sorted(_endings(said, system, release), key=lambda one: one.at)),
    )


def frameworks(conclusions: Iterable[CatalogConclusion]) -> tuple[Framework, ...]:
    """Return each framework as it is shown."""
    return tuple(_framework(one) for one in conclusions)


def _framework(one: CatalogConclusion) -> Framework:
    applying = [s for s in STANDINGS_SHOWN if s is not Standing.NOT_APPLICABLE]
    parts = tuple((marks.of_standing(s), one.counts.get(s, 0)) for s in applying)
    return Framework(
        catalog=one.catalog,
        conclusion=marks.of_conclusion(one.words),
        parts=parts,
        met=one.counts.get(Standing.MET, 0),
        applicable=sum(number for _mark, number in parts),
        label=", ".join(f"{number} {mark.word}" for mark, number in parts if number)
        or "no control applies",
    )


def _endings(said: Mapping[str, Any], system: str, release: str) -> Iterator[Ending]:
    for one in said["findings"]:
        if one.get("expires_at") is not None:
            yield Ending(
                kind="evidence",
                at=_INSTANT.validate_python(one["expires_at"]),
                system=system,
                release=release,
                words=f"{one['policy']}/{one['rule']}",
                link=links.finding(one["policy"], one["rule"], system, release),
                then="the pass becomes inconclusive: stale",
            )
    for one in said["waivers"]:
        if one["state"] == "in_force":
            yield Ending(
                kind="waiver",
                at=_INSTANT.validate_python(one["expires"]),
                system=system,
                release=release,
                words=f"{one['id']} for {one['policy']}/{one['rule']}",
                link=links.waiver(one["id"]),
                then="the fail is open again",
            )


def trend_of(runs: Sequence[Judged]) -> str:
    """Draw controls met of applicable over assessments, the oldest first, as packs draw them.

    A chart for each framework of the last one; empty where there are not two to compare.
    """
    if len(runs) < 2 or not runs[-1].frameworks:  # noqa: PLR2004 - a trend has two ends
        return ""
    lines = tuple(
        TrendLine(
            name=catalog_name(last.catalog), points=tuple(_met(one, last.catalog) for one in runs)
        )
        for last in runs[-1].frameworks
    )
    first, until = short_day(runs[0].as_of), short_day(runs[-1].as_of)
    return trends(Trend(caption="", first=first, last=until, lines=lines))


def _met(run: Judged, catalog: str) -> tuple[int, int]:
    told = {one.catalog: (one.met, one.applicable) for one in run.frameworks}
    return told.get(catalog, (0, 0))


def run_out(endings: Iterable[Ending], instant: datetime) -> int:
    """Return how many passes and waivers have run out since they were judged."""
    return sum(one.at <= instant for one in endings)


def counted(counts: Counts) -> tuple[tuple[Mark, int], ...]:
    """Return how many findings came to what, those that keep a gate shut first."""
    known = (
        (marks.of_outcome("fail"), counts.fail),
        (marks.of_outcome("error"), counts.error),
        (marks.of_outcome("inconclusive"), counts.inconclusive),
        (marks.of_disposition("waived"), counts.waived),
        (marks.of_disposition("baselined"), counts.baselined),
        (marks.of_outcome("pass"), counts.pass_),
        (marks.of_outcome("not_applicable"), counts.not_applicable),
    )
    return tuple((mark, number) for mark, number in known if number)


def gravity(verdict: GateVerdict | None) -> int:
    """Return the rank of a gate, worst first; a release that was never judged is no pass."""
    if verdict is None:
        return len(_SHUT)
    return _SHUT.index(verdict) if verdict in _SHUT else len(_SHUT) + 1
