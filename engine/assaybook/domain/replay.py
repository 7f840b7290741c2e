"""What new criteria would come to, where that differs from those in force."""

from typing import Literal

from assaybook.domain.base import Frozen
from assaybook.domain.finding import Disposition, Outcome
from assaybook.domain.ids import Instant
from assaybook.domain.policy import Severity

Cause = Literal["policy", "evidence", "subject", "waiver", "time"]
"""What made an outcome another at an instant: what was asked, received, registered or decided, or
nothing but that time passed."""

Effect = Literal["fails", "error", "undecided", "better", "accepted", "dropped", "new"]
"""What new criteria do to a rule, worst first.

``fails``: it would fail, openly. ``error``: it could not be evaluated. ``undecided``: nobody could
tell. ``better``: it would pass. ``accepted``: it would fail, and a waiver accepts that.
``dropped``: it would no longer be judged. ``new``: nobody judged it, and it would be no worse.
"""


class Difference(Frozen):
    """One rule for one release that comes to something else, from an instant until another.

    ``until`` is not in it, save where it is the end of the period. None stands for no such rule, as
    for one that is new, or of a release that nobody has assessed. ``causes`` say what made the
    difference begin then: at the beginning of the period it is the policy. ``reason`` says what the
    new outcome rests on, ``criteria`` what is asked otherwise; empty where that cannot be told.
    ``forecast`` is true of what begins later than now: what is received until then may change it.
    """

    system: str
    release: str
    policy: str
    rule: str
    severity: Severity
    since: Instant
    until: Instant
    old: Outcome | None
    old_disposition: Disposition | None
    new: Outcome | None
    new_disposition: Disposition | None
    effect: Effect
    causes: tuple[Cause, ...]
    reason: str
    criteria: str
    forecast: bool


class Foreseen(Frozen):
    """What a rule of the new criteria turns to later than now, if nothing more is received."""

    system: str
    release: str
    policy: str
    rule: str
    severity: Severity
    at: Instant
    before: Outcome
    after: Outcome
    disposition: Disposition
    reason: str


class ReplayedRelease(Frozen):
    """One release over the period, and what the new criteria would do to it.

    ``since`` is the latest of the beginning, its registration and the first document about it:
    before that there is nothing to judge. ``in_force`` is the digest of what it was compared with;
    None where nobody has assessed it. ``documents`` counts those about it, or about something of it
    that a policy asks of, which were received by the end; without one nothing is shown.
    ``effects`` counts rules, each once for each thing that happens to it.
    """

    system: str
    release: str
    since: Instant
    in_force: str | None
    documents: int
    flips: bool
    effects: dict[Effect, int]


class Replay(Frozen):
    """New criteria over the releases of a store.

    ``summary`` is the answer in words. ``now`` is the instant from which on everything is a
    forecast. ``foreseen`` is in the order of time. ``judged`` counts the instants at which policies
    were judged. ``daily`` names the policies whose reckoning with time is not seen through, so that
    each day was judged too. ``later`` names the releases that were registered after the period.
    ``exit`` is the exit code.
    """

    bundle: str
    since: Instant
    until: Instant
    now: Instant
    summary: str
    releases: tuple[ReplayedRelease, ...]
    differences: tuple[Difference, ...]
    foreseen: tuple[Foreseen, ...]
    judged: int
    daily: tuple[str, ...]
    later: tuple[str, ...]
    exit: int
