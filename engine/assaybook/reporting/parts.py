"""What pages and drawings share: states, counts, and the data of each chart, ready to print."""

from typing import Literal

from assaybook.domain.base import Frozen

StateKey = Literal["pass", "supported", "fail", "inc", "err", "wv", "na", "unc", "stale"]


class State(Frozen):
    """A state as shown: a mark, a word, and a key for its colour and texture."""

    key: StateKey
    mark: str
    word: str


class Labelled(Frozen):
    """A labelled value; ``mono`` for ids and digests."""

    label: str
    text: str
    mono: bool = False


class Pair(Frozen):
    """A thing and what is said of it."""

    name: str
    text: str


class Part(Frozen):
    """How many are in a state."""

    state: State
    count: int


class FrameworkResult(Frozen):
    """The conclusion for one catalog; ``parts`` hold every control in it, worst first."""

    catalog: str
    name: str
    verdict: str
    """``catalog: CONCLUSION``, as a verifier looks for it."""
    words: str
    met: str
    parts: tuple[Part, ...]


class Measure(Frozen):
    """One row of a chart: a value, how sure it is, and its outcome.

    ``low`` and ``high`` bound the interval at the chart's level; ``n`` is the number of trials.
    A value that nobody submitted is None.
    """

    label: str
    value: float | None
    n: int | None
    low: float | None
    high: float | None
    state: State
    note: str


class Chart(Frozen):
    """Measured rows against one threshold.

    ``kind`` interval has bounds, bullet has none. ``forbidden`` is the side of the threshold
    that fails. ``level`` is the confidence, 0 to 1. ``rest`` says what is not drawn.
    """

    kind: Literal["interval", "bullet"]
    caption: str
    legend: str
    what: str
    threshold: float
    threshold_name: str
    forbidden: Literal["below", "above"]
    level: float
    measures: tuple[Measure, ...]
    rest: str

    @property
    def size(self) -> int:
        """Return how many rows are drawn."""
        return len(self.measures)


class Share(Frozen):
    """How the controls of one group are judged: by a rule, by a person, by nothing."""

    name: str
    by_rule: int
    by_person: int
    by_nothing: int


class WaiverLine(Frozen):
    """One waiver; ``start`` and ``end`` in days from the pack's instant, for the timeline."""

    id: str
    state: State
    rule: str
    covers: str
    reason: str
    people: str
    until: str
    note: str
    start: float | None
    end: float


class BaselineLine(Frozen):
    """One fail that a baseline names, and how it stands now."""

    rule: str
    row: str
    now: str
    note: str


class BaselinePart(Frozen):
    """What a baseline accepts, who signed it, and until when."""

    id: str
    state: State
    lead: str
    digest: str
    lines: tuple[BaselineLine, ...]
    note: str


class WaiversPage(Frozen):
    """Exceptions."""

    lead: str
    as_of: str
    waivers: tuple[WaiverLine, ...]
    baseline: BaselinePart | None = None
