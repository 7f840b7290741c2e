"""A release over a period: how each control stood, from when to when, and what the worst was."""

from pydantic import Field

from assaybook.domain.base import Frozen
from assaybook.domain.finding import Conclusion, Standing
from assaybook.domain.ids import Instant
from assaybook.domain.subject import Subject
from assaybook.domain.waiver import Retirement, Waiver


class Interval(Frozen):
    """How a control stood from one instant until another, which is not in it.

    ``allowed`` is why the scope forgives it as a gap; empty where it does not.
    """

    since: Instant
    until: Instant
    standing: Standing
    allowed: str = ""


class ControlPeriod(Frozen):
    """One control over the period: the worst, the days of each standing, and when it was which.

    ``worst`` leaves out intervals that the scope allows as gaps; each of them is shown all the
    same. ``left_out`` counts the documents that its rules met and did not count, by reason, each
    once: superseded, stale, too weak, about something else. ``refused`` counts, by code, those
    that came in the period, could not be read, and may have answered one of its rules.
    """

    catalog: str
    control: str
    worst: Standing
    days: dict[Standing, float]
    intervals: tuple[Interval, ...]
    left_out: dict[str, int]
    refused: dict[str, int] = Field(default_factory=dict[str, int])


class CatalogPeriod(Frozen):
    """The conclusion over the worst of every control of a catalog."""

    catalog: str
    words: Conclusion
    counts: dict[Standing, int]


class PeriodStep(Frozen):
    """One assessment of the period, so that anybody can make it again."""

    as_of: Instant
    assessment: str
    bundle: str
    subject: str
    evidence_set: str


class PeriodMoment(Frozen):
    """What people had recorded by an instant: the subject, waivers and retirements from then on."""

    as_of: Instant
    subject: Subject
    waivers: tuple[Waiver, ...]
    retirements: tuple[Retirement, ...]


class Period(Frozen):
    """A release over a period.

    ``since`` is the later of what was asked and the registration of the release. ``daily`` names
    the policies whose reckoning with time is not seen through, so that each day was judged too.
    ``moments`` holds what people recorded, at the beginning and whenever it changed. ``refused``
    holds the ids of the documents that came in the period and could not be read, ``unknown`` those
    of them whose format is not known, so that nobody can say which rules they may have answered.
    """

    system: str
    release: str
    asked_since: Instant
    since: Instant
    until: Instant
    engine: str
    controls: tuple[ControlPeriod, ...]
    conclusion: tuple[CatalogPeriod, ...]
    steps: tuple[PeriodStep, ...]
    moments: tuple[PeriodMoment, ...]
    daily: tuple[str, ...]
    refused: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
