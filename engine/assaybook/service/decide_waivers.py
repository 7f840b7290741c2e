"""Waivers decided by authenticated persons: one proposes, and another approves.

What was recorded is never changed: each decision is a new version with an entry in the journal.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field, JsonValue

from assaybook.domain.base import Frozen
from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.errors import UsageError
from assaybook.domain.ids import Instant, PolicyId, RuleId, SystemId, Version, same_person, written
from assaybook.domain.policy import Policy
from assaybook.domain.principal import Principal, is_involved
from assaybook.domain.trust import Trust
from assaybook.domain.waiver import Approval, Waiver, WaiverState
from assaybook.language.document_words import Line, Prose, RuleOfPolicy, WaiverId
from assaybook.service.attest import policy_named
from assaybook.service.people import known_as
from assaybook.service.waivers import unjudged_state
from assaybook.store.decisions import WaiverRecord, load_waiver, save_waivers
from assaybook.store.subjects import known_release, known_system
from assaybook.store.unit_of_work import UnitOfWork

_Rows = Annotated[tuple[Line, ...], Field(max_length=1_000)]
_Releases = Annotated[tuple[Version, ...], Field(max_length=1_000)]


class Proposal(Frozen):
    """What a person asks to have accepted, for how long and why.

    Attributes:
        id: its name, unique in the store; made up where it is left out.
        releases: none means every release of the system.
        rows: keys of the rows that are accepted, as the finding shows them.
        whole: the fail as a whole, in place of rows.
        compensating: ``policy/rule`` that must pass for the waiver to hold.
        starts: when it begins to hold; without it, when it is approved.
        expires: the first instant at which it no longer holds.
    """

    id: WaiverId | None = None
    system: SystemId
    policy: PolicyId
    rule: RuleId
    releases: _Releases = ()
    rows: _Rows = ()
    whole: bool = False
    reason: Prose
    compensating: RuleOfPolicy | None = None
    starts: Instant | None = None
    expires: Instant


def propose_waiver(
    work: UnitOfWork, asked: Proposal, policies: Sequence[Policy], *, who: Principal
) -> WaiverRecord:
    """Record a waiver that waits for another person's approval.

    It accepts a fail of the policy as it is in force, and is void under another version of it.

    Raises:
        UsageError: the system, a release, the policy or a rule is unknown; ``waiver-exists``;
            ``waiver-names-both``, ``waiver-names-nothing``, ``waiver-never-holds`` or
            ``waiver-compensates-itself``.
    """
    _check_terms(asked, work.now)
    known_system(work, asked.system)
    for release in asked.releases:
        known_release(work, asked.system, release)
    policy = _with_rule(f"{asked.policy}/{asked.rule}", policies)
    if asked.compensating is not None:
        _with_rule(asked.compensating, policies)
    name = asked.id or _made_up(asked, work.now, who)
    known = {"id": name, "policy_version": policy.version, "requester": who.name}
    waiver = Waiver.model_validate({**dict(asked), **known})
    if _is_recorded(work, name):
        raise UsageError(
            "waiver-exists",
            f"the id {name!r} is taken",
            hint="Leave the id out, or give the new waiver one of its own.",
        )
    save_waivers(work, (waiver,), person=who.name)
    return load_waiver(work, name)


def approve_waiver(work: UnitOfWork, waiver: str, trust: Trust, *, who: Principal) -> WaiverRecord:
    """Record that another person accepts the risk, from now on.

    Raises:
        UsageError: ``waiver-unknown``; ``waiver-self-approved``; ``waiver-not-pending``, it was
            revoked, has run out, or is approved.
    """
    found = load_waiver(work, waiver, systems=who.systems).waiver
    mine = known_as(who.name, trust)
    if is_involved(who, [found.requester]) or any(same_person(found.requester, n) for n in mine):
        raise UsageError(
            "waiver-self-approved",
            f"{who.name} asked for the waiver and cannot approve it",
            hint="Ask another person.",
        )
    state, note = unjudged_state(found, work.now)
    if state is not WaiverState.PENDING or _is_approved(found):
        raise UsageError(
            "waiver-not-pending",
            f"it is {state.value.replace('_', ' ')}: {note or 'nothing waits for an approval'}",
            hint="Propose a new one where the risk is to be accepted for longer.",
        )
    approval = Approval(person=mine[0], at=work.now, verified=True)
    save_waivers(work, (found.model_copy(update={"approval": approval}),), person=who.name)
    return load_waiver(work, waiver)


def revoke_waiver(work: UnitOfWork, waiver: str, reason: str, *, who: Principal) -> WaiverRecord:
    """Record that a waiver holds no more, from now on, and why.

    Raises:
        UsageError: ``waiver-unknown``; ``waiver-ended``, it was revoked or has run out already.
    """
    record = load_waiver(work, waiver, systems=who.systems)
    state, note = unjudged_state(record.waiver, work.now)
    if state in {WaiverState.REVOKED, WaiverState.EXPIRED}:
        raise UsageError("waiver-ended", f"it holds no more: {note}")
    revoked = record.waiver.model_copy(update={"revoked_at": work.now})
    save_waivers(work, (revoked,), person=who.name, why=reason)
    return load_waiver(work, waiver)


def _is_approved(waiver: Waiver) -> bool:
    approval = waiver.approval
    return (
        approval is not None
        and approval.verified
        and not same_person(approval.person, waiver.requester)
    )


def _check_terms(asked: Proposal, now: datetime) -> None:
    if asked.whole == bool(asked.rows):
        code = "waiver-names-both" if asked.rows else "waiver-names-nothing"
        message = "a waiver names the rows that it accepts, or says whole: true, and not both"
        raise UsageError(code, message, where="rows", hint="The row keys stand in the finding.")
    if asked.expires <= max(now, asked.starts or now):
        raise UsageError(
            "waiver-never-holds",
            f"it would have run out before it begins; it is {written(now)}",
            where="expires",
            hint="Set expires later than starts, and later than now.",
        )
    if asked.compensating == f"{asked.policy}/{asked.rule}":
        raise UsageError(
            "waiver-compensates-itself",
            "the waived rule cannot be its own compensating rule",
            where="compensating",
            hint="Name another rule.",
        )


def _with_rule(name: str, policies: Sequence[Policy]) -> Policy:
    policy_id, _slash, rule = name.partition("/")
    policy = policy_named(policies, policy_id)
    rules: Mapping[str, object] = {one.id: one for one in policy.rules}
    if rule not in rules:
        raise UsageError(
            "rule-unknown",
            f"the policy {policy_id} has no rule {rule!r}",
            hint=f"It has: {', '.join(rules)}.",
        )
    return policy


def _made_up(asked: Proposal, now: datetime, who: Principal) -> str:
    said: list[JsonValue] = [asked.model_dump(mode="json"), written(now), who.id]
    return f"w-{digest_of(canonical(said)).partition(':')[2][:16]}"


def _is_recorded(work: UnitOfWork, waiver: str) -> bool:
    try:
        load_waiver(work, waiver)
    except UsageError:
        return False
    return True
