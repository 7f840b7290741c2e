"""What a pack says of a period: lines that are ready to print."""

from assaybook.domain.base import Frozen
from assaybook.reporting.parts import Pair, State, StateKey


class PeriodSpan(Frozen):
    """One stretch of a strip: a state from one share of the period to another, 0 to 1."""

    key: StateKey
    start: float
    end: float


class PeriodStrip(Frozen):
    """One control over the period."""

    control: str
    worst: State
    days: str
    spans: tuple[PeriodSpan, ...]


class PeriodFigure(Frozen):
    """So many controls as fit under each other; ``first`` and ``last`` are days."""

    first: str
    last: str
    strips: tuple[PeriodStrip, ...]


class PeriodLine(Frozen):
    """When a control stood how, and the documents that its rules met and did not count.

    ``left_out`` counts those that came and could not be read too.
    """

    control: str
    title: str
    when: str
    left_out: str


class PeriodFramework(Frozen):
    """One framework over the period: drawn for every judged control, told for what changed."""

    name: str
    words: str
    figures: tuple[PeriodFigure, ...]
    lines: tuple[PeriodLine, ...]
    rest: str


class PeriodPage(Frozen):
    """A release over a period; ``daily`` is empty where every change in it was foreseen."""

    number: str
    title: str
    lead: str
    how: str
    conclusion: tuple[Pair, ...]
    frameworks: tuple[PeriodFramework, ...]
    daily: str
