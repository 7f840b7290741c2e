"""Waivers at an instant: one resolver of their states for every face of the engine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from assaybook.domain.finding import Outcome, WaiverUse
from assaybook.domain.ids import same_person
from assaybook.domain.waiver import Waiver, WaiverState

RuleName = tuple[str, str]


@dataclass(frozen=True, slots=True)
class InForceWaiver:
    """A waiver with its state before it is known whether it was used."""

    waiver: Waiver
    state: WaiverState
    note: str


def resolve(waiver: Waiver, outcomes: Mapping[RuleName, Outcome], as_of: datetime) -> InForceWaiver:
    """Return the state of a waiver; intervals are half open and in UTC."""
    state, note = _state(waiver, outcomes, as_of)
    return InForceWaiver(waiver, state, note)


def _state(
    waiver: Waiver, outcomes: Mapping[RuleName, Outcome], as_of: datetime
) -> tuple[WaiverState, str]:
    if waiver.revoked_at is not None and waiver.revoked_at <= as_of:
        return WaiverState.REVOKED, "it was revoked"
    if waiver.expires <= as_of:
        return WaiverState.EXPIRED, "it has run out"
    unapproved = _unapproved(waiver, as_of)
    if unapproved:
        return WaiverState.PENDING, unapproved
    if waiver.compensating is not None:
        policy, _slash, rule = waiver.compensating.partition("/")
        outcome = outcomes.get((policy, rule))
        if outcome is not Outcome.PASS:
            word = outcome.value if outcome else "not judged"
            return WaiverState.VOID, f"{waiver.compensating} does not pass: {word}"
    return WaiverState.IN_FORCE, ""


def _unapproved(waiver: Waiver, as_of: datetime) -> str:
    """Return what a waiver still lacks to hold, or nothing."""
    approval = waiver.approval
    if approval is None:
        return "nobody has approved it"
    if not approval.verified:
        return f"the approval of {approval.person} is not verified"
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


def as_used(one: InForceWaiver, *, used: bool) -> WaiverUse:
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
        note=one.note,
    )
