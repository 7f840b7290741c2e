"""Waivers at an instant: one resolver of their states for every face of the engine."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from assaybook.domain.finding import Outcome, WaiverUse
from assaybook.domain.ids import same_person
from assaybook.domain.record import record
from assaybook.domain.waiver import Approval, Waiver, WaiverState

RuleName = tuple[str, str]


class Decision(Protocol):
    """What a person asked for, another approves, and time ends: a waiver, or a baseline."""

    @property
    def requester(self) -> str:
        """Return who asked."""
        ...

    @property
    def approval(self) -> Approval | None:
        """Return who approved."""
        ...

    @property
    def starts(self) -> datetime | None:
        """Return when it begins, where that is not with its approval."""
        ...

    @property
    def expires(self) -> datetime:
        """Return the first instant at which it no longer holds."""
        ...

    @property
    def revoked_at(self) -> datetime | None:
        """Return when it was revoked."""
        ...


@record
class InForceWaiver:
    """A waiver with its state before it is known whether it was used."""

    waiver: Waiver
    state: WaiverState
    note: str


def resolve(
    waiver: Waiver,
    outcomes: Mapping[RuleName, Outcome],
    as_of: datetime,
    versions: Mapping[str, int] | None = None,
) -> InForceWaiver:
    """Return the state of a waiver; intervals are half open and in UTC.

    Args:
        waiver: as it was written and approved.
        outcomes: what each rule came to.
        as_of: the instant.
        versions: of the policies that were judged, by id.
    """
    state, note = _state(waiver, outcomes, as_of)
    now = (versions or {}).get(waiver.policy, waiver.policy_version)
    if state is WaiverState.IN_FORCE and waiver.policy_version not in {None, now}:
        state = WaiverState.VOID
        note = f"it accepts a fail of version {waiver.policy_version}, and the policy is at {now}"
    return InForceWaiver(waiver, state, note)


def _state(
    waiver: Waiver, outcomes: Mapping[RuleName, Outcome], as_of: datetime
) -> tuple[WaiverState, str]:
    state, note = decided(waiver, as_of)
    if state is WaiverState.IN_FORCE and waiver.compensating is not None:
        policy, _slash, rule = waiver.compensating.partition("/")
        outcome = outcomes.get((policy, rule))
        if outcome is not Outcome.PASS:
            word = outcome.value if outcome else "not judged"
            return WaiverState.VOID, f"{waiver.compensating} does not pass: {word}"
    return state, note


def decided(decision: Decision, as_of: datetime) -> tuple[WaiverState, str]:
    """Return whether what was decided holds at an instant, whatever it is about, with a word."""
    if decision.revoked_at is not None and decision.revoked_at <= as_of:
        return WaiverState.REVOKED, "it was revoked"
    if decision.expires <= as_of:
        return WaiverState.EXPIRED, "it has run out"
    unapproved = _unapproved(decision, as_of)
    return (WaiverState.PENDING, unapproved) if unapproved else (WaiverState.IN_FORCE, "")


def _unapproved(waiver: Decision, as_of: datetime) -> str:
    """Return what a decision still lacks to hold, or nothing."""
    approval = waiver.approval
    if approval is None:
        return "nobody has approved it"
    if not approval.verified:
        return f"the approval of {approval.person} is not verified by a key of the trust file"
    if same_person(approval.person, waiver.requester):
        return "the requester cannot approve it"
    begins = max(approval.at, waiver.starts or approval.at)
    return "it has not begun" if begins > as_of else ""


def concerning(
    waivers: Sequence[InForceWaiver], rule: RuleName, system: str, release: str
) -> tuple[InForceWaiver, ...]:
    """Return the waivers in force for one rule of one release."""
    return tuple(
        one
        for one in waivers
        if one.state is WaiverState.IN_FORCE
        and (one.waiver.policy, one.waiver.rule) == rule
        and one.waiver.system == system
        and (not one.waiver.releases or release in one.waiver.releases)
    )


def before(waiver: Waiver, every: Sequence[Waiver]) -> tuple[Waiver, ...]:
    """Return the waivers of the same fail that end before one ends, by their end.

    Nobody has to say that a waiver renews another: it does where rule and system are the same and
    some release and some row is in both.
    """
    same = [
        one
        for one in every
        if one.id != waiver.id
        and (one.policy, one.rule, one.system) == (waiver.policy, waiver.rule, waiver.system)
        and _overlap(one.releases, waiver.releases)
        and (one.whole or waiver.whole or _overlap(one.rows, waiver.rows))
        and (one.expires, one.id) < (waiver.expires, waiver.id)
    ]
    return tuple(sorted(same, key=lambda one: (one.expires, one.id)))


def _overlap(one: Sequence[str], other: Sequence[str]) -> bool:
    """Tell whether two lists share a member; an empty one holds everything."""
    return not one or not other or not set(one).isdisjoint(other)


def as_used(one: InForceWaiver, *, used: bool, renewals: int = 0) -> WaiverUse:
    """Return a waiver as the assessment shows it."""
    state = one.state
    if state is WaiverState.IN_FORCE and not used:
        state = WaiverState.UNUSED
    waiver, approval = one.waiver, one.waiver.approval
    return WaiverUse(
        id=waiver.id,
        state=state.value,
        policy=waiver.policy,
        rule=waiver.rule,
        rows=waiver.rows,
        whole=waiver.whole,
        reason=waiver.reason,
        requester=waiver.requester,
        approver=approval.person if approval else None,
        approver_verified=approval.verified if approval else False,
        starts=waiver.starts,
        expires=waiver.expires,
        renewals=renewals,
        note=one.note,
    )
