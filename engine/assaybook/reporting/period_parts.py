"""What a pack says of a period: lines that are ready to print."""

from assaybook.domain.base import Frozen
from assaybook.reporting.parts import Pair, State


class PeriodLine(Frozen):
    """One control over the period, and the documents that did not count beside it."""

    control: str
    title: str
    worst: State
    days: str
    intervals: str
    left_out: str


class PeriodPage(Frozen):
    """A release over a period; ``daily`` is empty where every change in it was foreseen."""

    title: str
    lead: str
    conclusion: tuple[Pair, ...]
    lines: tuple[PeriodLine, ...]
    rest: str
    daily: str
